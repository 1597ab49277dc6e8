"""The oracle itself: rows that break a promise are seen, rows that keep them are not."""

import dataclasses
from typing import Any

import pytest

from prove import oracle
from prove.oracle import State

T = 1_800_000_000.0 // 900 * 900  # a start
HALF = 1800.0
VISIT = ("s1", 0, 10, 1)
GROUP = ("s2", 0, 0, 6)
RESOURCES = (("r1", 1, None), ("room", 6, None), ("t1", 1, 4), ("t2", 1, 2))


def booking(
    number: int = 1,
    status: str = "confirmed",
    *,
    start: float = T,
    party: int = 1,
    sequence: int = 0,
    service: str = "s1",
    mark: str = "",
) -> tuple[Any, ...]:
    return (
        f"b{number}",
        f"AC-{number:06}",
        status,
        start,
        start + HALF,
        party,
        "a@example.com",
        mark or f"m{number}",
        sequence,
        service,
    )


def claim(
    number: int = 1, *, resource: str = "r1", unit: int = 0, start: float = T, end: float = T + HALF + 600
) -> tuple[Any, ...]:
    return resource, unit, start, end, f"b{number}"


def told(number: int = 1, *events: str) -> list[tuple[str, str, str]]:
    return [
        (f"b{number}", f"{side}_{event}", "due")
        for event in events or ("confirmed",)
        for side in ("client", "professional")
    ]


def log(kind: str = "create", number: int = 1, outcome: str = "ok", *, start: float = T, **more: Any) -> dict[str, Any]:
    local = oracle.dt.datetime.fromtimestamp(start, oracle.ZoneInfo(oracle.ZONE)).strftime("%Y-%m-%dT%H:%M")
    return {
        "client": 1, "kind": kind, "mark": f"m{number}", "email": "a@example.com", "code": f"AC-{number:06}",
        "start": "" if kind == "cancel" else local, "service": "s1", "party": 1, "outcome": outcome, "detail": "", "tries": 1,
        "slowest_ms": 5.0, "troubles": [],
    } | more  # fmt: skip


GOOD = State([booking()], [claim()], told(), [VISIT, GROUP], RESOURCES)


def broken(state: State, *logs: dict[str, Any], kills: tuple[tuple[float, float], ...] = ()) -> set[str]:
    found = oracle.judge(state, logs or [log()], kills=kills).broken_promises
    return {promise for promise, examples in found.items() if examples}


def with_rows(**rows: Any) -> State:
    return dataclasses.replace(GOOD, **rows)


def test_what_is_well_is_well() -> None:
    assert broken(GOOD) == set()
    table = with_rows(bookings=[booking(party=6)], claims=[claim(resource="t1"), claim(resource="t2")])
    assert broken(table) == set()
    group = with_rows(
        bookings=[booking(party=2, service="s2")], claims=[claim(resource="room", unit=n, end=T + HALF) for n in (0, 1)]
    )
    assert broken(group) == set()
    gone = with_rows(
        bookings=[booking(status="cancelled", sequence=1)], claims=[], messages=told(1, "confirmed", "cancelled")
    )
    assert broken(gone, log(), log("cancel")) == set()
    moved = with_rows(
        bookings=[booking(status="rescheduled", sequence=1)], messages=told(1, "confirmed", "rescheduled")
    )
    assert broken(moved, log(start=T - HALF), log("move")) == set()


def test_overlaps() -> None:
    second = (booking(2, start=T + 900), claim(2, start=T + 900, end=T + 900 + HALF + 600))
    assert broken(
        with_rows(bookings=[booking(), second[0]], claims=[claim(), second[1]], messages=told() + told(2))
    ) == {"overlaps"}
    late = T + HALF + 600
    beside = with_rows(
        bookings=[booking(), booking(2, start=late)],
        claims=[claim(), claim(2, start=late, end=late + HALF + 600)],
        messages=told() + told(2),
    )
    assert broken(beside) == set()


@pytest.mark.parametrize(
    "state",
    [
        with_rows(bookings=[], claims=[], messages=[]),
        with_rows(bookings=[booking(start=T + HALF)], claims=[claim(start=T + HALF, end=T + 2 * HALF + 600)]),
        with_rows(bookings=[booking(status="pending")]),
    ],
)
def test_an_acknowledged_booking_that_is_gone_moved_or_changed(state: State) -> None:
    assert broken(state) == {"acknowledged bookings lost"}


