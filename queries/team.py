"""The team as its page shows it: who can be booked, who has an account, and who is free to take a booking over."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import db
import slots
from models import Invitation, Membership, OpeningRule, ScheduleException, User
from queries import availability, hours
from queries.availability import Ask
from queries.hours import Visit
from queries.offer import Offer, ResourceCard, ServiceCard

PASSED_OVER = ("too_soon", "off_grid", "beyond_horizon")  # what binds who books, not who reassigns


@dataclass(frozen=True, slots=True)
class Member:
    """Who has an account here; `resource` is the agenda that is theirs."""

    user_id: UUID
    name: str
    email: str
    role: str
    resource: ResourceCard | None


@dataclass(frozen=True, slots=True)
class Invited:
    id: UUID
    email: str
    role: str
    resource: ResourceCard | None
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A resource in its list. `visits`: how many are to come; `away`: it is absent today or later."""

    card: ResourceCard
    services: tuple[ServiceCard, ...]
    member: Member | None
    own_hours: bool
    away: dt.date | None
    visits: int


@dataclass(frozen=True, slots=True)
class Team:
    """`places` are the rooms, bays and tables; `gone` those archived. By position."""

    people: tuple[Place, ...]
    places: tuple[Place, ...]
    gone: tuple[Place, ...]
    members: tuple[Member, ...]
    invited: tuple[Invited, ...]


def team(offer: Offer, now: int) -> Team:
    """Five statements, however many people."""
    with db.reading(offer.business.id):
        members = _members(offer)
        found = _places(offer, members, now)
        invited = _invited(offer, now)
    active = [each for each in found if each.card.active]
    return Team(
        people=tuple(each for each in active if each.card.kind == "practitioner"),
        places=tuple(each for each in active if each.card.kind != "practitioner"),
        gone=tuple(each for each in found if not each.card.active),
        members=members,
        invited=invited,
    )


@dataclass(frozen=True, slots=True)
class HandOver:
    """A visit of who leaves, and who could have it at its own time."""

    visit: Visit
    targets: tuple[ResourceCard, ...]


def hand_overs(offer: Offer, leaving: ResourceCard, visits: Iterable[Visit], now: int) -> list[HandOver]:
    """One or two statements for each visit."""
    with db.reading(offer.business.id):
        return [HandOver(visit, tuple(_free(offer, leaving, visit, now))) for visit in visits]


def _free(offer: Offer, leaving: ResourceCard, visit: Visit, now: int) -> Iterable[ResourceCard]:
    service = offer.service_by_id(visit.service_id)
    start = int(visit.starts_at.timestamp())
    ask = Ask(offer, service, now, visit.party_size, None, visit.id)
    others = [card for card in ask.resources if card.id != leaving.id]
    if not others:
        return
    taken = availability.taken_around(ask, start)
    for card in others:
        answer = availability.place(replace(ask, only=card.id), start, taken)
        if isinstance(answer, slots.Placement) or all(why.code in PASSED_OVER for why in answer.reasons):
            yield card


def _members(offer: Offer) -> tuple[Member, ...]:
    rows: Any = (
        Membership.select(User.id, User.name, User.email, Membership.role, Membership.resource_id)
        .join(User, on=(User.id == Membership.user_id))
        .order_by(User.name, User.id)
        .tuples()
    )
    return tuple(Member(key, name, email, role, _card(offer, of)) for key, name, email, role, of in rows)


def _invited(offer: Offer, now: int) -> tuple[Invited, ...]:
    moment = dt.datetime.fromtimestamp(now, dt.UTC)
    still = Invitation.accepted_at.is_null() & Invitation.revoked_at.is_null() & (Invitation.expires_at > moment)
    rows = Invitation.select().where(still).order_by(Invitation.id)
    return tuple(
        Invited(row.id, row.email, row.role, _card(offer, row.resource_id), row.expires_at.astimezone(offer.zone))
        for row in rows
    )


def _places(offer: Offer, members: tuple[Member, ...], now: int) -> list[Place]:
    own = {row.resource_id for row in OpeningRule.select(OpeningRule.resource_id).distinct()}
    away: dict[UUID | None, list[dt.date]] = defaultdict(list)
    coming = ScheduleException.date >= offer.local_date(now)
    for row in ScheduleException.select().where(coming, ScheduleException.kind == "closure"):
        date = row.date if isinstance(row.date, dt.date) else dt.date.fromisoformat(row.date)
        away[row.resource_id].append(date)
    visits = Counter(key for visit in hours.to_come(offer, now) for key in visit.resource_ids)
    return [
        Place(
            card=card,
            services=tuple(each for each in offer.services if each.active and card.id in each.resource_ids),
            member=next((each for each in members if each.resource is not None and each.resource.id == card.id), None),
            own_hours=card.id in own, away=min(away[card.id], default=None), visits=visits[card.id],
        )
        for card in offer.resources
    ]  # fmt: skip


def _card(offer: Offer, resource_id: UUID | None) -> ResourceCard | None:
    return None if resource_id is None else offer.resource(resource_id)
