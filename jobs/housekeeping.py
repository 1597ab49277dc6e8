"""Tidying that nothing waits for."""

from actions import booking, idempotency, limits, login_links, sessions
from queries import business


def lapse_holds(*, now: int) -> int:
    """Sweep the holds past their deadline, business by business; returns how many."""
    return sum(booking.lapse(card, now=now) for card in business.all_cards())


def forget(*, now: int) -> int:
    """Drop rate counters, stored answers, links and sessions that have served their time; returns how many."""
    done = (limits, idempotency, login_links, sessions)
    return sum(each.forget(now=now) for each in done)
