"""Holds: kept while the client types, given back by themselves."""

from uuid import UUID

import pytest

import db
from actions import booking
from actions.inputs import read
from errors import HoldExpired, Invalid, SlotTaken, TooManyHolds
from lib.ids import uuid7
from models import Booking, Claim, Message
from queries import availability
from queries.booking import BookingCard, by_id
from tests.cast import MONDAY_8, NO_CAPS, TUESDAY, Cast, body, make_business

DETAILS = read(
    booking.DetailsInput,
    {"name": "Jean Martin", "email": "jean@example.com", "phone": "0470123456", "sms": True},
)
TEN_MINUTES = 600


@pytest.fixture
def cast(app: object) -> Cast:
    return make_business(resources=1)


def status(cast: Cast, card: BookingCard) -> str:
    found = by_id(cast.offer, UUID(card.id))
    assert found is not None
    return found.status


def claims(cast: Cast) -> int:
    with db.reading(cast.id):
        return int(Claim.select().count())


def offered(cast: Cast, now: int = MONDAY_8, **more: object) -> list[str]:
    return [slot.time for slot in availability.day(cast.ask(now=now, **more), TUESDAY).slots if slot.available]


def test_a_hold_takes_the_place_for_ten_minutes_and_tells_nobody(cast: Cast) -> None:
    held = cast.hold("10:00")
    assert (held.status, held.name, held.email) == ("held", "", "")
    assert held.deadline is not None
    assert held.deadline.timestamp() == MONDAY_8 + TEN_MINUTES
    with pytest.raises(SlotTaken):
        cast.book("10:00")
    with db.reading(cast.id):
        assert Message.select().count() == 0


def test_past_its_deadline_a_hold_blocks_nobody_with_no_job_running(cast: Cast) -> None:
    held = cast.hold("10:00")
    assert "10:00" not in offered(cast, MONDAY_8 + TEN_MINUTES - 1)
    assert "10:00" in offered(cast, MONDAY_8 + TEN_MINUTES)
    with pytest.raises(SlotTaken):
        cast.book("10:00", now=MONDAY_8 + TEN_MINUTES - 1)
    assert cast.book("10:00", now=MONDAY_8 + TEN_MINUTES).status == "confirmed"
    assert status(cast, held) == "lapsed"
    assert claims(cast) == 1


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_past_its_deadline_a_hold_counts_against_no_limit(period: str, app: object) -> None:
    cast = make_business(resources=1, services={"diag": {"limits": {f"per_{period}": 1}}})
    cast.hold("10:00")
    later = TUESDAY if period == "day" else TUESDAY.replace(day=14)
    with pytest.raises(SlotTaken):
        cast.book("15:00", later)
    then = MONDAY_8 + TEN_MINUTES
    assert [s.time for s in availability.day(cast.ask(now=then), later).slots if s.available and s.time == "15:00"] == [
        "15:00"
    ]
    assert cast.book("15:00", later, now=then).status == "confirmed"


def test_a_hold_never_blocks_its_own_holder(cast: Cast) -> None:
    held = cast.hold("10:00")
    assert "10:00" in offered(cast, ignore=UUID(held.id))
    assert "10:00" not in offered(cast)


def test_choosing_another_time_gives_the_first_back(cast: Cast) -> None:
    first = cast.hold("10:00")
    second = _hold(cast, "10:30", instead_of=UUID(first.id))
    assert (status(cast, first), status(cast, second)) == ("lapsed", "held")
    assert cast.book("10:00").status == "confirmed"


def test_choosing_a_time_that_is_gone_keeps_the_first(cast: Cast) -> None:
    first = cast.hold("10:00")
    cast.book("11:00")
    with pytest.raises(SlotTaken) as refused:
        _hold(cast, "11:00", instead_of=UUID(first.id))
    assert len(refused.value.nearest) == 3
    assert status(cast, first) == "held"


def test_a_visitor_holds_at_most_so_many(cast: Cast) -> None:
    caps = booking.Caps(max_holds=2)
    first, _ = _hold(cast, "10:00", caps=caps), _hold(cast, "10:30", caps=caps)
    with pytest.raises(TooManyHolds):
        _hold(cast, "11:00", caps=caps)
    assert _hold(cast, "11:00", caps=caps, held_by="another").status == "held"
    assert _hold(cast, "14:00", caps=caps, instead_of=UUID(first.id)).status == "held"
    assert _hold(cast, "14:30", caps=caps, now=MONDAY_8 + TEN_MINUTES).status == "held"


