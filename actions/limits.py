"""How often something may happen: counters in the database, shared by all processes."""

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, Self

import db
from lib import rates
from models import RateCounter


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `amount` in each window of `seconds`."""

    amount: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """As `lib.rates` reads it; None for `off`. Raises ValueError."""
        found = rates.parse(text)
        return cls(*found) if found else None


def hit(key: str, rate: Rate, *, now: float, cost: int = 1) -> int | None:
    """Count one use; None when it is allowed, else the whole seconds until the window ends."""
    allowed, ends_at = take(key, rate, now=now, cost=cost)
    return None if allowed else max(1, math.ceil(ends_at - now))


def take(key: str, rate: Rate, *, now: float, cost: int = 1) -> tuple[bool, float]:
    """Count uses; whether they are allowed, and when their window ends (UTC epoch seconds)."""
    ends_at = dt.datetime.fromtimestamp(now + rate.seconds, dt.UTC)
    begun = db.instant_value(dt.datetime.fromtimestamp(now, dt.UTC))
    mark = db.handle.param
    sql = f"""
        INSERT INTO rate_counter (key, used, ends_at) VALUES ({mark}, {mark}, {mark})
        ON CONFLICT (key) DO UPDATE SET
            used = excluded.used + CASE WHEN rate_counter.ends_at <= {mark} THEN 0 ELSE rate_counter.used END,
            ends_at = CASE WHEN rate_counter.ends_at <= {mark} THEN excluded.ends_at ELSE rate_counter.ends_at END
        RETURNING used, ends_at"""
    with db.platform():
        cursor = db.handle.execute_sql(sql, (key, cost, db.instant_value(ends_at), begun, begun))
        used, window_end = cursor.fetchone()
    return used <= rate.amount, _seconds(window_end)


def used(key: str, *, now: float) -> int:
    """How often a key was used in its current window."""
    row = _current(key, now)
    return row.used if row else 0


def spent(key: str, rate: Rate, *, now: float) -> int | None:
    """Whole seconds until the window ends when nothing of the rate is left, else None. Counts nothing."""
    row = _current(key, now)
    if row is None or row.used < rate.amount:
        return None
    return max(1, math.ceil(_seconds(row.ends_at) - now))


def forget(*, now: float) -> int:
    """Drop the counters whose window is over; returns how many."""
    with db.platform():
        dropped: int = (
            RateCounter.delete().where(RateCounter.ends_at <= dt.datetime.fromtimestamp(now, dt.UTC)).execute()
        )
    return dropped


def _current(key: str, now: float) -> Any:
    moment = dt.datetime.fromtimestamp(now, dt.UTC)
    with db.looking():
        return RateCounter.get_or_none(RateCounter.key == key, RateCounter.ends_at > moment)


def _seconds(value: dt.datetime | int) -> float:
    return value.timestamp() if isinstance(value, dt.datetime) else value / 1000
