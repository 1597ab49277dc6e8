"""The clients of a business: found by name, e-mail, telephone number; and what one of them has booked so far."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import peewee

import db
from errors import NotFound
from lib.search import fold
from lib.versions import version
from models import Booking, Claim, Client
from queries.booking import BookingCard, card
from queries.business import BusinessCard
from queries.offer import Offer

COMING = ("pending", "confirmed", "rescheduled")
NEVER_BOOKED = ("held", "lapsed")
MOST_WORDS = 5
LONGEST = 120  # characters of a search that count
HISTORY = 100  # bookings that a record shows


@dataclass(frozen=True, slots=True)
class ClientCard:
    """`email` is empty, `phone` None for who has given none."""

    id: UUID
    name: str
    email: str
    phone: str | None
    notes: str
    vip: bool
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ClientPage:
    """`next` is the `after` of the page that follows; None at the end."""

    clients: tuple[ClientCard, ...]
    next: UUID | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a client's bookings come to. `last` and `next` are the visits before and after the moment."""

    visits: int = 0
    no_shows: int = 0
    last: dt.datetime | None = None
    next: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """`visits` the newest first, `next` the first that is still to come."""

    client: ClientCard
    visits: tuple[BookingCard, ...]
    standing: Standing
    next: BookingCard | None


def find(business: BusinessCard, text: str, limit: int = 8) -> tuple[ClientCard, ...]:
    """The first clients by name whom the text may mean; none for a blank text. One statement."""
    return page(business, text, limit=limit).clients if text.strip() else ()


def page(
    business: BusinessCard, q: str = "", *, vip: bool = False, after: UUID | None = None, limit: int = 50
) -> ClientPage:
    """Clients by name, whatever its accents, and key; those behind the client `after`. `q`: words of name or e-mail in
    any order, or digits of a number with or without its prefix. One statement, two with `after`; nobody comes behind an
    unknown client."""
    with db.reading(business.id):
        query = Client.select().where(*_sought(q)).order_by(Client.sought, Client.id).limit(limit + 1)
        if vip:
            query = query.where(Client.vip)
        if after is not None:
            last = Client.find(id=after)
            if last is None:
                return ClientPage((), None)
            query = query.where(
                (Client.sought > last.sought) | ((Client.sought == last.sought) & (Client.id > last.id))
            )
        found = [client_card(row) for row in query]
    return ClientPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def by_id(business: BusinessCard, client_id: UUID) -> ClientCard:
    """Raises NotFound."""
    with db.reading(business.id):
        row = Client.find(id=client_id)
    if row is None:
        raise NotFound
    return client_card(row)


def standings(
    business: BusinessCard, client_ids: Iterable[UUID], *, now: int, only: UUID | None = None
) -> dict[UUID, Standing]:
    """What these clients' bookings come to, with the one resource alone when `only` names it. One statement."""
    wanted = list(client_ids)
    if not wanted:
        return {}
    moment, case = _at(now), peewee.Case
    came, ahead = Booking.status.in_(("arrived", "seated", "completed")), Booking.starts_at > moment
    past = came | (Booking.status.in_(COMING) & ~ahead)
    with db.reading(business.id):
        rows = (
            Booking.select(
                Booking.client_id,
                peewee.fn.sum(case(None, [(past, 1)], 0)),
                peewee.fn.sum(case(None, [(Booking.status == "no_show", 1)], 0)),
                peewee.fn.max(case(None, [(past, Booking.starts_at)])),
                peewee.fn.min(case(None, [(ahead & Booking.status.in_(COMING), Booking.starts_at)])),
            )
            .where(Booking.client_id.in_(wanted), *with_resource(only)).group_by(Booking.client_id).tuples()
        )  # fmt: skip
        return {
            client_id: Standing(int(visits), int(no_shows), db.as_instant(last), db.as_instant(coming))
            for client_id, visits, no_shows, last, coming in rows
        }


def record(offer: Offer, client_id: UUID, *, now: int, only: UUID | None = None) -> Record:
    """A client with the history of their bookings, the resource's own when `only` names it. Three statements. Raises
    NotFound."""
    client = by_id(offer.business, client_id)
    with db.reading(offer.business.id):
        rows = list(
            Booking.select()
            .where(Booking.client_id == client_id, Booking.status.not_in(NEVER_BOOKED), *with_resource(only))
            .order_by(Booking.starts_at.desc(), Booking.id).limit(HISTORY)
        )  # fmt: skip
        occupied = resources_by_booking([row.id for row in rows])
    visits = tuple(card(offer, row, occupied.get(row.id, ())) for row in rows)
    coming = [each for each in visits if each.status in COMING and each.start.timestamp() > now]
    standing = standings(offer.business, [client_id], now=now, only=only).get(client_id, Standing())
    return Record(client, visits, standing, coming[-1] if coming else None)


def resources_by_booking(booking_ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """Inside the scope: what these bookings occupy, in the order of their claims. One statement."""
    wanted, found = list(booking_ids), dict[UUID, dict[UUID, None]]()
    if wanted:
        rows = Claim.select(Claim.booking_id, Claim.resource_id).where(Claim.booking_id.in_(wanted))
        for booking_id, resource_id in rows.order_by(Claim.resource_id).tuples():
            found.setdefault(booking_id, {})[resource_id] = None
    return {booking_id: tuple(resource_ids) for booking_id, resource_ids in found.items()}


def with_resource(only: UUID | None) -> list[Any]:
    """The condition on `booking` that one resource is in it; what was given back is with nobody."""
    if only is None:
        return []
    own = Claim.select(Claim.booking_id).where(Claim.booking_id == Booking.id, Claim.resource_id == only)
    return [peewee.fn.EXISTS(own)]


def version_of(card: ClientCard) -> str:
    """For `If-Match`."""
    return version(asdict(card))


def client_card(row: Any) -> ClientCard:
    plain = {name: getattr(row, name) for name in ClientCard.__dataclass_fields__}
    return ClientCard(**plain | {"vip": bool(row.vip)})


def _sought(text: str) -> list[Any]:
    """Every word is in what is kept to be found by. Rows of before that was kept are looked into themselves."""
    text = " ".join(text.split())[:LONGEST]
    number = _digits(text)
    if number:
        return [Client.sought.contains(number) | ((Client.sought == "") & Client.phone.contains(number))]
    return [
        Client.sought.contains(_digits(word) or fold(word))
        | ((Client.sought == "") & (Client.name.contains(word) | Client.email.contains(fold(word))))
        for word in text.split()[:MOST_WORDS]
    ]


def _digits(text: str) -> str:
    """What a typed number shares with the same number in E.164: without prefix or first zero. Empty: no number."""
    if not re.fullmatch(r"[+0-9][0-9 ./()-]*", text, re.ASCII):
        return ""
    return re.sub(r"\D", "", text.replace("(0)", "")).lstrip("0")


def _at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
