"""Calendar files (RFC 5545) and calendar mail (RFC 5546) of one booking.

Instants go out in UTC without a VTIMEZONE: time zone tables are where other calendars go astray by an hour.
"""

import datetime as dt
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

PRODUCT = "-//Bookt//Bookt 1.0//FR"

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]
Status = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One visit. Instants are aware; `uid` stays for the life of the booking, `sequence` rises with each
    move, `stamp` is when this version of it was made."""

    uid: str
    sequence: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    stamp: dt.datetime
    summary: str
    description: str
    location: str
    url: str
    organizer_name: str
    organizer_email: str
    attendee_name: str | None = None
    attendee_email: str | None = None
    status: Status = "CONFIRMED"


def uid(code: str, business_id: UUID) -> str:
    """What tells a calendar that a moved booking is the one it knows; a slug may change, an id never does."""
    return f"{code}.{business_id}@bookt"


def calendar(event: Event, *, method: Method = "PUBLISH") -> bytes:
    """A whole VCALENDAR: `PUBLISH` to download, `REQUEST` and `CANCEL` to send (RFC 5546, 1.4). `CANCEL` says
    STATUS:CANCELLED whatever the event's own status. Raises ValueError for an instant without a zone."""
    from icalendar import Calendar  # slow to import, and few requests need it

    whole = Calendar()
    whole.add("prodid", PRODUCT)
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", method)
    whole.add_component(_event(event, "CANCELLED" if method == "CANCEL" else event.status))
    written: bytes = whole.to_ical()
    return written


def _event(event: Event, status: Status) -> Any:
    from icalendar import Event as Component

    made = Component()
    made.add("uid", _line(event.uid))
    made.add("sequence", event.sequence)
    made.add("dtstamp", _utc(event.stamp))
    made.add("dtstart", _utc(event.starts_at))
    made.add("dtend", _utc(event.ends_at))
    made.add("summary", _line(event.summary))
    for name, text in (
        ("description", _text(event.description)),
        ("location", _line(event.location)),
        ("url", _line(event.url)),
    ):
        if text:
            made.add(name, text)
    made.add("status", status)
    made.add("transp", "TRANSPARENT" if status == "CANCELLED" else "OPAQUE")
    made.add("organizer", _address(event.organizer_email, event.organizer_name))
    if event.attendee_email:
        guest = _address(event.attendee_email, event.attendee_name or "")
        guest.params |= {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
        made.add("attendee", guest)
    return made


def _address(email: str, name: str) -> Any:
    from icalendar import vCalAddress

    address = vCalAddress(f"mailto:{_line(email)}")
    # Few calendars know the escapes of RFC 6868, and some take a backslash for one: it would eat the next parameter.
    if shown := _line(name).replace('"', "'").replace("^", "").replace("\\", ""):
        address.params["CN"] = shown
    return address


def _utc(instant: dt.datetime) -> dt.datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant without a zone")
    return instant.astimezone(dt.UTC).replace(microsecond=0)


def _line(text: str) -> str:
    """On one line: whatever some parser may take for the end of a line is a space."""
    return " ".join(_text(text).split())


def _text(text: str) -> str:
    """Line ends of every kind as `\\n`, no other control character."""
    lines = "\n".join(text.splitlines())
    return "".join(char for char in lines if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})
