"""Taking a due message, and writing down what became of it.

A message is taken for LEASE_SECONDS with a token of its own. Whoever comes back later than that finds the token
changed, and what it has to say is not written. `now` is UTC epoch seconds.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from models import Message

LEASE_SECONDS = 60
FIRST_RETRY, LONGEST_RETRY = 10, 15 * 60  # seconds
LONGEST_AWAY = 2 * 60  # the same, while no mail at all gets through
GIVE_UP = 24 * 3600  # seconds after a message was due


@dataclass(frozen=True, slots=True)
class Leased:
    """One message in our hands. `attempts` counts this try too."""

    business_id: UUID
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
    """The message that waits longest, of any business. Its next try is moved ahead here, before it can fail: a
    message that kills its worker comes back after the lease, not at once."""
    token = uuid.uuid4()
    with db.door("outbox"):
        taken: tuple[Any, Any] | None = db.handle.execute_sql(_lease_statement(), _lease_values(token, now)).fetchone()
        if taken is None:
            return None
        business_id, message_id = map(db.as_uuid, taken)
        return _leased(_row(business_id, message_id).get())


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
    with db.door("outbox"):
        old = (Message.due_at < _at(now - GIVE_UP)) & (Message.attempts > 0) & _free(now)
        statement = Message.everywhere().update(state="dead", claimed_until=None, lease=None)
        count: int = statement.where((Message.state == "due") & old).execute()
    return count


def _lease_statement() -> str:
    mark = db.handle.param
    locked = "" if db.is_sqlite() else "FOR UPDATE SKIP LOCKED"
    return f"""
        WITH picked AS MATERIALIZED (
            SELECT business_id, id FROM message
            WHERE state = 'due' AND due_at <= {mark} AND (claimed_until IS NULL OR claimed_until <= {mark})
            ORDER BY due_at, id LIMIT 1 {locked})
        UPDATE message SET lease = {mark}, claimed_until = {mark}, attempts = attempts + 1
        FROM picked WHERE message.business_id = picked.business_id AND message.id = picked.id
        RETURNING message.business_id, message.id"""


def _lease_values(token: UUID, now: float) -> tuple[Any, ...]:
    moment, until = (db.instant_value(_at(each)) for each in (now, now + LEASE_SECONDS))
    return moment, moment, db.id_value(token), until


def _leased(row: Any) -> Leased:
    return Leased(**{name: getattr(row, name) for name in Leased.__dataclass_fields__})


def _row(business_id: UUID, message_id: UUID) -> Any:
    key = (Message.business_id == business_id) & (Message.id == message_id)
    return Message.everywhere().select().where(key)


def _record(message: Leased, **values: Any) -> bool:
    ours = (Message.business_id == message.business_id) & (Message.id == message.id) & (Message.lease == message.lease)
    with db.door("outbox"):
        return bool(Message.everywhere().update(lease=None, **values).where(ours).execute())


def _free(now: float) -> Any:
    return Message.claimed_until.is_null() | (Message.claimed_until <= _at(now))


def _at(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
