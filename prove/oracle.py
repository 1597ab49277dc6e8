"""What the rows say, against what the clients were told. Plain SQL and plain comparisons, none of the product's code.

Each promise has a list of what broke it; an empty list is the zero that the report prints.
"""

import contextlib
import datetime as dt
import sqlite3
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
import psycopg2.extras

from prove.scratch import ZONE, Scratch

TAKES_PLACE = {"held", "pending", "confirmed", "rescheduled", "arrived", "seated"}
NO_BOOKING = {"held", "lapsed"}
AFTER_A_KILL = 3.0  # seconds in which the new server may answer 503: the old one's connections still fill the database

STATEMENTS = {
    "bookings": """SELECT id, code, status, {starts_at}, {ends_at}, party_size, email, message, sequence, service_id
        FROM booking""",
    "claims": "SELECT resource_id, unit, {starts_at}, {ends_at}, booking_id FROM claim",
    "messages": "SELECT booking_id, template, state FROM message",
    "services": "SELECT id, buffer_before, buffer_after, capacity FROM service",
    "resources": "SELECT id, units, seats FROM resource",
}  # fmt: skip


@dataclass(frozen=True)
class State:
    """The rows, ids as text and instants in UTC epoch seconds. `damage`: what the database finds wrong in itself."""

    bookings: Sequence[tuple[str, str, str, float, float, int, str, str, int, str]]
    claims: Sequence[tuple[str, int, float, float, str | None]]
    messages: Sequence[tuple[str | None, str, str]]
    services: Sequence[tuple[str, int, int, int]]
    resources: Sequence[tuple[str, int, int | None]]
    damage: Sequence[str] = ()


@dataclass
class Verdict:
    attempts: int = 0
    sold: int = 0
    held: int = 0  # of them by a hold, through the pages
    refused: int = 0
    won_back: int = 0  # answers that a repeat brought after the first was lost
    slowest_ms: float = 0.0
    broken_promises: dict[str, list[str]] = field(default_factory=dict)

    @property
    def idle(self) -> bool:
        """A run that sold nothing, or refused nothing, proves nothing."""
        return not (self.sold and self.refused)

    @property
    def broken(self) -> bool:
        return self.idle or any(self.broken_promises.values())


def read(place: Scratch) -> State:
    if place.engine == "sqlite":
        with contextlib.closing(sqlite3.connect(f"file:{place.file}?mode=ro", uri=True)) as connection:
            return _read(connection.execute, place.business_id.bytes, "?", "{} / 1000.0", _damage(connection))
    with contextlib.closing(psycopg2.connect(place.owner_url)) as connection:
        psycopg2.extras.register_uuid(conn_or_curs=connection)
        cursor = connection.cursor()
        cursor.execute("SELECT set_config('app.business_id', %s, false)", (str(place.business_id),))

        def run(sql: str, values: tuple[Any, ...]) -> Any:
            cursor.execute(sql, values)
            return cursor

        return _read(run, str(place.business_id), "%s", "extract(epoch FROM {})::float8", ())


def judge(state: State, logs: Sequence[dict[str, Any]], *, kills: Sequence[tuple[float, float]] = ()) -> Verdict:
    """`logs` in each client's own order; `kills`: when the server was killed, and for how long it was away."""
    asked = [each for each in logs if each["kind"] != "repeat"]
    books = [each for each in asked if each["kind"] in ("create", "hold")]
    return Verdict(
        attempts=len(asked),
        sold=sum(each["outcome"] == "ok" for each in books),
        held=sum(each["outcome"] == "ok" and each["kind"] == "hold" for each in books),
        refused=sum(each["outcome"] == "refused" for each in asked),
        won_back=sum(each["outcome"] != "unknown" and each["tries"] > 1 for each in asked),
        slowest_ms=max((each["slowest_ms"] for each in logs), default=0.0),
        broken_promises={
            "overlaps": list(_overlaps(state)),
            "acknowledged bookings lost": list(_lost(state, asked)),
            "doubled keys": list(_doubled(state, logs)),
            "refusals that sold": list(_refused_yet_sold(state, books)),
            "bookings without message": list(_unannounced(state)),
            "messages without booking": list(_unfounded(state)),
            "claims without active booking": list(_idle_claims(state)),
            "active bookings without claims": list(_unclaimed(state)),
            "unexpected errors": list(_unexpected(logs, kills)),
            "answers that never came": [_told(each) for each in logs if each["outcome"] == "unknown"],
            "damage in the database": list(state.damage),
        },
    )


