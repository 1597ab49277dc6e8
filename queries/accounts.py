"""Who is signed in, and in which businesses they work."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from models import ROLES, Membership, Session, User
from queries import business
from queries.business import BusinessCard


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session and its user. `business_id` binds an API token; `created_at` is the login (UTC epoch seconds)."""

    session_id: UUID
    kind: str
    business_id: UUID | None
    created_at: int
    user_id: UUID
    name: str
    email: str
    locale: str
    proved: bool


@dataclass(frozen=True, slots=True)
class MembershipCard:
    role: str
    resource_id: UUID | None
    news_seen_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Workplace:
    business: BusinessCard
    role: str


def signed_in(session_id: UUID, kind: str, *, now: int) -> SignedIn | None:
    """The session and its user, while neither its end nor its time has come. One statement."""
    with db.looking():
        row: Any = (
            Session.select(
                Session.business_id, Session.created_at, User.id, User.name, User.email, User.locale, User.verified_at
            )
            .join(User, on=(User.id == Session.user_id))
            .where(
                Session.id == session_id, Session.kind == kind, Session.ended_at.is_null(),
                Session.expires_at > dt.datetime.fromtimestamp(now, dt.UTC),
            )
            .tuples().first()
        )  # fmt: skip
    if row is None:
        return None
    business_id, created_at, user_id, name, email, locale, verified_at = row
    login, proved = int(created_at.timestamp()), verified_at is not None
    return SignedIn(session_id, kind, business_id, login, user_id, name, email, locale, proved)


def membership(business_id: UUID, user_id: UUID) -> MembershipCard | None:
    """What a user is in a business at this moment: read at each request, so that a dismissal bites at once."""
    with db.reading(business_id):
        row = Membership.find(user_id=user_id)
    return MembershipCard(row.role, row.resource_id, row.news_seen_at) if row else None


def workplaces(user_id: UUID) -> list[Workplace]:
    """The businesses of a user, by name."""
    with db.door("accounts"):
        rows = list(
            Membership.everywhere().select(Membership.business_id, Membership.role)
            .where(Membership.user_id == user_id).tuples()
        )  # fmt: skip
    found = [Workplace(business.by_id(business_id), role) for business_id, role in rows]
    return sorted(found, key=lambda each: each.business.name.casefold())


@dataclass(frozen=True, slots=True)
class DemoPerson:
    user_id: UUID
    business: BusinessCard
    role: str


def demo_people() -> list[DemoPerson]:
    """Who works in the demo businesses, by business and role; for the development's door."""
    found = []
    for card in business.demos():
        with db.reading(card.id):
            rows = {role: user_id for user_id, role in Membership.select(Membership.user_id, Membership.role).tuples()}
        found += [DemoPerson(rows[role], card, role) for role in ROLES if role in rows]
    return found
