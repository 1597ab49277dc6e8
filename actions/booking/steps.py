"""What taking and changing share: a start in wall-clock words, the claim of its place, the row and its lock."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import db
import slots
from actions.inputs import refuse
from errors import SlotTaken
from models import Booking, Claim
from queries import availability
from queries.availability import Ask
from queries.offer import Offer

NEAREST = 3
FAR_DAYS = 3 * 366  # no horizon reaches further; beyond it no calendar is consulted


def chosen_resource(offer: Offer, slug: str | None) -> UUID | None:
    if slug is None:
        return None
    found = offer.resource_by_slug(slug)
    if found is None:
        raise refuse("resourceId", "slug")
    return found.id


def wall_instant(offer: Offer, date: dt.date, time: str, fold: int, now: int, *, field: str) -> int | None:
    """A wall-clock time of the business; None when no such time can be on offer. A past date is Invalid (S3)."""
    today = offer.local_date(now)
    if date < today:
        raise refuse(field, "past")
    if date > today + dt.timedelta(days=FAR_DAYS):
        return None
    return slots.to_instant(offer.business.timezone, date, time, fold)


def take(ask: Ask, start: int, *, override: bool = False) -> slots.Placement:
    """Wait for the resources' turn, put what has lapsed aside, and let the engine judge what is left; `override` as
    `slots.place` knows it."""
    if not ask.resources:
        raise SlotTaken
    db.handle.lock(_lines(ask))
    taken = availability.taken_around(ask, start)
    if taken.expired and len(free_holds(taken.expired, now=ask.now)) < len(taken.expired):
        taken = availability.taken_around(ask, start)  # one was confirmed or extended while we waited for it
    placement = availability.place(ask, start, taken, override=override)
    if isinstance(placement, slots.Refusal):
        raise SlotTaken
    return placement


def _lines(ask: Ask) -> list[UUID]:
    """The waiting lines of a visit, always in this order: the client's, whose limits and cap count over all resources;
    then the resources' own, all of the service's when it has a limit to count."""
    resources = ask.resources if ask.service.rules.limits == slots.Limits() else ask.offer.able(ask.service)
    client = [line_of_client(ask.offer.business.id, ask.email)] if ask.email else []
    return [*client, *sorted(each.id for each in resources)]


def line_of_client(business_id: UUID, email: str) -> UUID:
    return UUID(bytes=hashlib.sha256(business_id.bytes + email.encode()).digest()[:16])


def free_holds(booking_ids: Iterable[UUID], *, now: int | None) -> list[UUID]:
    """Free these holds; with `now`, only those past their deadline at this very moment (one may just be extended)."""
    condition = (Booking.id.in_(list(booking_ids))) & (Booking.status == "held")
    if now is not None:
        condition &= Booking.held_until <= at(now)
    freed = [
        row.id for row in Booking.update(status="lapsed", held_by=None).where(condition).returning(Booking.id).execute()
    ]
    if freed:
        Claim.delete().where(Claim.booking_id.in_(freed)).execute()
    return freed


def claim(placement: slots.Placement, booking_id: UUID) -> None:
    starts_at, ends_at = (at(instant) for instant in placement.footprint)
    Claim.insert_many(
        {
            "resource_id": UUID(resource_id),
            "unit": unit,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "booking_id": booking_id,
        }
        for resource_id, unit in placement.claims
    ).execute()


def resources_in(placement: slots.Placement) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(UUID(resource_id) for resource_id, _ in placement.claims))


def with_nearest(ask: Ask, start: int) -> SlotTaken:
    return SlotTaken(tuple(slot.starts_at for slot in availability.nearest(ask, start, count=NEAREST)))


def locked(booking_id: UUID) -> Any:
    """The row, kept from others until the transaction ends. SQLite has one writer at a time already."""
    query = Booking.select().where(Booking.id == booking_id)
    return (query if db.is_sqlite() else query.for_update()).first()


def save(row: Any, *names: str, now: int) -> None:
    row.updated_at = at(now)
    values = {getattr(Booking, name): getattr(row, name) for name in (*names, "updated_at")}
    Booking.update(values).where(Booking.id == row.id).execute()


def snapshot(row: Any, resource_ids: Iterable[UUID]) -> dict[str, Any]:
    """What the audit keeps of a booking before and after a change."""
    resources = [str(each) for each in resource_ids]
    return {"status": row.status, "starts_at": seconds(row.starts_at), "resources": resources}


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def seconds(instant: dt.datetime) -> int:
    return int(instant.timestamp())
