"""Which starts are free: the availability engine. Values in, values out; no database, no clock, no web.

Instants are UTC epoch seconds, intervals half-open, hours minutes from local 00:00 of the opening day.
`day`, `span`, `earliest`, `nearest` offer; `place` accepts by the very same functions; `explain` says why not.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Literal, NamedTuple, Required, TypedDict, Unpack, cast
from zoneinfo import ZoneInfo

Instant = int  # UTC epoch seconds
Minute = int  # from local 00:00; an end up to 2880 crosses midnight, that part belongs to the opening day
WeeklyRange = tuple[int, Minute, Minute]  # day of week (0 = Sunday), start, end; each week

Code = Literal[
    "closed", "break", "outside_hours", "off_grid", "nonexistent_time", "past", "too_soon", "beyond_horizon",
    "limit_service_day", "limit_service_week", "limit_service_month",
    "limit_resource_day", "limit_resource_week", "limit_resource_month",
    "limit_client_day", "limit_client_week", "limit_client_month",
    "booking", "calendar", "party_too_large", "party_too_small", "no_resource",
]  # fmt: skip


class Recurring(NamedTuple):
    """A weekly range that holds every `weeks` weeks (S1 `recurrence`): in those whose `week_number` leaves `phase`
    when divided by `weeks`, before and after any date alike. What passes midnight belongs to its opening day's week."""

    day: int
    start: Minute
    end: Minute
    weeks: int
    phase: int


PRECEDENCE = ("closure", "override", "holiday")
DAY = 86_400
EPOCH = dt.date(1970, 1, 1).toordinal()
LAST = dt.date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a position is taken; S3's SlotBlocker."""

    type: Literal["booking", "calendar"]
    code: str | None = None  # public code of the booking in the way
    provider: str | None = None  # google, outlook, apple; bookt when blocked by hand
    summary: str = ""


class Busy(NamedTuple):
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


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """Weekly hours in an IANA zone, with exceptions by date; opening and breaks may hold every n weeks. One object
    stands for one schedule: what its days become in instants is worked out once and kept with it."""

    zone: str
    opening: tuple[WeeklyRange | Recurring, ...] = ()
    breaks: tuple[WeeklyRange | Recurring, ...] = ()
    days: Mapping[dt.date, tuple[DayRule, ...]] = field(default_factory=dict)

    @property
    def recurs(self) -> bool:
        """Whether its weeks are not all alike."""
        return any(isinstance(each, Recurring) for each in (*self.opening, *self.breaks))


@dataclass(frozen=True, slots=True)
class Limits:
    """Most visits per local day, ISO week and calendar month; None: no limit."""

    per_day: int | None = None
    per_week: int | None = None
    per_month: int | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """What a booking occupies. `busy` must cover `window(...)`; `visits` leave out what `ask` ignores."""

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
    turn: tuple[tuple[int, int], ...] = ()  # (largest party, minutes), rising; the last serves any larger
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


class Slot(NamedTuple):
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
    return _Search(service, resources, **ask).day(date.toordinal())


def span(
    service: Service, resources: Sequence[Resource], first: dt.date, last: dt.date, **ask: Unpack[Ask]
) -> list[Day]:
    """The opening days from `first` to `last`, both included."""
    search = _Search(service, resources, **ask)
    return [search.day(n) for n in range(first.toordinal(), last.toordinal() + 1)]


def earliest(
    service: Service, resources: Sequence[Resource], first: dt.date, count: int = 1, **ask: Unpack[Ask]
) -> list[Slot]:
    """The first free starts from opening day `first` to the horizon."""
    search = _Search(service, resources, **ask)
    found: dict[Instant, Slot] = {}
    for n in range(max(first.toordinal(), search.first_day), search.last_day + 1):
        # Starts past midnight may come after the next day's first ones, hence one day more.
        if len(found) >= count and n - 1 > max(sorted(found)[:count]) // DAY + EPOCH:
            break
        found |= search.free(n)
    return [found[start] for start in sorted(found)[:count]]


def nearest(
    service: Service,
    resources: Sequence[Resource],
    start: Instant,
    count: int = 3,
    within: int = 7,
    **ask: Unpack[Ask],
) -> list[Slot]:
    """The free starts nearest to a lost one, which is never among them, at most `within` opening days away."""
    search = _Search(service, resources, **ask)
    found: dict[Instant, Slot] = {}
    for middle in {c.calendar.at(start).toordinal() for c in search.everyone}:
        for n in range(max(middle - within, search.first_day), min(middle + within, search.last_day) + 1):
            found |= search.free(n)
    found.pop(start, None)
    return sorted(found.values(), key=lambda slot: (abs(slot.starts_at - start), slot.starts_at))[:count]