def test_a_cancellation_or_move_that_did_not_last() -> None:
    assert broken(GOOD, log(), log("cancel")) == {"acknowledged bookings lost"}
    assert broken(GOOD, log(), log("move", start=T + HALF)) == {"acknowledged bookings lost"}


def test_after_an_unknown_answer_either_state_will_do() -> None:
    never = {"answers that never came"}
    assert broken(GOOD, log(), log("cancel", outcome="unknown")) == never
    gone = with_rows(
        bookings=[booking(status="cancelled", sequence=1)], claims=[], messages=told(1, "confirmed", "cancelled")
    )
    assert broken(gone, log(), log("cancel", outcome="unknown")) == never


def test_doubled_keys() -> None:
    late = T + HALF + 600
    twice = with_rows(
        bookings=[booking(), booking(2, start=late, mark="m1")],
        claims=[claim(), claim(2, start=late, end=late + HALF + 600)],
        messages=told() + told(2),
    )
    assert broken(twice) == {"doubled keys"}
    assert broken(GOOD, log(), log("repeat")) == set()
    for again in ({"code": "AC-000009"}, {"code": "", "outcome": "refused"}):
        assert broken(GOOD, log(), log("repeat") | again) == {"doubled keys"}


def test_refusals_that_sold() -> None:
    assert broken(GOOD, log(outcome="refused", code="")) == {"refusals that sold"}


def test_bookings_without_message() -> None:
    for messages in ([], told()[:1], told()[1:]):
        assert broken(with_rows(messages=messages)) == {"bookings without message"}
    gone = with_rows(
        bookings=[booking(status="cancelled", sequence=1)], claims=[], messages=told(1, "confirmed", "rescheduled")
    )
    assert broken(gone, log(), log("cancel")) == {"bookings without message"}


def test_messages_without_booking() -> None:
    assert broken(with_rows(messages=told() + told(9))) == {"messages without booking"}
    assert broken(with_rows(messages=told(1, "confirmed", "rescheduled"))) == {"messages without booking"}
    hold = with_rows(
        bookings=[booking(), booking(2, "held", start=T + 7200)],
        claims=[claim(), claim(2, start=T + 7200, end=T + 7200 + HALF + 600)],
        messages=told() + told(2),
    )
    assert broken(hold) == {"messages without booking"}
    assert broken(with_rows(messages=[*told(), ("b1", "client_reminder", "due")])) == set()


def test_claims_without_active_booking() -> None:
    lapsed = with_rows(
        bookings=[booking(), booking(2, "lapsed", start=T + 7200)],
        claims=[claim(), claim(2, start=T + 7200, end=T + 9600)],
    )
    assert broken(lapsed) == {"claims without active booking"}


@pytest.mark.parametrize(
    "rows",
    [
        {"claims": []},
        {"claims": [claim(end=T + HALF)]},
        {"bookings": [booking(party=5)], "claims": [claim(resource="t1")]},
        {"bookings": [booking(party=2, service="s2")], "claims": [claim(resource="room", end=T + HALF)]},
        {"bookings": [booking()], "claims": [claim(), claim(resource="room")]},
    ],
)
def test_active_bookings_without_fitting_claims(rows: dict[str, Any]) -> None:
    assert broken(with_rows(**rows)) == {"active bookings without claims"}


def test_unexpected_errors() -> None:
    assert broken(GOOD, log(), log("move", 1, "unexpected", code="")) == {"unexpected errors"}
    assert broken(GOOD, log(troubles=[[100.0, 500]]), kills=((99.0, 2.0),)) == {"unexpected errors"}
    assert broken(GOOD, log(troubles=[[100.0, 503]])) == {"unexpected errors"}
    assert broken(GOOD, log(troubles=[[100.0, 503]]), kills=((99.0, 2.0),)) == set()


def test_damage() -> None:
    assert broken(with_rows(damage=["row 3 missing from index"])) == {"damage in the database"}


def test_a_run_that_sold_or_refused_nothing_fails() -> None:
    refusal = log(number=2, outcome="refused", code="")
    assert not oracle.judge(GOOD, [log(), refusal]).broken
    assert oracle.judge(GOOD, [log()]).broken
    assert oracle.judge(with_rows(bookings=[], claims=[], messages=[]), [refusal]).broken
    assert oracle.judge(GOOD, []).broken


def test_figures() -> None:
    verdict = oracle.judge(
        GOOD, [log(tries=3, slowest_ms=40.0), log("repeat"), log(number=2, outcome="refused", code="")]
    )
    assert (verdict.attempts, verdict.sold, verdict.refused, verdict.won_back, verdict.slowest_ms) == (2, 1, 1, 1, 40.0)
