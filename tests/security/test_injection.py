"""Line ends, controls and quotes in every field: files, mails, JSON and logs keep the shape that we gave them."""

import email
import email.policy
import json
import logging
import re
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
import vobject
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

import db
from actions import booking
from config import Settings
from jobs import delivery
from models import AccountMessage, Booking, Business, Message, Resource, Service
from providers.smtp import Smtp
from tests.cast import MONDAY_8, Cast, Clock, body
from tests.security.edge import Places, changed, dump, form_token, forms, free_port, open_routes, routes
from tests.security.payloads import SQL

BREAKS = [
    "\r\n",
    "\n",
    "\r",
    "\u2028",
    "\u2029",
    "\x85",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1e",
    "\x00",
    "\x1b[2J",
    "\x7f",
    "\u202e",
    "\ufeff",
    "\ud800",
]
INJECTED = [
    "Bcc: evil@evil.example", "\nBcc: evil@evil.example", "X-Injected: yes", "END:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:evil",
    "ATTENDEE:mailto:evil@evil.example", "ATTACH:http://evil.example/x", "\r\n.\r\nMAIL FROM:<evil@evil.example>", "\r\n\r\n<html>",
]  # fmt: skip
HOSTILE = [f"Jean{end}{line}" for end in ("\r\n", "\n", "\r", "\u2028", "\x0b", "\x85", "\x00") for line in INJECTED]
HOSTILE += ["\"quoted\", <evil@evil.example>", "a;b,c:d\\n\\,e", "x\" ;CN=\"evil", "=?utf-8?q?=0d=0aBcc:_evil=40evil.example?=", "é =?utf-8?q?=0d=0aBcc:_evil=40evil.example?=", "=?utf-8?b?DQpCY2M6IGV2aWxAZXZpbC5leGFtcGxl?= x", "==??utf-8?q?=0d=0aBcc:_x?=", "=?utf-8?q?=0d=0aB?= =?utf-8?q?cc:_x?=", "=\t?utf-8?q?=0d=0aBcc:_x?=", "^n^'", "Jean" + "\\" * 40, "é" * 74, "\u202eevil"]  # fmt: skip
TYPED = {"customer.name", "customer.email", "customer.phone", "message"}


def _with(field: str, text: str) -> dict[str, Any]:
    sent = body()
    sent["customer"] = dict(sent["customer"])
    (sent["customer"] if field.startswith("customer.") else sent)[field.rpartition(".")[2]] = text
    return sent


# --- on the way in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", sorted(TYPED))
def test_injection_of_line_ends_into_a_field(client: FlaskClient, settings: Settings, cast: Cast, field: str) -> None:
    """A message has lines; every other field is one line, and no field has controls."""
    before = dump(settings)
    for end in BREAKS:
        if field == "message" and end in ("\n", "\r\n"):
            continue
        for text in (f"jean{end}@example.com", f"jean@example.com{end}Bcc: evil@evil.example", f"a{end}b"):
            answer = client.post(f"/{cast.slug}/api/bookings", json=_with(field, text))
            invisible = end in ("\u202e", "\ufeff") and field in ("customer.name", "message")
            if invisible:  # marks of direction are letters of some languages
                assert answer.status_code in (201, 400, 409)
                continue
            assert answer.status_code == 400, (end, text, answer.text)
            assert answer.json["error"]["field"] == field
    if field in ("customer.email", "customer.phone"):
        assert changed(before, dump(settings)) == {}


ADDRESSES = [
    "a@b.example, c@d.example", "a@b.example;c@d.example", "a@b.example c@d.example", "<a@b.example>", "Jean <a@b.example>", "a@b.example>",
    "\"a b\"@example.com", "a@[127.0.0.1]", "a@localhost", "a@b@c.example", "@example.com", "a@", "a@.example", "a@example..com", "a..b@example.com",
    "(x)a@example.com", "a@example.com(x)", "a@exa mple.com", "a%b@example.com\r\n", "é@example.com", "a@example.com\u0000", "a@" + "b" * 250 + ".com",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_one_field_holds_one_address(client: FlaskClient, settings: Settings, cast: Cast, address: str) -> None:
    before = dump(settings)
    answer = client.post(f"/{cast.slug}/api/bookings", json=_with("customer.email", address))
    if answer.status_code == 201:  # what was trimmed must be one plain address now
        told = answer.json["booking"]["customer"]["email"]
        assert re.fullmatch(r"[a-z%]+@example\.com", told), told
        assert address.strip() == told
        return
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "INVALID_EMAIL")
    assert changed(before, dump(settings)) == {}


# --- on the way out: everything hostile written past the actions -------------------------------------------------------


def _poison(cast: Cast, text: str) -> None:
    with db.writing(cast.id):
        Business.update(name=text, headline=text, street=text, town=text, postcode=text, access=text, phone=text).where(
            Business.id == cast.id
        ).execute()
        Service.update(name=text, description=text).execute()
        Resource.update(name=text, title=text, bio=text).execute()
        Booking.update(name=text, message=text, phone=text, cancel_reason=text).execute()


