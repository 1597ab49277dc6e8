"""Being signed in: a row per browser and per API token, which its owner sees and ends."""

import datetime as dt
from typing import Literal
from uuid import UUID, uuid4

import db
from models import Session

LIFE = 30 * 24 * 3600  # seconds, whatever is done meanwhile (ASVS 7.3.2)
AGENT_LENGTH = 200
KEPT = 30 * 24 * 3600  # seconds that a session which is over stays in the books


def begin(
    user_id: UUID, *, now: int, agent: str, network: str, kind: Literal["browser", "api"] = "browser",
    business_id: UUID | None = None,
) -> UUID:  # fmt: skip
    """A new session, always under a new id; an API token's is bound to `business_id`."""
    session_id = uuid4()
    with db.platform():
        Session.insert(
            id=session_id, user_id=user_id, kind=kind, business_id=business_id, agent=agent[:AGENT_LENGTH],
            network=network, created_at=_at(now), expires_at=_at(now + LIFE),
        ).execute()  # fmt: skip
    return session_id


def end(user_id: UUID, session_id: UUID, *, now: int) -> None:
    """Only the user's own; one that has ended needs nothing."""
    _end((Session.id == session_id) & (Session.user_id == user_id), now)


def end_others(user_id: UUID, session_id: UUID | None, *, now: int) -> None:
    """All of a user but the one at hand."""
    _end((Session.user_id == user_id) & (Session.id != session_id if session_id else True), now)


def forget(*, now: int) -> int:
    """Drop the rows of sessions that have been over for a month; returns how many."""
    over = _at(now - KEPT)
    with db.platform():
        dropped: int = Session.delete().where((Session.expires_at <= over) | (Session.ended_at <= over)).execute()
    return dropped


def _end(condition: object, now: int) -> None:
    with db.platform():
        Session.update(ended_at=_at(now)).where(condition, Session.ended_at.is_null()).execute()


def _at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
