"""The outbox as the development page shows it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from models import Message

SHOWN = 200


@dataclass(frozen=True, slots=True)
class OutboxCard:
    """One message; `created_at` is read from its key (UUID version 7)."""

    business_id: UUID
    id: UUID
    booking_id: UUID | None
    template: str
    recipient: str
    locale: str
    data: dict[str, Any]
    dedupe_key: str
    state: str
    due_at: dt.datetime
    sent_at: dt.datetime | None
    attempts: int
    error: str | None

    @property
    def created_at(self) -> dt.datetime:
        return dt.datetime.fromtimestamp((self.id.int >> 80) / 1000, dt.UTC)


def latest() -> list[OutboxCard]:
    """Of all businesses, the newest first."""
    with db.door("outbox"):
        rows = Message.everywhere().select().order_by(Message.id.desc()).limit(SHOWN)
        return [_card(row) for row in rows]


def by_id(message_id: UUID) -> OutboxCard | None:
    with db.door("outbox"):
        row = Message.everywhere().select().where(Message.id == message_id).first()
    return _card(row) if row else None


def _card(row: Any) -> OutboxCard:
    return OutboxCard(**{name: getattr(row, name) for name in OutboxCard.__dataclass_fields__})
