"""What the goals share: databases filled once, servers started once, and the way two things are compared."""

import dataclasses
import datetime as dt
import os
import random
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import db
from bench import workload
from bench.load import Load, Result, get, post
from bench.raw import PostgresqlCommits, SqliteCommits
from bench.serve import KEY, Server, cores
from bench.workload import Size
from config import Settings
from queries import availability, business, offer
from tools import postgres

PRODUCT = "bench.serve:product"
N100, N1000, N10000 = Size(100), Size(1_000), Size(10_000)
DAYS_ASKED = 30  # requests go round the next month


@dataclass(frozen=True)
class Scale:
    """How long and how much: `seconds` of load per turn, so many interleaved `repeats`."""

    seconds: float = 1.5
    repeats: int = 5
    warm: float = 0.2
    small: Size = N100
    medium: Size = N1000
    large: Size = N10000
    calls: int = 40
    bookings: int = 70
    commits: int = 150
    rounds: int = 20
    clients: tuple[int, ...] = (8, 32)
    crowd: int = 960
    workers: int = 4
    paced: int = 300
    requests: tuple[int, int, int] = (1_000, 2_000, 10_000)
    starts: int = 5
    stored: int = 10_000


TINY = Size(60, 2, 10)
QUICK = Scale(
    seconds=0.05, repeats=1, warm=0.01, small=TINY, medium=TINY, large=TINY, calls=4, bookings=8, commits=20, rounds=2,
    clients=(8,), crowd=32, workers=2, paced=20, requests=(50, 100, 200), starts=1, stored=300,
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Where a load goes: a server and the requests it gets in turn."""

    server: Server
    requests: Sequence[bytes]


@dataclass(frozen=True)
class Compared:
    """Ours against theirs: medians of the ratios of each pair of turns, and of the figures themselves."""

    p50: float
    rate: float
    ours: float
    theirs: float
    body: str

    @property
    def times(self) -> str:
        return f"{self.ours:.2f} / {self.theirs:.2f} ms"


class Bench:
    """One engine's run."""

    def __init__(self, engine: str, scale: Scale, load: Load, stack: ExitStack) -> None:
        self.engine, self.scale, self.load, self._stack = engine, scale, load, stack
        self.core, _ = cores()
        self.folder = Path(tempfile.mkdtemp(prefix="bookt-bench-"))
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._databases: dict[Any, Settings] = {}
        self._servers: dict[Any, Server] = {}

    @property
    def sqlite(self) -> bool:
        return self.engine == "sqlite"

    # -- databases and servers

    def database(self, size: Size) -> Settings:
        """The workload of this size, filled at the first call."""
        if size not in self._databases:
            settings = self.empty_database()
            workload.fill(settings, size)
            db.release()
            self._databases[size] = settings
        return self._databases[size]

    def empty_database(self) -> Settings:
        name = f"bench_{secrets.token_hex(5)}"
        (self.folder / name).mkdir()
        settings = dataclasses.replace(
            Settings(), bookt_data=str(self.folder / name), secret_key=KEY, scheduler=False, demo=False,
            rate_limit_lookup="off", rate_limit_read="off", rate_limit_write="off",
        )  # fmt: skip
        if self.sqlite:
            return settings
        url = self._stack.enter_context(postgres.database(os.environ["BOOKT_TEST_POSTGRES"], name))
        return dataclasses.replace(settings, database_url=url)

    def servers(self, *wanted: tuple[str, Settings, int]) -> list[Server]:
        """(application, settings, workers) each; started together at the first call, kept until the end."""
        missing = [key for key in wanted if key not in self._servers]
        for key in missing:
            application, settings, workers = key
            server = Server(application, settings, workers=workers, core=self.core if workers == 1 else None)
            self._stack.enter_context(server)
            self._servers[key] = server
        for key in missing:
            self._servers[key].wait()
        return [self._servers[key] for key in wanted]

    def raw(self) -> SqliteCommits | PostgresqlCommits:
        settings = self.database(self.scale.medium)
        commits = SqliteCommits(settings.data) if self.sqlite else PostgresqlCommits(settings.database_url)
        self._stack.callback(commits.close)
        return commits

    @contextmanager
    def pinned(self) -> Iterator[None]:
        """This process on the server's core, for what is measured inside it."""
        if self.core is None:
            yield
            return
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self.core})
        try:
            yield
        finally:
            os.sched_setaffinity(0, before)

    # -- what is asked

    def attached(self, size: Size) -> "Inside":
        """The product's queries on this database, in this process."""
        settings = self.database(size)
        db.release()
        db.connect(settings)
        return Inside()

    def days(self, settings: Settings) -> Asked:
        (server,) = self.servers((PRODUCT, settings, 1))
        return Asked(server, day_requests(workload.SLUG))

    # -- how two things are compared

    def compare(self, ours: Asked, theirs: Asked, *, connections: int = 1) -> Compared:
        """Three warm-ups, then A B A B …"""
        for _ in range(3):
            self.turn(ours, connections, self.scale.warm)
            self.turn(theirs, connections, self.scale.warm)
        pairs = [
            (self.turn(ours, connections, self.scale.seconds), self.turn(theirs, connections, self.scale.seconds))
            for _ in range(self.scale.repeats)
        ]
        return Compared(
            p50=statistics.median(a.p50 / b.p50 for a, b in pairs),
            rate=statistics.median(a.per_second / b.per_second for a, b in pairs),
            ours=statistics.median(a.p50 for a, _ in pairs),
            theirs=statistics.median(b.p50 for _, b in pairs),
            body=pairs[-1][0].body,
        )

    def turn(self, asked: Asked, connections: int, seconds: float) -> Result:
        return self.load.closed(
            asked.server.port, asked.requests, connections=connections, seconds=seconds
        ).only(200)  # fmt: skip

    def compare_calls(self, ours: Callable[[int], object], theirs: Callable[[int], object]) -> Compared:
        """The same inside this process: each turn calls so many times, with 0, 1, 2, …"""
        with self.pinned():
            for n in range(3):
                ours(n), theirs(n)
            pairs = [(_median_call(ours, self.scale.calls), _median_call(theirs, self.scale.calls))
                     for _ in range(self.scale.repeats)]  # fmt: skip
        return Compared(
            p50=statistics.median(a / b for a, b in pairs), rate=statistics.median(b / a for a, b in pairs),
            ours=statistics.median(a for a, _ in pairs), theirs=statistics.median(b for _, b in pairs), body="",
        )  # fmt: skip


