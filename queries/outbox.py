"""The outbox as the development page shows it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from models import AccountMessage, Message

SHOWN = 200


@dataclass(frozen=True, slots=True)
class OutboxCard:
    """One message; `business_id` None: it is about an account. `created_at` is read from its key (UUID version 7)."""

    business_id: UUID | None
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
    """Of all businesses and accounts, the newest first."""
    with db.door("outbox"):
        rows: list[Any] = list(Message.everywhere().select().order_by(Message.id.desc()).limit(SHOWN))
    with db.looking():
        rows.extend(AccountMessage.select().order_by(AccountMessage.id.desc()).limit(SHOWN))
    return sorted(map(_card, rows), key=lambda card: card.id, reverse=True)[:SHOWN]


def by_id(message_id: UUID) -> OutboxCard | None:
    with db.door("outbox"):
        row: Any = Message.everywhere().select().where(Message.id == message_id).first()
    with db.looking():
        row = row or AccountMessage.get_or_none(AccountMessage.id == message_id)
    return _card(row) if row else None


def _card(row: Any) -> OutboxCard:
    """What is about an account names no business and no booking."""
    values: dict[str, Any] = {name: getattr(row, name, None) for name in OutboxCard.__dataclass_fields__}
    return OutboxCard(**values)
