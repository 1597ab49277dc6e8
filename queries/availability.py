"""What is taken, and hence which starts are free: the engine's `slots.py` fed from the database.

One statement reads the claims and the outside calendars of a window; its cost follows the window, not the table.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

import db
import slots
from lib.refund import HOUR
from models import Booking, Claim
from queries.offer import Offer, ResourceCard, ServiceCard

LONGEST_BLOCK_DAYS = 31  # an imported event is stored in pieces of at most this length
ACTIVE = ("held", "pending", "confirmed", "rescheduled", "arrived", "seated")
BEFORE_US = 14 * 24 * HOUR


Glance = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the engine. `only`: the resource the client insists on; `ignore`: the booking being moved."""

    offer: Offer
    service: ServiceCard
    now: int
    party: int = 1
    only: UUID | None = None
    ignore: UUID | None = None
    email: str | None = None

    @property
    def resources(self) -> tuple[ResourceCard, ...]:
        return self.offer.able(self.service, self.only)

    @property
    def today(self) -> dt.date:
        return self.offer.local_date(self.now)

    @property
    def last_date(self) -> dt.date:
        return self.today + dt.timedelta(days=self.service.rules.horizon)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a window holds: intervals by resource, and the holds in it that are past their deadline."""

    busy: dict[UUID, tuple[slots.Busy, ...]]
    expired: frozenset[UUID]


def day(ask: Ask, date: dt.date) -> slots.Day:
    return span(ask, date, date)[0]


def span(ask: Ask, first: dt.date, last: dt.date) -> list[slots.Day]:
    """The days from `first` to `last`; those out of reach (past, beyond the horizon) come without positions."""
    with db.reading(ask.offer.business.id):
        service, resources, rest = _situation(ask, first, last)
    return slots.span(service, resources, first, last, **rest)


def glance(asks: Sequence[Ask], first: dt.date, last: dt.date) -> Glance:
    """What is taken in the window of some services of one business: one statement, nothing worked out yet. Equal
    glances give equal days, as long as no ask `counts_visits`. A hold past its deadline is left out."""
    offer, now = asks[0].offer, asks[0].now
    cards = {card.id: card for ask in asks for card in ask.resources}
    windows = [_window(ask, first, last) for ask in asks]
    since, until = min(begin for begin, _ in windows), max(end for _, end in windows)
    with db.reading(offer.business.id):
        rows = _rows(offer, list(cards.values()), since, until)
    return tuple(row for row in map(tuple, rows) if row[STATUS] != "held" or row[HELD_UNTIL] > now)


def spans(asks: Sequence[Ask], first: dt.date, last: dt.date, seen: Glance) -> list[list[slots.Day]]:
    """`span` for several services of one business, from one glance at what is taken."""
    found = _sorted_out(seen, asks[0].offer, now=0)
    with db.reading(asks[0].offer.business.id):
        situations = [_with_limits(ask, first, last, found) for ask in asks]
    return [slots.span(service, resources, first, last, **rest) for service, resources, rest in situations]


def counts_visits(ask: Ask) -> bool:
    """Whether a limit makes its free starts depend on visits outside the window."""
    return any(each != slots.Limits() for each in _limits(ask))


def earliest(ask: Ask, *, first: dt.date | None = None, count: int = 1, days: int | None = None) -> list[slots.Slot]:
    """The first free starts; two weeks at a time, so that a near answer costs little. `days` bounds the search."""
    date, found = first or ask.today, list[slots.Slot]()
    stop = ask.last_date if days is None else min(ask.last_date, date + dt.timedelta(days=days))
    with db.reading(ask.offer.business.id):
        while len(found) < count and date <= stop:
            until = min(date + dt.timedelta(days=13), stop)
            service, resources, rest = _situation(ask, date, until)
            for opening_day in slots.span(service, resources, date, until, **rest):
                found += [slot for slot in opening_day.slots if slot.available]
            date = until + dt.timedelta(days=1)
    return sorted(found, key=lambda slot: slot.starts_at)[:count]


def nearest(ask: Ask, start: int, *, count: int = 3) -> list[slots.Slot]:
    """The free starts nearest to a lost one, in order of time. The day before and the day after are enough when they
    hold as many within a day of it; a week on either side is read only when they do not."""
    date, found = ask.offer.local_date(start), list[slots.Slot]()
    for within in (1, 7):
        around = dt.timedelta(days=within + 1)
        with db.reading(ask.offer.business.id):
            service, resources, rest = _situation(ask, date - around, date + around)
        found = slots.nearest(service, resources, start, count=count, within=within, **rest)
        if len(found) == count and all(abs(slot.starts_at - start) <= 24 * HOUR for slot in found):
            break
    return sorted(found, key=lambda slot: slot.starts_at)


def explain(ask: Ask, start: int) -> tuple[slots.Reason, ...]:
    """Every reason why a start is not free; empty when it is."""
    date = ask.offer.local_date(start)
    with db.reading(ask.offer.business.id):
        found = taken_around(ask, start)
        service, resources, rest = _with_limits(ask, date, date, found)
    return slots.explain(service, resources, start, **rest)


def place(ask: Ask, start: int, taken: Taken, *, override: bool = False) -> slots.Placement | slots.Refusal:
    """What a start would occupy, judged on what `taken` holds; for actions, inside their transaction."""
    date = ask.offer.local_date(start)
    service, resources, rest = _with_limits(ask, date, date, taken, choosing=True)
    return slots.place(service, resources, start, override=override, **rest)


def taken_around(ask: Ask, start: int) -> Taken:
    """What the days around one start hold; for actions, inside their transaction."""
    date = ask.offer.local_date(start)
    rules = [card.rules for card in ask.resources]
    since, until = slots.window(ask.service.rules, rules, date - dt.timedelta(days=1), date)
    return taken(ask.offer, ask.resources, since, until, now=ask.now)


def _situation(ask: Ask, first: dt.date, last: dt.date) -> tuple[slots.Service, list[slots.Resource], slots.Ask]:
    found = taken(ask.offer, ask.resources, *_window(ask, first, last), now=ask.now)
    return _with_limits(ask, first, last, found)


def _window(ask: Ask, first: dt.date, last: dt.date) -> tuple[int, int]:
    """Where starts of these days can lie; days out of reach ask for nothing."""
    first, last = max(first, ask.today - dt.timedelta(days=2)), min(last, ask.last_date + dt.timedelta(days=1))
    return slots.offer_window(ask.service.rules, [card.rules for card in ask.resources], first, last)


def _with_limits(
    ask: Ask, first: dt.date, last: dt.date, found: Taken, *, choosing: bool = False
) -> tuple[slots.Service, list[slots.Resource], slots.Ask]:
    """Visits are counted only where a limit asks for them, and the last visit only where a choice depends on it."""
    cards = ask.resources
    service = ask.service.rules
    visits = _Visits(ask, first, last) if counts_visits(ask) else None
    if visits:
        service = replace(service, visits=visits.of_service)
    last_visits = _last_visits(ask, first) if choosing and len(cards) > 1 else {}
    resources = [
        replace(
            card.rules,
            busy=found.busy.get(card.id, ()),
            visits=visits.of_resource(card.id) if visits else (),
            last_visit=last_visits.get(card.id),
        )
        for card in cards
    ]
    rest: slots.Ask = {
        "now": ask.now,
        "party": ask.party,
        "ignore": _key(db.id_value(ask.ignore)) if ask.ignore else None,
    }
    if visits:
        rest |= {"client_limits": _limits(ask)[0], "client_visits": visits.of_client}
    return service, resources, rest


def _limits(ask: Ask) -> list[slots.Limits]:
    """The client's (where one is known), the service's, and each resource's."""
    of_client = slots.Limits(**ask.offer.business.client_limits) if ask.email else slots.Limits()
    return [of_client, ask.service.rules.limits, *(card.rules.limits for card in ask.resources)]


