"""Which moments can be chosen: one week as a strip, one day as buttons, and the first start of all.

One statement reads the three weeks ahead; a second one only where they hold nothing, or where the week shown lies
beyond them. However many days and resources: at most three.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import slots
from lib import wall
from queries import availability
from queries.availability import Ask

NEAR_DAYS = 20  # from any first free day within two weeks, its whole week is inside
NOON, EVENING = "12:00", "17:00"
MANY = 5
ANY = ""

State = Literal["free", "full", "over", "closed", "past", "beyond"]


@dataclass(frozen=True, slots=True)
class Time:
    """One button. `value` is what the form sends; `season` tells apart a time that exists twice."""

    value: str
    date: dt.date
    time: str
    starts_at: int
    season: Literal["summer", "winter"] | None = None
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    name: Literal["morning", "afternoon", "evening"]
    times: tuple[Time, ...]


@dataclass(frozen=True, slots=True)
class StripDay:
    date: dt.date
    state: State
    count: int

    @property
    def level(self) -> int:
        """1: the last place, 2: some, 3: many."""
        return 1 if self.count == 1 else 2 if self.count < MANY else 3


@dataclass(frozen=True, slots=True)
class Picker:
    """`earliest` of all, `next_date` the first free day after an empty week; `wanted` the start that a link named."""

    today: dt.date
    last_date: dt.date
    monday: dt.date
    date: dt.date
    week: tuple[StripDay, ...]
    parts: tuple[Part, ...]
    earliest: Time | None
    next_date: dt.date | None
    wanted: Time | None = None

    @property
    def count(self) -> int:
        return sum(len(part.times) for part in self.parts)

    @property
    def shown_state(self) -> State:
        return next((day.state for day in self.week if day.date == self.date), "closed")

    @property
    def is_week_empty(self) -> bool:
        return not any(day.count for day in self.week)

    @property
    def previous(self) -> dt.date | None:
        """Where the previous week opens; its past days are no choice."""
        before = self.monday - dt.timedelta(days=7)
        return max(before, self.today) if self.monday > self.today else None

    @property
    def following(self) -> dt.date | None:
        after = self.monday + dt.timedelta(days=7)
        return after if after <= self.last_date else None


def picker(ask: Ask, *, date: dt.date | None = None, week: dt.date | None = None, wanted: str = "") -> Picker:
    """`date`: the day to show; `week`: any day of the week to show, whose first free day opens. Out of reach or
    absent, the first free day is shown. `wanted` is a start as `lib.wall` writes it."""
    asked = date or week
    days = _Days(ask)
    near = min(ask.today + dt.timedelta(days=NEAR_DAYS), ask.last_date)
    far = asked is not None and _monday(asked) > near
    days.read(ask.today, near)
    if asked is None and not days.free and near < ask.last_date:
        days.read(near + dt.timedelta(days=1), ask.last_date)
    first = next(iter(days.times()), None)
    monday = _monday(asked or (first.date if first else ask.today))
    sunday = monday + dt.timedelta(days=6)
    if sunday > days.until and days.until < ask.last_date:
        days.read(monday if far else days.until + dt.timedelta(days=1), sunday)
    if not days.between(monday, ask.last_date) and max(sunday, days.until) < ask.last_date:
        days.read(max(sunday, days.until) + dt.timedelta(days=1), ask.last_date)
        first = first if far else next(iter(days.times()), None)
    shown = date or next((time.date for time in days.between(monday, sunday)), max(monday, ask.today))
    after = next(iter(days.between(sunday + dt.timedelta(days=1), ask.last_date)), None)
    return Picker(
        today=ask.today, last_date=ask.last_date, monday=monday, date=shown,
        week=tuple(days.strip(monday + dt.timedelta(days=n)) for n in range(7)), parts=parts(days.free.get(shown, ())),
        earliest=first, next_date=after.date if after else None,
        wanted=next((time for time in days.times() if time.value == wanted), None),
    )  # fmt: skip


def asked_dates(ask: Ask, day: str, week: str) -> tuple[dt.date | None, dt.date | None, str]:
    """The day and the week that an address asks for, as far as they can be shown, and what is wrong with them:
    `unreadable`, `past` or `beyond`."""
    date, other = _date(day), _date(week)
    if (day and date is None) or (week and other is None):
        return None, None, "unreadable"
    if any(asked and asked > ask.last_date for asked in (date, other)):
        return None, ask.last_date, "beyond"
    if date and date < ask.today:
        return None, None, "past"
    return date, max(other, ask.today) if other else None, ""


def first_by_resource(ask: Ask) -> dict[str, Time]:
    """The first free start of each resource in the days ahead, by the engine's id; of any, under ANY."""
    days = availability.span(
        ask, ask.today - dt.timedelta(days=1), min(ask.today + dt.timedelta(days=NEAR_DAYS), ask.last_date)
    )
    return firsts(free_times(ask, days))


