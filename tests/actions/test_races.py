"""Many at once: one is sold, the rest are told, and nothing is left half done."""

import random
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest

import db
from actions import booking
from actions.inputs import read
from errors import HoldExpired, SlotTaken, TooManyBookings
from models import Booking, Claim, Message, OpeningRule, Resource
from queries.booking import BookingCard
from tests.cast import MONDAY_8, NO_CAPS, TUESDAY, Cast, body, make_business
from tests.crowd import at_once, split

DETAILS = read(booking.DetailsInput, {"name": "Jean Martin", "email": "jean@example.com"})
TEN_MINUTES = 600


def person(number: int) -> dict[str, str]:
    return {"name": f"Client {number}", "email": f"client{number}@example.com"}


def overlaps(cast: Cast) -> list[tuple[Claim, Claim]]:
    with db.reading(cast.id):
        rows = list(Claim.select())
    pairs = ((a, b) for a in rows for b in rows if a is not b)
    same_lane = ((a, b) for a, b in pairs if (a.resource_id, a.unit) == (b.resource_id, b.unit))
    return [(a, b) for a, b in same_lane if a.starts_at < b.ends_at and b.starts_at < a.ends_at]


def held_together(cast: Cast) -> None:
    """Every active booking has its claims, every claim an active booking, every booking its message."""
    with db.reading(cast.id):
        active = {row.id for row in Booking.select().where(Booking.status.not_in(("lapsed", "cancelled")))}
        booked = {row.id for row in Booking.select().where(Booking.status.not_in(("lapsed", "held")))}
        claimed = {row.booking_id for row in Claim.select().where(Claim.booking_id.is_null(False))}
        told = {row.booking_id for row in Message.select()}
    assert claimed == active
    assert told == booked
    assert overlaps(cast) == []


def test_thirty_two_on_one_time_one_is_sold(app: object) -> None:
    cast = make_business(resources=1)
    sold, refused = split(at_once(*[lambda: cast.book("10:00")] * 32))
    assert len(sold) == 1
    assert {type(error) for error in refused} == {SlotTaken}
    assert all(error.nearest for error in refused)
    held_together(cast)


def test_thirty_two_on_times_that_meet_none_overlap(app: object) -> None:
    cast = make_business(
        resources=1, services={"diag": {"duration_minutes": 60, "step_minutes": 15, "buffer_after": 10}}
    )
    times = ["10:00", "10:15", "10:30", "10:45", "11:00"]
    sold, refused = split(at_once(*[lambda n=n: cast.book(times[n % 5]) for n in range(32)]))
    assert 1 <= len(sold) <= 2
    assert {type(error) for error in refused} == {SlotTaken}
    held_together(cast)


def test_two_practitioners_are_both_sold_and_no_third(cast: Cast) -> None:
    sold, _ = split(at_once(*[lambda: cast.book("10:00")] * 16))
    assert sorted(card.resource_ids for card in sold) == [("r1",), ("r2",)]
    held_together(cast)


def test_a_group_sells_each_seat_once(app: object) -> None:
    cast = make_business(resources=1, services={"diag": {"capacity": 5}})
    with db.writing(cast.id):
        Resource.update(units=5).execute()
    sold, _ = split(at_once(*[lambda n=n: cast.book("10:00", partySize=1 + n % 2) for n in range(12)]))
    assert sum(card.party_size for card in sold) == 5
    held_together(cast)


def test_combined_tables_never_deadlock_and_never_overlap(app: object) -> None:
    cast = make_business(resources=4, services={"diag": {"duration_minutes": 90}})
    with db.writing(cast.id):
        Resource.update(seats=4, kind="table", join_group="salle").execute()
        OpeningRule.insert(day_of_week=2, start_minutes=1140, end_minutes=1440).execute()
    parties = [2, 6, 8, 4, 12]
    sold, refused = split(
        at_once(
            *[lambda n=n: cast.book(("19:00", "19:30", "20:00")[n % 3], partySize=parties[n % 5]) for n in range(24)]
        )
    )
    assert sold
    assert {type(error) for error in refused} == {SlotTaken}
    held_together(cast)


