"""`/api/bookings` (S0): S3's bookings as the business sees them, with who comes and what was said."""

import datetime as dt
from typing import Any, Literal, TypedDict, cast
from uuid import UUID

from flask import Response
from pydantic import Field

from actions.access import demand
from actions.inputs import Date, Id, OptionalSlug, refuse
from blueprints import context, members
from blueprints.answers import json_answer
from blueprints.api import contract, shapes
from blueprints.api.contract import operation
from blueprints.api.shapes import Cents, Instant
from blueprints.api.staff.frame import PageInput, cut, item, of_staff, place_of, row_id
from blueprints.guards import needs
from errors import BookingNotFound
from lib.codes import is_code
from queries import bookings
from queries.bookings import Listed, Wanted
from queries.offer import Offer

bp = of_staff("bookings", __name__)

NAME = "bookings"
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(9900, 1, 1)  # beyond, no calendar of a database counts


class ListInput(PageInput):
    """Narrows the list: local dates, both included; `resourceId` as in `resourceIds`."""

    since: Date | None = Field(default=None, alias="from")
    until: Date | None = Field(default=None, alias="to")
    status: shapes.Status | None = None
    resource_id: OptionalSlug = Field(default=None, alias="resourceId")
    client_id: Id | None = Field(default=None, alias="clientId")


class StaffBooking(shapes.Booking, TypedDict):
    """S3's booking, with what the business alone sees. `id` or `publicCode` names it in addresses; a cancelled one has
    no `resourceIds`. `customer.email` is empty for who gave none."""

    id: str
    endDateTime: Instant
    resourceIds: list[str]
    partySize: int
    clientId: str | None
    priceCents: Cents
    refundCents: Cents | None
    source: Literal["website", "api", "embed", "phone", "voice", "till", "calendar", "import"]
    message: str
    note: str
    answers: dict[str, Any]


class StaffBookingAnswer(TypedDict):
    booking: StaffBooking


class StaffBookings(TypedDict):
    """`next` is what `after` takes for the next page, null at the end."""

    bookings: list[StaffBooking]
    next: str | None


@bp.get("/bookings")
@needs("agenda.read")
@operation("The bookings, in order of time", StaffBookings, query=ListInput)
def index() -> Response:
    page, offer = contract.query(ListInput), context.offer()
    found = bookings.listed(offer, _wanted(page, offer), limit=page.limit + 1)
    shown, following = cut(NAME, found, _key, page)
    return json_answer({NAME: [shape(each) for each in shown], "next": following})


@bp.get("/bookings/<item_id>")
@needs("agenda.read")
@operation("One booking", StaffBookingAnswer, versioned=True, errors=(BookingNotFound,))
def show(item_id: str) -> Response:
    return item("booking", shape(_own(item_id)))


def shape(found: Listed) -> StaffBooking:
    card = found.card
    made: Any = {
        **shapes.booking(card)["booking"],
        "id": card.id,
        "endDateTime": card.ends_at,
        "resourceIds": list(card.resource_ids),
        "partySize": card.party_size,
        "clientId": str(found.client_id) if found.client_id else None,
        "priceCents": card.price_cents,
        "refundCents": card.refund_cents,
        "source": card.source,
        "message": card.message,
        "note": found.note,
        "answers": card.answers,
    }
    return cast(StaffBooking, made)


def _wanted(page: ListInput, offer: Offer) -> Wanted:
    """A practitioner's list is that of their own agenda."""
    only = members.actor().only
    if page.resource_id is not None:
        chosen = next((each.id for each in offer.resources if each.slug == page.resource_id), None)
        if chosen is None:
            raise refuse("resourceId", "slug")
        demand(members.actor(), "agenda.read", chosen)
        only = chosen
    after = place_of(NAME, page)
    return Wanted(
        since=_midnight(offer, min(page.since, LATEST)) if page.since else None,
        until=_midnight(offer, min(page.until, LATEST) + dt.timedelta(days=1)) if page.until else None,
        status=page.status, resource_id=only, client_id=page.client_id,
        after=(after[0], UUID(after[1])) if after else None,
    )  # fmt: skip


def _midnight(offer: Offer, date: dt.date) -> int:
    within = max(date, EARLIEST)
    return int(dt.datetime.combine(within, dt.time(), offer.zone).timestamp())


def _key(found: Listed) -> tuple[int, str]:
    start, booking_id = bookings.place(found)
    return start, str(booking_id)


def _own(item_id: str) -> Listed:
    """Raises BookingNotFound, also for what is in an agenda that the caller does not see."""
    found = bookings.one(context.offer(), item_id if is_code(item_id) else row_id(item_id, BookingNotFound))
    only = members.actor().only
    if found is None or (only is not None and only not in found[1]):
        raise BookingNotFound
    return found[0]
