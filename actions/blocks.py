"""Time that staff keep for something else than visits, and give back."""

import datetime as dt
from uuid import UUID

from pydantic import Field

import db
import slots
from actions import audit, schedule
from actions.access import Actor, demand
from actions.inputs import Date, Input, OptionalName, Slug, Time, refuse
from errors import NotFound, SlotTaken
from models import Booking, BusyBlock, Claim
from queries.business import BusinessCard
from queries.offer import Offer, load

LONGEST_DAYS = 366


class BlockInput(Input):
    """From one wall-clock minute to another of one agenda; `until` may be of a later date."""

    resource_id: Slug = Field(alias="resourceId")
    date: Date
    time: Time
    end_date: Date = Field(alias="endDate")
    end_time: Time = Field(alias="endTime")
    summary: OptionalName = None


class BookingInTheWay(SlotTaken):
    """`bookings` are the public codes of what stands there."""

    message = "Un rendez-vous se trouve dans ce temps. Déplacez-le d’abord."

    def __init__(self, bookings: tuple[str, ...]) -> None:
        super().__init__()
        self.bookings = bookings


def block(business: BusinessCard, by: Actor, data: BlockInput, *, now: int) -> UUID:
    """Raises NotAllowed, Invalid, BookingInTheWay."""
    offer = load(business)
    card = offer.resource_by_slug(data.resource_id)
    if card is None:
        raise refuse("resourceId", "slug")
    demand(by, "bookings.write", card.id)
    starts_at = _moment(offer, data.date, data.time, "time")
    ends_at = _moment(offer, data.end_date, data.end_time, "endTime")
    if ends_at <= starts_at:
        raise refuse("endTime", "end")
    if ends_at - starts_at > dt.timedelta(days=LONGEST_DAYS):
        raise refuse("endDate", "too_long_block")
    try:
        with db.writing(business.id):
            block_id = schedule.block(
                business, card.id, starts_at=starts_at, ends_at=ends_at, summary=data.summary or "", now=now
            )
            told = _told(card.slug, starts_at, ends_at, data.summary or "")
            audit.note(by, "block.created", block_id, now=now, **told)
    except SlotTaken:
        raise BookingInTheWay(_in_the_way(business, card.id, starts_at, ends_at)) from None
    return block_id


def unblock(business: BusinessCard, by: Actor, block_id: UUID, *, now: int) -> None:
    """Give the time back. Raises NotAllowed, NotFound."""
    demand(by, "bookings.write")
    offer = load(business)
    with db.writing(business.id):
        row = BusyBlock.find(id=block_id, provider=schedule.BY_HAND)
        if row is None:
            raise NotFound
        demand(by, "bookings.write", row.resource_id)
        schedule.unblock(business, block_id)
        slug = offer.resource(row.resource_id).slug
        audit.note(by, "block.removed", block_id, now=now, **_told(slug, row.starts_at, row.ends_at, row.summary))


def _moment(offer: Offer, date: dt.date, time: str, field: str) -> dt.datetime:
    instant = slots.to_instant(offer.business.timezone, date, time)
    if instant is None:
        raise refuse(field, "time")
    return dt.datetime.fromtimestamp(instant, dt.UTC)


def _in_the_way(
    business: BusinessCard, resource_id: UUID, starts_at: dt.datetime, ends_at: dt.datetime
) -> tuple[str, ...]:  # fmt: skip
    with db.reading(business.id):
        rows = (
            Booking.select(Booking.code)
            .join(Claim, on=(Claim.business_id == Booking.business_id) & (Claim.booking_id == Booking.id))
            .where(
                Claim.resource_id == resource_id, Claim.starts_at < ends_at, Claim.ends_at > starts_at,
                Booking.status != "held",
            )
            .order_by(Booking.starts_at, Booking.code).distinct().tuples()
        )  # fmt: skip
        return tuple(code for (code,) in rows)


def _told(slug: str, starts_at: dt.datetime, ends_at: dt.datetime, summary: str) -> dict[str, str]:
    return {"resource": slug, "from": starts_at.isoformat(), "until": ends_at.isoformat(), "summary": summary}
