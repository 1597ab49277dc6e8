"""What clients have done since someone last looked: read from the notices that every such event leaves."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import db
from actions.access import Actor
from models import Booking
from queries.booking import BookingCard, card
from queries.business import BusinessCard
from queries.clients import resources_by_booking
from queries.offer import load

MOST_COUNTED = 10  # shown as 9+
SHOWN = 50
REACH = 30 * 24 * 3600  # seconds that the page of news looks back


@dataclass(frozen=True, slots=True)
class News:
    """`event` is `confirmed`, `requested`, `rescheduled` or `cancelled`; the booking as it stands now. `before`: the
    old time of one that was moved."""

    event: str
    at: dt.datetime
    booking: BookingCard
    before: dt.datetime | None
    is_new: bool


def count(business: BusinessCard, actor: Actor, since: dt.datetime | None, *, now: int) -> int:
    """Of events after `since`, at most MOST_COUNTED. One statement, which the index bounds."""
    with db.reading(business.id):
        return len(_rows(business, actor, _since(since, now), now, MOST_COUNTED))


def latest(business: BusinessCard, actor: Actor, since: dt.datetime | None, *, now: int) -> tuple[News, ...]:
    """Of the last days, the newest first. Three statements."""
    offer, marked = load(business), _since(since, now)
    with db.reading(business.id):
        rows = _rows(business, actor, _ago(now, REACH), now, SHOWN)
        bookings = list(Booking.select().where(Booking.id.in_([row[0] for row in rows]))) if rows else []
        occupied = resources_by_booking([row.id for row in bookings])
    cards = {row.id: card(offer, row, occupied.get(row.id, ())) for row in bookings}
    return tuple(
        News(event, at, cards[booking_id], before, at > marked)
        for booking_id, event, at, before in rows if booking_id in cards
    )  # fmt: skip


def _rows(
    business: BusinessCard, actor: Actor, since: dt.datetime, now: int, limit: int
) -> list[tuple[UUID, str, dt.datetime, dt.datetime | None]]:
    """Booking, event, moment, old time. What staff did is audited at the same moment and is no news to them. The words
    on `template` are those of the index."""
    mark, tenant = db.handle.param, db.id_value(business.id)
    own = "" if actor.only is None else (
        f" AND EXISTS (SELECT 1 FROM claim WHERE claim.business_id = {mark}"
        f" AND claim.booking_id = message.booking_id AND claim.resource_id = {mark})"
    )  # fmt: skip
    sql = f"""
        SELECT booking_id, template, due_at, data ->> 'from' FROM message
        WHERE business_id = {mark} AND substr(template, 1, 13) = 'professional_'
            AND due_at > {mark} AND due_at <= {mark}
            AND coalesce(data ->> 'by', '') <> 'professional'
            AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.business_id = {mark} AND audit.subject = message.booking_id
                AND audit.created_at = message.due_at AND (audit.by_user IS NOT NULL OR audit.actor <> 'client')){own}
        ORDER BY due_at DESC LIMIT {limit}"""
    values: list[Any] = [tenant, db.instant_value(since), db.instant_value(_ago(now, 0)), tenant]
    values += [] if actor.only is None else [tenant, db.id_value(actor.only)]
    found = db.handle.execute_sql(sql, values).fetchall()
    return [
        (db.as_uuid(booking_id), template.removeprefix("professional_"), db.as_instant(at), _moment(before))  # type: ignore[misc]  # no event is without its moment
        for booking_id, template, at, before in found
    ]


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _since(seen: dt.datetime | None, now: int) -> dt.datetime:
    """Who has never looked is told what the page of news shows."""
    return seen or _ago(now, REACH)


def _ago(now: int, seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(now - seconds, dt.UTC)
