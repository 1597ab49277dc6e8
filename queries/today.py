"""One day of a business, as who works there sees it: the visits, what waits for an answer, where there is room."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import peewee

import db
import slots
from actions.access import Actor
from models import Booking, Claim, Client
from queries import availability
from queries.booking import BookingCard, card, people_of, rooms_of, service_of
from queries.business import BusinessCard
from queries.clients import COMING, with_resource
from queries.offer import Offer, ResourceCard, ServiceCard, load

GONE = ("held", "lapsed", "cancelled", "declined")
KEPT = ("pending", "confirmed", "rescheduled", "arrived", "seated", "completed", "no_show")
MOST_REQUESTS = 50
SHORTEST_GAP = 15 * 60  # seconds of free time worth a line


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking with whom, for what, and who comes. `first`: they have never booked an earlier visit."""

    booking: BookingCard
    client_id: UUID | None
    vip: bool
    client_notes: str
    note: str
    first: bool
    service: ServiceCard
    people: tuple[ResourceCard, ...]
    rooms: tuple[ResourceCard, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Time that nobody has taken, on the day of one person."""

    start: dt.datetime
    end: dt.datetime

    @property
    def minutes(self) -> int:
        return round((self.end - self.start).total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class Day:
    """`visits` of the local day in order, what was cancelled left out; `next` the first of them that is still expected,
    on the present day alone; `later` the first after this day. `requests`: everything ahead that waits for an answer,
    of any day."""

    date: dt.date
    is_today: bool
    visits: tuple[Visit, ...]
    next: Visit | None
    later: Visit | None
    requests: tuple[Visit, ...]
    gaps: tuple[Gap, ...]

    @property
    def lines(self) -> list[Visit | Gap]:
        """Visits and gaps by time."""
        return sorted((*self.visits, *self.gaps), key=_begins)


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts: visits of the day and of its week (Monday to Sunday), requests ahead; in its month, new clients and those
    who stayed away."""

    today: int
    week: int
    to_confirm: int
    new_clients: int
    no_shows: int


@dataclass(frozen=True, slots=True)
class Summary:
    date: dt.date
    today: tuple[BookingCard, ...]
    stats: Stats


def summary(business: BusinessCard, actor: Actor, now: int) -> Summary:
    """The present day for the staff API; who has an agenda of their own gets that one. Two statements."""
    offer, only = load(business), actor.only
    date = offer.local_date(now)
    with db.reading(business.id):
        visits = tuple(each.booking for each in _of_day(offer, date, only))
        return Summary(date, visits, _stats(offer, date, only, len(visits), now))


def day(business: BusinessCard, actor: Actor, date: dt.date, *, now: int) -> Day:
    """Four statements at most, whatever the day holds."""
    offer, only = load(business), actor.only
    today = offer.local_date(now)
    with db.reading(business.id):
        visits = _of_day(offer, date, only)
        ahead = _ahead(offer, date, only, now)
        firsts = _first_visits([*visits, *ahead])
        gaps = _gaps(offer, date, only, now)
    visits, ahead = _told(visits, firsts), _told(ahead, firsts)
    expected = (each for each in visits if each.booking.status in COMING and each.booking.end.timestamp() > now)
    _, until = bounds(offer, date)
    return Day(
        date=date, is_today=date == today, visits=tuple(visits), next=next(expected, None) if date == today else None,
        later=next((each for each in ahead if each.booking.start >= until), None),
        requests=tuple(each for each in ahead if each.booking.status == "pending"), gaps=gaps,
    )  # fmt: skip


def bookings(business: BusinessCard, actor: Actor, date: dt.date) -> tuple[Visit, ...]:
    """The visits of one local day. One statement."""
    offer = load(business)
    with db.reading(business.id):
        return tuple(_of_day(offer, date, actor.only))


def working(offer: Offer) -> tuple[ResourceCard, ...]:
    """The people whose agendas make the day."""
    return tuple(each for each in offer.resources if each.active and each.kind == "practitioner")


def bounds(offer: Offer, date: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The instants between which a local day lies."""
    return tuple(dt.datetime.combine(each, dt.time(), offer.zone) for each in (date, date + dt.timedelta(days=1)))  # type: ignore[return-value]  # two of them


def _begins(line: Visit | Gap) -> dt.datetime:
    return line.start if isinstance(line, Gap) else line.booking.start


def _of_day(offer: Offer, date: dt.date, only: UUID | None) -> list[Visit]:
    since, until = bounds(offer, date)
    wanted = (Booking.starts_at >= since) & (Booking.starts_at < until) & Booking.status.not_in(GONE)
    return _visits(offer, wanted, only)


def _ahead(offer: Offer, date: dt.date, only: UUID | None, now: int) -> list[Visit]:
    """What waits for an answer, and the first visit after the day: each found by its own index."""
    mark, tenant = db.handle.param, db.id_value(offer.business.id)
    own = "" if only is None else (
        f" AND EXISTS (SELECT 1 FROM claim WHERE claim.business_id = {mark} AND claim.booking_id = booking.id"
        f" AND claim.resource_id = {mark})"
    )  # fmt: skip
    owner = [] if only is None else [tenant, db.id_value(only)]
    coming = ", ".join(f"'{status}'" for status in COMING)
    keys = f"""(SELECT id FROM (SELECT id FROM booking WHERE business_id = {mark} AND status = 'pending'
            AND starts_at > {mark}{own} ORDER BY starts_at LIMIT {MOST_REQUESTS}) AS waiting
        UNION ALL SELECT id FROM (SELECT id FROM booking WHERE business_id = {mark} AND starts_at >= {mark}
            AND status IN ({coming}){own} ORDER BY starts_at LIMIT 1) AS later)"""
    moment, until = dt.datetime.fromtimestamp(now, dt.UTC), bounds(offer, date)[1]
    values = [tenant, db.instant_value(moment), *owner, tenant, db.instant_value(until), *owner]
    return _visits(offer, Booking.id.in_(peewee.SQL(keys, values)), None)


def _visits(offer: Offer, wanted: Any, only: UUID | None) -> list[Visit]:
    """Bookings with their client and what they occupy, by time. One statement."""
    rows = (
        Booking.select(
            Booking, Client.vip.alias("vip"), Client.notes.alias("client_notes"), Claim.resource_id.alias("with_id")
        )
        .join(Client, peewee.JOIN.LEFT_OUTER,
              on=(Client.business_id == Booking.business_id) & (Client.id == Booking.client_id))
        .switch(Booking)
        .join(Claim, peewee.JOIN.LEFT_OUTER,
              on=(Claim.business_id == Booking.business_id) & (Claim.booking_id == Booking.id))
        .where(wanted, *with_resource(only))
        .order_by(Booking.starts_at, Booking.id, Claim.resource_id).objects()
    )  # fmt: skip
    found: dict[UUID, tuple[Any, dict[UUID, None]]] = {}
    for row in rows:
        found.setdefault(row.id, (row, {}))[1].update({row.with_id: None} if row.with_id else {})
    return [_visit(offer, row, tuple(resource_ids)) for row, resource_ids in found.values()]


def _visit(offer: Offer, row: Any, resource_ids: tuple[UUID, ...]) -> Visit:
    booked = card(offer, row, resource_ids)
    return Visit(
        booking=booked, client_id=row.client_id, vip=bool(row.vip), client_notes=row.client_notes or "", note=row.note,
        first=False, service=service_of(offer, booked), people=people_of(offer, booked), rooms=rooms_of(offer, booked),
    )  # fmt: skip


def _first_visits(visits: Iterable[Visit]) -> dict[UUID, dt.datetime]:
    """When each of these clients came or comes for the first time. One statement."""
    clients = {each.client_id for each in visits if each.client_id}
    if not clients:
        return {}
    rows = (
        Booking.select(Booking.client_id, peewee.fn.min(Booking.starts_at))
        .where(Booking.client_id.in_(clients), Booking.status.in_(KEPT)).group_by(Booking.client_id).tuples()
    )  # fmt: skip
    return {client_id: db.as_instant(first) for client_id, first in rows}  # type: ignore[misc]  # none is null


def _told(visits: list[Visit], firsts: dict[UUID, dt.datetime]) -> list[Visit]:
    return [
        replace(each, first=each.client_id is not None and firsts.get(each.client_id) == each.booking.start)
        for each in visits
    ]


def _gaps(offer: Offer, date: dt.date, only: UUID | None, now: int) -> tuple[Gap, ...]:
    """Where the day of one person has room: of who looks at their own agenda, or of who works alone. One statement."""
    people = [each for each in working(offer) if only in (None, each.id)]
    if len(people) != 1:
        return ()
    opened = [(max(lo, now), hi) for lo, hi in slots.open_ranges(people[0].rules.schedule, date) if hi > now]
    if not opened:
        return ()
    taken = availability.taken(offer, people, opened[0][0], opened[-1][1], now=now).busy.get(people[0].id, ())
    return tuple(
        Gap(_local(offer, start), _local(offer, end))
        for lo, hi in opened for start, end in _free(lo, hi, sorted((each.starts_at, each.ends_at) for each in taken))
        if end - start >= SHORTEST_GAP
    )  # fmt: skip


def _free(start: int, end: int, taken: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    for lo, hi in taken:
        if lo > start:
            yield start, min(lo, end)
        start = max(start, hi)
        if start >= end:
            return
    yield start, end


def _local(offer: Offer, instant: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(instant, offer.zone)


def _stats(offer: Offer, date: dt.date, only: UUID | None, today: int, now: int) -> Stats:
    """One statement: four counts, each over the range that it is about."""
    monday, first = date - dt.timedelta(days=date.weekday()), date.replace(day=1)
    month = _from(offer, first), _from(offer, (first + dt.timedelta(days=31)).replace(day=1))
    week = _from(offer, monday), _from(offer, monday + dt.timedelta(days=7))
    count, own = peewee.fn.count, with_resource(only)
    of_week = Booking.select(count(Booking.id)).where(
        Booking.starts_at >= week[0], Booking.starts_at < week[1], Booking.status.in_(KEPT), *own
    )
    waiting = Booking.select(count(Booking.id)).where(
        peewee.SQL("status = 'pending'"), Booking.starts_at > dt.datetime.fromtimestamp(now, dt.UTC), *own
    )
    stayed_away = Booking.select(count(Booking.id)).where(
        Booking.starts_at >= month[0], Booking.starts_at < month[1], Booking.status == "no_show", *own
    )
    new = Client.select(of_week, waiting, stayed_away, count(Client.id)).where(
        Client.created_at >= month[0], Client.created_at < month[1]
    )
    in_week, to_confirm, no_shows, new_clients = new.tuples().first()
    return Stats(today, in_week, to_confirm, new_clients, no_shows)


def _from(offer: Offer, date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), offer.zone)