def place(
    service: Service,
    resources: Sequence[Resource],
    start: Instant,
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


def window(service: Service, resources: Sequence[Resource], first: dt.date, last: dt.date) -> tuple[Instant, Instant]:
    """The instants between which `busy` must be known to answer anything about opening days `first` to `last`."""
    calendars = {_calendar(r.schedule) for r in resources}
    starts = min((c.instant(first.toordinal(), 0) for c in calendars), default=0)
    ends = max((c.instant(last.toordinal(), 2880) for c in calendars), default=0)
    return starts - DAY - service.before * 60, ends + _longest(service) + service.after * 60


def offer_window(
    service: Service, resources: Sequence[Resource], first: dt.date, last: dt.date
) -> tuple[Instant, Instant]:
    """The same for `day`, `span`, `earliest` and `nearest` alone: from the first opening to the last visit's end. Empty
    (0, 0) when nobody is open."""
    days = range(first.toordinal(), last.toordinal() + 1)
    pieces = [each for c in {_calendar(r.schedule) for r in resources} for n in days for each in c.pieces(n)]
    if not pieces:
        return 0, 0
    starts, ends = min(lo for lo, _, _ in pieces), max(hi for _, hi, _ in pieces)
    return starts - service.before * 60, ends + _longest(service) + service.after * 60


def _longest(service: Service) -> int:
    """Seconds that a visit takes at most."""
    return 60 * max([service.duration, *(minutes for _, minutes in service.turn)])


def open_ranges(schedule: Schedule, date: dt.date) -> list[tuple[Instant, Instant]]:
    """When an opening day is open: opening less breaks, touching ranges merged."""
    return _merged((lo, hi) for lo, hi, _ in _calendar(schedule).pieces(date.toordinal()))


def week_number(date: dt.date) -> int:
    """The ISO weeks, Monday to Sunday, counted without end: what the recurrence of a range is reckoned by."""
    return _week_number(date.toordinal())


def every(weeks: int, first: dt.date, each: WeeklyRange) -> WeeklyRange | Recurring:
    """`each`, in the week of `first` and every so many weeks from there."""
    return each if weeks == 1 else Recurring(*each, weeks, week_number(first) % weeks)


def holding(rules: Iterable[WeeklyRange | Recurring], week: int) -> list[WeeklyRange]:
    """The ranges that hold in a week, by its `week_number`."""
    return [each[:3] for each in rules if not isinstance(each, Recurring) or week % each.weeks == each.phase]


def to_instant(zone: str, date: dt.date, time: str, fold: int = 0) -> Instant | None:
    """The instant of a wall-clock "HH:MM"; None when it does not exist (or, with fold 1, exists but once)."""
    wall = dt.datetime.combine(date, dt.time(int(time[:2]), int(time[3:])), ZoneInfo(zone)).replace(fold=fold)
    instant = int(wall.timestamp())
    try:
        back = dt.datetime.fromtimestamp(instant, wall.tzinfo)
    except (ValueError, OverflowError):  # year 0 or 10000 in UTC
        return None
    return instant if (back.replace(tzinfo=None), back.fold) == (wall.replace(tzinfo=None), fold) else None


# -- the kernel: plain integers ------------------------------------------------------------------------------

# From, to, the instant its grid counts from, and the end of the open time it is part of.
Range = tuple[Instant, Instant, Instant, Instant]


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
    One sweep over both: of all that starts before a footprint's end only the latest end matters.
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
        self.zone, self.days = ZoneInfo(schedule.zone), schedule.days
        self.rules = schedule.opening, schedule.breaks
        alternating = {each.day for rules in self.rules for each in rules if isinstance(each, Recurring)}
        self.week = [None if day in alternating else self.in_week(day, 0) for day in range(7)]
        self._offsets: dict[int, int] = {}
        self._pieces: dict[int, list[tuple[Instant, Instant, Instant]]] = {}

    def rule(self, n: int) -> str:
        """Which kind of exception rules the day; empty when the week does."""
        kinds = {rule.kind for rule in self.days.get(_date(n), ())}
        return next((kind for kind in PRECEDENCE if kind in kinds), "")

    def hours(self, n: int) -> tuple[list[tuple[Minute, Minute]], ...]:
        """Opening and breaks of the day, in minutes."""
        kind = self.rule(n)
        if not kind:
            return self.week[n % 7] or self.in_week(n % 7, _week_number(n))  # day 7 was a Sunday
        ruling = (rule for rule in self.days[_date(n)] if rule.kind == kind != "closure")
        return _merged(each for rule in ruling for each in rule.ranges), []

    def in_week(self, day: int, week: int) -> tuple[list[tuple[Minute, Minute]], ...]:
        """Opening and breaks of a day of the week by the rules that hold in week `week`."""
        return tuple(_merged((a, b) for d, a, b in holding(rules, week) if d == day) for rules in self.rules)

    def open_minutes(self, n: int) -> list[tuple[Minute, Minute, Minute]]:
        """Opening less breaks as (start, end, start of the opening it is cut from), in minutes."""
        opening, breaks = self.hours(n)
        pieces = []
        for anchor, end in opening:
            start = anchor
            for pause, resume in breaks:
                pieces.append((start, min(pause, end), anchor))
                start = max(start, resume)
            pieces.append((start, end, anchor))
        return [piece for piece in pieces if piece[0] < piece[1]]

    def opening(self, n: int) -> list[tuple[Instant, Instant]]:
        return [(self.instant(n, lo), self.instant(n, hi)) for lo, hi in self.hours(n)[0]]

    def pieces(self, n: int) -> list[tuple[Instant, Instant, Instant]]:
        """Opening less breaks, in instants. What falls into the hour that a clock change skips is gone."""
        if n not in self._pieces:
            turned = ([self.instant(n, minute) for minute in piece] for piece in self.open_minutes(n))
            self._pieces[n] = [(lo, hi, anchor) for lo, hi, anchor in turned if lo < hi]
        return self._pieces[n]

    def ranges(self, n: int, length: int, tight: bool) -> list[Range]:
        """The day's pieces for the grid. Open time goes on over midnight where neighbouring days touch."""
        whole = _merged((lo, hi) for m in self.around(n, length) for lo, hi, _ in self.pieces(m))
        begins = [lo for lo, _ in whole]
        return [
            (lo, hi, lo if tight else anchor, whole[bisect_right(begins, lo) - 1][1])
            for lo, hi, anchor in self.pieces(n)
        ]

    def around(self, n: int, length: int) -> range:
        """The days that a visit of day `n` can reach; one more than it seems: a zone may skip one (Samoa, 2011)."""
        return range(n - 1, n + 3 + length // DAY)

    def instant(self, n: int, minute: Minute) -> Instant:
        """A wall-clock edge: the first of a doubled time; for a skipped one the moment of the change."""
        if self.steady(n):
            return (n - EPOCH) * DAY - self.offset(n) + minute * 60
        wall = dt.datetime.combine(_date(n), dt.time(), self.zone) + dt.timedelta(minutes=minute)
        later = wall.replace(fold=1)
        first, second = int(wall.timestamp()), int(later.timestamp())
        if first <= second:
            return first
        return second + bisect_left(
            range(second, first), True, key=lambda t: self.at(t).utcoffset() == later.utcoffset()
        )

    def steady(self, n: int) -> bool:
        """Whether no clock change touches the day or its night."""
        return self.offset(n) == self.offset(n + 1) == self.offset(n + 2)

    def offset(self, n: int) -> int:
        if n not in self._offsets:
            offset = dt.datetime.combine(_date(n), dt.time(), self.zone).utcoffset() or dt.timedelta()
            self._offsets[n] = int(offset.total_seconds())
        return self._offsets[n]

    def at(self, start: Instant) -> dt.datetime:
        return dt.datetime.fromtimestamp(start, self.zone)

    def label(self, n: int, start: Instant) -> tuple[int, str, int]:
        """Day number, "HH:MM" and fold of a start of opening day `n`; plain arithmetic but when the clock changes."""
        if not self.steady(n):
            local = self.at(start)
            return local.toordinal(), f"{local:%H:%M}", local.fold
        days, seconds = divmod(start + self.offset(n), DAY)
        return days + EPOCH, f"{seconds // 3600:02}:{seconds // 60 % 60:02}", 0


def _week_number(n: int) -> int:
    return (n - 1) // 7  # day 1 was a Monday


@lru_cache(maxsize=2_048)
def _calendar(schedule: Schedule) -> _Calendar:
    return _Calendar(schedule)


def _date(n: int) -> dt.date:
    return dt.date.fromordinal(min(max(n, 1), LAST))


# -- one question --------------------------------------------------------------------------------------------


class _Candidate:
    """A resource as this question sees it."""

    def __init__(self, resource: Resource, calendar: _Calendar, service: Service, party: int, ignore: str | None):
        self.resource, self.calendar, self.service, self.party = resource, calendar, service, party
        self.id, self.seats, self.rank = resource.id, resource.seats or 0, (resource.position, resource.id)
        minutes = service.duration
        if resource.seats is not None and service.turn:
            minutes = next((m for most, m in service.turn if party <= most), service.turn[-1][1])
        self.length = minutes * 60
        self.before, self.after = service.before * 60, self.length + service.after * 60
        mine = (b for b in resource.busy if ignore is None or b.booking_id != ignore)
        self.busy = sorted((b for b in mine if b.starts_at < b.ends_at), key=lambda b: b.starts_at)
        self.starts = [b.starts_at for b in self.busy]
        self.ends = [b.ends_at for b in self.busy]
        self.latest = list(accumulate(self.ends, max))
        self.unfit = self._unfit()  # why it cannot have the party alone
        self.joins = resource.join is not None and resource.seats is not None and resource.seats < party

    def taken(self, positions: list[Instant]) -> dict[Instant, list[Busy]]:
        """What is in the way of each position: the sweep clears most, the others are looked at closely."""
        first = bisect_right(self.latest, positions[0] - self.before) if positions else 0
        free = free_starts(positions, self.starts, self.ends, before=self.before, after=self.after, first=first)
        clear = set(free)
        return {start: [] if start in clear else self.in_the_way(start) for start in positions}

    def in_the_way(self, start: Instant) -> list[Busy]:
        """What keeps a visit from starting then; others of its own session only when too few lanes are left."""
        meeting, session = self._meeting(start)
        return meeting if len(self._lanes(session)) < self.party else [b for b in meeting if b not in session]

    def units(self, start: Instant) -> list[int]:
        """The units a visit takes: all of them, or for a group the lowest free lanes."""
        if self.service.capacity == 1:
            return list(range(self.resource.units))
        return self._lanes(self._meeting(start)[1])[: self.party]

    def load(self, start: Instant) -> int:
        """Booked minutes of the start's local day; a booking or session on several units counts once."""
        date = self.calendar.at(start).date()
        near = (b for b in self.busy if b.cause.type == "booking" and abs(b.starts_at - start) < 2 * DAY)
        booked = {(b.starts_at, b.ends_at, b.minutes) for b in near if self.calendar.at(b.starts_at).date() == date}
        return sum((hi - lo) // 60 if minutes is None else minutes for lo, hi, minutes in booked)

    def _unfit(self) -> Code | None:
        if self.resource.seats is None:
            crowd = self.service.capacity > 1 and self.party > len(self._lanes([]))
            return "party_too_large" if crowd else None
        if self.party > self.seats:
            return "party_too_large"
        return "party_too_small" if self.party < self.resource.min_seats else None

    def _meeting(self, start: Instant) -> tuple[list[Busy], list[Busy]]:
        """What meets the footprint, and that part of it which belongs to the same group session."""
        lo, hi = bisect_right(self.latest, start - self.before), bisect_left(self.starts, start + self.after)
        meeting = [b for b in self.busy[lo:hi] if b.ends_at > start - self.before]
        if self.service.capacity == 1:
            return meeting, []
        return meeting, [b for b in meeting if b.session == (self.service.id, start) and b.unit is not None]

    def _lanes(self, session: list[Busy]) -> list[int]:
        used = {b.unit for b in session}
        return [lane for lane in range(min(self.service.capacity, self.resource.units)) if lane not in used]


class _Search:
    def __init__(
        self,
        service: Service,
        resources: Sequence[Resource],
        now: Instant,
        party: int = 1,
        ignore: str | None = None,
        client_limits: Limits = Limits(),
        client_visits: Sequence[dt.date] = (),
    ) -> None:
        self.service, self.now, self.party = service, now, party
        self.client_limits, self.client_visits = client_limits, client_visits
        everyone = [_Candidate(r, _calendar(r.schedule), service, party, ignore) for r in resources]
        self.everyone = sorted(everyone, key=lambda c: c.rank)
        self.asked = [c for some in self._able(self.everyone) for c in some]
        self.each_alone = all(c.unfit is None for c in self.asked)
        today = [c.calendar.at(now).toordinal() for c in self.everyone] or [LAST]
        # Days that can hold a start, with a margin: ranges spill over midnight either way when clocks turn back.
        self.first_day = min(today) - 2
        self.last_day = min(max(today) + service.horizon + 1, LAST - 1)
        self._barred: dict[tuple[str, int], list[Reason]] = {}

    def day(self, n: int) -> Day:
        minutes = _merged((lo, hi) for c in self.everyone for lo, hi, _ in c.calendar.open_minutes(n))
        opening = (minutes[0][0], minutes[-1][1]) if minutes else None
        pauses = [(a, b) for (_, a), (b, _) in pairwise(minutes)]
        pause = max(pauses, key=lambda p: p[1] - p[0], default=None)
        slots = self._slots(n) if minutes and self.first_day <= n <= self.last_day else ()
        return Day(_date(n), opening, pause, slots)

    def free(self, n: int) -> dict[Instant, Slot]:
        return {slot.starts_at: slot for slot in self.day(n).slots if slot.available}

    def place(self, start: Instant, override: bool) -> Placement | Refusal:
        against = {c.id: self._against(c, start) for c in self.asked}
        free = [c for c in self.asked if not any(not override or _binds(r) for r in against[c.id])]
        chosen = self._choose(free, start)
        if not chosen:
            unfit = [Reason(c.unfit, None, c.id) for c in self.everyone if c.unfit and c.id not in against]
            none = [] if self.everyone else [Reason("no_resource")]
            return Refusal(tuple(dict.fromkeys([*(r for each in against.values() for r in each), *unfit, *none])))
        return Placement(
            starts_at=start,
            ends_at=start + chosen[0].length,
            footprint=(start - chosen[0].before, start + chosen[0].after),
            claims=tuple(sorted((c.id, unit) for c in chosen for unit in c.units(start))),
            warnings=tuple(dict.fromkeys(r for c in chosen for r in against[c.id])),
        )

    def _slots(self, n: int) -> tuple[Slot, ...]:
        found: dict[Instant, list[tuple[_Candidate, list[Busy]]]] = {}
        labels: dict[Instant, tuple[int, str, int]] = {}
        soonest = self.now + self.service.notice * 60
        for c in self.asked:
            ranges = c.calendar.ranges(n, c.length, self.service.tight)
            starts = [t for t in grid(ranges, step=self.service.step * 60, length=c.length) if t >= soonest]
            for t in starts:
                if t not in labels:
                    labels[t] = c.calendar.label(n, t)
            barred = {m: bool(self._barred_on(c, m)) for m in {labels[t][0] for t in starts}}
            for start, busy in c.taken([t for t in starts if not barred[labels[t][0]]]).items():
                found.setdefault(start, []).append((c, busy))
        slots = (self._slot(start, *labels[start], found[start]) for start in sorted(found))
        return tuple(slot for slot in slots if slot)

    def _slot(
        self, start: Instant, n: int, time: str, fold: int, found: list[tuple[_Candidate, list[Busy]]]
    ) -> Slot | None:
        if self.each_alone:  # no tables to combine: who is free is free
            ids = tuple([c.id for c, busy in found if not busy])
            causes = () if ids else tuple(dict.fromkeys(b.cause for _, busy in found for b in busy))
            return Slot(start, _date(n), time, fold, bool(ids), causes, ids)
        taken = dict(found)
        able = [c for some in self._able(taken) for c in some]
        if not able:
            return None
        alone, together = self._able(c for c in able if not taken[c])
        ids = tuple(c.id for c in alone or together)
        causes = () if ids else tuple(dict.fromkeys(b.cause for c in able for b in taken[c]))
        return Slot(start, _date(n), time, fold, bool(ids), causes, ids)

    def _against(self, c: _Candidate, start: Instant) -> list[Reason]:
        """Every rule and every busy time that forbids the start on this resource."""
        early: Code = "past" if start < self.now else "too_soon"
        return [
            *self._outside(c, start),
            *([Reason(early)] if start < self.now + self.service.notice * 60 or early == "past" else []),
            *self._barred_on(c, c.calendar.at(start).toordinal()),
            *(Reason(b.cause.type, b.cause, c.id) for b in c.in_the_way(start)),
        ]

    def _outside(self, c: _Candidate, start: Instant) -> list[Reason]:
        """What the opening hours and the grid have against the start."""
        calendar, end = c.calendar, start + c.length
        n = calendar.at(start).toordinal()
        ranges = [r for m in (n - 1, n, n + 1) for r in calendar.ranges(m, c.length, self.service.tight)]
        if any(start in _starts(each, self.service.step * 60, c.length) for each in ranges):
            return []
        if any(lo <= start < hi and end <= reach for lo, hi, _, reach in ranges):
            return [Reason("off_grid", None, c.id)]

        def met(ranges: Iterable[tuple[Instant, Instant]]) -> int:
            return sum(max(0, min(hi, end) - max(lo, start)) for lo, hi in ranges)

        days, reasons = calendar.around(n, c.length), []
        opening = [each for m in days for each in calendar.opening(m)]
        if met(_merged(opening)) < c.length:
            closed = not calendar.hours(n)[0] and not any(lo <= start < hi for lo, hi in opening)
            reasons.append(Reason("closed" if closed else "outside_hours", None, c.id, calendar.rule(n)))
        if any(met(calendar.opening(m)) > met((lo, hi) for lo, hi, _ in calendar.pieces(m)) for m in days):
            reasons.append(Reason("break", None, c.id))
        return reasons

    def _barred_on(self, c: _Candidate, n: int) -> list[Reason]:
        """What forbids a whole local date: the horizon and the limits."""
        if (c.id, n) not in self._barred:
            far = n > c.calendar.at(self.now).toordinal() + self.service.horizon
            self._barred[c.id, n] = [
                *([Reason("beyond_horizon")] if far else []),
                *_reached("service", self.service.limits, self.service.visits, _date(n)),
                *_reached("resource", c.resource.limits, c.resource.visits, _date(n), c.id),
                *_reached("client", self.client_limits, self.client_visits, _date(n)),
            ]
        return self._barred[c.id, n]

    def _able(self, candidates: Iterable[_Candidate]) -> tuple[list[_Candidate], list[_Candidate]]:
        """Those that can take the party alone, and those that can together with others of them."""
        alone: list[_Candidate] = []
        groups: dict[str | None, list[_Candidate]] = {}
        for c in candidates:
            if c.unfit is None:
                alone.append(c)
            elif c.joins:
                groups.setdefault(c.resource.join, []).append(c)
        return alone, [c for tables in groups.values() if sum(t.seats for t in tables) >= self.party for c in tables]

    def _choose(self, free: list[_Candidate], start: Instant) -> list[_Candidate]:
        """The smallest table, least loaded that day, longest without a booking, first in position; else the
        fewest tables of one group, then fewest seats, then positions."""
        alone, together = self._able(free)
        if alone:
            return [min(alone, key=lambda c: (c.seats, c.load(start), *_idle(c.resource), c.rank))]
        groups = {c.resource.join: [t for t in together if t.resource.join == c.resource.join] for c in together}
        sets = (_fewest(tables, self.party) for tables in groups.values())
        return min(sets, key=lambda s: (len(s), sum(c.seats for c in s), [c.rank for c in s]), default=[])


def _binds(reason: Reason) -> bool:
    """Whether a reason holds even for a professional who overrides: claimed time and the past do."""
    by_hand = reason.cause is not None and reason.cause.provider == "bookt"
    return reason.code in ("booking", "past") or by_hand


def _reached(
    whose: str, limits: Limits, visits: Sequence[dt.date], date: dt.date, resource_id: str | None = None
) -> list[Reason]:
    def full(most: int | None, key: Callable[[dt.date], object]) -> bool:
        return most is not None and sum(key(visit) == key(date) for visit in visits) >= most

    periods = {
        "day": full(limits.per_day, dt.date.toordinal),
        "week": full(limits.per_week, lambda d: d.isocalendar()[:2]),
        "month": full(limits.per_month, lambda d: (d.year, d.month)),
    }
    return [Reason(cast(Code, f"limit_{whose}_{p}"), None, resource_id) for p, reached in periods.items() if reached]


def _idle(resource: Resource) -> tuple[bool, Instant]:
    return resource.last_visit is not None, resource.last_visit or 0


def _fewest(tables: list[_Candidate], party: int) -> list[_Candidate]:
    """Fewest tables, then fewest seats, then first positions: the best set per (tables, seats), table by table."""
    sums = accumulate(sorted((t.seats for t in tables), reverse=True))
    most = next(count for count, seats in enumerate(sums, 1) if seats >= party)
    best: dict[tuple[int, int], list[_Candidate]] = {(0, 0): []}
    for table in sorted(tables, key=lambda c: c.rank):
        for (count, seats), chosen in list(best.items()):
            key, more = (count + 1, seats + table.seats), [*chosen, table]
            if count < most and (key not in best or [c.rank for c in more] < [c.rank for c in best[key]]):
                best[key] = more
    return best[min(key for key in best if key[1] >= party)]
