"""A key answers once: the same again gets the same, another request with it is refused."""

from uuid import UUID

import pytest

import db
from actions import booking, idempotency
from actions.idempotency import KEPT_HOURS, Key
from actions.inputs import read
from errors import KeyReused, SlotTaken, TooManyBookings
from models import Booking, Claim, Idempotency, Message
from queries.booking import BookingCard
from tests.cast import MONDAY_8, NO_CAPS, Cast, body, make_business
from tests.crowd import at_once, split


def create(cast: Cast, key: Key | None, time: str = "09:00", *, now: int = MONDAY_8, **more: object) -> BookingCard:
    return booking.create(cast.business, read(booking.BookingInput, body(time, **more)), now=now, caps=NO_CAPS, key=key)


def counts(cast: Cast) -> tuple[int, int, int]:
    with db.reading(cast.id):
        return Booking.select().count(), Claim.select().count(), Idempotency.select().count()


def test_the_same_key_gives_the_same_answer_and_writes_nothing_more(cast: Cast) -> None:
    first = create(cast, Key("k", b"a"))
    assert create(cast, Key("k", b"a"), now=MONDAY_8 + 60) == first
    assert counts(cast) == (1, 1, 1)
    with db.reading(cast.id):
        assert Message.select().count() == 2


def test_the_same_key_with_another_body_is_refused(cast: Cast) -> None:
    create(cast, Key("k", b"a"))
    with pytest.raises(KeyReused):
        create(cast, Key("k", b"b"), "10:00")
    assert counts(cast) == (1, 1, 1)


def test_without_a_key_each_call_is_another(cast: Cast) -> None:
    assert create(cast, None).id != create(cast, None).id
    assert counts(cast) == (2, 2, 0)


def test_a_refusal_stays_the_answer_when_the_place_is_free_again(app: object) -> None:
    """A client who was told "gone" has chosen anew: the same request, late on its way, must not book the first too."""
    cast = make_business(resources=1)
    other = cast.book("09:00")
    told = []
    for _ in range(2):
        with pytest.raises(SlotTaken) as refused:
            create(cast, Key("k", b"a"))
        told.append(refused.value.nearest)
        if len(told) == 1:
            booking.cancel(cast.business, UUID(other.id), now=MONDAY_8)
    assert told[0] == told[1]
    assert len(told[0]) == 3
    with pytest.raises(KeyReused):
        create(cast, Key("k", b"b"))
    assert create(cast, Key("k2", b"a")).status == "confirmed"


def test_a_refused_move_stays_refused(app: object) -> None:
    cast = make_business(resources=1)
    mine, other = cast.book("09:00"), cast.book("10:00")
    to = read(booking.MoveInput, {"email": mine.email, "newDate": "2027-01-12", "newTime": "10:00"})

    def move(key: str) -> BookingCard:
        return booking.reschedule(cast.business, UUID(mine.id), to, now=MONDAY_8, key=Key(key, b"m"))

    with pytest.raises(SlotTaken):
        move("k")
    booking.cancel(cast.business, UUID(other.id), now=MONDAY_8)
    with pytest.raises(SlotTaken):
        move("k")
    assert move("k2").status == "rescheduled"


def test_a_full_address_stays_refused_for_the_key(cast: Cast) -> None:
    caps = booking.Caps(max_open_bookings=1)
    data = read(booking.BookingInput, body("10:00"))
    first = cast.book("09:00")
    for _ in range(2):
        with pytest.raises(TooManyBookings):
            booking.create(cast.business, data, now=MONDAY_8, caps=caps, key=Key("k", b"a"))
    booking.cancel(cast.business, UUID(first.id), now=MONDAY_8)
    with pytest.raises(TooManyBookings):
        booking.create(cast.business, data, now=MONDAY_8, caps=caps, key=Key("k", b"a"))


def test_repeats_that_come_together_are_refused_or_served_alike(app: object) -> None:
    for _ in range(6):
        cast = make_business(resources=1)
        other = cast.book("09:00")
        calls = [lambda cast=cast: create(cast, Key("k", b"a"))] * 4
        cancel = lambda cast=cast, other=other: booking.cancel(cast.business, UUID(other.id), now=MONDAY_8)  # noqa: E731
        *answers, _ = at_once(*calls, cancel)
        served, refused = split(answers)
        assert {type(error) for error in refused} <= {SlotTaken}
        assert not (served and refused)
        assert len({card.id for card in served}) <= 1


def test_keys_of_two_businesses_do_not_meet(cast: Cast) -> None:
    elsewhere = make_business()
    assert create(cast, Key("k", b"a")).id != create(elsewhere, Key("k", b"other")).id


@pytest.mark.parametrize("resources", [1, 4])
def test_repeats_at_the_same_moment_all_get_the_one_answer(resources: int, app: object) -> None:
    cast = make_business(resources=resources)
    done, failed = split(at_once(*[lambda: create(cast, Key("k", b"a"))] * 8))
    assert failed == []
    assert len({card.id for card in done}) == 1
    assert counts(cast) == (1, 1, 1)


def test_a_key_sent_with_two_bodies_at_once_serves_one(cast: Cast) -> None:
    done, failed = split(at_once(lambda: create(cast, Key("k", b"a")), lambda: create(cast, Key("k", b"b"), "10:00")))
    assert len(done) == 1
    assert [type(error) for error in failed] == [KeyReused]
    assert counts(cast) == (1, 1, 1)


def test_cancelling_and_moving_are_answered_once_too(cast: Cast) -> None:
    card = cast.book("09:00")
    to = read(booking.MoveInput, {"email": card.email, "newDate": "2027-01-12", "newTime": "10:00"})

    def move() -> BookingCard:
        return booking.reschedule(cast.business, UUID(card.id), to, now=MONDAY_8, key=Key("m", b"m"))

    def cancel() -> BookingCard:
        return booking.cancel(cast.business, UUID(card.id), now=MONDAY_8, key=Key("c", b"c"))

    for act in (move, cancel):
        done, failed = split(at_once(*[act] * 6))
        assert failed == []
        assert len(set(done)) == 1
    assert cancel() == cancel()


def test_answers_are_forgotten_after_two_days_in_every_business(cast: Cast) -> None:
    elsewhere = make_business()
    create(cast, Key("k", b"a"))
    create(elsewhere, Key("k", b"a"))
    soon, late = MONDAY_8 + KEPT_HOURS * 3600, MONDAY_8 + KEPT_HOURS * 3600 + 1
    idempotency.forget(now=soon)
    assert counts(cast)[2] == counts(elsewhere)[2] == 1
    assert idempotency.forget(now=late) >= 2
    assert counts(cast)[2] == counts(elsewhere)[2] == 0
