"""What the agenda draws: whose, where, how wide, and by how few statements."""

import datetime as dt
from uuid import UUID

import db
from actions import booking, schedule
from lib.ids import uuid7
from models import BusyBlock, Resource, ScheduleException
from queries import agenda
from queries.agenda import Agenda
from tests.blueprints.test_site import counted
from tests.cast import MONDAY_8, TUESDAY, Cast, make_business

FRIDAY = TUESDAY + dt.timedelta(days=3)


def drawn(cast: Cast, first: dt.date = TUESDAY, last: dt.date = TUESDAY, *, apart: bool = True) -> Agenda:
    resources = agenda.shown(cast.offer, None)
    return agenda.days(cast.offer, first, last, resources, now=MONDAY_8, apart=apart)


def at(cast: Cast, hour: int, minute: int = 0, *, days: int = 0) -> dt.datetime:
    return dt.datetime.combine(TUESDAY + dt.timedelta(days=days), dt.time(hour, minute), cast.offer.zone)


def test_a_day_has_a_column_for_each_and_a_week_one_for_each_date(cast: Cast) -> None:
    cast.book("09:00", resourceId="r2")
    day = drawn(cast)
    assert [(each.resource.slug, each.count) for each in day.columns if each.resource] == [("r1", 0), ("r2", 1)]
    assert day.columns[0].open == ((510, 720), (780, 1080))
    assert day.columns[0].breaks == ((720, 780),)
    assert (day.since, day.until) == (480, 1080)
    week = drawn(cast, TUESDAY - dt.timedelta(days=1), TUESDAY + dt.timedelta(days=5), apart=False)
    assert [each.count for each in week.columns] == [0, 1, 0, 0, 0, 0, 0]
    assert week.columns[5].open == ()


def test_what_overlaps_stands_side_by_side_and_takes_the_room_that_is_left() -> None:
    cast = make_business(resources=3, services={"diag": {}, "long": {"duration_minutes": 90}})
    for slug, service, time in (("r1", "long", "09:00"), ("r2", "diag", "09:00"), ("r3", "diag", "10:00")):
        cast.book(time, serviceId=service, resourceId=slug)
    (column,) = drawn(cast, apart=False).columns
    assert [(each.resource.slug, each.left, each.width) for each in column.items] == [
        ("r1", 0, 6), ("r2", 6, 6), ("r3", 6, 6),
    ]  # fmt: skip
    cast.book("14:00", resourceId="r1")
    assert drawn(cast, apart=False).columns[0].items[-1].width == 12


def test_holds_that_live_are_shown_and_what_gave_its_place_back_is_not(cast: Cast) -> None:
    cast.hold("09:00", resourceId="r1")
    cast.hold("10:00", resourceId="r1", now=MONDAY_8 - 3600)
    gone = cast.book("11:00", resourceId="r1")
    booking.cancel(cast.business, UUID(gone.id), now=MONDAY_8)
    (first, _) = drawn(cast).columns
    assert [(each.kind, each.since) for each in first.items] == [("hold", 540)]


def test_blocks_calendars_breaks_and_free_gaps(cast: Cast) -> None:
    owner = cast.offer.resources[0].id
    schedule.block(cast.business, owner, starts_at=at(cast, 16), ends_at=at(cast, 10, days=1), summary="Train", now=0)
    with db.writing(cast.id):
        BusyBlock.insert(
            id=uuid7(), resource_id=owner, starts_at=at(cast, 13), ends_at=at(cast, 14), provider="google", summary="",
        ).execute()  # fmt: skip
        ScheduleException.insert(date=FRIDAY, kind="holiday", ranges=[], label="Fête").execute()
    cast.book("09:00", resourceId="r1")
    one, _, next_day, _ = drawn(cast, last=TUESDAY + dt.timedelta(days=1)).columns
    assert [(each.kind, each.since, each.until) for each in one.items] == [
        ("booking", 540, 570), ("busy", 780, 840), ("blocked", 960, 1440),
    ]  # fmt: skip
    assert one.free == ((510, 540), (570, 720), (840, 960))
    assert (840, 870) in one.cells
    assert [(each.since, each.until) for each in next_day.items] == [(0, 600)]
    closed = drawn(cast, FRIDAY, FRIDAY).columns[0]
    assert (closed.label, closed.open, closed.cells) == ("Fête", (), ())


def test_a_group_is_one_block_and_joined_tables_one_visit() -> None:
    yoga = make_business(resources=1, services={"yoga": {"capacity": 5}})
    with db.writing(yoga.id):
        Resource.update(units=5).execute()
    for _ in range(3):
        yoga.book("10:00", serviceId="yoga", partySize=1)
    (group,) = drawn(yoga).columns[0].items
    assert (group.kind, group.count, group.party) == ("group", 3, 3)
    assert (
        len(agenda.session(yoga.offer, yoga.offer.service("yoga"), group.resource, int(group.starts.timestamp()))) == 3
    )
    tables = make_business(resources=2, services={"diner": {}})
    with db.writing(tables.id):
        Resource.update(seats=4, join_group="salle", kind="table").execute()
    tables.book("11:00", serviceId="diner", partySize=6)
    (column,) = drawn(tables, apart=False).columns
    assert [each.is_again for each in column.items] == [False, True]
    assert (column.count, column.covers) == (1, 6)
    assert [len(each.others) for each in column.items] == [1, 1]


def test_three_statements_however_much_there_is(cast: Cast) -> None:
    def statements() -> int:
        resources = agenda.shown(cast.offer, None)
        offer = cast.offer
        _, seen = counted(lambda: agenda.days(offer, TUESDAY, FRIDAY, resources, now=MONDAY_8, apart=False))
        return len([each for each in seen if "SELECT" in each])

    before = statements()
    for time in ("09:00", "09:30", "10:00", "10:30", "11:00"):
        cast.book(time)
    assert statements() == before == 3