# --- reading ---------------------------------------------------------------------------------------------------------


def _read(run: Any, tenant: Any, mark: str, instant: str, damage: Sequence[str]) -> State:
    def rows(sql: str) -> list[tuple[Any, ...]]:
        found = run(f"{sql.format(**columns)} WHERE business_id = {mark}", (tenant,)).fetchall()
        return [tuple(map(_plain, row)) for row in found]

    columns = {name: instant.format(name) for name in ("starts_at", "ends_at")}
    return State(**{name: rows(sql) for name, sql in STATEMENTS.items()}, damage=damage)


def _plain(value: Any) -> Any:
    """Keys in one spelling, whichever engine and driver they come from."""
    return value.hex() if isinstance(value, bytes) else value.hex if isinstance(value, uuid.UUID) else value


def _damage(connection: sqlite3.Connection) -> list[str]:
    whole = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    return whole + [f"foreign key of {row[0]}" for row in connection.execute("PRAGMA foreign_key_check")]


# --- promises --------------------------------------------------------------------------------------------------------


def _overlaps(state: State) -> Iterable[str]:
    lanes: dict[tuple[str, int], list[tuple[float, float, str | None]]] = defaultdict(list)
    for resource_id, unit, starts_at, ends_at, booking_id in state.claims:
        lanes[resource_id, unit].append((starts_at, ends_at, booking_id))
    for (resource_id, unit), rows in lanes.items():
        until, owner = float("-inf"), None
        for starts_at, ends_at, booking_id in sorted(rows, key=lambda row: row[:2]):
            if starts_at < until:
                yield f"resource {resource_id[-6:]} lane {unit}: {owner} and {booking_id} at {_clock(starts_at)}"
            if ends_at > until:
                until, owner = ends_at, booking_id


def _lost(state: State, logs: Iterable[dict[str, Any]]) -> Iterable[str]:
    """A booking belongs to one client, so the last acknowledged word about it is what must stand in its row."""
    rows = {code: (status, starts_at, email) for _, code, status, starts_at, _, _, email, *_ in state.bookings}
    accepted: dict[str, list[tuple[str, str, str]]] = {}
    for each in logs:
        code = each["code"]
        if not code:
            continue
        before = accepted.get(code, [])
        after = [
            (_status_after(each), each["start"] or start, each["email"])
            for _, start, _ in before or [("", each["start"], "")]
        ]
        if each["outcome"] == "ok":
            accepted[code] = after
        elif each["outcome"] == "unknown":
            accepted[code] = before + after
    for code, states in accepted.items():
        row = rows.get(code)
        told = [(status, _instant(start), email) for status, start, email in states]
        if row not in told:
            yield f"{code}: told {states}, the row says {row and (row[0], _clock(row[1]), row[2])}"


def _status_after(operation: dict[str, Any]) -> str:
    return {"create": "confirmed", "hold": "confirmed", "move": "rescheduled", "cancel": "cancelled"}[operation["kind"]]


def _doubled(state: State, logs: Iterable[dict[str, Any]]) -> Iterable[str]:
    """A key that made two bookings, or that answered a repeat otherwise than the first time."""
    marks = Counter(message for *_, message, _, _ in _real(state) if message)
    yield from (f"key {mark}: {count} bookings" for mark, count in marks.items() if count > 1)
    first = {each["mark"]: each["code"] for each in logs if each["kind"] == "create"}
    for each in logs:
        if each["kind"] == "repeat" and each["outcome"] in ("ok", "refused") and each["code"] != first[each["mark"]]:
            yield f"key {each['mark']}: {first[each['mark']]} at first, then {each['code'] or each['detail']}"


def _refused_yet_sold(state: State, books: Iterable[dict[str, Any]]) -> Iterable[str]:
    marks = {message: code for _, code, *_, message, _, _ in _real(state)}
    refused = (each for each in books if each["outcome"] == "refused")
    yield from (f"{_told(each)}, yet {marks[each['mark']]} exists" for each in refused if each["mark"] in marks)


