"""G11 to G14: memory, start, and room on disk."""

import importlib.metadata
import random
import re
import sqlite3
import statistics
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg2
from packaging.requirements import Requirement

import db
import migrations
from bench import workload
from bench.harness import PRODUCT, Bench, Inside, booking_request, day_requests
from bench.load import get
from bench.report import Figure
from bench.serve import Server
from bench.workload import SLUG, other_slug
from config import Settings
from models import Resource, Service

ROOT = Path(__file__).parents[1]
NOT_OURS = {".git", ".venv", "node_modules", "var", "__pycache__", "htmlcov"}
GROWTH_MOST, PACKAGES_MOST, OWN_MOST = 2.0, 250.0, 2.0  # MB
PER_BOOKING = {"sqlite": 600.0, "postgresql": 1_200.0}  # bytes
STORED = ("booking", "client", "claim", "message")


def memory(bench: Bench) -> Iterator[Figure]:
    """G11: what a worker holds after a mix of requests, and what it gains by going on."""
    first, second, last = bench.scale.requests
    settings = bench.database(bench.scale.medium)
    mix = _mix(bench, last)
    with (
        Server(PRODUCT, settings, core=bench.core) as ours,
        Server("bench.bare:hello", settings, core=bench.core) as bare,
    ):
        ours.wait()
        bare.wait()
        marks = []
        for begin, end in ((0, first), (first, second), (second, last)):
            bench.load.closed(ours.port, mix[begin:end], connections=4).only(200, 201)
            marks.append(_resident(ours))
        bench.load.closed(bare.port, [get("/")] * second, connections=4).only(200)
        theirs = _resident(bare)
    detail = f"{marks[1]:.1f} / {theirs:.1f} MB"
    yield Figure(
        "G11", f"worker RSS after {second:,} requests", bench.engine, marks[1] / theirs, "×", 1.8, detail=detail
    )
    work = f"growth from request {first:,} to {last:,}"
    yield Figure("G11", work, bench.engine, marks[2] - marks[0], "MB", GROWTH_MOST, detail=f"to {marks[2]:.1f} MB")


def start(bench: Bench) -> Iterator[Figure]:
    """G12: from the start of the process to the first page, the scheduler running."""
    settings = bench.database(bench.scale.medium)
    pairs = []
    warm_ups = 1 if bench.scale.starts > 1 else 0  # the first start may still have to write bytecode
    for turn in range(warm_ups + bench.scale.starts):
        pair = (
            _started(Server(PRODUCT, settings, core=bench.core, scheduler=True), f"/{SLUG}"),
            _started(Server("bench.bare:hello", settings, core=bench.core), "/"),
        )
        if turn >= warm_ups:
            pairs.append(pair)
    ours, theirs = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    yield Figure("G12", "start to first page", bench.engine, ratio, "×", 2.0, detail=f"{ours:.0f} / {theirs:.0f} ms")


def sizes(bench: Bench) -> Iterator[Figure]:
    """G13: the locked packages as installed here, without bytecode; our own files."""
    if not bench.sqlite:
        return
    total, missing = _packages()
    lacking = f"not installed here: {', '.join(missing)}"
    yield Figure("G13", "packages of requirements.txt", bench.engine, None if missing else total, "MB", PACKAGES_MOST,
                 detail=lacking if missing else "")  # fmt: skip
    yield Figure("G13", "own files", bench.engine, _own_files(), "MB", OWN_MOST)


def storage(bench: Bench) -> Iterator[Figure]:
    """G14: what a booking with its client, claim, reminder and code takes on disk."""
    settings, count = bench.empty_database(), bench.scale.stored
    migrations.migrate(settings)
    db.release()
    db.connect(settings)
    with workload.Raw(settings) as raw:
        workload.add_business(raw, SLUG, 0, seed="storage")
    inside = Inside()
    before = _stored(settings)
    dice = random.Random("stored")
    resource_id, service_id = _keys(inside)
    with workload.Raw(settings) as raw:
        times = workload.starts(count, dice)
        workload.add_bookings(raw, inside.business.id, resource_id, service_id, times, dice)
    most = PER_BOOKING[bench.engine]
    per_booking = (_stored(settings) - before) / count
    yield Figure("G14", f"bytes per booking, {count:,} stored, as written", bench.engine, per_booking, "B", most,
                 detail=_shares(settings, count))  # fmt: skip
    _vacuum(settings)
    packed = (_stored(settings) - before) / count
    yield Figure("G14", "the same, packed by VACUUM", bench.engine, packed, "B", most)


