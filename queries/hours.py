"""When a business opens: its week and that of each resource, the days that differ, and what a change leaves outside."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

import db
import slots
from lib.versions import version
from models import Booking, BreakRule, Claim, OpeningRule, ScheduleException, WeeklyRule
from queries.business import BusinessCard
from queries.offer import Offer, ResourceCard, schedules

Minutes = tuple[int, int]

BOOKED = ("pending", "confirmed", "rescheduled", "arrived", "seated")


@dataclass(frozen=True, slots=True)
class Rule:
    """S3's `OpeningRule` and `TimeRangeRule`. `first_week` is a Monday, None where the rule holds every week."""

    id: UUID
    day_of_week: int
    start_minutes: int
    end_minutes: int
    every_weeks: int
    first_week: dt.date | None


@dataclass(frozen=True)
class Week:
    """`resource` None: the whole business. `is_own` is false for a resource that follows the business: the rules are
    then the business's. By day from Sunday, then by start."""

    resource: ResourceCard | None
    is_own: bool
    opening_rules: tuple[Rule, ...]
    break_rules: tuple[Rule, ...]

    @cached_property
    def version(self) -> str:
        """For `If-Match`: of what the week says, whatever its rows are called."""
        told = {
            name: [asdict(each) | {"id": None} for each in rules]
            for name, rules in (("opening", self.opening_rules), ("breaks", self.break_rules))
        }
        return version(told | {"own": self.is_own})


def week(business: BusinessCard, resource: ResourceCard | None = None) -> Week:
    with db.reading(business.id):
        own = resource is None or OpeningRule.select().where(OpeningRule.resource_id == resource.id).exists()
        owner = resource.id if resource is not None and own else None
        return Week(resource, own, _rules(OpeningRule, owner), _rules(BreakRule, owner))


def _rules(model: type[WeeklyRule], owner: UUID | None) -> tuple[Rule, ...]:
    rows = model.select().where(model.resource_id == owner).order_by(model.day_of_week, model.start_minutes, model.id)
    return tuple(_rule(row) for row in rows)


def _rule(row: Any) -> Rule:
    first = None if row.first_week is None else _date(row.first_week)
    return Rule(row.id, row.day_of_week, row.start_minutes, row.end_minutes, row.every_weeks, first)


# --- days that differ ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stretch:
    """Dates in a row that differ alike, for the whole business (`resource` None) or one resource. No ranges: closed.
    `kind` is `closure`, `override` or `holiday`."""

    ids: tuple[UUID, ...]
    resource: ResourceCard | None
    kind: str
    first: dt.date
    last: dt.date
    ranges: tuple[Minutes, ...]
    label: str


def stretches(offer: Offer, today: dt.date, *, of: UUID | None = None) -> list[Stretch]:
    """From today on, by first date; those of one resource and of the whole business when `of` is given."""
    with db.reading(offer.business.id):
        query = ScheduleException.select().where(ScheduleException.date >= today)
        if of is not None:
            query = query.where((ScheduleException.resource_id == of) | ScheduleException.resource_id.is_null())
        rows = [(row, _date(row.date)) for row in query.order_by(ScheduleException.date, ScheduleException.id)]
    found: dict[tuple[Any, ...], list[Stretch]] = defaultdict(list)
    for row, date in rows:
        ranges = tuple((start, end) for start, end in row.ranges)
        alike = found[row.resource_id, row.kind, row.label, ranges]
        if alike and alike[-1].last == date - dt.timedelta(days=1):
            alike[-1] = replace(alike[-1], last=date, ids=(*alike[-1].ids, row.id))
        else:
            whose = None if row.resource_id is None else offer.resource(row.resource_id)
            alike.append(Stretch((row.id,), whose, row.kind, date, date, ranges, row.label))
    return sorted((each for alike in found.values() for each in alike), key=lambda each: (each.first, each.last))