def _storable(settings: Settings, text: str) -> bool:
    return "\x00" not in text or settings.engine == "sqlite"


def _lines_in(calendar: bytes) -> int:
    """Properties as a reader that knows only CR LF and folding sees them."""
    return len(re.sub(rb"\r\n[ \t]", b"", calendar).strip().split(b"\r\n"))


def test_injection_into_calendar_files(app: Flask, settings: Settings, cast: Cast) -> None:
    """As many properties and attendees as for a plain name, to two parsers and to none."""
    places = Places.of(app, cast)
    client = places.proved(app)
    files = [places.path(rule) for rule in routes(app, "GET") if rule.rule.endswith(".ics")]
    assert len(files) >= 2
    for path in files:
        plain = _read(client.get(path).data)
        for text in HOSTILE:
            if _storable(settings, text):
                _poison(cast, text)
                answer = client.get(path)
                assert answer.status_code == 200
                assert _read(answer.data) == plain, text
        _poison(cast, "Jean")


def _read(calendar: bytes) -> dict[str, Any]:
    assert not set(calendar) & (set(range(32)) - {10, 13, 9}), "a control character"
    assert b"\r" not in calendar.replace(b"\r\n", b"")
    assert b"\n" not in calendar.replace(b"\r\n", b"")
    one, two = Calendar.from_ical(calendar), vobject.readOne(calendar.decode())
    (event,) = one.events
    assert len(two.vevent_list) == 1
    return {
        "icalendar": sorted(name for name, _ in event.property_items()),
        "vobject": sorted(child.name for child in two.vevent.getChildren()),
        "components": len(list(one.walk())),
        "attendees": [str(each) for each in _many(event.get("attendee"))],
        "parameters": [sorted(each.params) for each in _many(event.get("attendee"))],
    }


def _many(found: Any) -> list[Any]:
    return [] if found is None else found if isinstance(found, list) else [found]


class _Inbox:
    def __init__(self) -> None:
        self.envelopes: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[tuple[_Inbox, int]]:
    kept = _Inbox()
    port = free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, port
    controller.stop()


NAMES = ["From", "To", "Reply-To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]

PARTS = ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics"]


def test_injection_into_mails(
    app: Flask, settings: Settings, cast: Cast, clock: Clock, inbox: tuple[_Inbox, int]
) -> None:
    """A real SMTP peer sees one sender, one recipient, and the headers that we wrote. Every hostile text is the name of
    the business, of the service and of the client at once."""
    import dataclasses

    kept, port = inbox
    mailer = Smtp(dataclasses.replace(settings, smtp_host="127.0.0.1", smtp_port=port, smtp_security="off"))
    _nothing_due()
    for n, text in enumerate(text for text in HOSTILE if _storable(settings, text)):
        booked = cast.book(f"{9 + n % 2:02d}:00", notifications={"email": True})
        _poison(cast, text)
        before = len(kept.envelopes)
        delivery.run(app, mailer, clock=clock)
        with db.writing(cast.id):
            rows = Message.select().where(Message.booking_id == UUID(booked.id), Message.template != "client_reminder")
            states = [row.state for row in rows]
        assert states in (["sent", "sent"], ["dead", "dead"]), text  # a name with a line end in it writes no header
        assert len(kept.envelopes) - before == states.count("sent")
        assert "dead" not in states or len(text.splitlines()) > 1 or "\x00" in text, text
        booking.cancel(cast.business, UUID(booked.id), now=MONDAY_8)
        _nothing_due()
    assert len(kept.envelopes) >= 16
    for envelope in kept.envelopes:
        assert envelope.mail_from == "rdv@bookt.localhost"
        assert envelope.rcpt_tos in (["jean@example.com"], [cast.business.email])
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        assert sorted(message.keys()) == sorted(NAMES)
        assert b"\nBcc" not in envelope.content.partition(b"\r\n\r\n")[0]
        assert [each.addr_spec for each in message["To"].addresses] == envelope.rcpt_tos
        assert len(message["From"].addresses) == len(message["Reply-To"].addresses) == 1
        assert message["From"].addresses[0].addr_spec == "rdv@bookt.localhost"
        assert "evil@evil.example" not in [each.addr_spec for each in message["Reply-To"].addresses]
        assert [part.get_content_type() for part in message.walk()] == PARTS


def _nothing_due() -> None:
    """What other tests have left in the outbox is not this one's."""
    with db.door("outbox"):
        Message.everywhere().update(state="dropped").where(Message.state == "due").execute()
        AccountMessage.update(state="dropped").where(AccountMessage.state == "due").execute()


def test_injection_into_json(client: FlaskClient, settings: Settings, cast: Cast) -> None:
    """Strict JSON with the same names, whatever the values say."""

    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shape(each) for name, each in value.items()}
        return [shape(each) for each in value] if isinstance(value, list) else type(value)

    paths = (f"/{cast.slug}/api/services", f"/api/public/{cast.slug}")
    _poison(cast, "Jean")
    plain = [shape(client.get(path).json) for path in paths]
    for text in [*HOSTILE, '","isActive":true,"x":"', "</script>", "\\u0000"]:
        if _storable(settings, text):
            _poison(cast, text)
            for path, expected in zip(paths, plain, strict=True):
                answer = client.get(path)
                assert shape(json.loads(answer.data.decode())) == expected, text
                assert (
                    text in answer.text.encode().decode() or json.dumps(text, ensure_ascii=False)[1:-1] in answer.text
                )


