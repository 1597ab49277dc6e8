"""`booking.cancel`: the place is free, both sides know, the refund is the policy's."""

from uuid import UUID

import pytest

import db
from actions import booking
from errors import AlreadyCancelled, BookingNotFound, NotChangeable
from lib.ids import uuid7
from models import Booking, Claim, Message
from queries.booking import BookingCard
from tests.cast import MONDAY_8, TUESDAY, Cast, make_business

HOUR = 3600
START = MONDAY_8 + 25 * HOUR  # Tuesday 09:00


def cancel(cast: Cast, card: BookingCard, *, now: int = MONDAY_8, **more: object) -> BookingCard:
    return booking.cancel(cast.business, UUID(card.id), now=now, **more)


def paid(cast: Cast, card: BookingCard) -> BookingCard:
    with db.writing(cast.id):
        Booking.update(payment_status="captured").where(Booking.id == UUID(card.id)).execute()
    return card


def test_the_place_is_free_again_and_both_are_told(cast: Cast) -> None:
    card = cast.book(resourceId="r1")
    gone = cancel(cast, card, reason="Empêchement")
    assert (gone.status, gone.code, gone.sequence, gone.resource_ids) == ("cancelled", card.code, 1, ("r1",))
    with db.reading(cast.id):
        assert Claim.select().count() == 0
        sent = {(m.template, m.data.get("by")) for m in Message.select().where(Message.template.contains("cancelled"))}
        assert Booking.select().first().cancel_reason == "Empêchement"
    assert sent == {("client_cancelled", "client"), ("professional_cancelled", "client")}
    assert cast.book(resourceId="r1").status == "confirmed"


def test_the_reminder_of_a_cancelled_visit_never_leaves(cast: Cast) -> None:
    card = cast.book("09:00", TUESDAY.replace(day=14))
    cancel(cast, card)
    with db.reading(cast.id):
        assert [m.state for m in Message.select().where(Message.template == "client_reminder")] == ["dropped"]


def test_cancelling_twice_is_told(cast: Cast) -> None:
    card = cast.book()
    cancel(cast, card)
    with pytest.raises(AlreadyCancelled):
        cancel(cast, card)


def test_holds_and_strangers_are_not_found(cast: Cast) -> None:
    for booking_id in (UUID(cast.hold().id), uuid7(), UUID(make_business().book().id)):
        with pytest.raises(BookingNotFound):
            booking.cancel(cast.business, booking_id, now=MONDAY_8)


def test_what_has_begun_only_the_professional_cancels(cast: Cast) -> None:
    card = cast.book()
    with pytest.raises(NotChangeable):
        cancel(cast, card, now=START)
    gone = cancel(cast, card, now=START, by_professional=True)
    assert gone.status == "cancelled"
    with db.reading(cast.id):
        assert {m.data.get("by") for m in Message.select().where(Message.template.contains("cancelled"))} == {
            "professional"
        }


@pytest.mark.parametrize("status", ["arrived", "seated", "completed", "no_show", "declined"])
def test_the_state_table_refuses_the_rest(cast: Cast, status: str) -> None:
    card = cast.book()
    with db.writing(cast.id):
        Booking.update(status=status).execute()
    with pytest.raises(NotChangeable):
        cancel(cast, card)


@pytest.mark.parametrize(("hours", "cents"), [(48, 1200), (47, 600), (24, 600), (23, 0)])
def test_the_refund_follows_the_hours_left(cast: Cast, hours: int, cents: int) -> None:
    start = MONDAY_8 + 73 * HOUR  # Thursday 09:00
    card = paid(cast, cast.book("09:00", TUESDAY.replace(day=14)))
    assert booking.refund(cast.offer, card, now=start - hours * HOUR) == 0  # the card in hand was not paid yet
    assert cancel(cast, card, now=start - hours * HOUR).refund_cents == cents


def test_the_professional_s_own_cancellation_refunds_all(cast: Cast) -> None:
    card = paid(cast, cast.book())
    assert cancel(cast, card, now=START - HOUR, by_professional=True).refund_cents == 1200


def test_what_was_never_paid_is_not_given_back(cast: Cast) -> None:
    assert cancel(cast, cast.book()).refund_cents == 0


def test_a_service_s_own_policy_comes_before_the_business_s(app: object) -> None:
    cast = make_business(
        services={"diag": {"cancellation": {"full_hours": 1, "partial_hours": 1, "partial_bp": 0}}},
        cancellation={"full_hours": 99},
    )
    card = paid(cast, cast.book())
    assert cancel(cast, card, now=START - HOUR).refund_cents == 1200