def test_fifty_holding_and_letting_go_leave_nothing_behind(app: object) -> None:
    cast = make_business(resources=2)

    def visit(number: int) -> None:
        chance = random.Random(number)
        for _ in range(4):
            try:
                held = cast.hold(
                    chance.choice(["09:00", "09:30", "10:00"]), held_by=str(number), customer=person(number)
                )
            except SlotTaken:
                continue
            if chance.random() < 0.3:
                details = DETAILS.model_copy(update={"email": f"client{number}@example.com"})
                card = booking.confirm(cast.business, UUID(held.id), details, now=MONDAY_8, caps=NO_CAPS)
                booking.cancel(cast.business, UUID(card.id), now=MONDAY_8)
            else:
                booking.release(cast.business, UUID(held.id))

    _, failed = split(at_once(*[lambda n=n: visit(n) for n in range(50)]))
    assert failed == []
    held_together(cast)
    with db.reading(cast.id):
        assert Claim.select().count() == 0
    for _ in range(2):
        assert cast.book("09:00").status == "confirmed"


def test_confirming_twice_at_once_makes_one_booking(cast: Cast) -> None:
    held = UUID(cast.hold("10:00").id)
    sure = lambda: booking.confirm(cast.business, held, DETAILS, now=MONDAY_8, caps=NO_CAPS)  # noqa: E731
    done, failed = split(at_once(*[sure] * 8))
    assert failed == []
    assert {card.status for card in done} == {"confirmed"}
    held_together(cast)
    with db.reading(cast.id):
        assert Message.select().count() == 2


@pytest.mark.parametrize("swept", [False, True])
def test_an_expired_hold_against_a_new_client_one_of_them_has_the_place(swept: bool, app: object) -> None:
    for _ in range(5):
        cast = make_business(resources=1)
        held = UUID(cast.hold("10:00").id)
        then = MONDAY_8 + TEN_MINUTES + 1
        if swept:
            booking.lapse(cast.business, now=then)
        sure = lambda held=held, cast=cast: booking.confirm(cast.business, held, DETAILS, now=then, caps=NO_CAPS)  # noqa: E731
        done, failed = split(at_once(sure, lambda cast=cast: cast.book("10:00", now=then, customer=person(1))))
        assert len(done) == 1
        assert {type(error) for error in failed} == {SlotTaken}
        held_together(cast)


def test_a_place_lost_to_a_late_confirmation_is_looked_for_elsewhere(cast: Cast) -> None:
    """Two practitioners, one hold past its deadline: its confirmation and a newcomer both find room."""
    for time in ("09:00", "10:00", "11:00", "14:00", "15:00"):
        held = UUID(cast.hold(time).id)
        then = MONDAY_8 + TEN_MINUTES + 1
        sure = lambda held=held, then=then: booking.confirm(cast.business, held, DETAILS, now=then, caps=NO_CAPS)  # noqa: E731
        _, failed = split(at_once(sure, lambda time=time, then=then: cast.book(time, now=then, customer=person(1))))
        assert failed == []
    held_together(cast)


def test_moving_into_each_other_s_place_loses_neither(app: object) -> None:
    cast = make_business(resources=1)
    first, second = cast.book("10:00"), cast.book("11:00", customer=person(2))

    def move(card: BookingCard, time: str) -> Callable[[], BookingCard]:
        data = read(booking.MoveInput, {"email": card.email, "newDate": TUESDAY.isoformat(), "newTime": time})
        return lambda: booking.reschedule(cast.business, UUID(card.id), data, now=MONDAY_8)

    _, failed = split(at_once(move(first, "11:00"), move(second, "10:00")))
    assert {type(error) for error in failed} <= {SlotTaken}
    held_together(cast)
    with db.reading(cast.id):
        assert Claim.select().count() == 2


