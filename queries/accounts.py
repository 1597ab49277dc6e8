"""Who is signed in, and in which businesses they work."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from models import ROLES, Invitation, Membership, Session, User
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
class Account:
    """A user as `/compte` shows it."""

    id: UUID
    name: str
    email: str
    locale: str
    proved: bool
    has_password: bool


def account(user_id: UUID) -> Account:
    with db.looking():
        row = User.get_by_id(user_id)
    return Account(row.id, row.name, row.email, row.locale, row.verified_at is not None, row.password_hash is not None)


def proved_user(email: str) -> UUID | None:
    """Who has shown to have this address."""
    with db.looking():
        row = User.select(User.id).where(User.email == email, User.verified_at.is_null(False)).tuples().first()
    return row[0] if row else None


@dataclass(frozen=True, slots=True)
class SessionCard:
    """One device or API token of a user; `agent` as it called itself."""

    id: UUID
    kind: str
    business: str
    agent: str
    created_at: dt.datetime


def sessions_of(user_id: UUID, *, now: int) -> list[SessionCard]:
    """Those that still count, the newest first."""
    alive = Session.ended_at.is_null() & (Session.expires_at > dt.datetime.fromtimestamp(now, dt.UTC))
    with db.looking():
        rows = list(Session.select().where(Session.user_id == user_id, alive).order_by(Session.created_at.desc()))
    return [
        SessionCard(
            row.id, row.kind, business.by_id(row.business_id).name if row.business_id else "", row.agent, row.created_at
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Member:
    """Who works in a business; `resource_id` is the agenda that is theirs."""

    user_id: UUID
    name: str
    email: str
    role: str
    resource_id: UUID | None
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    id: UUID
    email: str
    role: str
    resource_id: UUID | None
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Team:
    """`members` by role (owners first), then name; `invitations` by age."""

    members: tuple[Member, ...]
    invitations: tuple[OpenInvitation, ...]


def team(card: BusinessCard, *, now: int) -> Team:
    """Who works here, and who has been asked to. Two statements."""
    moment = dt.datetime.fromtimestamp(now, dt.UTC)
    with db.reading(card.id):
        people = list(
            Membership.select(
                User.id, User.name, User.email, Membership.role, Membership.resource_id, Membership.created_at
            ).join(User, on=(User.id == Membership.user_id)).tuples()
        )  # fmt: skip
        asked = list(
            Invitation.select().where(
                Invitation.accepted_at.is_null(), Invitation.revoked_at.is_null(), Invitation.expires_at > moment
            ).order_by(Invitation.id)
        )  # fmt: skip
    members = sorted((Member(*row) for row in people), key=lambda each: (ROLES.index(each.role), each.name.casefold()))
    open_ones = (OpenInvitation(row.id, row.email, row.role, row.resource_id, row.expires_at) for row in asked)
    return Team(tuple(members), tuple(open_ones))


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