# --- bookings in the way -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking to come, as lists name it."""

    id: UUID
    code: str
    client: str
    service_id: UUID
    service: str
    status: str
    party_size: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    resource_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What is about to become of the hours of one resource, or of the whole business: rows as they will be stored.
    None leaves the week as it is; `days` replace what these dates have."""

    resource_id: UUID | None
    opening: Sequence[Any] | None = None
    breaks: Sequence[Any] = ()
    days: Sequence[Any] = ()


def in_conflict(offer: Offer, change: Change, now: int) -> list[Visit]:
    """The visits to come that lie inside the hours of today and outside those of the change, soonest first."""
    with db.reading(offer.business.id):
        after = _after(offer, change)
        dates = [_date(row.date) for row in change.days] if change.opening is None else []
        visits = to_come(offer, now, dates=dates)

    def left_outside(visit: Visit) -> bool:
        for resource_id in visit.resource_ids:
            before, then = offer.resource(resource_id).rules.schedule, after.get(resource_id) or after[None]
            if _holds(before, visit) and not _holds(then, visit):
                return True
        return False

    return [visit for visit in visits if left_outside(visit)]


def to_come(offer: Offer, now: int, *, of: UUID | None = None, dates: Sequence[dt.date] = ()) -> list[Visit]:
    """The active visits not over yet, soonest first; those that occupy one resource, or near some dates, when given."""
    occupied: dict[UUID, set[UUID]] = defaultdict(set)
    rows: dict[UUID, tuple[Any, ...]] = {}
    with db.reading(offer.business.id):
        for *row, resource_id in _to_come(now, dates).tuples():
            rows[row[0]] = tuple(row)
            occupied[row[0]].add(resource_id)
    visits = (_visit(offer, row, occupied[key]) for key, row in rows.items())
    return [visit for visit in visits if of is None or of in visit.resource_ids]


def _to_come(now: int, dates: Sequence[dt.date]) -> Any:
    query = (
        Booking.select(
            Booking.id, Booking.code, Booking.name, Booking.service_id, Booking.status, Booking.party_size,
            Booking.starts_at, Booking.ends_at, Claim.resource_id,
        )
        .join(Claim, on=(Claim.business_id == Booking.business_id) & (Claim.booking_id == Booking.id))
        .where(Booking.ends_at > dt.datetime.fromtimestamp(now, dt.UTC), Booking.status.in_(BOOKED))
    )  # fmt: skip
    if dates:
        first, last = (dt.datetime.combine(each, dt.time(), dt.UTC) for each in (min(dates), max(dates)))
        query = query.where(Booking.starts_at >= first - dt.timedelta(days=2))
        query = query.where(Booking.starts_at <= last + dt.timedelta(days=3))
    return query.order_by(Booking.starts_at, Booking.id)


def _visit(offer: Offer, row: tuple[Any, ...], occupied: set[UUID]) -> Visit:
    key, code, client, service_id, status, party, starts_at, ends_at = row
    service = offer.service_by_id(service_id).name
    begins, ends = starts_at.astimezone(offer.zone), ends_at.astimezone(offer.zone)
    return Visit(key, code, client, service_id, service, status, party, begins, ends, tuple(sorted(occupied)))


def _after(offer: Offer, change: Change) -> dict[UUID | None, slots.Schedule]:
    def rest(rows: Iterable[Any]) -> list[Any]:
        return [row for row in rows if change.opening is None or row.resource_id != change.resource_id]

    days = {_date(row.date) for row in change.days}
    exceptions = [
        row for row in ScheduleException.select()
        if row.resource_id != change.resource_id or _date(row.date) not in days
    ]  # fmt: skip
    return schedules(
        offer.business,
        [*rest(OpeningRule.select()), *(change.opening or ())],
        [*rest(BreakRule.select()), *change.breaks],
        [*exceptions, *change.days],
    )


def _holds(schedule: slots.Schedule, visit: Visit) -> bool:
    """Whether the whole visit lies in open time; it may pass midnight where neighbouring days touch."""
    starts_at, ends_at = int(visit.starts_at.timestamp()), int(visit.ends_at.timestamp())
    first, last = visit.starts_at.date() - dt.timedelta(days=1), visit.ends_at.date()
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    reached = starts_at
    for lo, hi in sorted(each for day in days for each in slots.open_ranges(schedule, day)):
        if lo <= reached < hi:
            reached = hi
    return reached >= ends_at


def _date(value: dt.date | str) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
