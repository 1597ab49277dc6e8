"""A checked commit and nothing else: the limit of what a booking can cost on each engine.

SQLite: BEGIN IMMEDIATE, a look for an overlap, an insert, COMMIT. PostgreSQL: one insert that the same exclusion
constraint judges as the product's claims. Both with the `synchronous` setting that the product has.
"""

import multiprocessing
import sqlite3
import statistics
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import psycopg2

ROWS = 1_000  # taken beforehand
LENGTH = 1_800  # seconds of one visit
FIRST = 1_800_000_000

LAST_BEFORE = "SELECT ends_at FROM raw WHERE owner = ? AND starts_at < ? ORDER BY starts_at DESC LIMIT 1"
CONSTRAINT = "EXCLUDE USING gist (owner WITH =, resource WITH =, unit WITH =, tstzrange(starts_at, ends_at) WITH &&)"


class SqliteCommits:
    """On a file of its own beside the product's."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=wal")
        self._connection.execute("PRAGMA synchronous=full")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS raw (owner BLOB, starts_at INTEGER, ends_at INTEGER,"
            " PRIMARY KEY (owner, starts_at)) WITHOUT ROWID"
        )
        self._owner = uuid.uuid4().bytes
        taken = ((self._owner, start, start + LENGTH) for start in _starts(0, ROWS))
        with self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT INTO raw VALUES (?, ?, ?)", taken)
        self._made = ROWS

    def p50(self, count: int) -> float:
        """Milliseconds of one commit."""
        found = []
        for start in _starts(self._made, count):
            began = time.perf_counter()
            self._connection.execute("BEGIN IMMEDIATE")
            (end,) = self._connection.execute(LAST_BEFORE, (self._owner, start + LENGTH)).fetchone()
            if end <= start:
                self._connection.execute("INSERT INTO raw VALUES (?, ?, ?)", (self._owner, start, start + LENGTH))
            self._connection.execute("COMMIT")
            found.append((time.perf_counter() - began) * 1000)
        self._made += count
        return statistics.median(found)

    def close(self) -> None:
        self._connection.close()


class PostgresqlCommits:
    """In a table of its own beside the product's."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True
        cursor = self._connection.cursor()
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS raw (owner uuid, resource uuid, unit smallint, starts_at timestamptz,"
            f" ends_at timestamptz, PRIMARY KEY (owner, resource, unit, starts_at), {CONSTRAINT})"
        )
        self._owner = str(uuid.uuid4())
        for start in _starts(0, ROWS):
            _insert(cursor, self._owner, start)
        self._made = ROWS

    def p50(self, count: int) -> float:
        """Milliseconds of one commit."""
        cursor, found = self._connection.cursor(), []
        for start in _starts(self._made, count):
            began = time.perf_counter()
            _insert(cursor, self._owner, start)
            found.append((time.perf_counter() - began) * 1000)
        self._made += count
        return statistics.median(found)

    def close(self) -> None:
        self._connection.close()


def postgresql_rate(url: str, *, connections: int, count: int) -> float:
    """Commits a second of so many connections at once, `count` in all; two processes share them."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Barrier(3), context.Queue()
    share = connections // 2
    processes = [context.Process(target=_many, args=(url, share, count // 2, ready, done)) for _ in range(2)]
    for each in processes:
        each.start()
    ready.wait(30)
    seconds = max(done.get(timeout=60) for _ in processes)
    for each in processes:
        each.join()
    return float(count // connections * share * 2 / seconds)


def _many(url: str, connections: int, count: int, ready: Any, done: Any) -> None:
    def one(connection: Any, owner: str) -> None:
        cursor = connection.cursor()
        for start in _starts(0, count // connections):
            _insert(cursor, owner, start)

    opened = [psycopg2.connect(url) for _ in range(connections)]
    for each in opened:
        each.autocommit = True
    threads = [threading.Thread(target=one, args=(each, str(uuid.uuid4()))) for each in opened]
    ready.wait(30)
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.put(time.perf_counter() - began)
    for each in opened:
        each.close()


def _insert(cursor: Any, owner: str, start: int) -> None:
    cursor.execute(
        "INSERT INTO raw VALUES (%s, %s, 0, to_timestamp(%s), to_timestamp(%s))", (owner, owner, start, start + LENGTH)
    )


def _starts(made: int, count: int) -> range:
    return range(FIRST + made * LENGTH, FIRST + (made + count) * LENGTH, LENGTH)
