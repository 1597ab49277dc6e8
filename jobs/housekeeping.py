"""Tidying that nothing waits for."""

from actions import booking, idempotency, limits
from queries import business


def lapse_holds(*, now: int) -> int:
    """Sweep the holds past their deadline, business by business; returns how many."""
    return sum(booking.lapse(card, now=now) for card in business.all_cards())


def forget(*, now: int) -> int:
    """Drop rate counters and stored answers that have served their time; returns how many."""
    return limits.forget(now=now) + idempotency.forget(now=now)
