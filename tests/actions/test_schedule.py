"""The week, the days that differ, and time blocked by hand: claimed like a booking, and as strictly."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

import db
from actions import schedule
from actions.access import Actor
from actions.inputs import read
from errors import Invalid, NotAllowed, SlotTaken, StaleVersion
from models import BusyBlock, Claim, Resource
from queries import availability, hours
from queries.hours import Week
from tests.cast import MONDAY_8, TUESDAY, Cast, make_business
from tests.crowd import at_once, split
from tests.staff import member

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


# -- the week


def rule(day: int, start: int, end: int, **more: Any) -> dict[str, Any]:
    return {"dayOfWeek": day, "startMinutes": start, "endMinutes": end} | more


def replace(cast: Cast, *opening: dict[str, Any], breaks: Any = (), by: Actor | None = None, **more: Any) -> Week:
    data = read(schedule.WeekInput, {"openingRules": list(opening), "breakRules": list(breaks)})
    return schedule.replace_week(cast.business, by or member(cast), data, now=MONDAY_8, **more)


def times(cast: Cast, date: dt.date) -> list[str]:
    return [slot.time for slot in availability.day(cast.ask(), date).slots]


def test_a_new_week_is_offered_at_once_and_is_what_is_read_back(cast: Cast) -> None:
    week = replace(cast, rule(2, 600, 720), rule(3, 540, 600), breaks=[rule(2, 630, 660)])
    assert week == hours.week(cast.business)
    assert [(each.day_of_week, each.start_minutes) for each in week.opening_rules] == [(2, 600), (3, 540)]
    assert times(cast, TUESDAY) == ["10:00", "11:00", "11:30"]
    assert times(cast, TUESDAY + dt.timedelta(days=2)) == []


def test_every_other_week_counts_from_its_first_and_a_break_may_alternate_too(cast: Cast) -> None:
    second = (TUESDAY + dt.timedelta(days=7)).isoformat()  # any day of that week names it
    week = replace(
        cast, rule(2, 600, 720, everyWeeks=2, firstWeek=second), rule(2, 540, 600),
        breaks=[rule(2, 600, 660, everyWeeks=2, firstWeek=second)],
    )  # fmt: skip
    assert [each.first_week for each in week.opening_rules] == [None, dt.date(2027, 1, 18)]
    offered = [times(cast, TUESDAY + dt.timedelta(days=7 * n)) for n in range(4)]
    assert offered == [["09:00", "09:30"], ["09:00", "09:30", "11:00", "11:30"]] * 2


def test_a_resource_has_its_own_week_until_it_is_left_empty(cast: Cast) -> None:
    r1 = cast.offer.resource_by_slug("r1")
    assert replace(cast, rule(2, 1140, 1200), resource=r1).is_own
    assert "19:00" in times(cast, TUESDAY)
    assert not replace(cast, resource=r1).is_own
    assert "19:00" not in times(cast, TUESDAY)


@pytest.mark.parametrize(
    ("ranges", "field"),
    [
        ([rule(1, 600, 600)], "openingRules.0.endMinutes"),
        ([rule(1, 600, 2881)], "openingRules.0.endMinutes"),
        ([rule(7, 600, 700)], "openingRules.0.dayOfWeek"),
        ([rule(1, 600, 700), rule(1, 690, 800)], "openingRules.1.startMinutes"),
        ([rule(1, 600, 700, everyWeeks=2)], "openingRules.0.firstWeek"),
        ([rule(1, 600, 700), rule(1, 600, 700, everyWeeks=2, firstWeek="2027-01-11")], "openingRules.1.startMinutes"),
    ],
)
def test_a_crooked_week_is_refused_by_its_field_and_changes_nothing(
    cast: Cast, ranges: list[dict[str, Any]], field: str
) -> None:
    before = hours.week(cast.business)
    with pytest.raises(Invalid) as refused:
        replace(cast, *ranges)
    assert list(refused.value.problems) == [field]
    assert hours.week(cast.business) == before


def test_ranges_of_different_weeks_may_share_their_hours(cast: Cast) -> None:
    replace(
        cast, rule(2, 600, 720, everyWeeks=2, firstWeek="2027-01-11"),
        rule(2, 660, 780, everyWeeks=2, firstWeek="2027-01-18"),
    )  # fmt: skip
    assert [times(cast, TUESDAY + dt.timedelta(days=n))[0] for n in (0, 7)] == ["10:00", "11:00"]


def test_a_practitioner_changes_the_own_week_alone_and_an_old_version_changes_none(cast: Cast) -> None:
    r1, r2 = (cast.offer.resource_by_slug(slug) for slug in ("r1", "r2"))
    assert r1 is not None
    mine = member(cast, "practitioner", resource_id=r1.id)
    old = hours.week(cast.business, r1).version
    replace(cast, rule(2, 600, 660), by=mine, resource=r1, expected=old)
    for other in (r2, None):
        with pytest.raises(NotAllowed):
            replace(cast, rule(2, 600, 660), by=mine, resource=other)
    with pytest.raises(StaleVersion):
        replace(cast, rule(2, 600, 690), by=mine, resource=r1, expected=old)


# -- days that differ


def set_days(cast: Cast, date: dt.date, by: Actor | None = None, **more: Any) -> list[UUID]:
    resource = more.pop("resource", None)
    data = read(schedule.DaysInput, {"date": date.isoformat()} | more)
    return schedule.set_days(cast.business, by or member(cast), data, now=MONDAY_8, resource=resource)


def test_a_range_of_dates_is_closed_in_one_go_and_given_back_in_one(cast: Cast) -> None:
    ids = set_days(cast, TUESDAY, until="2027-01-14", label="Congés")
    assert [times(cast, TUESDAY + dt.timedelta(days=n)) == [] for n in range(4)] == [True, True, True, False]
    (stretch,) = hours.stretches(cast.offer, TUESDAY)
    assert (stretch.first, stretch.last, stretch.label) == (TUESDAY, dt.date(2027, 1, 14), "Congés")
    assert schedule.clear_days(cast.business, member(cast), ids, now=MONDAY_8) == 3
    assert times(cast, TUESDAY)


def test_other_hours_take_the_place_of_what_was_decided_before(cast: Cast) -> None:
    set_days(cast, TUESDAY)
    set_days(cast, TUESDAY, ranges=[{"startMinutes": 1140, "endMinutes": 1200}])
    assert times(cast, TUESDAY) == ["19:00", "19:30"]


def test_an_absence_is_one_person_s(cast: Cast) -> None:
    r1 = cast.offer.resource_by_slug("r1")
    assert r1 is not None
    set_days(cast, TUESDAY, by=member(cast, "practitioner", resource_id=r1.id), resource=r1)
    assert cast.book("09:00").resource_ids == ("r2",)
    with pytest.raises(NotAllowed):
        set_days(cast, TUESDAY, by=member(cast, "practitioner", resource_id=r1.id))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"date": "2027-01-10"}, "date"),
        ({"until": "2027-01-11"}, "until"),
        ({"until": "2029-01-11"}, "until"),
        ({"ranges": [{"startMinutes": 600, "endMinutes": 600}]}, "ranges.0.endMinutes"),
    ],
)
def test_crooked_days_are_refused_by_their_field(cast: Cast, more: dict[str, Any], field: str) -> None:
    date = dt.date.fromisoformat(more.get("date", TUESDAY.isoformat()))
    with pytest.raises(Invalid) as refused:
        set_days(cast, **more | {"date": date})
    assert list(refused.value.problems) == [field]
    assert hours.stretches(cast.offer, dt.date(2027, 1, 1)) == []


def test_in_conflict_are_the_visits_that_were_inside_and_would_not_be(cast: Cast) -> None:
    inside, late = cast.book("09:00", resourceId="r1"), cast.book("17:00", resourceId="r2")
    data = read(schedule.WeekInput, {"openingRules": [rule(2, 510, 900)]})
    owner, r1 = member(cast), cast.offer.resource_by_slug("r1")
    found = schedule.week_in_conflict(cast.business, owner, data, now=MONDAY_8)
    assert [(each.code, each.client, each.starts_at.hour) for each in found] == [(late.code, "Jean Martin", 17)]
    assert schedule.week_in_conflict(cast.business, owner, data, now=MONDAY_8, resource=r1) == []
    closed = read(schedule.DaysInput, {"date": TUESDAY.isoformat()})
    found = schedule.days_in_conflict(cast.business, owner, closed, now=MONDAY_8, resource=r1)
    assert [each.code for each in found] == [inside.code]
    found = schedule.days_in_conflict(cast.business, owner, closed, now=MONDAY_8)
    assert [each.code for each in found] == [inside.code, late.code]