def _unannounced(state: State) -> Iterable[str]:
    told = _announced(state)
    for booking_id, code, status, *_, sequence, _ in _real(state):
        for side in ("professional", "client"):
            found = told[booking_id, side]
            if len(found) < sequence + 1:
                yield f"{code} ({status}): {len(found)} of {sequence + 1} messages to the {side}"
            elif status == "cancelled" and "cancelled" not in found:
                yield f"{code}: the {side} was not told of the cancellation"


def _unfounded(state: State) -> Iterable[str]:
    real = {booking_id: (status, sequence) for booking_id, _, status, *_, sequence, _ in _real(state)}
    for (booking_id, side), events in _announced(state).items():
        if booking_id not in real:
            yield f"{sorted(events)} to the {side}, about {booking_id}"
            continue
        status, sequence = real[booking_id]
        if len(events) > sequence + 1 or ("cancelled" in events and status != "cancelled"):
            yield f"{sorted(events)} to the {side}, about a booking {status} in its version {sequence}"


def _idle_claims(state: State) -> Iterable[str]:
    active = {booking_id for booking_id, _, status, *_ in state.bookings if status in TAKES_PLACE}
    yield from (
        f"at {_clock(starts_at)} for {booking_id}"
        for _, _, starts_at, _, booking_id in state.claims
        if booking_id not in active
    )


def _unclaimed(state: State) -> Iterable[str]:
    """Also a booking whose claims do not cover its visit and buffers, or seat its party."""
    services = {service_id: rest for service_id, *rest in state.services}
    resources = {resource_id: (units, seats) for resource_id, units, seats in state.resources}
    claims: dict[str | None, list[tuple[str, int, float, float]]] = defaultdict(list)
    for resource_id, unit, claim_start, claim_end, booking_id in state.claims:
        claims[booking_id].append((resource_id, unit, claim_start, claim_end))
    for key, code, status, starts_at, ends_at, party, _, _, _, service_id in state.bookings:
        if status not in TAKES_PLACE:
            continue
        before, after, capacity = services[service_id]
        found = claims[key]
        footprint = {(starts_at - before * 60, ends_at + after * 60)}
        if not found or {(begin, end) for _, _, begin, end in found} != footprint:
            covered = [f"{_clock(begin)}–{_clock(end)}" for _, _, begin, end in found]
            yield f"{code} ({status}) at {_clock(starts_at)}: claims {covered}"
        elif not _seated(found, resources, party, capacity):
            yield f"{code}: {len(found)} claims do not seat a party of {party}"


def _seated(
    found: Sequence[tuple[str, int, float, float]],
    resources: dict[str, tuple[int, int | None]],
    party: int,
    capacity: int,
) -> bool:
    used = {resource_id for resource_id, *_ in found}
    if capacity > 1:
        return len(used) == 1 and len({unit for _, unit, *_ in found}) == party
    whole = len(found) == sum(resources[each][0] for each in used)
    seats = [resources[each][1] for each in used]
    if None in seats:
        return whole and len(used) == 1
    return whole and sum(each or 0 for each in seats) >= party


def _unexpected(logs: Iterable[dict[str, Any]], kills: Sequence[tuple[float, float]]) -> Iterable[str]:
    for each in logs:
        if each["outcome"] == "unexpected":
            yield _told(each)
        for moment, status in each["troubles"]:
            starting = any(killed <= moment <= killed + away + AFTER_A_KILL for killed, away in kills)
            if status != 503 or not starting:
                yield f"{status} to {each['kind']} of client {each['client']}"


def _real(state: State) -> list[tuple[str, str, str, float, float, int, str, str, int, str]]:
    return [row for row in state.bookings if row[2] not in NO_BOOKING]


def _announced(state: State) -> dict[tuple[str | None, str], list[str]]:
    """The events that each side was told of, by booking; reminders announce nothing new."""
    told: dict[tuple[str | None, str], list[str]] = defaultdict(list)
    for booking_id, template, _ in state.messages:
        side, _, event = template.partition("_")
        if event != "reminder":
            told[booking_id, side].append(event)
    return told


def _told(each: dict[str, Any]) -> str:
    what = f"{each['kind']} {each['code']} {each['service']} {each['start']}"
    return f"{what} of client {each['client']}: {each['outcome']} {each['detail']}"


def _instant(local: str) -> float:
    return dt.datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(ZONE)).timestamp()


def _clock(instant: float) -> str:
    return dt.datetime.fromtimestamp(instant, ZoneInfo(ZONE)).strftime("%d %H:%M")
