"""Faults planted from outside: the product knows nothing of them, and the proof must fail with each.

An application with a fault is the product's own, changed before it is built. `python -m prove --fault NAME`.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg2
from flask import Flask

import db
from actions import idempotency, outbox
from bookt import create_app
from prove.scratch import Scratch
from queries import availability

STALE = 5.0  # seconds that a look at the agenda is kept
LATE = 0.5  # seconds between a booking and its messages


def unguarded() -> Flask:
    """Looks, waits, writes: no waiting line, and what was seen may be old. (`plant` has dropped the constraint.)"""
    seen: dict[Any, tuple[float, availability.Taken]] = {}
    look = availability.taken_around

    def stale_look(ask: availability.Ask, start: int) -> availability.Taken:
        key = ask.service.id, ask.only, ask.offer.local_date(start)
        moment, taken = seen.get(key, (0.0, None))
        if taken is None or time.monotonic() - moment > STALE:
            taken = look(ask, start)
            seen[key] = time.monotonic(), taken
        return taken

    _replace(availability, "taken_around", stale_look)
    for engine in (db.Sqlite, db.Postgresql):
        _replace(engine, "lock", lambda *_: None)
    return create_app()


def late_messages() -> Flask:
    """Writes the messages of an event in a transaction of their own, a moment after the event's."""
    announce, writing = outbox.announce, db.writing
    turn: ContextVar[list[Callable[[], None]]] = ContextVar("late messages")

    @contextlib.contextmanager
    def writing_then_telling(business_id: UUID) -> Iterator[None]:
        if db._scope.get() is not None:
            with writing(business_id):
                yield
            return
        token = turn.set([])
        try:
            with writing(business_id):
                yield
            late = turn.get()
        finally:
            turn.reset(token)
        if late:
            time.sleep(LATE)
            with writing(business_id):
                for tell in late:
                    tell()

    _replace(outbox, "announce", lambda *args, **more: turn.get().append(lambda: announce(*args, **more)))
    _replace(db, "writing", writing_then_telling)
    return create_app()


def forgetful() -> Flask:
    """Knows no Idempotency-Key: nothing is kept, nothing is found."""
    _replace(idempotency, "_stored", lambda key: None)
    _replace(idempotency, "_keep", lambda *_: None)
    return create_app()


def _replace(owner: Any, name: str, value: Any) -> None:
    if not hasattr(owner, name):
        raise AttributeError(f"{owner} has no {name}: the planted fault would be none")
    setattr(owner, name, value)


def _drop_guard(place: Scratch) -> None:
    if place.engine == "sqlite":
        with contextlib.closing(sqlite3.connect(place.file)) as connection:
            for event in ("insert", "update"):
                connection.execute(f"DROP TRIGGER claim_no_overlap_{event}")
        return
    with contextlib.closing(psycopg2.connect(place.owner_url)) as connection:
        connection.autocommit = True
        connection.cursor().execute("ALTER TABLE claim DROP CONSTRAINT claim_no_overlap")


@dataclass(frozen=True)
class Fault:
    """`application` is what gunicorn serves, `plant` what is done to the database before."""

    meaning: str
    application: str
    plant: Callable[[Scratch], None] = lambda place: None


FAULTS = {
    "constraint": Fault("the claim guard is dropped and nobody waits in line", "prove.faults:unguarded()", _drop_guard),
    "messages": Fault("messages are written after the commit", "prove.faults:late_messages()"),
    "keys": Fault("Idempotency-Key is ignored", "prove.faults:forgetful()"),
}