# --- memory and start ------------------------------------------------------------------------------------------------


def _mix(bench: Bench, count: int) -> list[bytes]:
    """70 % days of every business, 20 % pages, 8 % lists of services, 2 % bookings; the same at every run."""
    bench.attached(bench.scale.medium)
    slugs = [SLUG, *(other_slug(n) for n in range(bench.scale.medium.others))]
    days = [request for pair in zip(*(day_requests(slug) for slug in slugs), strict=True) for request in pair]
    booked = other_slug(bench.scale.medium.others - 1)
    free = Inside(booked).free()
    dice, found = random.Random("mix"), []
    for n in range(count):
        kind = n % 50
        if kind == 0:
            found.append(booking_request(booked, free[n // 50], n))
        elif kind < 5:
            found.append(get(f"/{dice.choice(slugs)}/api/services"))
        elif kind < 15:
            found.append(get(f"/{dice.choice(slugs)}"))
        else:
            found.append(dice.choice(days))
    return found


def _resident(server: Server) -> float:
    """MB (10^6 bytes) of the only worker."""
    (pid,) = server.workers()
    kilobytes = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert kilobytes
    return int(kilobytes[1]) * 1024 / 1e6


def _started(server: Server, path: str) -> float:
    """Milliseconds."""
    with server:
        server.wait(path)
        return (time.perf_counter() - server.began) * 1000


# --- room ------------------------------------------------------------------------------------------------------------


def _packages() -> tuple[float, list[str]]:
    """MB of the locked packages, and those that this environment lacks."""
    lock = (ROOT / "requirements.txt").read_text()
    total, missing = 0, []
    for line in re.findall(r"^([A-Za-z0-9].*==.*?) *\\?$", lock, re.MULTILINE):
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        try:
            files = importlib.metadata.files(wanted.name) or []
        except importlib.metadata.PackageNotFoundError:
            missing.append(wanted.name)
            continue
        paths = (Path(str(file.locate())) for file in files if file.suffix != ".pyc")
        total += sum(path.stat().st_size for path in paths if path.is_file())
    return total / 1e6, missing


def _own_files() -> float:
    """MB of everything in the project's folder but what is made or fetched."""
    total = 0
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        made = any(part in NOT_OURS or part.endswith("_cache") or part == ".hypothesis" for part in parts)
        if path.is_file() and not made:
            total += path.stat().st_size
    return total / 1e6


def _keys(inside: Inside) -> tuple[uuid.UUID, uuid.UUID]:
    with db.reading(inside.business.id):
        (resource_id,) = (row.id for row in Resource.select())
        service_id = Service.find(slug=workload.SERVICE).id  # type: ignore[union-attr]
    return resource_id, service_id


def _stored(settings: Settings) -> int:
    """Bytes: all pages of the file, or the tables with their indexes."""
    if settings.engine == "sqlite":
        connection = sqlite3.connect(workload.sqlite_file(settings))
        pages, page = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        connection.close()
        return int(pages * page)
    found: int = _asked(settings, " + ".join(f"pg_total_relation_size('{table}')" for table in STORED))
    return found


def _shares(settings: Settings, count: int) -> str:
    """Which table takes how much of it."""
    if settings.engine == "sqlite":
        connection = sqlite3.connect(workload.sqlite_file(settings))
        try:
            names = "SELECT name FROM sqlite_schema WHERE tbl_name = ?"
            query = f"SELECT sum(pgsize) FROM dbstat WHERE aggregate = 1 AND name IN ({names})"
            shares = [connection.execute(query, (table,)).fetchone()[0] for table in STORED]
        except sqlite3.OperationalError:  # built without dbstat
            return ""
        finally:
            connection.close()
    else:
        shares = [_asked(settings, f"pg_total_relation_size('{table}')") for table in STORED]
    return ", ".join(f"{table} {size / count:.0f}" for table, size in zip(STORED, shares, strict=True))


def _vacuum(settings: Settings) -> None:
    db.release()
    if settings.engine == "sqlite":
        connection = sqlite3.connect(workload.sqlite_file(settings), isolation_level=None)
        connection.execute("VACUUM")
        connection.close()
        return
    server = psycopg2.connect(settings.database_url)
    server.autocommit = True
    server.cursor().execute("VACUUM FULL")
    server.close()


def _asked(settings: Settings, expression: str) -> int:
    connection = psycopg2.connect(settings.database_url)
    try:
        cursor = connection.cursor()
        cursor.execute(f"SELECT {expression}")
        return int(cursor.fetchone()[0])
    finally:
        connection.close()
