"""What was changed, by whom: one row per change, in the transaction of the change."""

import datetime as dt
from typing import Any
from uuid import UUID

from actions.access import Actor
from models import Audit

CLIENT = "client"


def note(actor: Actor, action: str, subject: UUID | None = None, *, now: int, **data: Any) -> None:
    """Inside `db.writing`. `action` is `noun.past_participle` (`service.archived`), `subject` the row's key; `data` is
    plain JSON, what the history shall tell, and never a secret."""
    _write(actor.user_id, actor.name, action, subject, now, data)


def note_client(action: str, subject: UUID, *, now: int, **data: Any) -> None:
    """The same for what a client did to the own booking."""
    _write(None, CLIENT, action, subject, now, data)


def _write(user_id: UUID | None, actor: str, action: str, subject: UUID | None, now: int, data: dict[str, Any]) -> None:
    Audit.insert(
        by_user=user_id, actor=actor, action=action, subject=subject, data=data,
        created_at=dt.datetime.fromtimestamp(now, dt.UTC),
    ).execute()  # fmt: skip
