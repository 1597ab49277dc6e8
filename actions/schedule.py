"""Time taken or opened by the professional's own hand: the week, the days that differ, what is blocked."""

import datetime as dt
from collections.abc import Sequence
from itertools import combinations
from math import gcd
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

import db
import slots
from actions import audit
from actions.access import Actor, demand
from actions.booking import lapse
from actions.inputs import Date, Input, OptionalLine, refuse
from errors import Invalid, Problem, StaleVersion
from lib.ids import uuid7
from models import BreakRule, BusyBlock, Claim, OpeningRule, ScheduleException
from queries import hours
from queries.business import BusinessCard
from queries.offer import ResourceCard, load

BY_HAND = "bookt"
MOST_RANGES = 100  # of one kind in a week: two for each half-day, and as many again that alternate
MOST_SPANS = 12
MOST_DAYS = 366
ENDS_FIRST = "La fin vient avant le début."
NO_FIRST_WEEK = "Indiquez à partir de quelle semaine."
LAST_DAY = "Le dernier jour vient après le premier, %(days)s jours plus tard au plus."
OVERLAP = "Cette plage en chevauche une autre du même jour."


class RangeInput(Input):
    """S3's `OpeningRule` and `TimeRangeRule`: minutes from 00:00 of the day, an end past 1440 is of the next one.
    `everyWeeks` counts from the week of `firstWeek` (S1 `recurrence`)."""

    day_of_week: Annotated[int, Field(alias="dayOfWeek", ge=0, le=6, description="0 is Sunday")]
    start_minutes: Annotated[int, Field(alias="startMinutes", ge=0, le=2879)]
    end_minutes: Annotated[int, Field(alias="endMinutes", ge=1, le=2880)]
    every_weeks: Annotated[int, Field(alias="everyWeeks", ge=1, le=52)] = 1
    first_week: Annotated[Date | None, Field(alias="firstWeek", description="Any date of it")] = None

    @property
    def monday(self) -> dt.date | None:
        """Of the first week, where one counts."""
        if self.first_week is None or self.every_weeks == 1:
            return None
        return self.first_week - dt.timedelta(days=min(self.first_week.weekday(), self.first_week.toordinal() - 1))


class OpeningInput(RangeInput):
    start_minutes: Annotated[int, Field(alias="startMinutes", ge=0, le=1439)]


class WeekInput(Input):
    """The whole week: what it does not name is closed."""

    opening_rules: Annotated[list[OpeningInput], Field(alias="openingRules", max_length=MOST_RANGES)]
    break_rules: Annotated[list[RangeInput], Field(alias="breakRules", max_length=MOST_RANGES)] = []


def replace_week(
    business: BusinessCard, by: Actor, data: WeekInput, *, now: int, resource: ResourceCard | None = None,
    expected: str | None = None,
) -> hours.Week:  # fmt: skip
    """The week of the whole business, or of one resource; without any opening a resource follows the business again.
    Bookings stay as they are (`queries.hours.in_conflict` tells which ones a new week leaves outside). Raises Invalid
    with `openingRules.2.endMinutes`, … when a range ends before it starts, meets another, or recurs from no week;
    NotAllowed; StaleVersion when `expected` is not the version of the present week."""
    owner = None if resource is None else resource.id
    demand(by, "hours.write", owner)
    _refuse_crooked(data)
    with db.writing(business.id):
        if expected is not None and expected != hours.week(business, resource).version:
            raise StaleVersion
        for model in (OpeningRule, BreakRule):
            model.delete().where(model.resource_id == owner).execute()
        for row in _week_rows(data, owner):
            row.save(force_insert=True)
        audit.note(by, "hours.replaced", owner, now=now, ranges=len(data.opening_rules), breaks=len(data.break_rules))
        return hours.week(business, resource)


