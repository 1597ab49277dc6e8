"""What was changed, by whom: one row per change, in the transaction of the change."""

import datetime as dt
from typing import Any
from uuid import UUID

from actions.access import Actor
from models import Audit


def note(actor: Actor, action: str, subject: UUID | None = None, *, now: int, **data: Any) -> None:
    """Inside `db.writing`. `action` is `noun.past_participle` (`service.archived`), `subject` the row's key; `data` is
    plain JSON, what the history shall tell, and never a secret."""
    Audit.insert(
        by_user=actor.user_id, actor=actor.name, action=action, subject=subject, data=data,
        created_at=dt.datetime.fromtimestamp(now, dt.UTC),
    ).execute()  # fmt: skip