class Inside:
    """The professional of the database that the handle points at."""

    def __init__(self, slug: str = workload.SLUG) -> None:
        self.business = business.by_slug(slug)
        self.offer = offer.load(self.business)
        self.ask = availability.Ask(self.offer, self.offer.service(workload.SERVICE), workload.NOW)

    def days(self, count: int, first: int = 0) -> list[Any]:
        begin = workload.TODAY + dt.timedelta(days=first)
        return availability.span(self.ask, begin, begin + dt.timedelta(days=count - 1))

    def free(self) -> list[tuple[str, str]]:
        """Every free start within the horizon as (date, time), in an order that jumps about."""
        found = [(slot.date.isoformat(), slot.time) for day in self.days(workload.HORIZON_DAYS, 1)
                 for slot in day.slots if slot.available]  # fmt: skip
        random.Random(1).shuffle(found)
        return found


def day_requests(slug: str) -> list[bytes]:
    dates = (workload.TODAY + dt.timedelta(days=n) for n in range(DAYS_ASKED))
    return [get(f"/{slug}/api/availability?serviceId={workload.SERVICE}&date={date}") for date in dates]


def booking_request(slug: str, start: tuple[str, str], number: int) -> bytes:
    """S3's body, each from another client."""
    return post(f"/{slug}/api/bookings", booking_body(start, number))


def booking_body(start: tuple[str, str], number: int) -> dict[str, Any]:
    date, time_of_day = start
    return {
        "serviceId": workload.SERVICE, "date": date, "time": time_of_day,
        "customer": {"name": "Jean Martin", "email": f"jean.martin.{number}@example.com", "phone": "+33612345678"},
        "notifications": {"email": True, "sms": False},
    }  # fmt: skip


def _median_call(work: Callable[[int], object], calls: int) -> float:
    """Milliseconds."""
    found = []
    for n in range(calls):
        began = time.perf_counter()
        work(n)
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)
