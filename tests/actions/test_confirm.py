"""`booking.confirm`: a hold becomes a booking once, and only while its place is there."""

from uuid import UUID

import pytest

import db
from actions import booking
from actions.inputs import read
from errors import HoldExpired, SlotTaken, TooManyBookings
from lib.ids import uuid7
from models import Booking, Claim, Message, Service
from queries.booking import BookingCard
from tests.cast import MONDAY_8, NO_CAPS, TUESDAY, Cast, make_business

DETAILS = read(booking.DetailsInput, {"name": "Jean Martin", "email": "jean@example.com", "message": "Deuxième étage"})
OTHER = DETAILS.model_copy(update={"email": "autre@example.com"})
TEN_MINUTES = 600


@pytest.fixture
def cast(app: object) -> Cast:
    return make_business(resources=1)


def confirm(
    cast: Cast,
    held: BookingCard,
    *,
    now: int = MONDAY_8,
    details: booking.DetailsInput = DETAILS,
    caps: booking.Caps = NO_CAPS,
) -> BookingCard:
    return booking.confirm(cast.business, UUID(held.id), details, now=now, caps=caps)


def messages(cast: Cast) -> list[str]:
    with db.reading(cast.id):
        return sorted(row.template for row in Message.select())


def test_a_hold_becomes_a_booking_with_its_messages(cast: Cast) -> None:
    held = cast.hold("10:00")
    card = confirm(cast, held)
    assert (card.id, card.code, card.status, card.held_until) == (held.id, held.code, "confirmed", None)
    assert (card.name, card.email, card.message) == ("Jean Martin", "jean@example.com", "Deuxième étage")
    assert messages(cast) == ["client_confirmed", "professional_confirmed"]
    with db.reading(cast.id):
        row = Booking.select().first()
        assert (row.held_by, row.client_id is None) == (None, False)


def test_sent_twice_by_the_same_person_it_answers_the_same_booking(cast: Cast) -> None:
    held = cast.hold("10:00")
    first, again = confirm(cast, held), confirm(cast, held, now=MONDAY_8 + 5)
    assert (again.id, again.status) == (first.id, "confirmed")
    assert messages(cast) == ["client_confirmed", "professional_confirmed"]


def test_another_person_cannot_confirm_what_is_booked(cast: Cast) -> None:
    held = cast.hold("10:00")
    confirm(cast, held)
    with pytest.raises(HoldExpired):
        confirm(cast, held, details=OTHER)


def test_what_was_cancelled_or_never_was_cannot_be_confirmed(cast: Cast) -> None:
    held = cast.hold("10:00")
    confirm(cast, held)
    booking.cancel(cast.business, UUID(held.id), now=MONDAY_8)
    with pytest.raises(HoldExpired):
        confirm(cast, held)
    with pytest.raises(HoldExpired):
        booking.confirm(cast.business, uuid7(), DETAILS, now=MONDAY_8, caps=NO_CAPS)


def test_past_its_deadline_it_is_confirmed_while_nobody_has_the_place(cast: Cast) -> None:
    held = cast.hold("10:00")
    assert confirm(cast, held, now=MONDAY_8 + TEN_MINUTES + 60).status == "confirmed"


def test_swept_but_untaken_it_is_confirmed_with_a_new_claim(cast: Cast) -> None:
    held = cast.hold("10:00")
    booking.lapse(cast.business, now=MONDAY_8 + TEN_MINUTES)
    assert confirm(cast, held, now=MONDAY_8 + TEN_MINUTES + 60).status == "confirmed"
    with pytest.raises(SlotTaken):
        cast.book("10:00", now=MONDAY_8 + TEN_MINUTES + 60)


def test_taken_meanwhile_it_answers_with_the_nearest_times(cast: Cast) -> None:
    held = cast.hold("10:00")
    cast.book("10:00", now=MONDAY_8 + TEN_MINUTES)
    with pytest.raises(SlotTaken) as refused:
        confirm(cast, held, now=MONDAY_8 + TEN_MINUTES + 60)
    assert len(refused.value.nearest) == 3


def test_a_hold_whose_hour_has_passed_is_no_booking(cast: Cast) -> None:
    held = cast.hold("10:00")
    after = MONDAY_8 + 30 * 3600
    with pytest.raises(HoldExpired):
        confirm(cast, held, now=after)
    booking.lapse(cast.business, now=after)
    with pytest.raises((HoldExpired, SlotTaken)):
        confirm(cast, held, now=after)


def test_a_swept_hold_with_a_chosen_practitioner_goes_to_nobody_else(app: object) -> None:
    cast = make_business(resources=2)
    held = cast.hold("10:00", resourceId="r1")
    booking.lapse(cast.business, now=MONDAY_8 + TEN_MINUTES)
    with pytest.raises(HoldExpired):
        confirm(cast, held, now=MONDAY_8 + TEN_MINUTES + 60)
    with db.reading(cast.id):
        assert Claim.select().count() == 0


def test_a_price_changed_meanwhile_is_the_price(cast: Cast) -> None:
    held = cast.hold("10:00")
    with db.writing(cast.id):
        Service.update(price_cents=5001, deposit_bp=5000).execute()
    card = confirm(cast, held)
    assert (held.price_cents, card.price_cents, card.deposit_cents, card.deposit_bp) == (
        4000,
        5001,
        2501,
        5000,
    )


def test_too_many_open_bookings_leave_the_hold_alive(cast: Cast) -> None:
    caps = booking.Caps(max_open_bookings=1)
    confirm(cast, cast.hold("09:00"), caps=caps)
    second = cast.hold("10:00")
    with pytest.raises(TooManyBookings):
        confirm(cast, second, caps=caps)
    assert confirm(cast, second, details=OTHER, caps=caps).status == "confirmed"


def test_where_the_professional_approves_by_hand_a_confirmed_hold_awaits_him(app: object) -> None:
    cast = make_business(approves_by_hand=True)
    held = cast.hold("10:00")
    assert confirm(cast, held).status == "pending"
    assert confirm(cast, held).status == "pending"
    assert messages(cast) == ["client_requested", "professional_requested"]


def test_a_held_time_is_not_sold_to_the_holder_twice(cast: Cast) -> None:
    held = cast.hold("10:00")
    confirm(cast, held)
    with pytest.raises(SlotTaken):
        cast.book("10:00", TUESDAY)


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_the_client_s_limit_speaks_once_the_client_is_known(period: str, app: object) -> None:
    cast = make_business(client_limits={f"per_{period}": 1})
    cast.book("09:00")
    held = cast.hold("10:00")
    with pytest.raises(SlotTaken):
        confirm(cast, held)
    assert confirm(cast, held, details=OTHER).status == "confirmed"
