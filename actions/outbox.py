"""Who is told what: one row per message, in the transaction of its event. Delivery is the jobs' work."""

import datetime as dt
from typing import Any
from uuid import UUID

from lib.ids import uuid7
from models import Message
from queries.business import BusinessCard

REMINDER_HOURS = 24
REMINDER_MARGIN_HOURS = 2  # a booking made later than this before its reminder needs none


def announce(
    business: BusinessCard, row: Any, event: str, *, now: int, data: dict[str, Any] | None = None,
    client_only: bool = False,
) -> None:  # fmt: skip
    """Messages of one event (`confirmed`, `requested`, `rescheduled`, `cancelled`, `declined`): the client's when
    wanted and reachable, the professional's unless it is their own answer (`client_only`), and the reminder of a visit
    that is far enough. `row` is the booking as just written."""
    due = dt.datetime.fromtimestamp(now, dt.UTC)
    rows = [] if client_only else [_message(row, f"professional_{event}", business.email, business.locale, due, data)]
    if row.notify_email and row.email:
        rows.append(_message(row, f"client_{event}", row.email, row.locale, due, data))
        reminder = row.starts_at - dt.timedelta(hours=REMINDER_HOURS)
        sure = event in ("confirmed", "rescheduled") and row.status != "pending"
        if sure and reminder > due + dt.timedelta(hours=REMINDER_MARGIN_HOURS):
            rows.append(_message(row, "client_reminder", row.email, row.locale, reminder, None))
    if rows:
        Message.insert_many(rows).execute()


def recall(booking_id: UUID, event: str) -> None:
    """What has been taken back before it was told is not told."""
    Message.update(state="dropped").where(
        Message.booking_id == booking_id, Message.state == "due",
        Message.template.in_([f"client_{event}", f"professional_{event}"]),
    ).execute()  # fmt: skip


def drop_reminders(booking_id: UUID) -> None:
    """A moved or cancelled visit is not announced at its old hour."""
    Message.update(state="dropped").where(
        Message.booking_id == booking_id, Message.template == "client_reminder", Message.state == "due"
    ).execute()


def _message(
    row: Any, template: str, recipient: str, locale: str, due_at: dt.datetime, data: dict[str, Any] | None
) -> dict[str, Any]:
    return {
        "id": uuid7(), "booking_id": row.id, "template": template, "recipient": recipient, "locale": locale,
        "data": data or {}, "due_at": due_at, "dedupe_key": f"{row.code}:{template}:{row.sequence}",
    }  # fmt: skip
