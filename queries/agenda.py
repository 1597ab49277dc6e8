"""The agenda: what stands in some days of a business, ready to be drawn.

Two statements whatever there is to draw: the bookings of the window by the index of their start, and the time that was
blocked or is taken by an outside calendar. Minutes count from local 00:00; rows of the drawing are five minutes long.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal
from uuid import UUID

import db
import slots
from models import Booking, BusyBlock, Claim
from queries.availability import ACTIVE
from queries.offer import Offer, ResourceCard, ServiceCard

ROW = 5  # minutes
DAY = 1440
WIDTH = 12  # parts of a column's width that visits side by side share
SHOWN = (*sorted(ACTIVE), "completed", "no_show")
LONGEST_VISIT = dt.timedelta(days=1)
LONGEST_BLOCK = dt.timedelta(days=366)
SHORTEST_GAP = 15  # minutes that are worth a line
USUAL = (8 * 60, 18 * 60)
NOON, EVENING = 15 * 60, 18 * 60  # a restaurant's sittings end or begin here

Kind = Literal["booking", "group", "hold", "blocked", "busy"]


@dataclass(frozen=True, slots=True)
class Item:
    """One block of the drawing. `since` and `until` are wall-clock minutes of its column's date, cut at midnight;
    `left` and `width` twelfths of the column. `others`: the tables that it takes besides; `is_again`: this booking has
    been drawn at another of them."""

    kind: Kind
    starts: dt.datetime
    ends: dt.datetime
    since: int
    until: int
    resource: ResourceCard
    key: str = ""
    service: ServiceCard | None = None
    status: str = ""
    name: str = ""
    party: int = 1
    source: str = ""
    has_note: bool = False
    count: int = 0
    summary: str = ""
    provider: str = ""
    others: tuple[ResourceCard, ...] = ()
    is_again: bool = False
    left: int = 0
    width: int = WIDTH


@dataclass(frozen=True, slots=True)
class Column:
    """A date of one resource, or of several at once. `open` and `breaks` are minutes; `free` the gaps of one resource
    that may still be filled, `cells` the starts in them that a pointer can choose."""

    date: dt.date
    resource: ResourceCard | None
    open: tuple[tuple[int, int], ...]
    breaks: tuple[tuple[int, int], ...]
    items: tuple[Item, ...]
    buffers: tuple[tuple[int, int], ...] = ()
    free: tuple[tuple[int, int], ...] = ()
    cells: tuple[tuple[int, int], ...] = ()
    now: int | None = None
    label: str = ""

    @property
    def count(self) -> int:
        """Visits, a group's each."""
        return sum(item.count or 1 for item in self.items if item.kind in ("booking", "group") and not item.is_again)

    @property
    def entries(self) -> list[Item | tuple[int, int]]:
        """What stands in the column and the gaps between, in the order of the clock."""
        gaps = [gap for gap in self.free if self.resource and gap[1] - gap[0] >= SHORTEST_GAP]
        return sorted([*self.items, *gaps], key=lambda each: each.since if isinstance(each, Item) else each[0])

    @property
    def covers(self) -> int:
        return sum(item.party for item in self.items if item.kind in ("booking", "group") and not item.is_again)

    @property
    def sittings(self) -> list[tuple[str, list[Item]]]:
        """A restaurant's day in the order of the clock: noon, afternoon, evening, those that have any."""
        parts: dict[str, list[Item]] = {"noon": [], "afternoon": [], "evening": []}
        for item in self.items:
            if not item.is_again:
                parts["noon" if item.since < NOON else "afternoon" if item.since < EVENING else "evening"].append(item)
        return [(name, items) for name, items in parts.items() if items]