def week_in_conflict(
    business: BusinessCard, by: Actor, data: WeekInput, *, now: int, resource: ResourceCard | None = None
) -> list[hours.Visit]:
    """The visits to come that `replace_week` would leave outside the hours. Raises as that does."""
    owner = None if resource is None else resource.id
    demand(by, "hours.write", owner)
    _refuse_crooked(data)
    with db.reading(business.id):
        rows = _week_rows(data, owner)
        opening = [row for row in rows if isinstance(row, OpeningRule)]
        breaks = [row for row in rows if isinstance(row, BreakRule)]
        return hours.in_conflict(load(business), hours.Change(owner, opening, breaks), now)


def _refuse_crooked(data: WeekInput) -> None:
    problems: dict[str, Problem] = {}
    lists: dict[str, Sequence[RangeInput]] = {"openingRules": data.opening_rules, "breakRules": data.break_rules}
    for name, ranges in lists.items():
        for n, each in enumerate(ranges):
            if each.end_minutes <= each.start_minutes:
                problems[f"{name}.{n}.endMinutes"] = Problem("INVALID_END_MINUTES", ENDS_FIRST)
            if each.every_weeks > 1 and each.first_week is None:
                problems[f"{name}.{n}.firstWeek"] = Problem("INVALID_FIRST_WEEK", NO_FIRST_WEEK)
        for (_, one), (n, other) in combinations(enumerate(ranges), 2):
            if _meet(one, other):
                problems.setdefault(f"{name}.{n}.startMinutes", Problem("INVALID_START_MINUTES", OVERLAP))
    if problems:
        raise Invalid(problems)


def _meet(one: RangeInput, other: RangeInput) -> bool:
    """Whether two ranges of one day overlap in some week: that of every a-th and that of every b-th week fall together
    when their first weeks are a multiple of gcd(a, b) apart."""
    apart = slots.week_number(one.monday or dt.date.min) - slots.week_number(other.monday or dt.date.min)
    together = apart % gcd(one.every_weeks, other.every_weeks) == 0
    overlap = one.start_minutes < other.end_minutes and other.start_minutes < one.end_minutes
    return one.day_of_week == other.day_of_week and overlap and together


def _week_rows(data: WeekInput, owner: UUID | None) -> list[OpeningRule | BreakRule]:
    """Inside the scope of the business, whose key they take."""

    def row(model: type[OpeningRule] | type[BreakRule], each: RangeInput) -> OpeningRule | BreakRule:
        return model(
            resource_id=owner, day_of_week=each.day_of_week, start_minutes=each.start_minutes,
            end_minutes=each.end_minutes, every_weeks=each.every_weeks, first_week=each.monday,
        )  # fmt: skip

    opening = [row(OpeningRule, each) for each in data.opening_rules]
    return [*opening, *(row(BreakRule, each) for each in data.break_rules)]


# --- days that differ ----------------------------------------------------------------------------------------------


class SpanInput(Input):
    start_minutes: Annotated[int, Field(alias="startMinutes", ge=0, le=1439)]
    end_minutes: Annotated[int, Field(alias="endMinutes", ge=1, le=2880)]


class DaysInput(Input):
    """One date, or all until another one: without ranges closed, else open in these alone."""

    date: Date
    until: Date | None = None
    ranges: Annotated[list[SpanInput], Field(max_length=MOST_SPANS)] = []
    label: OptionalLine = ""

    @property
    def dates(self) -> list[dt.date]:
        days = ((self.until or self.date) - self.date).days
        return [self.date + dt.timedelta(days=n) for n in range(days + 1)]


def set_days(
    business: BusinessCard, by: Actor, data: DaysInput, *, now: int, resource: ResourceCard | None = None,
    kind: Literal["closure", "override", "holiday"] | None = None,
) -> list[UUID]:  # fmt: skip
    """Close these dates or give them other hours, for the whole business or for one resource; what the same owner had
    decided on them is replaced. A closure of the business holds for all. Returns the rows' ids. Raises Invalid
    (`date`, `until`, `ranges.0.endMinutes`), NotAllowed."""
    owner = _days_owner(business, by, data, resource, now)
    with db.writing(business.id):
        _forget(owner, data.dates)
        rows = _day_rows(data, owner, kind)
        for row in rows:
            row.save(force_insert=True)
        audit.note(by, "days.set", owner, now=now, **_told(data))
    return [row.id for row in rows]