class _Visits:
    """Active bookings in the months that the asked dates touch, as local dates: one statement. A hold past its
    deadline counts no more than it blocks."""

    def __init__(self, ask: Ask, first: dt.date, last: dt.date) -> None:
        zone = ask.offer.zone
        since = dt.datetime.combine(first.replace(day=1) - dt.timedelta(days=7), dt.time(), zone)
        until = dt.datetime.combine(last + dt.timedelta(days=38), dt.time(), zone)
        rows = (
            Booking.select(Booking.id, Booking.service_id, Booking.email, Booking.starts_at, Claim.resource_id)
            .join(Claim, on=(Claim.business_id == Booking.business_id) & (Claim.booking_id == Booking.id))
            .where(Booking.starts_at >= since, Booking.starts_at < until, Booking.status.in_((*ACTIVE, "completed")))
            .where((Booking.status != "held") | (Booking.held_until > dt.datetime.fromtimestamp(ask.now, dt.UTC)))
            .tuples()
        )
        seen: dict[UUID, tuple[UUID, str, dt.date]] = {}
        self._by_resource: dict[UUID, dict[UUID, dt.date]] = defaultdict(dict)
        for booking_id, service_id, email, starts_at, resource_id in rows:
            if booking_id == ask.ignore:
                continue
            date = starts_at.astimezone(zone).date()
            seen[booking_id] = service_id, email, date
            self._by_resource[resource_id][booking_id] = date
        self.of_service = tuple(date for service_id, _, date in seen.values() if service_id == ask.service.id)
        self.of_client = tuple(date for _, email, date in seen.values() if ask.email and email == ask.email)

    def of_resource(self, resource_id: UUID) -> tuple[dt.date, ...]:
        return tuple(self._by_resource[resource_id].values())


