"""Which starts are free: the availability engine. Values in, values out; no database, no clock, no web.

Instants are UTC epoch seconds, intervals are half-open, hours are minutes from local 00:00 of the opening day.
The rules are those of the domain: open ranges, grid, fit, DST, any practitioner, party size, explain.
`day`, `span`, `earliest` and `nearest` offer; `place` accepts by the very same functions; `explain` says why not.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Literal, Required, TypedDict, Unpack
from zoneinfo import ZoneInfo

Instant = int  # UTC epoch seconds
Minute = int  # minutes from local 00:00; an end may pass 1440 (at most 2880): that part belongs to the opening day
WeeklyRange = tuple[int, Minute, Minute]  # day of week (0 = Sunday), start, end

Code = Literal[
    "closed", "break", "outside_hours", "off_grid", "nonexistent_time", "past", "too_soon", "beyond_horizon",
    "limit_service_day", "limit_service_week", "limit_service_month",
    "limit_resource_day", "limit_resource_week", "limit_resource_month",
    "limit_client_day", "limit_client_week", "limit_client_month",
    "booking", "calendar", "party_too_large", "party_too_small", "no_resource",
]  # fmt: skip

PRECEDENCE = ("closure", "override", "holiday")
DAY = 86_400
EPOCH = dt.date(1970, 1, 1).toordinal()
LAST = dt.date.max.toordinal() - 3


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a position is taken; S3's SlotBlocker."""

    type: Literal["booking", "calendar"]
    code: str | None = None  # public code of the booking in the way
    provider: str | None = None  # google, outlook, apple; bookt when blocked by hand
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Busy:
    """Time taken on a resource. For a booking: its footprint (visit and buffers)."""

    starts_at: Instant
    ends_at: Instant
    cause: Cause
    unit: int | None = None  # lane taken; None: the whole resource
    session: tuple[str, Instant] | None = None  # service id and visit start of a group session
    booking_id: str | None = None
    minutes: int | None = None  # length of the visit, for the load of its day; None: that of the interval