def test_what_cannot_be_held_is_named(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        cast.hold("10:00", serviceId="inconnu")
    assert refused.value.code == "INVALID_SERVICE_ID"


def test_a_hold_is_extended_once(cast: Cast) -> None:
    held = cast.hold("10:00")
    longer = booking.extend(cast.business, UUID(held.id), now=MONDAY_8 + 500, caps=NO_CAPS)
    assert longer.extended
    assert longer.deadline is not None
    assert longer.deadline.timestamp() == MONDAY_8 + 500 + TEN_MINUTES
    with pytest.raises(HoldExpired):
        booking.extend(cast.business, UUID(held.id), now=MONDAY_8 + 600, caps=NO_CAPS)


def test_only_a_hold_can_be_extended_or_noted(cast: Cast) -> None:
    booked = UUID(cast.book("09:00").id)
    for gone in (booked, uuid7()):
        with pytest.raises(HoldExpired):
            booking.extend(cast.business, gone, now=MONDAY_8, caps=NO_CAPS)
        with pytest.raises(HoldExpired):
            booking.note_details(cast.business, gone, DETAILS, now=MONDAY_8)


def test_a_released_hold_frees_the_place_at_once_and_again_needs_nothing(cast: Cast) -> None:
    held = UUID(cast.hold("10:00").id)
    booking.release(cast.business, held)
    booking.release(cast.business, held)
    assert cast.book("10:00").status == "confirmed"


def test_releasing_never_touches_a_booking(cast: Cast) -> None:
    booked = cast.book("10:00")
    booking.release(cast.business, UUID(booked.id))
    assert status(cast, booked) == "confirmed"
    assert claims(cast) == 1


def test_what_was_typed_is_kept_with_the_hold(cast: Cast) -> None:
    held = cast.hold("10:00")
    booking.note_details(cast.business, UUID(held.id), DETAILS, now=MONDAY_8)
    found = by_id(cast.offer, UUID(held.id))
    assert found is not None
    assert (found.status, found.name, found.email, found.phone) == (
        "held",
        "Jean Martin",
        "jean@example.com",
        "+32470123456",
    )


def test_a_number_that_is_none_is_refused_before_anything_is_kept(cast: Cast) -> None:
    wrong = DETAILS.model_copy(update={"phone": "12"})
    held = UUID(cast.hold("10:00").id)
    for act in (booking.note_details, booking.confirm):
        caps = {"caps": NO_CAPS} if act is booking.confirm else {}
        with pytest.raises(Invalid) as refused:
            act(cast.business, held, wrong, now=MONDAY_8, **caps)
        assert refused.value.code == "INVALID_PHONE"


def test_the_sweep_lapses_what_is_past_its_deadline_and_nothing_else(cast: Cast) -> None:
    old, new, booked = cast.hold("10:00"), cast.hold("10:30", now=MONDAY_8 + 300), cast.book("11:00")
    assert booking.lapse(cast.business, now=MONDAY_8 + TEN_MINUTES) == 1
    assert [status(cast, card) for card in (old, new, booked)] == ["lapsed", "held", "confirmed"]
    assert booking.lapse(cast.business, now=MONDAY_8 + TEN_MINUTES) == 0


def _hold(
    cast: Cast,
    time: str,
    *,
    now: int = MONDAY_8,
    held_by: str = "visitor",
    caps: booking.Caps = NO_CAPS,
    **more: UUID,
) -> BookingCard:
    data = read(booking.TimeInput, body(time))
    return booking.hold(cast.business, data, now=now, caps=caps, held_by=held_by, **more)


def test_holds_use_another_code_when_theirs_is_taken(cast: Cast) -> None:
    taken = cast.book("09:00").code
    offered_codes = iter([taken, "AC-HOLD77"])
    data = read(booking.TimeInput, body("10:00"))
    held = booking.hold(
        cast.business, data, now=MONDAY_8, caps=NO_CAPS, held_by="v", new_code=lambda: next(offered_codes)
    )
    assert held.code == "AC-HOLD77"
    with db.reading(cast.id):
        assert Booking.select().count() == 2
