"""The first answer to a key is the only one: stored in the transaction of its effect, given again to a repeat."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from errors import KeyReused, SlotTaken, TooManyBookings
from models import Idempotency
from queries.booking import BookingCard

KEPT_HOURS = 48


@dataclass(frozen=True, slots=True)
class Key:
    """`text` as the caller sent it, `request` what it was sent with (path and body), to tell a repeat from a reuse."""

    text: str
    request: bytes

    @property
    def key_hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:32]

    @property
    def body_hash(self) -> str:
        return hashlib.sha256(self.request).hexdigest()[:32]

    def line(self, business_id: UUID) -> UUID:
        """The waiting line of this key in one business."""
        return UUID(bytes=hashlib.sha256(business_id.bytes + self.text.encode()).digest()[:16])


def once(key: Key | None, now: int, effect: Callable[[], BookingCard]) -> BookingCard:
    """Inside the action's transaction: the stored answer, else the effect's, stored. A repeat that comes while the
    first is under way waits for its answer. Raises KeyReused, and the refusal that is kept."""
    if key is None:
        return effect()
    db.handle.lock([key.line(db.tenant())])
    stored = _stored(key)
    if stored is not None:
        return stored
    answer = effect()
    _keep(key, 200, answer.to_json(), now)
    return answer


def refused_once(business_id: UUID, key: Key | None, now: int, action: Callable[[], BookingCard]) -> BookingCard:
    """The action, whose refusal is kept for the key too. A request may reach us after its own repeat: the repeat was
    told that the place is gone, so the late one must not have it when it is free again."""
    try:
        return action()
    except (SlotTaken, TooManyBookings) as refusal:
        if key is None:
            raise
        with db.writing(business_id):
            db.handle.lock([key.line(business_id)])
            stored = _stored(key)
            if stored is not None:
                return stored
            nearest = refusal.nearest if isinstance(refusal, SlotTaken) else ()
            _keep(key, refusal.status, {"code": refusal.code, "nearest": nearest}, now)
        raise


def given(business_id: UUID, key: Key | None) -> BookingCard | None:
    """The stored answer, looked for before anything is judged: a repeat is answered even when its date has passed or
    its service has left the offer since. Raises KeyReused, and the refusal that is kept."""
    if key is None:
        return None
    with db.reading(business_id):
        return _stored(key)


def forget(*, now: int) -> int:
    """Drop answers older than KEPT_HOURS, for every business; returns how many."""
    limit = dt.datetime.fromtimestamp(now - KEPT_HOURS * 3600, dt.UTC)
    with db.door("housekeeping"):
        dropped: int = Idempotency.everywhere().delete().where(Idempotency.created_at < limit).execute()
    return dropped


def _stored(key: Key) -> BookingCard | None:
    stored = Idempotency.find(key_hash=key.key_hash)
    if stored is None:
        return None
    if stored.body_hash != key.body_hash:
        raise KeyReused
    answer = json.loads(stored.answer)
    if stored.status == 200:
        return BookingCard.from_json(answer)
    raise TooManyBookings if answer["code"] == TooManyBookings.code else SlotTaken(tuple(answer["nearest"]))


def _keep(key: Key, status: int, answer: dict[str, Any], now: int) -> None:
    Idempotency.insert(
        key_hash=key.key_hash, body_hash=key.body_hash, status=status, answer=json.dumps(answer),
        created_at=dt.datetime.fromtimestamp(now, dt.UTC),
    ).execute()  # fmt: skip