def _last_visits(ask: Ask, date: dt.date) -> dict[UUID, int]:
    """The latest booked start of each resource in the two weeks before a day, for the fair choice among equals."""
    midnight = int(dt.datetime.combine(date, dt.time(), ask.offer.zone).timestamp())
    sql = f"""
        SELECT resource_id, max({_epoch("starts_at")}) FROM claim
        WHERE business_id = {_P} AND resource_id IN ({_marks(ask.resources)}) AND booking_id IS NOT NULL
            AND starts_at >= {_P} AND starts_at < {_P} GROUP BY resource_id"""
    params = [
        db.id_value(ask.offer.business.id), *(db.id_value(card.id) for card in ask.resources),
        _instant(midnight - BEFORE_US), _instant(midnight),
    ]  # fmt: skip
    rows = _fetch(sql, params)
    return {_uuid(resource_id): int(starts_at) for resource_id, starts_at in rows}


# --- the statement that reads a window ---------------------------------------------------------------------------

_P = "{p}"  # a parameter mark; the engines write theirs differently
STATUS, HELD_UNTIL = 6, 7  # columns of a row


def taken(offer: Offer, resources: Sequence[ResourceCard], since: int, until: int, *, now: int) -> Taken:
    """Everything that occupies these resources between two instants (UTC epoch seconds). One statement.

    Claims of one unit never overlap, so of those that began before the window only the last can reach into it:
    the statement starts there and reads no history.
    """
    return _sorted_out(_rows(offer, resources, since, until), offer, now)