@dataclass(frozen=True, slots=True)
class Agenda:
    """`since` and `until`: the hours to draw, whole ones, as minutes."""

    first: dt.date
    last: dt.date
    today: dt.date
    columns: tuple[Column, ...]
    since: int
    until: int

    @property
    def hours(self) -> range:
        return range(self.since, self.until, 60)

    @property
    def count(self) -> int:
        return sum(column.count for column in self.columns)

    def row(self, minute: int) -> int:
        return max(0, min(minute, self.until) - self.since) // ROW

    def rows(self, since: int, until: int) -> int:
        return max(1, -(-(min(until, self.until) - max(since, self.since)) // ROW))


def days(
    offer: Offer, first: dt.date, last: dt.date, resources: Sequence[ResourceCard], *, now: int, apart: bool
) -> Agenda:
    """The dates from `first` to `last` of these resources: a column for each (`apart`), or one for all of them."""
    found = _read(offer, first, last, resources, now)
    dates = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    groups: list[tuple[ResourceCard, ...]] = [(each,) for each in resources] if apart else [tuple(resources)]
    columns = tuple(_column(offer, date, group, found, now) for date in dates for group in groups if group)
    since, until = _extent(columns)
    return Agenda(first, last, offer.local_date(now), columns, since, until)


def shown(offer: Offer, only: UUID | None) -> tuple[ResourceCard, ...]:
    """Whose agendas there are: those who take bookings, or the one that is the actor's own."""
    able = {each for service in offer.services for each in service.resource_ids}
    return tuple(
        each for each in offer.resources if each.active and (each.id in able if only is None else each.id == only)
    )


def session(offer: Offer, service: ServiceCard, resource: ResourceCard, start: int) -> list[Any]:
    """The bookings of one group session, by name."""
    with db.reading(offer.business.id):
        claimed = Claim.select(Claim.booking_id).where(
            Claim.resource_id == resource.id, Claim.booking_id.is_null(False)
        )
        at = dt.datetime.fromtimestamp(start, dt.UTC)
        return list(
            Booking.select()
            .where(
                Booking.starts_at == at, Booking.service_id == service.id, Booking.status.in_(SHOWN),
                Booking.status != "held", Booking.id.in_(claimed),
            )
            .order_by(Booking.name, Booking.id)
        )  # fmt: skip


def blocked(offer: Offer, block_id: UUID) -> Item | None:
    """Time blocked by hand."""
    with db.reading(offer.business.id):
        row = BusyBlock.find(id=block_id, provider="bookt")
    if row is None:
        return None
    starts, ends = row.starts_at.astimezone(offer.zone), row.ends_at.astimezone(offer.zone)
    return Item(
        "blocked", starts, ends, 0, 0, offer.resource(row.resource_id), key=str(row.id), summary=row.summary
    )  # fmt: skip


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass
class _Found:
    """By local date; buffers as (resource, from, to)."""

    items: dict[dt.date, list[Item]] = field(default_factory=lambda: defaultdict(list))
    buffers: dict[dt.date, list[tuple[UUID, int, int]]] = field(default_factory=lambda: defaultdict(list))


def _read(offer: Offer, first: dt.date, last: dt.date, resources: Sequence[ResourceCard], now: int) -> _Found:
    since = dt.datetime.combine(first, dt.time(), offer.zone)
    until = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), offer.zone)
    keys = [each.id for each in resources]
    found = _Found()
    if not keys:
        return found
    with db.reading(offer.business.id):
        visits = list(_visits(since, until, keys))
        blocks = list(_blocks(since, until, keys))
    live = [row for row in visits if row.status != "held" or row.held_until.timestamp() > now]
    _add_visits(offer, found, live)
    _add_blocks(offer, found, blocks, first, last)
    return found


def _visits(since: dt.datetime, until: dt.datetime, keys: list[UUID]) -> Any:
    return (
        Booking.select(
            Booking.id, Booking.code, Booking.service_id, Booking.status, Booking.starts_at, Booking.ends_at,
            Booking.party_size, Booking.name, Booking.note, Booking.message, Booking.source, Booking.held_until,
            Claim.resource_id.alias("resource_id"), Claim.starts_at.alias("claimed_from"),
            Claim.ends_at.alias("claimed_until"),
        )
        .join(Claim, on=(Claim.business_id == Booking.business_id) & (Claim.booking_id == Booking.id))
        .where(
            Booking.starts_at >= since - LONGEST_VISIT, Booking.starts_at < until, Booking.ends_at > since,
            Booking.status.in_(SHOWN), Claim.resource_id.in_(keys),
        )
        .order_by(Booking.starts_at, Booking.id, Claim.resource_id, Claim.unit)
        .objects()
    )  # fmt: skip


