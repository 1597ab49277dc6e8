"""`booking.reschedule`: the old time is given up only once the new one is had."""

import datetime as dt
from uuid import UUID

import pytest

import db
from actions import booking
from actions.inputs import read
from errors import AlreadyCancelled, BookingNotFound, Invalid, NotChangeable, SlotTaken
from models import Booking, Claim, Message
from queries.booking import BookingCard
from tests.cast import MONDAY_8, TUESDAY, Cast, make_business

WEDNESDAY = TUESDAY + dt.timedelta(days=1)
START = MONDAY_8 + 25 * 3600  # Tuesday 09:00


def move(
    cast: Cast, card: BookingCard, time: str, date: dt.date = TUESDAY, *, now: int = MONDAY_8, **more: object
) -> BookingCard:
    data = read(booking.MoveInput, {"email": card.email, "newDate": date.isoformat(), "newTime": time} | more)
    return booking.reschedule(cast.business, UUID(card.id), data, now=now)


def sent(cast: Cast, template: str) -> list[Message]:
    with db.reading(cast.id):
        return list(Message.select().where(Message.template == template).order_by(Message.dedupe_key))


@pytest.fixture
def cast(app: object) -> Cast:
    return make_business(resources=1)


def test_code_stays_and_the_old_time_is_free(cast: Cast) -> None:
    card = cast.book("09:00")
    moved = move(cast, card, "11:30", WEDNESDAY)
    assert (moved.code, moved.status, moved.sequence) == (card.code, "rescheduled", 1)
    assert moved.starts_at == "2027-01-13T11:30:00+01:00"
    assert moved.ends_at == "2027-01-13T12:00:00+01:00"
    assert cast.book("09:00").status == "confirmed"
    with pytest.raises(SlotTaken):
        cast.book("11:30", WEDNESDAY)
    assert [m.data["from"] for m in sent(cast, "client_rescheduled")] == [
        card.starts_at.replace("09:00:00+01:00", "08:00:00+00:00")
    ]


def test_moved_again_and_again_each_move_is_told(cast: Cast) -> None:
    card = cast.book("09:00")
    for place, time in enumerate(("10:00", "11:00", "14:00"), start=1):
        assert move(cast, card, time).sequence == place
    assert len(sent(cast, "professional_rescheduled")) == 3
    with db.reading(cast.id):
        assert Claim.select().count() == 1


def test_into_its_own_time_a_booking_does_not_block_itself(app: object) -> None:
    cast = make_business(resources=1, services={"diag": {"duration_minutes": 60, "step_minutes": 30}})
    card = cast.book("09:00")
    assert move(cast, card, "09:30").starts_at == "2027-01-12T09:30:00+01:00"


def test_onto_its_own_start_nothing_moves_and_nobody_is_told(cast: Cast) -> None:
    card = cast.book("09:00")
    same = move(cast, card, "09:00")
    assert (same.status, same.sequence, same.starts_at) == ("rescheduled", 0, card.starts_at)
    assert sent(cast, "client_rescheduled") == []


def test_a_time_that_is_taken_leaves_everything_as_it_was(cast: Cast) -> None:
    card = cast.book("09:00")
    cast.book("10:00")
    with pytest.raises(SlotTaken) as refused:
        move(cast, card, "10:00")
    assert len(refused.value.nearest) == 3
    with db.reading(cast.id):
        row = Booking.select().where(Booking.id == UUID(card.id)).first()
        assert (row.status, row.sequence) == ("confirmed", 0)
        assert Claim.select().count() == 2
    assert sent(cast, "client_rescheduled") == []


@pytest.mark.parametrize(("time", "date"), [("02:30", dt.date(2027, 3, 28)), ("09:00", dt.date(2032, 1, 1))])
def test_a_time_that_cannot_be_is_refused_without_a_neighbour(cast: Cast, time: str, date: dt.date) -> None:
    with pytest.raises(SlotTaken) as refused:
        move(cast, cast.book("09:00"), time, date)
    assert refused.value.nearest == ()


def test_a_past_date_and_an_unknown_practitioner_are_named(cast: Cast) -> None:
    card = cast.book("09:00")
    with pytest.raises(Invalid) as past:
        move(cast, card, "09:00", dt.date(2027, 1, 10))
    with pytest.raises(Invalid) as unknown:
        move(cast, card, "10:00", resourceId="personne")
    assert (past.value.code, unknown.value.code) == ("INVALID_NEW_DATE", "INVALID_RESOURCE_ID")


def test_cancelled_begun_pending_and_strange_are_each_told(cast: Cast) -> None:
    gone = cast.book("09:00")
    booking.cancel(cast.business, UUID(gone.id), now=MONDAY_8)
    with pytest.raises(AlreadyCancelled):
        move(cast, gone, "10:00")
    begun = cast.book("09:00")
    with pytest.raises(NotChangeable):
        move(cast, begun, "10:00", now=START)
    with pytest.raises(BookingNotFound):
        move(cast, make_business().book("09:00"), "10:00")
    awaiting = make_business(approves_by_hand=True)
    with pytest.raises(NotChangeable):
        move(awaiting, awaiting.book("09:00"), "10:00")


def test_the_chosen_practitioner_stays_and_any_may_change(app: object) -> None:
    cast = make_business(resources=2)
    chosen = cast.book("09:00", resourceId="r1")
    cast.book("10:00", resourceId="r1")
    with pytest.raises(SlotTaken):
        move(cast, chosen, "10:00")
    any_one = cast.book("11:00")
    free = {"r1": "r2", "r2": "r1"}[any_one.resource_ids[0]]
    cast.book("14:00", resourceId=any_one.resource_ids[0])
    assert move(cast, any_one, "14:00").resource_ids == (free,)


def test_at_the_same_time_a_booking_can_go_to_another_practitioner(app: object) -> None:
    cast = make_business(resources=2)
    card = cast.book("09:00", resourceId="r1")
    moved = move(cast, card, "09:00", resourceId="r2")
    assert (moved.resource_ids, moved.sequence) == (("r2",), 1)


def test_a_reached_limit_does_not_keep_a_booking_from_moving(app: object) -> None:
    cast = make_business(
        resources=1,
        services={"diag": {"limits": {"per_day": 1, "per_week": 1}}},
        client_limits={"per_month": 1},
    )
    card = cast.book("09:00")
    assert move(cast, card, "15:00").status == "rescheduled"
    assert move(cast, card, "15:00", WEDNESDAY).status == "rescheduled"


def test_the_reminder_follows_the_new_time(cast: Cast) -> None:
    card = cast.book("09:00", dt.date(2027, 1, 14))
    move(cast, card, "09:00", dt.date(2027, 1, 15))
    reminders = sent(cast, "client_reminder")
    assert [(m.state, m.due_at.day) for m in reminders] == [("dropped", 13), ("due", 14)]
