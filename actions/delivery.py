"""Taking a due message, and writing down what became of it.

A message is taken for LEASE_SECONDS with a token of its own. Whoever comes back later than that finds the token
changed, and what it has to say is not written. `now` is UTC epoch seconds.
"""

import datetime as dt
import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from models import AccountMessage, Message

LEASE_SECONDS = 60
FIRST_RETRY, LONGEST_RETRY = 10, 15 * 60  # seconds
LONGEST_AWAY = 2 * 60  # the same, while no mail at all gets through
GIVE_UP = 24 * 3600  # seconds after a message was due


@dataclass(frozen=True, slots=True)
class Leased:
    """One message in our hands; `business_id` None: it is about somebody's account. `attempts` counts this try too."""

    business_id: UUID | None
    id: UUID
    booking_id: UUID | None
    template: str
    recipient: str
    locale: str
    data: dict[str, Any]
    dedupe_key: str
    attempts: int
    lease: UUID


def lease(*, now: float) -> Leased | None:
    """The message that waits longest: first of those about accounts, since somebody waits at the door, then of any
    business. Its next try is moved ahead here, before it can fail: a message that kills its worker comes back after the
    lease, not at once."""
    return _lease(None, AccountMessage, now) or _lease("outbox", Message, now)


def _lease(door: str | None, model: Any, now: float) -> Leased | None:
    token = uuid.uuid4()
    with db.door(door) if door else db.platform():
        taken: Any = db.handle.execute_sql(_lease_statement(model), _lease_values(token, now)).fetchone()
        return _leased(_row(model, *map(db.as_uuid, taken)).get()) if taken else None


def sent(message: Leased, *, now: float) -> bool:
    """False when the lease is no longer ours; then nothing was written (so for all of these)."""
    return _record(message, state="sent", sent_at=_at(now), error=None, claimed_until=None)


def dropped(message: Leased, *, why: str) -> bool:
    """It says nothing true any more, or nothing useful."""
    return _record(message, state="dropped", error=why, claimed_until=None)


def dead(message: Leased, *, why: str) -> bool:
    """It will never get through."""
    return _record(message, state="dead", error=why, claimed_until=None)


def failed(message: Leased, *, why: str, now: float, jitter: float, nobody: bool = False) -> bool:
    """Try again after 10 s·2ⁿ, at most 15 minutes, or 2 when `nobody` gets through: the server's return is seen soon.
    `jitter` (0–1) takes up to a quarter off, so that what failed together does not come back together."""
    longest = LONGEST_AWAY if nobody else LONGEST_RETRY
    wait = min(longest, pause(message.attempts)) * (1 - jitter / 4)
    return _record(message, error=why, claimed_until=_at(now + wait))


def pause(attempts: int) -> int:
    """Seconds until the next try, after this many."""
    return min(LONGEST_RETRY, FIRST_RETRY << min(attempts - 1, 10))


def give_up(*, now: float) -> int:
    """Messages that have failed for a day are dead; returns how many. One that was never tried is not among them."""
    return _give_up(db.door("outbox"), Message.everywhere(), Message, now) + _give_up(
        db.platform(), AccountMessage, AccountMessage, now
    )


def _give_up(scope: AbstractContextManager[None], queries: Any, model: Any, now: float) -> int:
    with scope:
        old = (model.due_at < _at(now - GIVE_UP)) & (model.attempts > 0) & _free(model, now)
        statement = queries.update(state="dead", claimed_until=None, lease=None)
        count: int = statement.where((model.state == "due") & old).execute()
    return count


def _lease_statement(model: Any) -> str:
    mark, table = db.handle.param, model._meta.table_name
    key = ("business_id", "id") if model is Message else ("id",)
    named = ", ".join(f"{table}.{each}" for each in key)
    same = " AND ".join(f"{table}.{each} = picked.{each}" for each in key)
    locked = "" if db.is_sqlite() else "FOR UPDATE SKIP LOCKED"
    return f"""
        WITH picked AS MATERIALIZED (
            SELECT {", ".join(key)} FROM {table}
            WHERE state = 'due' AND due_at <= {mark} AND (claimed_until IS NULL OR claimed_until <= {mark})
            ORDER BY due_at, id LIMIT 1 {locked})
        UPDATE {table} SET lease = {mark}, claimed_until = {mark}, attempts = attempts + 1
        FROM picked WHERE {same}
        RETURNING {named}"""


def _lease_values(token: UUID, now: float) -> tuple[Any, ...]:
    moment, until = (db.instant_value(_at(each)) for each in (now, now + LEASE_SECONDS))
    return moment, moment, db.id_value(token), until


def _leased(row: Any) -> Leased:
    """What is about an account names no business and no booking."""
    values: dict[str, Any] = {name: getattr(row, name, None) for name in Leased.__dataclass_fields__}
    return Leased(**values)


def _row(model: Any, *key: UUID) -> Any:
    if model is AccountMessage:
        return AccountMessage.select().where(AccountMessage.id == key[0])
    business_id, message_id = key
    return Message.everywhere().select().where((Message.business_id == business_id) & (Message.id == message_id))


def _record(message: Leased, **values: Any) -> bool:
    if message.business_id is None:
        ours = (AccountMessage.id == message.id) & (AccountMessage.lease == message.lease)
        with db.platform():
            return bool(AccountMessage.update(lease=None, **values).where(ours).execute())
    ours = (Message.business_id == message.business_id) & (Message.id == message.id) & (Message.lease == message.lease)
    with db.door("outbox"):
        return bool(Message.everywhere().update(lease=None, **values).where(ours).execute())


def _free(model: Any, now: float) -> Any:
    return model.claimed_until.is_null() | (model.claimed_until <= _at(now))


def _at(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
