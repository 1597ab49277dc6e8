"""Calendar files, read back by two parsers that know nothing of ours."""

import dataclasses
import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import ics as second_parser
import pytest
import vobject

from lib.ics import Event, calendar, uid

BRUSSELS = ZoneInfo("Europe/Brussels")
CODE, BUSINESS = "AC-7K2M9P", uuid.UUID(int=7)
CHANGE_DAYS = (
    "2027-03-14", "2027-03-15", "2027-03-28", "2027-03-29", "2027-04-04", "2027-04-05",
    "2027-10-03", "2027-10-04", "2027-10-31", "2027-11-01", "2027-11-07", "2027-11-08",
)  # fmt: skip
HOSTILE = 'a\r\nEND:VEVENT\nX-EVIL:1\r\u2028X-EVIL:2\x85X-EVIL:3\x0bX-EVIL:4\x00"quoted";CN=x:,\\n^n\\,é😀' + "ж" * 90


def event(**values: Any) -> Event:
    start = dt.datetime(2027, 3, 29, 10, 0, tzinfo=BRUSSELS)
    plain = Event(
        uid=uid(CODE, BUSINESS), sequence=0, starts_at=start, ends_at=start + dt.timedelta(minutes=30),
        stamp=dt.datetime(2027, 1, 11, 7, 0, tzinfo=dt.UTC), summary="Séance, Cabinet Delvaux",
        description="Code AC-7K2M9P\nAnnulation gratuite jusqu’à 24 h avant.",
        location="Rue du Belvédère 18; 1050 Ixelles",
        url="https://bookt.example/x/rdv/AC-7K2M9P?cle=a.b", organizer_name="Cabinet Delvaux",
        organizer_email="bonjour@cabinet-delvaux.example",
        attendee_name="Jean Martin", attendee_email="jean@example.com",
    )  # fmt: skip
    return dataclasses.replace(plain, **values)


def test_both_parsers_read_what_was_written() -> None:
    written = calendar(event(), method="REQUEST")
    for start, summary, location, description in (_by_ics(written), _by_vobject(written)):
        assert start == dt.datetime(2027, 3, 29, 8, 0, tzinfo=dt.UTC)
        assert summary == "Séance, Cabinet Delvaux"
        assert location == "Rue du Belvédère 18; 1050 Ixelles"
        assert description == "Code AC-7K2M9P\nAnnulation gratuite jusqu’à 24 h avant."


@pytest.mark.parametrize("zone", ["Europe/Brussels", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("day", CHANGE_DAYS)
def test_the_days_around_each_clock_change_keep_their_hour(zone: str, day: str) -> None:
    start = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(10, 0), ZoneInfo(zone))
    written = calendar(event(starts_at=start, ends_at=start + dt.timedelta(minutes=45)))
    assert b"VTIMEZONE" not in written
    assert b"TZID" not in written
    assert _by_ics(written)[0] == _by_vobject(written)[0] == start
    assert vobject.readOne(written.decode()).vevent.dtend.value == start + dt.timedelta(minutes=45)


def test_three_moves_keep_the_uid_and_raise_the_sequence() -> None:
    start = dt.datetime(2027, 3, 26, 10, 0, tzinfo=BRUSSELS)
    starts = [start + dt.timedelta(days=days) for days in (0, 3, 4, 220)]  # over both clock changes
    read = [
        vobject.readOne(
            calendar(event(starts_at=at, ends_at=at + dt.timedelta(minutes=30), sequence=n), method="REQUEST").decode()
        )
        for n, at in enumerate(starts)
    ]
    assert {each.vevent.uid.value for each in read} == {f"AC-7K2M9P.{BUSINESS}@bookt"}
    assert [int(each.vevent.sequence.value) for each in read] == [0, 1, 2, 3]
    assert [each.vevent.dtstart.value for each in read] == starts


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Event) if f.type in (str, str | None)])
def test_hostile_text_adds_no_property(field: str) -> None:
    clean, dirty = calendar(event()), calendar(event(**{field: HOSTILE}))
    assert _names(dirty) == _names(clean)
    assert b"\x00" not in dirty
    for read in (_by_ics, _by_vobject):
        assert read(dirty)[0] == event().starts_at


def test_every_field_hostile_at_once() -> None:
    texts = {f.name: HOSTILE for f in dataclasses.fields(Event) if f.type in (str, str | None)}
    assert _names(calendar(event(**texts))) == _names(calendar(event()))


def test_lines_end_in_crlf_and_are_folded_at_75_octets() -> None:
    written = calendar(event(summary="é😀" * 60))
    assert written.replace(b"\r\n", b"").count(b"\n") == written.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(len(line) for line in written.split(b"\r\n")) <= 75
    for line in written.split(b"\r\n"):
        line.decode()  # no character is cut in two
    assert _by_ics(written)[1] == _by_vobject(written)[1] == "é😀" * 60


def test_cancel_says_so_twice() -> None:
    read = vobject.readOne(calendar(event(sequence=4), method="CANCEL").decode())
    assert read.method.value == "CANCEL"
    assert read.vevent.status.value == "CANCELLED"
    assert read.vevent.transp.value == "TRANSPARENT"


def test_empty_texts_leave_their_property_out_and_nobody_invited_needs_no_attendee() -> None:
    names = _names(calendar(event(description="", location="", url="", attendee_email=None)))
    assert not {"DESCRIPTION", "LOCATION", "URL", "ATTENDEE"} & set(names)


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        calendar(event(starts_at=dt.datetime(2027, 3, 29, 10, 0)))  # noqa: DTZ001 - that is the point


def _names(written: bytes) -> list[str]:
    """The property names after unfolding by hand (RFC 5545, 3.1)."""
    lines = written.decode().replace("\r\n ", "").split("\r\n")
    return [line.partition(":")[0].partition(";")[0] for line in lines if line]


def _by_ics(written: bytes) -> tuple[dt.datetime, str, str, str]:
    (found,) = second_parser.Calendar(written.decode()).events
    return found.begin.datetime, found.name, found.location, found.description


def _by_vobject(written: bytes) -> tuple[dt.datetime, str, str, str]:
    found = vobject.readOne(written.decode())
    found.validate()
    (visit,) = found.vevent_list
    summary, location, description = (
        getattr(visit, name).value if hasattr(visit, name) else "" for name in ("summary", "location", "description")
    )
    return visit.dtstart.value, summary, location, description
