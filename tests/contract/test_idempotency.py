"""Idempotency-Key: the same key and body are answered once, byte for byte; another body is told so."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

import db
from models import Message
from tests.cast import Cast, Clock, body
from tests.contract.conftest import Api, error_of, rows
from tests.contract.test_s3 import move

pytestmark = pytest.mark.contract

EMAIL = {"email": "jean@example.com"}


def test_a_repeated_creation(api: Api, cast: Cast) -> None:
    first = api.post("/bookings", body(), Idempotency_Key="k 1")
    before = rows(cast)
    again = api.post("/bookings", body(), Idempotency_Key="k 1")
    assert (again.status_code, again.get_data()) == (201, first.get_data())
    assert rows(cast) == before


def test_every_mount_knows_the_key(api: Api, client: FlaskClient, cast: Cast) -> None:
    first = api.post("/bookings", body(), Idempotency_Key="k")
    again = Api(client, f"/api/public/{cast.slug}").post("/bookings", body(), Idempotency_Key="k")
    assert again.get_data() == first.get_data()


def test_a_key_with_another_body(api: Api, cast: Cast) -> None:
    api.post("/bookings", body(), Idempotency_Key="k")
    before = rows(cast)
    other = api.post("/bookings", body("10:00"), Idempotency_Key="k")
    assert error_of(other) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert rows(cast) == before


def test_a_key_is_bound_to_its_endpoint(api: Api) -> None:
    code = api.post("/bookings", body(), Idempotency_Key="k").json["booking"]["publicCode"]
    assert api.post(f"/bookings/{code}/cancel", EMAIL, Idempotency_Key="k").json["booking"]["status"] == "cancelled"


def test_a_key_is_bound_to_its_business(api: Api, client: FlaskClient, cast: Cast) -> None:
    from tests.cast import make_business

    other = Api(client, f"/{make_business().slug}/api")
    first = api.post("/bookings", body(), Idempotency_Key="k")
    assert other.post("/bookings", body(), Idempotency_Key="k").get_data() != first.get_data()


def test_a_repeated_cancellation(api: Api, cast: Cast) -> None:
    code = api.book()
    first = api.post(f"/bookings/{code}/cancel", EMAIL, Idempotency_Key="k")
    before = messages(cast)
    again = api.post(f"/bookings/{code}/cancel", EMAIL, Idempotency_Key="k")
    assert (again.status_code, again.get_data()) == (200, first.get_data())
    assert messages(cast) == before
    assert error_of(api.post(f"/bookings/{code}/cancel", EMAIL, Idempotency_Key="l")) == (409, "ALREADY_CANCELLED")


def test_a_repeated_move(api: Api, cast: Cast) -> None:
    code = api.book()
    wanted = move("2027-01-13", "10:00")
    first = api.post(f"/bookings/{code}/reschedule", wanted, Idempotency_Key="k")
    api.post(f"/bookings/{code}/reschedule", move("2027-01-14", "10:00"))
    before = messages(cast)
    again = api.post(f"/bookings/{code}/reschedule", wanted, Idempotency_Key="k")
    assert (again.status_code, again.get_data()) == (200, first.get_data())
    assert messages(cast) == before
    other = api.post(f"/bookings/{code}/reschedule", move("2027-01-15", "10:00"), Idempotency_Key="k")
    assert error_of(other) == (409, "IDEMPOTENCY_KEY_REUSED")


def test_a_repeated_move_of_what_was_cancelled_since(api: Api) -> None:
    code = api.book()
    first = api.post(f"/bookings/{code}/reschedule", move("2027-01-13", "10:00"), Idempotency_Key="k")
    api.post(f"/bookings/{code}/cancel", EMAIL)
    again = api.post(f"/bookings/{code}/reschedule", move("2027-01-13", "10:00"), Idempotency_Key="k")
    assert (again.status_code, again.get_data()) == (200, first.get_data())


def test_a_repeat_after_the_date_is_over(api: Api, clock: Clock) -> None:
    first = api.post("/bookings", body(), Idempotency_Key="k")
    code = first.json["booking"]["publicCode"]
    moved = api.post(f"/bookings/{code}/reschedule", move("2027-01-12", "10:00"), Idempotency_Key="m")
    clock.now += 40 * 3600
    assert api.post("/bookings", body(), Idempotency_Key="k").get_data() == first.get_data()
    again = api.post(f"/bookings/{code}/reschedule", move("2027-01-12", "10:00"), Idempotency_Key="m")
    assert again.get_data() == moved.get_data()


def test_a_repeat_needs_its_proof_too(api: Api) -> None:
    code = api.book()
    api.post(f"/bookings/{code}/cancel", EMAIL, Idempotency_Key="k")
    wrong = api.post(f"/bookings/{code}/cancel", {"email": "paul@example.com"}, Idempotency_Key="k")
    assert error_of(wrong) == (404, "BOOKING_NOT_FOUND")


def test_a_time_refused_stays_refused_for_its_key(api: Api) -> None:
    """A late copy of a request whose repeat was told "gone" must not book behind its client's back."""
    blocking = [api.book(), api.book()]
    refused = api.post("/bookings", body(), Idempotency_Key="k")
    assert error_of(refused) == (409, "SLOT_UNAVAILABLE")
    api.post(f"/bookings/{blocking[0]}/cancel", EMAIL)
    assert api.post("/bookings", body(), Idempotency_Key="k").get_data() == refused.get_data()
    assert api.post("/bookings", body(), Idempotency_Key="another").status_code == 201


def test_repeats_at_once_make_one_booking(api: Api, client: FlaskClient, cast: Cast) -> None:
    answers: list[Any] = []

    def send() -> None:
        one = Api(client.application.test_client(), api.mount)
        answers.append(one.post("/bookings", body(), Idempotency_Key="k"))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({answer.get_data() for answer in answers}) == 1
    assert rows(cast)[f"Booking {cast.slug}"] == 1


def messages(cast: Cast) -> int:
    with db.reading(cast.id):
        return int(Message.select().count())
