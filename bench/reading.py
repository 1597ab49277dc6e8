"""G1 to G4 and G8: what it costs to show free starts and a page."""

from collections.abc import Callable, Iterator
from typing import Any

import db
from bench import kernel, workload
from bench.harness import DAYS_ASKED, PRODUCT, Asked, Bench, Inside, booking_body, day_requests
from bench.load import Broken, get
from bench.report import Figure
from bench.workload import HORIZON_DAYS, SLUG, Size
from bookt import create_app

HTML_MOST = 25.0  # kB


def day(bench: Bench) -> Iterator[Figure]:
    """G1: S3's JSON of one day, against one read through the same server, engine and database."""
    settings = bench.database(bench.scale.medium)
    product, bare = bench.servers((PRODUCT, settings, 1), ("bench.bare:one_read", settings, 1))
    ours, theirs = Asked(product, day_requests(SLUG)), Asked(bare, [get(f"/{SLUG}")])
    for connections in (1, 4):
        found = bench.compare(ours, theirs, connections=connections)
        most, least = (2.0, 0.5) if connections == 1 else (None, 0.5)
        where = f"{connections} connection{'s' if connections > 1 else ''}"
        yield Figure("G1", f"day of slots, p50, {where}", bench.engine, found.p50, "×", most, detail=found.times)
        yield Figure("G1", f"day of slots, requests/s, {where}", bench.engine, found.rate, "×", least, at_least=True)


def month(bench: Bench) -> Iterator[Figure]:
    """G2: thirty days in one question, one read of the window, inside the process; the kernel alone."""
    inside = bench.attached(bench.scale.medium)
    inside_http(inside)
    found = bench.compare_calls(lambda n: inside.days(30, n % 30), lambda n: inside.days(1, n % 30))
    yield Figure("G2", "30 days against 1, in process", bench.engine, found.p50, "×", 6.0, detail=found.times)
    if bench.sqlite:
        with bench.pinned():
            alone = kernel.measure(rounds=30 * bench.scale.repeats)
        times = f"{alone['kernel_ms']:.3f} / {alone['reference_ms']:.3f} ms"
        yield Figure("G2", "kernel against sorted merge", bench.engine, alone["ratio"], "×", kernel.MOST, detail=times)


def inside_http(inside: Inside) -> None:
    """Thirty days must be thirty answers with starts, or the figure means nothing."""
    days = inside.days(30)
    if len(days) != 30 or not all(each.slots for each in days):
        raise Broken("the month lacks days or starts")


def growth(bench: Bench) -> Iterator[Figure]:
    """G3: the same day with a hundred times the history; ninety days against thirty."""
    scale = bench.scale
    few, many = bench.database(scale.small), bench.database(scale.large)
    small, large = bench.servers((PRODUCT, few, 1), (PRODUCT, many, 1))
    requests = day_requests(SLUG)
    found = bench.compare(Asked(large, requests), Asked(small, requests))
    yield Figure("G3", "day, N=10,000 against N=100, p50", bench.engine, found.p50, "×", 1.15, detail=found.times)
    inside = bench.attached(scale.medium)
    spans = bench.compare_calls(lambda _: inside.days(HORIZON_DAYS), lambda _: inside.days(30))
    yield Figure("G3", "90 days against 30, in process", bench.engine, spans.p50, "×", 3.3, detail=spans.times)


def statements(bench: Bench) -> Iterator[Figure]:
    """G4: statements of one request, whatever N; BEGIN, COMMIT and the tenant's setting not counted."""
    asked: dict[str, tuple[int, list[int]]] = {}
    for size in (bench.scale.small, bench.scale.medium, bench.scale.large):
        for name, most, count in _counts(bench, size):
            asked.setdefault(name, (most, []))[1].append(count)
    for name, (most, counts) in asked.items():
        yield Figure("G4", f"statements: {name}", bench.engine, max(counts), "", most)


def page(bench: Bench) -> Iterator[Figure]:
    """G8: the mini-site with its week of slots, against a compiled template of thirty rows."""
    settings = bench.database(bench.scale.medium)
    product, bare = bench.servers((PRODUCT, settings, 1), ("bench.bare:template", settings, 1))
    request = get(f"/{SLUG}")
    for connections in (1, 4):
        found = bench.compare(Asked(product, [request]), Asked(bare, [get("/")]), connections=connections)
        where = f"{connections} connection{'s' if connections > 1 else ''}"
        yield Figure(
            "G8",
            f"mini-site, requests/s, {where}",
            bench.engine,
            found.rate,
            "×",
            0.4,
            at_least=True,
            detail=found.times,
        )
    body = bench.load.closed(product.port, [request]).only(200).body
    if "<html" not in body or "Prestation" not in body:
        raise Broken("the mini-site shows no services")
    yield Figure("G8", "mini-site, HTML", bench.engine, len(body.encode()) / 1000, "kB", HTML_MOST)


def _counts(bench: Bench, size: Size) -> Iterator[tuple[str, int, int]]:
    inside = bench.attached(size)
    settings = bench.database(size)
    client = create_app(settings, clock=lambda: workload.NOW).test_client()
    free = inside.free()
    first = workload.TODAY.isoformat()
    day_path = f"/{SLUG}/api/availability?serviceId={workload.SERVICE}&date={first}"
    yield "day", 4, _counted(lambda _: client.get(day_path), 200)
    yield "month", 4, _counted(lambda _: Inside().days(DAYS_ASKED))
    yield (
        "booking",
        8,
        _counted(lambda n: client.post(f"/{SLUG}/api/bookings", json=booking_body(free[n], 900_000 + n)), 201),
    )
    yield "public page", 5, _counted(lambda _: client.get(f"/{SLUG}"), 200)


def _counted(work: Callable[[int], Any], status: int | None = None) -> int:
    """The most statements of three calls, after one that fills what is kept in memory."""
    work(0)
    counts = []
    for n in range(1, 4):
        seen: list[Any] = []
        db.handle.obj.query_hooks.append(seen.append)
        try:
            answer = work(n)
        finally:
            db.handle.obj.query_hooks.remove(seen.append)
        if status is not None and answer.status_code != status:
            raise Broken(f"status {answer.status_code} instead of {status}")
        counts.append(len(seen))
    return max(counts)
