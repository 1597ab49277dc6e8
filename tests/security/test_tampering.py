"""What a form or a body says beyond its fields changes nothing; what it says of others is refused."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
from config import Settings
from models import Booking
from tests.cast import Cast, body
from tests.security.edge import Places, changed, dump, form_token

LIES: dict[str, Any] = {
    "priceCents": 1, "price_cents": 1, "price": 0, "basePriceCents": 1, "depositCents": 0, "deposit_cents": 0,
    "deposit": {"amountCents": 0, "rate": 0, "paymentStatus": "captured"}, "depositRate": 0, "deposit_bp": 0,
    "status": "completed", "payment_status": "captured", "paymentStatus": "captured", "source": "till", "id": 1,
    "publicCode": "AC-AAAAAA", "code": "AC-AAAAAA", "business_id": "x", "client_id": "x", "sequence": 9, "by_professional": True,
    "link_version": 9, "held_until": "2030-01-01T00:00:00Z", "held_by": "me", "refund_cents": 99_999, "locale": "xx",
    "duration": 1, "durationMinutes": 1, "ends_at": "2030-01-01T00:00:00Z", "created_at": 0, "vip": True, "notes": "x",
    "now": 0, "any_resource": False, "caps": None, "key": "x", "new_code": "AC-AAAAAA", "extended": True, "__class__": "x",
}  # fmt: skip
TOLD = ("status", "price_cents", "deposit_cents", "deposit_bp", "payment_status", "source", "sequence", "link_version",
        "refund_cents", "locale", "any_resource", "held_by", "extended")  # fmt: skip


def _row(cast: Cast, code: str) -> dict[str, Any]:
    with db.reading(cast.id):
        row = Booking.find(code=code)
    assert row is not None
    return {name: getattr(row, name) for name in TOLD} | {"minutes": (row.ends_at - row.starts_at).total_seconds() / 60}


def test_tampering_with_a_body(client: FlaskClient, cast: Cast) -> None:
    honest = client.post(f"/{cast.slug}/api/bookings", json=body("09:00")).json["booking"]
    for path in (f"/{cast.slug}/api/bookings", f"/api/public/{cast.slug}/bookings"):
        for lies in (LIES, {"customer": body()["customer"] | LIES}, {"notifications": {"email": True} | LIES}):
            sent = body("09:30") | lies
            answer = client.post(path, json=sent)
            assert answer.status_code == 201, (lies, answer.text)
            told = answer.json["booking"]
            assert told["deposit"] == honest["deposit"]
            assert told["publicCode"] != "AC-AAAAAA"
            assert _row(cast, told["publicCode"]) == _row(cast, honest["publicCode"]) | {"refund_cents": None}, lies
            cancelled = client.post(
                f"/{cast.slug}/api/bookings/{told['publicCode']}/cancel", json=lies | {"email": "jean@example.com"}
            )
            assert cancelled.status_code == 200, lies
            assert _row(cast, told["publicCode"])["refund_cents"] == 0


def test_tampering_with_a_form(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    lies = {name: str(lie) for name, lie in LIES.items() if name != "code"}
    data = {
        "form_token": form_token(app, cast.id),
        "prestation": "diag",
        "avec": "peu-importe",
        "debut": "2027-01-13T10:00",
    }
    held = client.post(f"/{cast.slug}/rdv", data=data | lies)
    assert held.status_code == 303
    who = {"name": "Jean Martin", "email": "jean@example.com", "phone": "", "message": ""}
    checked = client.post(held.headers["Location"], data=data | lies | who)
    booked = client.post(
        checked.headers["Location"], data=data | lies | {"email": "other@example.com", "name": "Other"}
    )
    code = booked.headers["Location"].partition("?")[0].rpartition("/")[2]
    found = _row(cast, code)
    assert (found["price_cents"], found["deposit_cents"], found["status"], found["source"]) == (
        4000,
        1200,
        "confirmed",
        "website",
    )
    assert (found["minutes"], found["payment_status"], found["link_version"]) == (30, "pending", 1)
    with db.reading(cast.id):
        assert Booking.get(Booking.code == code).email == "jean@example.com"


@pytest.mark.parametrize("field", ["serviceId", "resourceId"])
def test_what_another_business_offers_is_unknown_here(
    client: FlaskClient, settings: Settings, cast: Cast, other: Cast, field: str
) -> None:
    from tests.cast import add_service

    with db.writing(other.id):
        add_service("secret", [each.id for each in other.offer.resources])
    foreign = {
        "serviceId": ["secret", str(other.offer.service("diag").id)],
        "resourceId": [str(other.offer.resources[0].id), str(cast.offer.resources[0].id)],
    }
    before = dump(settings)
    for value in foreign[field]:
        answer = client.post(f"/{cast.slug}/api/bookings", json=body() | {field: value})
        unknown = client.post(f"/{cast.slug}/api/bookings", json=body() | {field: "no-such-thing"})
        assert (answer.status_code, answer.data) == (unknown.status_code, unknown.data)
        assert answer.status_code == 400
    assert changed(before, dump(settings)) == {}


def test_a_hold_of_another_business_is_left_alone(app: Flask, settings: Settings, places: Places, other: Cast) -> None:
    """Its token as `retenu` here gives nothing back there, and opens no form of ours."""
    client, token = app.test_client(), form_token(app, other.id)
    data = {
        "form_token": token,
        "prestation": "diag",
        "avec": "peu-importe",
        "debut": "2027-01-13T10:00",
        "retenu": places.hold,
    }
    before = dump(settings)["claim"]
    assert client.post(f"/{other.slug}/rdv", data=data).status_code == 303
    assert set(before) < set(dump(settings)["claim"])
    before_refusals = dump(settings)
    for end in ("", "/verification", "/prolongation", "/liberation"):
        asked = client.post(f"/{other.slug}/rdv/retenu/{places.hold}{end}", data=places.typed | {"form_token": token})
        assert asked.status_code == 410, end
    assert changed(before_refusals, dump(settings)) == {}


def test_a_booking_of_another_business_is_out_of_reach(
    client: FlaskClient, settings: Settings, cast: Cast, other: Cast
) -> None:
    booked = cast.book()
    before = dump(settings)
    move = {"email": booked.email, "newDate": "2027-01-13", "newTime": "10:00"}
    for end in ("cancel", "reschedule"):
        assert client.post(f"/{other.slug}/api/bookings/{booked.code}/{end}", json=move).status_code == 404
    assert changed(before, dump(settings)) == {}


def test_a_booked_hold_takes_no_second_person(app: Flask, cast: Cast) -> None:
    """The token of a hold that has become a booking neither shows it nor changes whose it is."""
    held = cast.hold("10:00")
    from lib.links import hold_token

    token = hold_token(app.extensions["bookt_signer"], cast.id, UUID(held.id))
    first, second = app.test_client(), app.test_client()
    form = {"form_token": form_token(app, cast.id), "phone": "", "message": ""}
    path = f"/{cast.slug}/rdv/retenu/{token}"
    mine, theirs = {"name": "Jean Martin", "email": "jean@example.com"}, {"name": "Eve", "email": "eve@example.com"}
    assert first.post(path, data=form | mine).status_code == 303
    assert first.post(f"{path}/verification", data=form).status_code == 303
    for end in ("", "/verification", "/prolongation", "/liberation"):
        answer = second.post(f"{path}{end}", data=form | theirs, follow_redirects=False)
        assert answer.status_code in (303, 409, 410)
    with db.reading(cast.id):
        row = Booking.get_by_id((cast.id, UUID(held.id)))
    assert (row.name, row.email, row.status) == ("Jean Martin", "jean@example.com", "confirmed")