def _blocks(since: dt.datetime, until: dt.datetime, keys: list[UUID]) -> Any:
    return (
        BusyBlock.select()
        .where(
            BusyBlock.resource_id.in_(keys), BusyBlock.starts_at >= since - LONGEST_BLOCK, BusyBlock.starts_at < until,
            BusyBlock.ends_at > since,
        )
        .order_by(BusyBlock.starts_at, BusyBlock.id)
    )  # fmt: skip


def _add_visits(offer: Offer, found: _Found, rows: list[Any]) -> None:
    by_booking: dict[tuple[UUID, UUID], Any] = {}
    for row in rows:
        by_booking.setdefault((row.id, row.resource_id), row)
    tables: dict[UUID, list[UUID]] = defaultdict(list)
    for booking_id, resource_id in by_booking:
        tables[booking_id].append(resource_id)
    groups: dict[tuple[UUID, UUID, dt.datetime], list[Any]] = defaultdict(list)
    for (booking_id, resource_id), row in by_booking.items():
        service = offer.service_by_id(row.service_id)
        if service.rules.capacity > 1 and row.status != "held":
            groups[row.service_id, resource_id, row.starts_at].append(row)
            continue
        others = tuple(offer.resource(each) for each in tables[booking_id] if each != resource_id)
        _place(offer, found, _visit(offer, row, service, others, is_again=tables[booking_id][0] != resource_id))
        _add_buffers(offer, found, row)
    for (service_id, _, _), members in groups.items():
        first, service = members[0], offer.service_by_id(service_id)
        item = _visit(offer, first, service, (), is_again=False)
        party = sum(row.party_size for row in members)
        _place(offer, found, replace(item, kind="group", count=len(members), party=party, name="", status=""))


def _visit(offer: Offer, row: Any, service: ServiceCard, others: tuple[ResourceCard, ...], *, is_again: bool) -> Item:
    starts, ends = row.starts_at.astimezone(offer.zone), row.ends_at.astimezone(offer.zone)
    since, until = _minutes(starts, ends, starts.date())
    return Item(
        "hold" if row.status == "held" else "booking", starts, ends, since, until, offer.resource(row.resource_id),
        key=row.code, service=service, status=row.status, name=row.name, party=row.party_size, source=row.source,
        has_note=bool(row.note or row.message), others=others, is_again=is_again,
    )  # fmt: skip


def _place(offer: Offer, found: _Found, item: Item) -> None:
    found.items[item.starts.date()].append(item)


def _add_buffers(offer: Offer, found: _Found, row: Any) -> None:
    """What a claim takes before and after its visit: nobody sees it, yet it keeps others away."""
    date = row.starts_at.astimezone(offer.zone).date()
    for lo, hi in ((row.claimed_from, row.starts_at), (row.ends_at, row.claimed_until)):
        since, until = _minutes(lo.astimezone(offer.zone), hi.astimezone(offer.zone), date)
        if until > since:
            found.buffers[date].append((row.resource_id, since, until))


def _add_blocks(offer: Offer, found: _Found, rows: list[Any], first: dt.date, last: dt.date) -> None:
    for row in rows:
        starts, ends = row.starts_at.astimezone(offer.zone), row.ends_at.astimezone(offer.zone)
        for n in range((min(ends.date(), last) - max(starts.date(), first)).days + 1):
            date = max(starts.date(), first) + dt.timedelta(days=n)
            since, until = _minutes(starts, ends, date)
            if until > since:
                kind: Kind = "blocked" if row.provider == "bookt" else "busy"
                found.items[date].append(
                    Item(
                        kind,
                        starts,
                        ends,
                        since,
                        until,
                        offer.resource(row.resource_id),
                        key=str(row.id),
                        summary=row.summary,
                        provider=row.provider,
                    )
                )


def _minutes(starts: dt.datetime, ends: dt.datetime, date: dt.date) -> tuple[int, int]:
    """The part of an interval that falls on a date, in its wall-clock minutes."""
    return _minute(starts, date), _minute(ends, date)


def _minute(moment: dt.datetime, date: dt.date) -> int:
    minute = (moment.date() - date).days * DAY + moment.hour * 60 + moment.minute
    return max(0, min(minute, DAY))


# --- drawing ---------------------------------------------------------------------------------------------------------


