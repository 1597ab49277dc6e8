"""One rule offers and accepts: what a day shows free can be booked at once, and nothing else can."""

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import pytest

import db
from errors import SlotTaken
from models import BreakRule, BusyBlock, OpeningRule, Resource, ScheduleException
from queries import availability
from tests.cast import TUESDAY, Cast, make_business

# Every ten minutes from 06:00 to 20:00, and the fives of two hours among them.
MINUTES = sorted({*range(360, 1200, 10), *range(480, 600, 5)})
STARTS = [f"{minute // 60:02}:{minute % 60:02}" for minute in MINUTES]


def buffers() -> Cast:
    cast = make_business(
        services={"diag": {"duration_minutes": 50, "step_minutes": 20, "buffer_before": 10, "buffer_after": 15}}
    )
    for time in ("08:50", "10:10", "14:30"):
        cast.book(time)
    return cast


def limits() -> Cast:
    cast = make_business(services={"diag": {"limits": {"per_day": 2}, "notice_minutes": 1_700}})
    cast.book("15:00")
    return cast


def tables() -> Cast:
    cast = make_business(resources=3, services={"diag": {"duration_minutes": 90, "turn_minutes": [[2, 60], [12, 90]]}})
    with db.writing(cast.id):
        for slug, seats in (("r1", 2), ("r2", 4), ("r3", 4)):
            Resource.update(seats=seats, kind="table", join_group="salle").where(Resource.slug == slug).execute()
    cast.book("10:00", partySize=4)
    cast.book("15:00", partySize=6)
    return cast


def outside_calendar() -> Cast:
    cast = make_business(resources=1, tight_packing=True)
    with db.writing(cast.id):
        (resource,) = Resource.select()
        at = dt.datetime(2027, 1, 12, 9, 10, tzinfo=dt.UTC)
        BusyBlock.insert(
            resource_id=resource.id,
            starts_at=at,
            ends_at=at + dt.timedelta(minutes=70),
            provider="google",
            summary="Privé",
        ).execute()
    cast.hold("14:00")
    return cast


def two_schedules() -> Cast:
    cast = make_business(resources=2)
    with db.writing(cast.id):
        second = Resource.select().where(Resource.slug == "r2").first()
        OpeningRule.insert(resource_id=second.id, day_of_week=2, start_minutes=425, end_minutes=1500).execute()
        BreakRule.insert(resource_id=second.id, day_of_week=2, start_minutes=600, end_minutes=655).execute()
        ScheduleException.insert(resource_id=None, date=TUESDAY, kind="holiday", ranges=[[540, 700]]).execute()
    return cast


@pytest.mark.parametrize(
    ("scene", "party"),
    [(buffers, 1), (limits, 1), (tables, 1), (tables, 6), (outside_calendar, 1), (two_schedules, 1)],
)
def test_every_start_offered_is_booked_and_every_other_refused(scene: Callable[[], Cast], party: int, app: Any) -> None:
    cast = scene()
    offered = {
        slot.time
        for slot in availability.day(cast.ask(party=party), TUESDAY).slots
        if slot.available and slot.date == TUESDAY
    }
    assert offered
    assert {time for time in STARTS if can_be_booked(cast, time, party)} == offered


def can_be_booked(cast: Cast, time: str, party: int) -> bool:
    """Book inside a transaction that is taken back: each start meets the day as it was offered."""

    class TakeBack(Exception):
        pass

    try:
        with db.writing(cast.id):
            cast.book(time, partySize=party)
            raise TakeBack
    except TakeBack:
        return True
    except SlotTaken:
        return False


def test_a_day_fills_until_nothing_is_offered(cast: Cast) -> None:
    chance = random.Random(7)
    booked = 0
    while free := [slot for slot in availability.day(cast.ask(), TUESDAY).slots if slot.available]:
        cast.book(chance.choice(free).time)
        booked += 1
    assert booked == 2 * 17
    with pytest.raises(SlotTaken):
        cast.book("09:00")


def test_the_time_that_exists_twice_is_sold_twice(app: Any) -> None:
    cast = make_business(resources=1, horizon_days=400)
    night = dt.date(2027, 10, 31)
    with db.writing(cast.id):
        OpeningRule.insert(day_of_week=0, start_minutes=60, end_minutes=300).execute()
    times = [(slot.time, slot.fold) for slot in availability.day(cast.ask(), night).slots]
    assert ("02:30", 0) in times
    assert ("02:30", 1) in times
    first = cast.book("02:30", night)
    second = cast.book("02:30", night, fold=1)
    assert [card.starts_at[-6:] for card in (first, second)] == ["+02:00", "+01:00"]


def test_what_explain_says_and_booking_does_agree(cast: Cast) -> None:
    cast.book("09:00")
    cast.book("09:00")
    ask = cast.ask()
    for time in ("09:00", "09:30", "12:00", "03:00", "09:10"):
        start = int(dt.datetime.fromisoformat(f"{TUESDAY}T{time}:00+01:00").timestamp())
        assert bool(availability.explain(ask, start)) != can_be_booked(cast, time, 1), time