def test_moving_and_cancelling_at_once_end_in_one_state(app: object) -> None:
    for _ in range(4):
        cast = make_business(resources=1)
        card = cast.book("10:00")
        to = read(booking.MoveInput, {"email": card.email, "newDate": TUESDAY.isoformat(), "newTime": "11:00"})
        at_once(
            lambda cast=cast, card=card: booking.reschedule(cast.business, UUID(card.id), to, now=MONDAY_8),
            lambda cast=cast, card=card: booking.cancel(cast.business, UUID(card.id), now=MONDAY_8),
        )
        held_together(cast)
        with db.reading(cast.id):
            assert Booking.select().first().status == "cancelled"


def test_choosing_anew_while_others_take_the_expired_hold(app: object) -> None:
    """The holder gives the first time back while a newcomer, holding that resource's line, sweeps it."""
    for _ in range(5):
        cast = make_business(resources=1)
        held = cast.hold("10:00")
        then = MONDAY_8 + TEN_MINUTES + 1
        anew = read(booking.TimeInput, body("10:30"))
        _, failed = split(
            at_once(
                lambda cast=cast, held=held: booking.hold(
                    cast.business, anew, now=then, caps=NO_CAPS, held_by="v", instead_of=UUID(held.id)
                ),
                lambda cast=cast: cast.book("10:00", now=then, customer=person(1)),
                lambda cast=cast: cast.book("11:00", now=then, customer=person(2)),
            )
        )
        assert failed == []
        held_together(cast)


def test_limits_hold_when_the_resources_differ(app: object) -> None:
    cast = make_business(resources=4, services={"diag": {"limits": {"per_day": 2}}})
    books = [lambda n=n: cast.book("10:00", resourceId=f"r{n % 4 + 1}", customer=person(n)) for n in range(8)]
    sold, refused = split(at_once(*books))
    assert len(sold) == 2
    assert {type(error) for error in refused} == {SlotTaken}


def test_a_client_s_limit_holds_when_the_resources_differ(app: object) -> None:
    cast = make_business(resources=4, client_limits={"per_week": 1})
    sold, _ = split(at_once(*[lambda n=n: cast.book("10:00", resourceId=f"r{n + 1}") for n in range(4)]))
    assert len(sold) == 1


def test_the_cap_on_open_bookings_holds_when_the_resources_differ(app: object) -> None:
    cast = make_business(resources=8)
    caps = booking.Caps(max_open_bookings=2)

    def book(number: int) -> BookingCard:
        data = read(booking.BookingInput, body("10:00", resourceId=f"r{number + 1}"))
        return booking.create(cast.business, data, now=MONDAY_8, caps=caps)

    sold, refused = split(at_once(*[lambda n=n: book(n) for n in range(8)]))
    assert len(sold) == 2
    assert {type(error) for error in refused} == {TooManyBookings}


def test_outcomes_of_a_crowd_are_only_the_documented_ones(app: object) -> None:
    cast = make_business(resources=2, services={"diag": {"duration_minutes": 45, "step_minutes": 15}})
    seen: Counter[type] = Counter()

    def visit(number: int) -> None:
        chance = random.Random(number)
        for _ in range(5):
            time = chance.choice(["09:00", "09:15", "09:30", "10:00", "10:30"])
            try:
                held = cast.hold(time, held_by=str(number), now=MONDAY_8 + chance.randrange(0, 1200))
                details = DETAILS.model_copy(update=person(number))
                booking.confirm(cast.business, UUID(held.id), details, now=MONDAY_8 + 700, caps=NO_CAPS)
                seen[BookingCard] += 1
            except (SlotTaken, HoldExpired) as error:
                seen[type(error)] += 1

    _, failed = split(at_once(*[lambda n=n: visit(n) for n in range(12)]))
    assert failed == []
    assert seen[BookingCard] >= 2
    held_together(cast)
