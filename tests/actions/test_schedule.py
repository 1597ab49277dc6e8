"""Time blocked by hand: claimed like a booking, and as strictly."""

import datetime as dt
from uuid import UUID

import pytest

import db
from actions import schedule
from errors import SlotTaken
from models import BusyBlock, Claim, Resource
from queries import availability
from tests.cast import MONDAY_8, TUESDAY, Cast, make_business
from tests.crowd import at_once, split

TEN, TWELVE = (dt.datetime(2027, 1, 12, hour, tzinfo=dt.UTC) for hour in (9, 11))  # 10:00 and 12:00 in Brussels


@pytest.fixture
def cast(app: object) -> Cast:
    return make_business(resources=2)


def block(
    cast: Cast,
    slug: str = "r1",
    starts_at: dt.datetime = TEN,
    ends_at: dt.datetime = TWELVE,
    now: int = MONDAY_8,
) -> UUID:
    card = cast.offer.resource_by_slug(slug)
    assert card is not None
    return schedule.block(cast.business, card.id, starts_at=starts_at, ends_at=ends_at, summary="Formation", now=now)


def stored(cast: Cast) -> tuple[int, int]:
    with db.reading(cast.id):
        return BusyBlock.select().count(), Claim.select().count()


def test_blocked_time_is_not_on_offer_and_says_why(cast: Cast) -> None:
    block(cast)
    block(cast, "r2")
    slots = {slot.time: slot for slot in availability.day(cast.ask(), TUESDAY).slots}
    assert [time for time, slot in slots.items() if not slot.available] == [
        "10:00",
        "10:30",
        "11:00",
        "11:30",
    ]
    assert {(cause.type, cause.provider, cause.summary) for cause in slots["10:00"].causes} == {
        ("calendar", "bookt", "Formation")
    }
    with pytest.raises(SlotTaken):
        cast.book("10:30")
    assert cast.book("09:30").status == "confirmed"


def test_another_practitioner_takes_over(cast: Cast) -> None:
    block(cast)
    assert cast.book("10:00").resource_ids == ("r2",)


def test_a_booking_in_the_way_refuses_the_block_and_leaves_nothing(cast: Cast) -> None:
    cast.book("11:30", resourceId="r1")
    with pytest.raises(SlotTaken):
        block(cast)
    assert stored(cast) == (0, 1)


def test_a_hold_past_its_deadline_is_not_in_the_way(cast: Cast) -> None:
    cast.hold("11:00", resourceId="r1")
    with pytest.raises(SlotTaken):
        block(cast)
    block(cast, now=MONDAY_8 + 600)
    assert stored(cast) == (1, 1)


def test_all_lanes_of_a_resource_are_taken(cast: Cast) -> None:
    with db.writing(cast.id):
        Resource.update(units=3).where(Resource.slug == "r1").execute()
    block(cast)
    assert stored(cast) == (1, 3)


def test_given_back_it_is_on_offer_again_and_twice_needs_nothing(cast: Cast) -> None:
    blocks = [block(cast), block(cast, "r2")]
    for block_id in [*blocks, *blocks]:
        schedule.unblock(cast.business, block_id)
    assert stored(cast) == (0, 0)
    assert cast.book("10:00").status == "confirmed"


def test_another_business_cannot_give_it_back(cast: Cast) -> None:
    block_id = block(cast)
    schedule.unblock(make_business().business, block_id)
    assert stored(cast) == (1, 1)


def test_a_block_against_bookings_one_kind_wins(app: object) -> None:
    cast = make_business(resources=1)
    calls = [
        lambda: block(cast),
        *[lambda time=time: cast.book(time) for time in ("10:00", "10:30", "11:00")],
    ]
    done, refused = split(at_once(*calls))
    assert {type(error) for error in refused} <= {SlotTaken}
    with db.reading(cast.id):
        kinds = {row.block_id is None for row in Claim.select()}
    assert len(kinds) == 1
    assert done
