"""G5 to G7: what it costs to book, alone, in a crowd on one slot, and in a crowd on many."""

import statistics
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import psycopg2

import db
from bench import workload
from bench.harness import PRODUCT, Bench, Inside, booking_request
from bench.load import Broken, Result, get
from bench.raw import postgresql_rate
from bench.report import Figure
from bench.workload import SLUG, other_slug
from config import Settings
from models import Booking, Claim

COMMITS = 6  # a booking may cost bare Flask and so many raw commits
SLOWEST = 250.0  # ms
CONNECTIONS = 16
PACE = 50.0  # bookings a second


def alone(bench: Bench) -> Iterator[Figure]:
    """G5: one visitor books; hello, booking and raw commits in turns."""
    scale, settings = bench.scale, bench.database(bench.scale.medium)
    product, bare = bench.servers((PRODUCT, settings, 1), ("bench.bare:hello", settings, 1))
    free, raw = bench.attached(scale.medium).free(), bench.raw()
    ratios, details = [], []
    taken = 0
    for turn in range(scale.repeats + 1):
        count = scale.bookings if turn else max(3, scale.bookings // 10)  # the first turn warms up
        requests = [booking_request(SLUG, free[n], n) for n in range(taken, taken + count)]
        taken += count
        hello = bench.load.closed(bare.port, [get("/")], seconds=scale.seconds / 4).only(200).p50
        booking = bench.load.closed(product.port, requests).only(201).p50
        with bench.pinned():
            commit = raw.p50(scale.commits)
        if turn:
            ratios.append(booking / (hello + COMMITS * commit))
            details.append((booking, hello, commit))
    _booked(bench, scale.medium, taken)
    ours, hello, commit = (statistics.median(each) for each in zip(*details, strict=True))
    detail = f"{ours:.2f} / ({hello:.2f} + {COMMITS} × {commit:.2f}) ms"
    yield Figure("G5", "booking, p50, against bare + 6 commits", bench.engine, statistics.median(ratios), "×", 1.0,
                 detail=detail)  # fmt: skip


def one_slot(bench: Bench) -> Iterator[Figure]:
    """G6: many clients send the same time at the same moment; two workers."""
    settings = bench.database(bench.scale.medium)
    (server,) = bench.servers((PRODUCT, settings, 2))
    slug = other_slug(0)
    free = _free(bench, slug)
    deadlocks = _deadlocks(settings)
    for clients in bench.scale.clients:
        slowest = 0.0
        for n in range(bench.scale.rounds):
            start = free.pop()
            requests = [booking_request(slug, start, n * 100 + client) for client in range(clients)]
            found = bench.load.burst(server.port, requests).only(201, 409)
            _once(found, clients, start)
            slowest = max(slowest, found.slowest)
        work = f"{clients} clients, one slot, {bench.scale.rounds} rounds: slowest"
        yield Figure("G6", work, bench.engine, slowest, "ms", SLOWEST, detail="one 201 in each round")
    _no_overlap(bench)
    if not bench.sqlite:
        time.sleep(1.2)  # the server tells its counters once a second
        found_deadlocks = _deadlocks(settings) - deadlocks
        if found_deadlocks:
            raise Broken(f"{found_deadlocks} deadlocks")
        yield Figure("G6", "deadlocks", bench.engine, found_deadlocks, "", 0)


def many_slots(bench: Bench) -> Iterator[Figure]:
    """G7: sixteen connections, each start asked once."""
    if bench.sqlite:
        yield from _paced(bench)
        return
    settings = bench.database(bench.scale.medium)
    (server,) = bench.servers((PRODUCT, settings, 2))
    crowd = bench.scale.crowd
    bench.raw()
    others = bench.scale.medium.others
    one = [booking_request(other_slug(1), start, n) for n, start in enumerate(_free(bench, other_slug(1))[:crowd])]
    slugs = [other_slug(n) for n in range(2, min(others, 2 + CONNECTIONS))] or [SLUG]
    each = [(slug, start) for slug in slugs for start in _free(bench, slug)[: -(-crowd // len(slugs))]]
    each.sort(key=lambda pair: pair[1])  # neighbours in the queue belong to different professionals
    many = [booking_request(slug, start, n) for n, (slug, start) in enumerate(each)]
    for work, requests in (("one professional", one), (f"{len(slugs)} professionals", many)):
        bench.load.closed(server.port, requests[:CONNECTIONS], connections=CONNECTIONS).only(201)
        limit = postgresql_rate(settings.database_url, connections=CONNECTIONS, count=4 * crowd)
        found = bench.load.closed(server.port, requests[CONNECTIONS:], connections=CONNECTIONS).only(201)
        share, detail = 100 * found.per_second / limit, f"{found.per_second:.0f} / {limit:.0f} per second"
        yield Figure("G7", f"16 connections, {work}, of the raw limit", bench.engine, share, "%", 15.0, True, detail)
    _no_overlap(bench)


def _paced(bench: Bench) -> Iterator[Figure]:
    settings = bench.database(bench.scale.medium)
    (server,) = bench.servers((PRODUCT, settings, bench.scale.workers))
    slug = other_slug(1)
    free = _free(bench, slug)
    requests = [booking_request(slug, start, n) for n, start in enumerate(free[: bench.scale.paced + CONNECTIONS])]
    bench.load.closed(server.port, requests[:CONNECTIONS], connections=CONNECTIONS).only(201)
    found = bench.load.paced(server.port, requests[CONNECTIONS:], connections=CONNECTIONS, rate=PACE).only(201)
    detail = f"p50 {found.p50:.1f} ms of {len(found.latencies)}"
    yield Figure(
        "G7",
        f"50 bookings/s, {bench.scale.workers} workers: slowest",
        bench.engine,
        found.slowest,
        "ms",
        SLOWEST,
        detail=detail,
    )
    _no_overlap(bench)


def _free(bench: Bench, slug: str) -> list[tuple[str, str]]:
    bench.attached(bench.scale.medium)
    return Inside(slug).free()


def _once(found: Result, clients: int, start: tuple[str, str]) -> None:
    if found.statuses != {"201": 1, "409": clients - 1}:
        raise Broken(f"{clients} clients on {start}: {found.statuses}")


def _booked(bench: Bench, size: workload.Size, made: int) -> None:
    """Every 201 stands in the database."""
    inside = bench.attached(size)
    with db.reading(inside.business.id):
        found = Booking.select().where(Booking.email.startswith("jean.martin.")).count()
    if found < made:
        raise Broken(f"{made} bookings were answered, {found} are kept")


def _no_overlap(bench: Bench) -> None:
    """No two claims of a unit meet, in any business: read row by row, past the guards."""
    settings = bench.database(bench.scale.medium)
    names = "business_id, resource_id, unit, starts_at, ends_at"
    query = f"SELECT {names} FROM {Claim._meta.table_name} ORDER BY {names}"
    with workload.Raw(settings) as raw:
        rows: list[Any] = raw.fetched(query)
    for one, other in pairwise(rows):
        if one[:3] == other[:3] and one[4] > other[3]:
            raise Broken(f"a slot was sold twice: {one} and {other}")


def _deadlocks(settings: Settings) -> int:
    if settings.engine == "sqlite":
        return 0
    connection = psycopg2.connect(settings.database_url)
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
    finally:
        connection.close()
