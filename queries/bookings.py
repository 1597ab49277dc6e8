"""Many bookings at once, in order of time, as the staff API lists them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from models import Booking
from queries.booking import BookingCard, card
from queries.clients import NEVER_BOOKED, resources_by_booking, with_resource
from queries.offer import Offer


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


def listed(offer: Offer, wanted: Wanted, *, limit: int) -> tuple[BookingCard, ...]:
    """The first `limit` by start and id, in two statements, whatever is stored. Of one resource: what it is taken for;
    a cancelled booking takes nobody's time any more."""
    with db.reading(offer.business.id):
        rows = list(Booking.select().where(*_conditions(wanted)).order_by(Booking.starts_at, Booking.id).limit(limit))
        taken = resources_by_booking([row.id for row in rows])
    return tuple(card(offer, row, taken.get(row.id, ())) for row in rows)


def place(found: BookingCard) -> tuple[int, UUID]:
    """Where the list goes on after this one."""
    return int(found.start.timestamp()), UUID(found.id)


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = [Booking.status.not_in(NEVER_BOOKED), *with_resource(wanted.resource_id)]
    if wanted.since is not None:
        found.append(Booking.starts_at >= _at(wanted.since))
    if wanted.until is not None:
        found.append(Booking.starts_at < _at(wanted.until))
    if wanted.status is not None:
        found.append(Booking.status == wanted.status)
    if wanted.client_id is not None:
        found.append(Booking.client_id == wanted.client_id)
    if wanted.after is not None:
        start, booking_id = _at(wanted.after[0]), wanted.after[1]
        found.append(Booking.starts_at >= start)  # what the index can use
        found.append((Booking.starts_at > start) | (Booking.id > booking_id))
    return found


def _at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