def days_in_conflict(
    business: BusinessCard, by: Actor, data: DaysInput, *, now: int, resource: ResourceCard | None = None
) -> list[hours.Visit]:
    """The visits to come that `set_days` would leave outside the hours. Raises as that does."""
    owner = _days_owner(business, by, data, resource, now)
    with db.reading(business.id):
        return hours.in_conflict(load(business), hours.Change(owner, days=_day_rows(data, owner)), now)


def clear_days(business: BusinessCard, by: Actor, ids: Sequence[UUID], *, now: int) -> int:
    """Let the week rule again; returns on how many dates. Unknown ids count for nothing. Raises NotAllowed."""
    with db.writing(business.id):
        rows = list(ScheduleException.select().where(ScheduleException.id.in_(list(ids))))
        demand(by, "hours.write", *(row.resource_id for row in rows))
        if rows:
            ScheduleException.delete().where(ScheduleException.id.in_([row.id for row in rows])).execute()
            audit.note(by, "days.cleared", rows[0].resource_id, now=now, dates=sorted(str(row.date) for row in rows))
    return len(rows)


def _days_owner(
    business: BusinessCard, by: Actor, data: DaysInput, resource: ResourceCard | None, now: int
) -> UUID | None:
    owner = None if resource is None else resource.id
    demand(by, "hours.write", owner)
    if data.date < load(business).local_date(now):
        raise refuse("date", "past")
    if data.until is not None and not data.date <= data.until <= data.date + dt.timedelta(days=MOST_DAYS):
        raise Invalid({"until": Problem("INVALID_UNTIL", LAST_DAY, days=MOST_DAYS)})
    problems = {
        f"ranges.{n}.endMinutes": Problem("INVALID_END_MINUTES", ENDS_FIRST)
        for n, each in enumerate(data.ranges) if each.end_minutes <= each.start_minutes
    }  # fmt: skip
    if problems:
        raise Invalid(problems)
    return owner


def _forget(owner: UUID | None, dates: list[dt.date]) -> None:
    between = ScheduleException.date.between(dates[0], dates[-1])
    ScheduleException.delete().where(between, ScheduleException.resource_id == owner).execute()


def _day_rows(data: DaysInput, owner: UUID | None, kind: str | None = None) -> list[ScheduleException]:
    ranges = [[each.start_minutes, each.end_minutes] for each in data.ranges]
    named = kind or ("override" if ranges else "closure")
    return [
        ScheduleException(resource_id=owner, date=each, kind=named, ranges=ranges, label=data.label)
        for each in data.dates
    ]  # fmt: skip


def _told(data: DaysInput) -> dict[str, object]:
    return {
        "date": data.date.isoformat(), "until": data.dates[-1].isoformat(), "label": data.label,
        "ranges": [[each.start_minutes, each.end_minutes] for each in data.ranges],
    }  # fmt: skip


# --- blocked by hand -----------------------------------------------------------------------------------------------


def block(
    business: BusinessCard,
    resource_id: UUID,
    *,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    summary: str,
    now: int,
) -> UUID:
    """Take a resource's time on all its lanes; returns the block's id. Raises SlotTaken when a booking is in it."""
    lapse(business, now=now)
    card = load(business).resource(resource_id)
    block_id = uuid7()
    with db.writing(business.id):
        db.handle.lock([resource_id])
        BusyBlock.insert(
            id=block_id,
            resource_id=resource_id,
            starts_at=starts_at,
            ends_at=ends_at,
            provider=BY_HAND,
            summary=summary,
        ).execute()
        Claim.insert_many(
            {
                "resource_id": resource_id,
                "unit": unit,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "block_id": block_id,
            }
            for unit in range(card.rules.units)
        ).execute()
    return block_id


def unblock(business: BusinessCard, block_id: UUID) -> None:
    """Give the time back."""
    with db.writing(business.id):
        Claim.delete().where(Claim.block_id == block_id).execute()
        BusyBlock.delete().where(BusyBlock.id == block_id, BusyBlock.provider == BY_HAND).execute()