def test_injection_into_headers(app: Flask, client: FlaskClient, places: Places, cast: Cast) -> None:
    """No parameter of any name writes a header of an answer."""
    line = "x\r\nX-Injected: yes\r\nSet-Cookie: evil=1"
    names = [*places.typed, "cle", "retenu", "jour", "semaine", "x"]
    for rule in open_routes(app, "GET"):
        answer = client.get(places.path(rule), query_string=dict.fromkeys(names, line))
        assert "X-Injected" not in answer.headers
        assert "evil" not in str(answer.headers.getlist("Set-Cookie"))
    for rule in forms(app):
        for name in names:
            data = places.typed | {name: line, "form_token": form_token(app, cast.id)}
            answer = places.proved(app).post(places.path(rule), data=data)
            assert answer.status_code < 500
            assert "X-Injected" not in answer.headers
            assert "evil" not in str(answer.headers.getlist("Set-Cookie"))


def test_injection_into_logs(app: Flask, client: FlaskClient, places: Places, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is asked and refused, no line of the log begins with a visitor's words."""
    caplog.set_level(logging.INFO)
    line = "x\nCRITICAL root:evil.py:1 forged\r\n\x1b[31mred"
    for rule in open_routes(app, "GET", "POST"):
        client.open(
            places.path(rule), query_string={"x": line, "jour": line, "cle": line}, headers={"User-Agent": "x\tforged"}
        )
        client.post(places.path(rule), data={"name": line, "code": line}, json=None)
    assert "forged" not in caplog.text


# --- statements --------------------------------------------------------------------------------------------------------


def test_injection_of_sql(app: Flask, client: FlaskClient, settings: Settings, cast: Cast) -> None:
    """In every parameter, part of an address, field and header: a plain answer, and nothing written or slow."""
    places = Places.of(app, cast)
    before = dump(settings)
    api, day = f"/{cast.slug}/api", "2027-01-12"
    for text in SQL:
        asked = [
            client.get(f"{api}/availability", query_string={"serviceId": text, "date": day}),
            client.get(f"{api}/availability", query_string={"serviceId": "diag", "date": text}),
            client.get(f"{api}/availability", query_string={"serviceId": "diag", "date": day, "resourceId": text}),
            client.get(f"{api}/availability", query_string={"serviceId": "diag", "date": day, "partySize": text}),
            client.get(f"{api}/bookings/public", query_string={"code": text, "email": places.email}),
            client.get(f"{api}/bookings/public", query_string={"code": places.code, "email": text}),
            *(
                client.post(f"{api}/bookings", json=body() | {name: text})
                for name in ("serviceId", "date", "time", "resourceId", "partySize", "fold")
            ),
            client.post(f"{api}/bookings", json=_with("customer.email", text)),
            *(
                client.post(
                    f"{api}/bookings/{places.code}/{end}", json={"email": text, "newDate": day, "newTime": "10:00"}
                )
                for end in ("cancel", "reschedule")
            ),
        ]
        assert {answer.status_code for answer in asked} <= {400, 404}, text
        values = dict.fromkeys(places.known, text)
        for rule in (each for each in routes(app, "GET", "POST") if each.arguments):
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: values[part[1]], rule.rule)
            for method in (rule.methods or set()) & {"GET", "POST"}:
                answer = client.open(
                    "/",
                    method=method,
                    environ_overrides={"PATH_INFO": path.encode().decode("latin-1")},
                    data={"form_token": text} if method == "POST" else None,
                )
                assert answer.status_code < 500, (rule.rule, text)
        host = client.get("/", environ_overrides={"HTTP_HOST": text.encode().decode("latin-1")})
        assert host.status_code == 400
    assert changed(before, dump(settings)) == {}


def test_hostile_words_are_stored_as_words(client: FlaskClient, cast: Cast) -> None:
    times = iter(("08:30", "09:00", "09:30", "10:00", "10:30", "11:00"))
    for text, time in zip(SQL[5:], times, strict=False):
        sent = _with("customer.name", text) | {"time": time, "message": text}
        answer = client.post(
            f"/{cast.slug}/api/bookings",
            json=sent,
            headers={"Idempotency-Key": re.sub(r"[^\x20-\x7e]", "", text) + time},
        )
        assert answer.status_code == 201
        assert answer.json["booking"]["customer"]["name"] == text.strip()