def firsts(times: list[Time]) -> dict[str, Time]:
    found: dict[str, Time] = {}
    for time in times:
        for key in (ANY, *time.resources):
            found.setdefault(key, time)
    return found


def near_times(ask: Ask, starts: tuple[int, ...]) -> list[Time]:
    """The starts that a lost race proposes instead (`errors.SlotTaken.nearest`)."""
    zone = ask.offer.zone
    local = [(start, dt.datetime.fromtimestamp(start, zone)) for start in starts]
    return [_time(zone.key, at.date(), f"{at:%H:%M}", at.fold, start) for start, at in local]


def by_date(times: list[Time]) -> dict[dt.date, list[Time]]:
    found: dict[dt.date, list[Time]] = defaultdict(list)
    for time in times:
        found[time.date].append(time)
    return dict(found)


def parts(times: tuple[Time, ...] | list[Time]) -> tuple[Part, ...]:
    """A day's times under the headings that have any."""
    groups: tuple[Part, ...] = (
        Part("morning", tuple(time for time in times if time.time < NOON)),
        Part("afternoon", tuple(time for time in times if NOON <= time.time < EVENING)),
        Part("evening", tuple(time for time in times if time.time >= EVENING)),
    )
    return tuple(part for part in groups if part.times)


def free_times(ask: Ask, days: list[slots.Day]) -> list[Time]:
    """Every free start of some days, in order of time."""
    zone = ask.offer.business.timezone
    found = sorted((slot for day in days for slot in day.slots if slot.available), key=lambda slot: slot.starts_at)
    return [_time(zone, slot.date, slot.time, slot.fold, slot.starts_at, slot.resources) for slot in found]


class _Days:
    """What has been read so far, by local date: a range past midnight lists starts of the next date."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._open: dict[dt.date, slots.Day] = {}
        self.free: dict[dt.date, list[Time]] = {}
        self.until = ask.today - dt.timedelta(days=1)

    def read(self, first: dt.date, last: dt.date) -> None:
        found = availability.span(self._ask, first - dt.timedelta(days=1), last)
        self._open |= {day.date: day for day in found}
        fresh = [time for time in free_times(self._ask, found) if first <= time.date <= last]
        self.free |= by_date(fresh)
        self.until = max(self.until, last)

    def times(self) -> list[Time]:
        return [time for date in sorted(self.free) for time in self.free[date]]

    def between(self, first: dt.date, last: dt.date) -> list[Time]:
        return [time for time in self.times() if first <= time.date <= last]

    def strip(self, date: dt.date) -> StripDay:
        return StripDay(date, self._state(date), len(self.free.get(date, ())))

    def _state(self, date: dt.date) -> State:
        if self.free.get(date):
            return "free"
        if date < self._ask.today:
            return "past"
        if date > self._ask.last_date:
            return "beyond"
        day = self._open.get(date)
        if day is None or day.opening is None:
            return "closed"
        return "over" if date == self._ask.today and not day.slots else "full"


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _monday(date: dt.date) -> dt.date:
    return date - dt.timedelta(days=date.weekday())


@lru_cache(maxsize=4_096)
def _clock_changes(zone: str, date: dt.date) -> bool:
    """Whether a time of this date can exist twice; asked once per date, not per time."""
    midnight = dt.datetime.combine(date, dt.time(), ZoneInfo(zone))
    return midnight.utcoffset() != (midnight + dt.timedelta(days=1)).utcoffset()


def _time(zone: str, date: dt.date, time: str, fold: int, starts_at: int, resources: tuple[str, ...] = ()) -> Time:
    season: Literal["summer", "winter"] | None = None
    if _clock_changes(zone, date):
        other = slots.to_instant(zone, date, time, 1 - fold)
        if other is not None and other != starts_at:
            season = "winter" if fold else "summer"
    return Time(wall.write(date.isoformat(), time, fold), date, time, starts_at, season, resources)