def _rows(offer: Offer, resources: Sequence[ResourceCard], since: int, until: int) -> list[Any]:
    if since >= until or not resources:
        return []
    lanes = [(card.id, unit) for card in resources for unit in range(_lanes(offer, card))]
    sql = f"""
        WITH lane (resource_id, unit) AS (VALUES {", ".join(f"({_cast()}, CAST({_P} AS SMALLINT))" for _ in lanes)}),
        reach AS MATERIALIZED (
            SELECT resource_id, unit, coalesce((
                SELECT p.starts_at FROM claim p WHERE p.business_id = {_P} AND p.resource_id = lane.resource_id
                    AND p.unit = lane.unit AND p.starts_at < {_P} ORDER BY p.starts_at DESC LIMIT 1), {_P}) AS since
            FROM lane)
        SELECT c.resource_id, c.unit, {_epoch("c.starts_at")}, {_epoch("c.ends_at")}, b.id, b.code, b.status,
            {_epoch("b.held_until")}, b.service_id, {_epoch("b.starts_at")}, {_epoch("b.ends_at")},
            k.provider, k.summary
        FROM reach
        JOIN claim c ON c.business_id = {_P} AND c.resource_id = reach.resource_id AND c.unit = reach.unit
            AND c.starts_at >= reach.since AND c.starts_at < {_P} AND c.ends_at > {_P}
        LEFT JOIN booking b ON b.business_id = c.business_id AND b.id = c.booking_id
        LEFT JOIN busy_block k ON k.business_id = c.business_id AND k.id = c.block_id
        UNION ALL
        SELECT o.resource_id, NULL, {_epoch("o.starts_at")}, {_epoch("o.ends_at")},
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, o.provider, o.summary
        FROM busy_block o
        WHERE o.business_id = {_P} AND o.resource_id IN ({_marks(resources)}) AND o.provider <> 'bookt'
            AND o.starts_at >= {_P} AND o.starts_at < {_P} AND o.ends_at > {_P}
        ORDER BY 3"""
    tenant, begin, end = db.id_value(offer.business.id), _instant(since), _instant(until)
    params: list[Any] = [value for resource_id, unit in lanes for value in (db.id_value(resource_id), unit)]
    params += [tenant, begin, begin, tenant, end, begin]
    params += [tenant, *(db.id_value(card.id) for card in resources)]
    params += [_instant(since - LONGEST_BLOCK_DAYS * 24 * HOUR), end, begin]
    return _fetch(sql, params)


def _lanes(offer: Offer, card: ResourceCard) -> int:
    """Lanes that may hold a claim: the resource's own, or more where a group service once used more."""
    groups = (service.rules.capacity for service in offer.services if card.id in service.resource_ids)
    return max(card.rules.units, *groups, 1)


def _sorted_out(rows: Iterable[Sequence[Any]], offer: Offer, now: int) -> Taken:
    busy: dict[Any, list[slots.Busy]] = defaultdict(list)
    expired: set[UUID] = set()
    services = {_key(db.id_value(service.id)): service for service in offer.services}
    for (
        resource, unit, starts_at, ends_at, booking, code, status, held_until, service_id, visit, visit_end, provider,
        summary,
    ) in rows:  # fmt: skip
        if booking is None:
            cause = slots.Cause("calendar", provider=provider, summary=summary)
            lane = None if unit is None else int(unit)
            busy[resource].append(slots.Busy(int(starts_at), int(ends_at), cause, lane))
            continue
        if status == "held" and held_until <= now:
            expired.add(_uuid(booking))
            continue
        service = services[_key(service_id)]
        session = (str(service.id), int(visit)) if service.rules.capacity > 1 else None
        cause = slots.Cause("booking", code=code, summary=service.name)
        minutes = int(visit_end - visit) // 60
        busy[resource].append(
            slots.Busy(int(starts_at), int(ends_at), cause, int(unit), session, _key(booking), minutes)
        )
    return Taken({_uuid(resource): tuple(found) for resource, found in busy.items()}, frozenset(expired))


def _key(value: Any) -> str:
    """A key as text: one short form of what each database gives."""
    return value.hex() if isinstance(value, bytes) else str(value)


def _fetch(sql: str, params: Sequence[Any]) -> list[Any]:
    rows: list[Any] = db.handle.execute_sql(sql.replace(_P, db.handle.param), params).fetchall()
    return rows


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(_P for _ in values)


def _cast() -> str:
    return _P if db.is_sqlite() else f"{_P}::uuid"


def _epoch(column: str) -> str:
    """Whole UTC seconds of an instant column, in the engine's words."""
    return f"{column} / 1000" if db.is_sqlite() else f"extract(epoch FROM {column})::bigint"


def _instant(seconds: int) -> Any:
    return db.instant_value(dt.datetime.fromtimestamp(seconds, dt.UTC))


def _uuid(value: Any) -> UUID:
    return cast(UUID, db.as_uuid(value))
