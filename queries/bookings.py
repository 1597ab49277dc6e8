"""Many bookings at once, in order of time, as the staff API lists them."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from models import Booking, Claim
from queries.booking import BookingCard, card
from queries.offer import Offer

NO_BOOKING = ("held", "lapsed")  # holds are nobody's visit yet


@dataclass(frozen=True, slots=True)
class Wanted:
    """What narrows a list; None: everything. `since` and `until` are instants (UTC epoch seconds), the second excluded;
    `after` is the place of the last one seen: its start in epoch seconds, its id."""

    since: int | None = None
    until: int | None = None
    status: str | None = None
    resource_id: UUID | None = None
    client_id: UUID | None = None
    after: tuple[int, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A booking with what the business alone knows of it."""

    card: BookingCard
    client_id: UUID | None
    note: str


def listed(offer: Offer, wanted: Wanted, *, limit: int) -> tuple[Listed, ...]:
    """The first `limit` by start and id, in two statements, whatever is stored. Of one resource: what it is taken for;
    a cancelled booking takes nobody's time any more."""
    with db.reading(offer.business.id):
        rows = list(Booking.select().where(*_conditions(wanted)).order_by(Booking.starts_at, Booking.id).limit(limit))
        taken = _resources_of([row.id for row in rows])
    return tuple(_listed(offer, row, taken[row.id]) for row in rows)


def one(offer: Offer, key: UUID | str) -> tuple[Listed, tuple[UUID, ...]] | None:
    """A booking by its row's id or by its code, and the resources that it takes; holds are none."""
    named = {"code": key} if isinstance(key, str) else {"id": key}
    with db.reading(offer.business.id):
        row = Booking.find(**named)
        if row is None or row.status in NO_BOOKING:
            return None
        resource_ids = _resources_of([row.id])[row.id]
    return _listed(offer, row, resource_ids), tuple(resource_ids)


def place(found: Listed) -> tuple[int, UUID]:
    """Where the list goes on after this one."""
    return int(found.card.start.timestamp()), UUID(found.card.id)


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = [Booking.status.not_in(NO_BOOKING)]
    if wanted.since is not None:
        found.append(Booking.starts_at >= _at(wanted.since))
    if wanted.until is not None:
        found.append(Booking.starts_at < _at(wanted.until))
    if wanted.status is not None:
        found.append(Booking.status == wanted.status)
    if wanted.client_id is not None:
        found.append(Booking.client_id == wanted.client_id)
    if wanted.resource_id is not None:
        found.append(Booking.id.in_(Claim.select(Claim.booking_id).where(Claim.resource_id == wanted.resource_id)))
    if wanted.after is not None:
        start, booking_id = _at(wanted.after[0]), wanted.after[1]
        found.append(Booking.starts_at >= start)  # what the index can use
        found.append((Booking.starts_at > start) | (Booking.id > booking_id))
    return found


def _resources_of(booking_ids: list[UUID]) -> dict[UUID, list[UUID]]:
    """In the fixed order of claims."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    rows = Claim.select(Claim.booking_id, Claim.resource_id).where(Claim.booking_id.in_(booking_ids)).distinct()
    for booking_id, resource_id in rows.order_by(Claim.resource_id).tuples() if booking_ids else ():
        found[booking_id].append(resource_id)
    return found


def _listed(offer: Offer, row: Any, resource_ids: list[UUID]) -> Listed:
    return Listed(card(offer, row, tuple(resource_ids)), row.client_id, row.note)


def _at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