@dataclass(frozen=True, slots=True)
class DayRule:
    """What replaces a date's weekly opening and breaks. No ranges: closed. A closure is always closed."""

    kind: Literal["closure", "override", "holiday"]
    ranges: tuple[tuple[Minute, Minute], ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekly hours in an IANA zone, with exceptions by date."""

    zone: str
    opening: tuple[WeeklyRange, ...] = ()
    breaks: tuple[WeeklyRange, ...] = ()
    days: Mapping[dt.date, tuple[DayRule, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """Most visits per local day, ISO week and calendar month; None: no limit."""

    per_day: int | None = None
    per_week: int | None = None
    per_month: int | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """What a booking occupies. `busy` must cover `window(...)`; `visits` leave out the booking being moved."""

    id: str
    schedule: Schedule
    position: int = 0
    units: int = 1  # lanes; a group service uses at most these
    seats: int | None = None  # largest party of a table; None: not a table
    min_seats: int = 1
    join: str | None = None  # tables of one join group may be combined
    busy: tuple[Busy, ...] = ()
    limits: Limits = Limits()
    visits: tuple[dt.date, ...] = ()  # local dates of its active bookings, in the periods its limits need
    last_visit: Instant | None = None  # start of its latest booking before the day asked


@dataclass(frozen=True, slots=True)
class Service:
    """What is booked. All lengths in minutes, `horizon` in days."""

    id: str
    duration: int
    step: int = 30
    before: int = 0
    after: int = 0
    notice: int = 0
    horizon: int = 365
    tight: bool = False  # after a break the grid goes on from the break's end
    capacity: int = 1  # above 1: a group, one lane of the resource per person
    turn: tuple[tuple[int, int], ...] = ()  # (largest party, minutes) rising; the last also serves larger parties
    limits: Limits = Limits()
    visits: tuple[dt.date, ...] = ()


class Ask(TypedDict, total=False):
    """Who asks, and when. `ignore`: id of the booking being moved or held; it blocks nothing.

    Its visit must be left out of every `visits` too, or a reached limit would keep a booking from moving.
    """

    now: Required[Instant]
    party: int
    ignore: str | None
    client_limits: Limits
    client_visits: Sequence[dt.date]


@dataclass(frozen=True, slots=True)
class Slot:
    """A grid position. `date` and `time` are local; a range past midnight lists starts of the next date."""

    starts_at: Instant
    date: dt.date
    time: str
    fold: int = 0
    available: bool = True
    causes: tuple[Cause, ...] = ()
    resources: tuple[str, ...] = ()  # free ones, by position; for a combination the free tables that can join


@dataclass(frozen=True, slots=True)
class Day:
    """An opening day: first start to last end and longest pause in wall-clock minutes, and its positions."""

    date: dt.date
    opening: tuple[Minute, Minute] | None
    pause: tuple[Minute, Minute] | None
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a start is not free. `resource_id` None: true of every resource. `detail`: what closed the date."""

    code: Code
    cause: Cause | None = None
    resource_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a visit goes. `claims`: (resource id, unit) ascending. `warnings`: what was overridden."""

    starts_at: Instant
    ends_at: Instant
    footprint: tuple[Instant, Instant]
    claims: tuple[tuple[str, int], ...]
    warnings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    reasons: tuple[Reason, ...]


def day(service: Service, resources: Sequence[Resource], date: dt.date, **ask: Unpack[Ask]) -> Day:
    """The positions of one opening day."""
    return _Search(service, resources, **ask).day(date)


def span(
    service: Service, resources: Sequence[Resource], first: dt.date, last: dt.date, **ask: Unpack[Ask]
) -> list[Day]:
    """The opening days from `first` to `last`, both included."""
    search = _Search(service, resources, **ask)
    return [search.day(dt.date.fromordinal(n)) for n in range(first.toordinal(), last.toordinal() + 1)]


def earliest(
    service: Service, resources: Sequence[Resource], first: dt.date, *, count: int = 1, **ask: Unpack[Ask]
) -> list[Slot]:
    """The first free starts from opening day `first` to the horizon."""
    search = _Search(service, resources, **ask)
    found: dict[Instant, Slot] = {}
    for n in range(max(first.toordinal(), search.first_day), search.last_day + 1):
        # A range that spills past midnight may hold starts later than the next day's first, hence one day more.
        if len(found) >= count and n - 1 > max(sorted(found)[:count]) // DAY + EPOCH:
            break
        found |= {slot.starts_at: slot for slot in search.day(dt.date.fromordinal(n)).slots if slot.available}
    return [found[start] for start in sorted(found)[:count]]


def nearest(
    service: Service,
    resources: Sequence[Resource],
    start: Instant,
    *,
    count: int = 3,
    within: int = 7,
    **ask: Unpack[Ask],
) -> list[Slot]:
    """The free starts nearest to a lost one, which is never among them; `within` that many days on either side."""
    search = _Search(service, resources, **ask)
    middle = start // DAY + EPOCH
    found: dict[Instant, Slot] = {}
    for n in range(max(middle - within, search.first_day), min(middle + within, search.last_day) + 1):
        found |= {slot.starts_at: slot for slot in search.day(dt.date.fromordinal(n)).slots if slot.available}
    found.pop(start, None)
    return sorted(found.values(), key=lambda slot: (abs(slot.starts_at - start), slot.starts_at))[:count]


def place(
    service: Service,
    resources: Sequence[Resource],
    start: Instant,
    *,
    override: bool = False,
    **ask: Unpack[Ask],
) -> Placement | Refusal:
    """Accepts exactly the starts that `day` offers, and chooses what they occupy.

    With `override` a professional passes over hours, grid, notice, horizon, limits and outside calendars, told
    in `warnings`; never over the past, the party's size, nor what is claimed: bookings and blocks made by hand.
    """
    return _Search(service, resources, **ask).place(start, override)


def explain(service: Service, resources: Sequence[Resource], start: Instant, **ask: Unpack[Ask]) -> tuple[Reason, ...]:
    """Every reason why `start` is not free, per resource; empty when it is free."""
    answer = _Search(service, resources, **ask).place(start, False)
    return answer.reasons if isinstance(answer, Refusal) else ()


def window(
    service: Service, resources: Sequence[Resource], first: dt.date, last: dt.date, *, party: int = 1
) -> tuple[Instant, Instant]:
    """The instants between which `busy` must be known to answer for opening days `first` to `last`."""
    longest = 60 * max([service.duration, *(minutes for _, minutes in service.turn)])
    calendars = [_Calendar(schedule) for schedule in {id(r.schedule): r.schedule for r in resources}.values()]
    starts = min((c.midnight(first.toordinal()) for c in calendars), default=0)
    ends = max((c.midnight(last.toordinal() + 2) for c in calendars), default=0)
    return starts - DAY - service.before * 60, ends + longest + service.after * 60


def open_ranges(schedule: Schedule, date: dt.date) -> list[tuple[Instant, Instant]]:
    """When an opening day is open: opening less breaks, touching ranges merged."""
    return _merged((lo, hi) for lo, hi, _ in _Calendar(schedule).pieces(date.toordinal()))


def to_instant(zone: str, date: dt.date, time: str, fold: int = 0) -> Instant | None:
    """The instant of a wall-clock "HH:MM"; None when it does not exist (or, with fold 1, exists but once)."""
    wall = dt.datetime.combine(date, dt.time(int(time[:2]), int(time[3:])), ZoneInfo(zone)).replace(fold=fold)
    back = dt.datetime.fromtimestamp(wall.timestamp(), wall.tzinfo)
    same = back.replace(tzinfo=None) == wall.replace(tzinfo=None) and back.fold == fold
    return int(wall.timestamp()) if same else None


# -- the kernel: plain integers ------------------------------------------------------------------------------

Range = tuple[Instant, Instant, Instant, Instant]  # from, to, anchor of the grid, end of the open time it is part of


def grid(ranges: Iterable[Range], *, step: int, length: int) -> list[Instant]:
    """The positions from which a visit of `length` seconds stays inside open time."""
    return [start for each in ranges for start in _starts(each, step, length)]


def free_starts(
    positions: Iterable[Instant],
    starts: Sequence[Instant],
    ends: Sequence[Instant],
    *,
    before: int,
    after: int,
    first: int = 0,
) -> list[Instant]:
    """The `positions` (rising) whose footprint [p - before, p + after) meets none of the intervals.

    `starts` rise; `ends` may come in any order; `first` skips intervals known to end before all footprints.
    One sweep over both: everything that starts before a footprint's end is behind us, so only the latest end matters.
    """
    free = []
    i, n, until = first, len(starts), -(1 << 62)
    upcoming = starts[i] if i < n else 1 << 62
    for position in positions:
        while upcoming < position + after:
            until = max(until, ends[i])
            i += 1
            upcoming = starts[i] if i < n else 1 << 62
        if until <= position - before:
            free.append(position)
    return free


def _starts(each: Range, step: int, length: int) -> range:
    lo, hi, anchor, reach = each
    return range(lo + (anchor - lo) % step, min(hi, reach - length + 1), step)


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for lo, hi in sorted(ranges):
        if hi <= lo:
            continue
        if merged and lo <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(hi, merged[-1][1]))
        else:
            merged.append((lo, hi))
    return merged


# -- a schedule, in instants ---------------------------------------------------------------------------------


class _Calendar:
    """A schedule read by day number (date ordinal), each day converted once."""

    def __init__(self, schedule: Schedule) -> None:
        self.zone = ZoneInfo(schedule.zone)
        self.days = schedule.days
        self.week = [
            (
                _merged((lo, hi) for each, lo, hi in schedule.opening if each == weekday),
                _merged((lo, hi) for each, lo, hi in schedule.breaks if each == weekday),
            )
            for weekday in range(7)
        ]
        self._offsets: dict[int, int] = {}
        self._pieces: dict[int, list[tuple[Instant, Instant, Instant]]] = {}

    def rule(self, n: int) -> str:
        """Which kind of exception rules the day; empty when the week does."""
        kinds = {rule.kind for rule in self.days.get(dt.date.fromordinal(n), ())}
        return next((kind for kind in PRECEDENCE if kind in kinds), "")

    def hours(self, n: int) -> tuple[list[tuple[Minute, Minute]], list[tuple[Minute, Minute]]]:
        """Opening and breaks of the day, in minutes."""
        kind = self.rule(n)
        if not kind:
            return self.week[n % 7]  # ordinal 7 was a Sunday
        if kind == "closure":
            return [], []
        rules = self.days[dt.date.fromordinal(n)]
        return _merged(each for rule in rules if rule.kind == kind for each in rule.ranges), []

    def open_minutes(self, n: int) -> list[tuple[Minute, Minute, Minute]]:
        """Opening less breaks as (start, end, start of the opening it is cut from), in minutes."""
        opening, breaks = self.hours(n)
        pieces = []
        for anchor, end in opening:
            start = anchor
            for pause, resume in breaks:
                if start < pause < end:
                    pieces.append((start, pause, anchor))
                if pause < end:
                    start = max(start, resume)
            if start < end:
                pieces.append((start, end, anchor))
        return pieces

    def pieces(self, n: int) -> list[tuple[Instant, Instant, Instant]]:
        """The same in instants. What falls into the hour that a clock change skips is gone."""
        if n not in self._pieces:
            turned = (tuple(self.instant(n, minute) for minute in piece) for piece in self.open_minutes(n))
            self._pieces[n] = [(lo, hi, anchor) for lo, hi, anchor in turned if lo < hi]
        return self._pieces[n]

    def ranges(self, n: int, length: int, tight: bool) -> list[Range]:
        """The day's pieces, each with its grid's anchor and the end of the open time it belongs to.

        Open time goes on over midnight when the neighbouring days' hours touch or overlap.
        """
        own = self.pieces(n)
        if not own:
            return []
        around = range(n - 1, n + 2 + length // DAY)
        whole = _merged((lo, hi) for m in around for lo, hi, _ in self.pieces(m))
        begins = [lo for lo, _ in whole]
        return [(lo, hi, lo if tight else anchor, whole[bisect_right(begins, lo) - 1][1]) for lo, hi, anchor in own]

    def instant(self, n: int, minute: Minute) -> Instant:
        """A wall-clock edge: the first of a doubled time; for a skipped one the moment of the change."""
        if self.steady(n):
            return self.midnight(n) + minute * 60
        wall = dt.datetime.fromordinal(n).replace(tzinfo=self.zone) + dt.timedelta(minutes=minute)
        first, second = int(wall.timestamp()), int(wall.replace(fold=1).timestamp())
        if first <= second:
            return first
        after = wall.replace(fold=1).utcoffset()
        return second + bisect_left(range(second, first), True, key=lambda t: self.at(t).utcoffset() == after)

    def midnight(self, n: int) -> Instant:
        return (n - EPOCH) * DAY - self.offset(n)

    def steady(self, n: int) -> bool:
        """Whether no clock change touches the day or its night."""
        return self.offset(n) == self.offset(n + 1) == self.offset(n + 2)

    def offset(self, n: int) -> int:
        if n not in self._offsets:
            offset = dt.datetime.fromordinal(n).replace(tzinfo=self.zone).utcoffset() or dt.timedelta()
            self._offsets[n] = int(offset.total_seconds())
        return self._offsets[n]

    def at(self, start: Instant) -> dt.datetime:
        return dt.datetime.fromtimestamp(start, self.zone)

    def label(self, n: int, start: Instant) -> tuple[int, str, int]:
        """Local day number, "HH:MM" and fold of a start of opening day `n`; plain arithmetic but on change days."""
        if self.steady(n):
            days, seconds = divmod(start + self.offset(n), DAY)
            return days + EPOCH, f"{seconds // 3600:02}:{seconds // 60 % 60:02}", 0
        local = self.at(start)
        return local.toordinal(), f"{local:%H:%M}", local.fold


# -- one question --------------------------------------------------------------------------------------------


class _Candidate:
    """A resource as this question sees it."""

    def __init__(self, resource: Resource, calendar: _Calendar, service: Service, party: int, ignore: str | None):
        self.resource, self.calendar, self.service, self.party = resource, calendar, service, party
        minutes = service.duration
        if resource.seats is not None and service.turn:
            minutes = next((m for most, m in service.turn if party <= most), service.turn[-1][1])
        self.length = minutes * 60
        self.before, self.after = service.before * 60, self.length + service.after * 60
        self.lanes = min(service.capacity, resource.units)
        self.busy = sorted(
            (b for b in resource.busy if b.ends_at > b.starts_at and (ignore is None or b.booking_id != ignore)),
            key=lambda b: b.starts_at,
        )
        self.starts = [b.starts_at for b in self.busy]
        self.ends = [b.ends_at for b in self.busy]
        self.latest = list(accumulate(self.ends, max))

    def misfit(self) -> Code | None:
        """Why the party cannot have it alone."""
        if self.resource.seats is None:
            return "party_too_large" if self.service.capacity > 1 and self.party > self.lanes else None
        if self.party > self.resource.seats:
            return "party_too_large"
        return "party_too_small" if self.party < self.resource.min_seats else None

    def free_among(self, positions: list[Instant]) -> set[Instant]:
        """Those whose footprint meets nothing at all."""
        first = bisect_right(self.latest, positions[0] - self.before) if positions else 0
        return set(free_starts(positions, self.starts, self.ends, before=self.before, after=self.after, first=first))

    def in_the_way(self, start: Instant) -> list[Busy]:
        """What keeps a visit from starting then; others of its own session only when too few lanes are left."""
        meeting = self._meeting(start)
        if self.service.capacity == 1:
            return meeting
        session = [b for b in meeting if self._shares(b, start)]
        others = [b for b in meeting if not self._shares(b, start)]
        return others if len(self._lanes_left(session)) >= self.party else others + session

    def units(self, start: Instant) -> list[int]:
        """The lanes a visit takes: all of them, or for a group the lowest free."""
        if self.service.capacity == 1:
            return list(range(self.resource.units))
        return self._lanes_left([b for b in self._meeting(start) if self._shares(b, start)])[: self.party]

    def load(self, start: Instant) -> int:
        """Booked minutes of the start's local day, a group session counted once."""
        n = self.calendar.at(start).toordinal()
        lo = bisect_left(self.starts, self.calendar.midnight(n))
        hi = bisect_left(self.starts, self.calendar.midnight(n + 1))
        booked = {b.session or i: b for i, b in enumerate(self.busy[lo:hi]) if b.cause.type == "booking"}
        return sum((b.ends_at - b.starts_at) // 60 if b.minutes is None else b.minutes for b in booked.values())

    def _meeting(self, start: Instant) -> list[Busy]:
        lo = bisect_right(self.latest, start - self.before)
        hi = bisect_left(self.starts, start + self.after)
        return [b for b in self.busy[lo:hi] if b.ends_at > start - self.before]

    def _shares(self, busy: Busy, start: Instant) -> bool:
        return busy.session == (self.service.id, start) and busy.unit is not None

    def _lanes_left(self, session: list[Busy]) -> list[int]:
        taken = {b.unit for b in session}
        return [lane for lane in range(self.lanes) if lane not in taken]


class _Search:
    def __init__(
        self,
        service: Service,
        resources: Sequence[Resource],
        *,
        now: Instant,
        party: int = 1,
        ignore: str | None = None,
        client_limits: Limits = Limits(),
        client_visits: Sequence[dt.date] = (),
    ) -> None:
        self.service, self.now, self.party = service, now, party
        self.step = service.step * 60
        self.client = (client_limits, client_visits)
        calendars = {id(r.schedule): _Calendar(r.schedule) for r in resources}
        self.everyone = [
            _Candidate(r, calendars[id(r.schedule)], service, party, ignore)
            for r in sorted(resources, key=lambda r: (r.position, r.id))
        ]
        self.alone = [c for c in self.everyone if not c.misfit()]
        self.groups = self._groups(self.everyone)
        self.asked = self.alone + [c for group in self.groups.values() for c in group]
        days = [c.calendar.at(now).toordinal() for c in self.everyone] or [LAST]
        # A day of margin on either side: ranges spill over midnight, and clocks turned back at 00:01 do so backwards.
        self.first_day = min(days) - 2
        self.last_day = min(max(days) + service.horizon + 1, LAST)
        self._barred: dict[tuple[str, int], tuple[Reason, ...]] = {}

    def day(self, date: dt.date) -> Day:
        n = date.toordinal()
        minutes = _merged((lo, hi) for c in self.everyone for lo, hi, _ in c.calendar.open_minutes(n))
        opening = (minutes[0][0], minutes[-1][1]) if minutes else None
        pauses = [(a[1], b[0]) for a, b in pairwise(minutes)]
        pause = max(pauses, key=lambda p: p[1] - p[0], default=None)
        slots = self._slots(n) if minutes and self.first_day <= n <= self.last_day else ()
        return Day(date, opening, pause, slots)

    def place(self, start: Instant, override: bool) -> Placement | Refusal:
        against = {c.resource.id: self._against(c, start) for c in self.asked}
        free = [c for c in self.asked if not any(self._binding(r, override) for r in against[c.resource.id])]
        chosen = self._choose(free, start)
        if not chosen:
            unfit = [Reason(m, resource_id=c.resource.id) for c in self.everyone if (m := c.misfit())]
            unfit = [r for r in unfit if r.resource_id not in against] or ([] if against else [Reason("no_resource")])
            return Refusal(tuple(dict.fromkeys([*(r for each in against.values() for r in each), *unfit])))
        one = chosen[0]
        return Placement(
            starts_at=start,
            ends_at=start + one.length,
            footprint=(start - one.before, start + one.after),
            claims=tuple(sorted((c.resource.id, unit) for c in chosen for unit in c.units(start))),
            warnings=tuple(dict.fromkeys(r for c in chosen for r in against[c.resource.id])),
        )

    def _slots(self, n: int) -> tuple[Slot, ...]:
        found: dict[Instant, list[tuple[_Candidate, list[Busy]]]] = {}
        labels: dict[Instant, tuple[int, str, int]] = {}
        for c in self.asked:
            soonest = self.now + self.service.notice * 60
            positions = []
            ranges = c.calendar.ranges(n, c.length, self.service.tight)
            for start in grid(ranges, step=self.step, length=c.length):
                if start >= soonest:
                    label = labels.setdefault(start, c.calendar.label(n, start))
                    if not self._barred_on(c, label[0]):
                        positions.append(start)
            free = c.free_among(positions)
            for start in positions:
                found.setdefault(start, []).append((c, [] if start in free else c.in_the_way(start)))
        return tuple(
            slot for start in sorted(found) if (slot := self._slot(start, labels[start], found[start])) is not None
        )

    def _slot(
        self, start: Instant, label: tuple[int, str, int], found: list[tuple[_Candidate, list[Busy]]]
    ) -> Slot | None:
        if not self._seats([c for c, _ in found]):
            return None
        n, time, fold = label
        free = self._seats([c for c, busy in found if not busy])
        causes = () if free else tuple(dict.fromkeys(b.cause for _, busy in found for b in busy))
        ids = tuple(c.resource.id for c in free)
        return Slot(start, dt.date.fromordinal(n), time, fold, bool(free), causes, ids)

    def _against(self, c: _Candidate, start: Instant) -> list[Reason]:
        """Every rule and every busy time that forbids the start on this resource."""
        return [
            *self._outside(c, start),
            *self._untimely(start),
            *self._barred_on(c, c.calendar.at(start).toordinal()),
            *(Reason(b.cause.type, b.cause, c.resource.id) for b in c.in_the_way(start)),
        ]

    def _outside(self, c: _Candidate, start: Instant) -> list[Reason]:
        calendar, end, here = c.calendar, start + c.length, c.resource.id
        n = calendar.at(start).toordinal()
        ranges = [r for m in (n - 1, n, n + 1) for r in calendar.ranges(m, c.length, self.service.tight)]
        if any(start in _starts(each, self.step, c.length) for each in ranges):
            return []
        if any(lo <= start < hi and end <= reach for lo, hi, _, reach in ranges):
            return [Reason("off_grid", resource_id=here)]
        around = range(n - 1, n + 2 + c.length // DAY)
        opening, breaks = [], []
        for m in around:
            opened, paused = calendar.hours(m)
            opening += [(calendar.instant(m, lo), calendar.instant(m, hi)) for lo, hi in opened]
            cut = ((max(lo, a), min(hi, b)) for lo, hi in opened for a, b in paused)
            breaks += [(calendar.instant(m, lo), calendar.instant(m, hi)) for lo, hi in cut if lo < hi]
        reasons = []
        if not any(lo <= start and end <= hi for lo, hi in _merged(opening)):
            shut = not calendar.hours(n)[0] and not any(lo <= start < hi for lo, hi in opening)
            reasons.append(Reason("closed" if shut else "outside_hours", None, here, calendar.rule(n)))
        if any(lo < end and start < hi for lo, hi in breaks if lo < hi):
            reasons.append(Reason("break", resource_id=here))
        return reasons

    def _untimely(self, start: Instant) -> list[Reason]:
        if start < self.now:
            return [Reason("past")]
        return [Reason("too_soon")] if start < self.now + self.service.notice * 60 else []

    def _barred_on(self, c: _Candidate, n: int) -> tuple[Reason, ...]:
        """What forbids a whole local date: the horizon and the limits."""
        key = (c.resource.id, n)
        if key not in self._barred:
            today = c.calendar.at(self.now).toordinal()
            far = (Reason("beyond_horizon"),) if n > today + self.service.horizon else ()
            date = dt.date.fromordinal(n)
            self._barred[key] = (
                *far,
                *_reached("service", self.service.limits, self.service.visits, date, None),
                *_reached("resource", c.resource.limits, c.resource.visits, date, c.resource.id),
                *_reached("client", *self.client, date, None),
            )
        return self._barred[key]

    def _binding(self, reason: Reason, override: bool) -> bool:
        """Whether a reason holds even for a professional who overrides: claimed time and the past do."""
        claimed = reason.cause is not None and (reason.code == "booking" or reason.cause.provider == "bookt")
        return not override or claimed or reason.code == "past"

    def _groups(self, candidates: Iterable[_Candidate]) -> dict[str, list[_Candidate]]:
        """Per join group the tables, each too small alone, that together seat the party."""
        groups: dict[str, list[_Candidate]] = {}
        for c in candidates:
            if c.resource.join is not None and c.resource.seats is not None and c.resource.seats < self.party:
                groups.setdefault(c.resource.join, []).append(c)
        return {
            join: tables for join, tables in groups.items() if sum(c.resource.seats or 0 for c in tables) >= self.party
        }

    def _seats(self, candidates: list[_Candidate]) -> list[_Candidate]:
        """Those that can take the party alone, else those that can together."""
        alone = [c for c in candidates if not c.misfit()]
        return alone or [c for group in self._groups(candidates).values() for c in group]

    def _choose(self, free: list[_Candidate], start: Instant) -> list[_Candidate]:
        """The smallest table, least loaded that day, longest without a booking, first in position; else the
        fewest tables of one group, then fewest seats, then positions."""
        alone = [c for c in free if not c.misfit()]
        if alone:
            return [min(alone, key=lambda c: _rank(c, start))]
        sets = [_fewest(tables, self.party) for tables in self._groups(free).values()]
        return min(sets, key=lambda s: (len(s), sum(c.resource.seats or 0 for c in s), _order(s)), default=[])


def _reached(
    whose: Literal["service", "resource", "client"],
    limits: Limits,
    visits: Iterable[dt.date],
    date: dt.date,
    resource_id: str | None,
) -> list[Reason]:
    counts: list[tuple[Literal["day", "week", "month"], int | None, int]] = [
        ("day", limits.per_day, sum(v == date for v in visits) if limits.per_day is not None else 0),
        ("week", limits.per_week, sum(v.isocalendar()[:2] == date.isocalendar()[:2] for v in visits)),
        ("month", limits.per_month, sum((v.year, v.month) == (date.year, date.month) for v in visits)),
    ]
    return [
        Reason(f"limit_{whose}_{period}", resource_id=resource_id)  # type: ignore[arg-type]
        for period, most, count in counts
        if most is not None and count >= most
    ]


def _rank(c: _Candidate, start: Instant) -> tuple[int, int, bool, int, int, str]:
    r = c.resource
    return (r.seats or 0, c.load(start), r.last_visit is not None, r.last_visit or 0, r.position, r.id)


def _order(tables: Sequence[_Candidate]) -> list[tuple[int, str]]:
    return [(c.resource.position, c.resource.id) for c in tables]


def _fewest(tables: list[_Candidate], party: int) -> list[_Candidate]:
    """Fewest tables, then fewest seats, then first positions: the best set for each (number, seats), table by table."""
    best: dict[tuple[int, int], list[_Candidate]] = {(0, 0): []}
    for table in sorted(tables, key=lambda c: (c.resource.position, c.resource.id)):
        for (number, seats), chosen in list(best.items()):
            key, more = (number + 1, seats + (table.resource.seats or 0)), [*chosen, table]
            if key not in best or _order(more) < _order(best[key]):
                best[key] = more
    return best[min(key for key in best if key[1] >= party)]