def _column(offer: Offer, date: dt.date, group: tuple[ResourceCard, ...], found: _Found, now: int) -> Column:
    ids = {each.id for each in group}
    items = [each for each in found.items[date] if each.resource.id in ids]
    buffers = [(lo, hi) for resource_id, lo, hi in found.buffers[date] if resource_id in ids]
    hours = _merged(each for card in group for each in _open(offer, card, date))
    breaks = tuple((end, start) for (_, end), (start, _) in pairwise(hours))
    alone = group[0] if len(group) == 1 else None
    local = dt.datetime.fromtimestamp(now, offer.zone)
    minute = local.hour * 60 + local.minute
    begin = DAY if date < local.date() else -(-minute // ROW) * ROW if date == local.date() else 0
    taken = _merged([*((each.since, each.until) for each in items), *buffers]) if alone else ()
    free = _without([(max(lo, begin), hi) for lo, hi in hours if hi > begin], taken)
    return Column(
        date, alone, hours, breaks, tuple(_side_by_side(items)), tuple(buffers) if alone else (), free,
        _cells(offer, free), minute if date == local.date() else None,
        next((each.label for each in offer.special_days if each.date == date), ""),
    )  # fmt: skip


def _open(offer: Offer, card: ResourceCard, date: dt.date) -> list[tuple[int, int]]:
    ranges = slots.open_ranges(card.rules.schedule, date)
    local = [tuple(dt.datetime.fromtimestamp(each, offer.zone) for each in pair) for pair in ranges]
    return [minutes for lo, hi in local if (minutes := _minutes(lo, hi, date))[0] < minutes[1]]


def _cells(offer: Offer, free: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """On the business's own step, half an hour where that is finer than a pointer wants."""
    step = offer.business.step_minutes if offer.business.step_minutes >= 15 else 30
    marks = [[lo, *range(lo + -lo % step, hi, step), hi] for lo, hi in free]
    return tuple((a, b) for each in marks for a, b in pairwise(each) if a < b)


def _side_by_side(items: list[Item]) -> list[Item]:
    """Visits that overlap share the width of their column."""
    placed: list[Item] = []
    bunch: list[Item] = []
    for item in sorted(items, key=lambda each: (each.since, -each.until, each.key)):
        if bunch and item.since >= max(each.until for each in bunch):
            placed += _lanes(bunch)
            bunch = []
        bunch.append(item)
    return placed + _lanes(bunch)


def _lanes(bunch: list[Item]) -> list[Item]:
    ends: list[int] = []
    lane_of = []
    for item in bunch:
        lane = next((n for n, end in enumerate(ends) if end <= item.since), len(ends))
        ends[lane : lane + 1] = [item.until]
        lane_of.append(lane)
    lanes = next((n for n in (1, 2, 3, 4, 6, 12) if n >= len(ends)), WIDTH)
    width = WIDTH // lanes
    placed = [(item, min(lane, lanes - 1)) for item, lane in zip(bunch, lane_of, strict=True)]
    return [
        replace(item, left=lane * width, width=(_room_ends(item, lane, placed, lanes) - lane) * width)
        for item, lane in placed
    ]


def _room_ends(item: Item, lane: int, placed: list[tuple[Item, int]], lanes: int) -> int:
    """The lane at which the room to the right of an item ends."""
    beside = [at for each, at in placed if at > lane and each.since < item.until and each.until > item.since]
    return min(beside, default=lanes)


def _extent(columns: Sequence[Column]) -> tuple[int, int]:
    edges = [each for column in columns for pair in column.open for each in pair]
    edges += [
        each for column in columns for item in column.items if item.kind not in ("busy", "blocked")
        for each in (item.since, item.until)
    ]  # fmt: skip
    since, until = (min(edges), max(edges)) if edges else USUAL
    return since // 60 * 60, -(-until // 60) * 60


def _merged(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for lo, hi in sorted(ranges):
        if found and lo <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], hi))
        else:
            found.append((lo, hi))
    return tuple(found)


def _without(
    ranges: Iterable[tuple[int, int]], taken: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:  # fmt: skip
    """`taken` merged and rising."""
    left: list[tuple[int, int]] = []
    for lo, hi in ranges:
        for begin, end in taken:
            if begin < hi and end > lo:
                if begin > lo:
                    left.append((lo, begin))
                lo = max(lo, end)
        if lo < hi:
            left.append((lo, hi))
    return tuple(left)
