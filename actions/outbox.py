"""Who is told what: one row per message, in the transaction of its event. Delivery is the jobs' work."""

import datetime as dt
from typing import Any
from uuid import UUID

from lib.ids import uuid7
from models import Message
from queries.business import BusinessCard

REMINDER_HOURS = 24
REMINDER_MARGIN_HOURS = 2  # a booking made later than this before its reminder needs none


def announce(business: BusinessCard, row: Any, event: str, *, now: int, data: dict[str, Any] | None = None) -> None:
    """Messages of one event (`confirmed`, `requested`, `rescheduled`, `cancelled`): the client's when wanted, the
    professional's always, and the reminder of a visit that is far enough. `row` is the booking as just written."""
    due = dt.datetime.fromtimestamp(now, dt.UTC)
    rows = [_message(row, f"professional_{event}", business.email, business.locale, due, data)]
    if row.notify_email:
        rows.append(_message(row, f"client_{event}", row.email, row.locale, due, data))
        reminder = row.starts_at - dt.timedelta(hours=REMINDER_HOURS)
        if event in ("confirmed", "rescheduled") and reminder > due + dt.timedelta(hours=REMINDER_MARGIN_HOURS):
            rows.append(_message(row, "client_reminder", row.email, row.locale, reminder, None))
    Message.insert_many(rows).execute()


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
