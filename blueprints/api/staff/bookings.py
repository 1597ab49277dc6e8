"""`/api/bookings` (S0): S3's bookings as the business sees them, with who comes and what was said."""

import datetime as dt
from typing import Any, Literal, TypedDict, cast
from uuid import UUID

from flask import Response, url_for
from pydantic import Field

from actions import booking
from actions.access import demand
from actions.booking import StaffBookingInput, StaffMoveInput
from actions.inputs import Date, Fold, Id, Input, OptionalMessage, OptionalSlug, Time, refuse
from blueprints import context, members
from blueprints.answers import json_answer
from blueprints.api import contract, shapes
from blueprints.api.contract import operation
from blueprints.api.shapes import Cents, Instant
from blueprints.api.staff.frame import PageInput, cut, item, of_staff, place_of, row_id, wanted
from blueprints.guards import needs
from errors import (
    AlreadyCancelled,
    BookingNotFound,
    Invalid,
    KeyReused,
    NotChangeable,
    NotFound,
    SlotTaken,
)
from lib.codes import is_code
from queries import bookings, clients
from queries.booking import BookingCard, by_code, by_id, version_of
from queries.bookings import Wanted
from queries.clients import NEVER_BOOKED
from queries.offer import Offer, ResourceCard

bp = of_staff("bookings", __name__)

NAME = "bookings"
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(9900, 1, 1)  # beyond, no calendar of a database counts

OURS = {"newDate": "date", "newTime": "time"}  # the action's names for what is `date` and `time` here


class ListInput(PageInput):
    """Narrows the list: local dates, both included; `resourceId` as in `resourceIds`."""

    since: Date | None = Field(default=None, alias="from")
    until: Date | None = Field(default=None, alias="to")
    status: shapes.Status | None = None
    resource_id: OptionalSlug = Field(default=None, alias="resourceId")
    client_id: Id | None = Field(default=None, alias="clientId")


class ChangeInput(Input):
    """Either `status`, with a `reason` that its client reads, or `date` and `time`: where the booking goes instead.
    `override` passes over hours, step, notice and limits, never over what is taken."""

    status: Literal["confirmed", "declined", "cancelled", "arrived", "seated", "completed", "no_show"] | None = None
    reason: OptionalMessage = None
    date: Date | None = None
    time: Time | None = None
    fold: Fold = 0
    resource_id: OptionalSlug = Field(default=None, alias="resourceId")
    override: bool = False


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
    createdAt: Instant
    updatedAt: Instant


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


@bp.post("/bookings")
@needs("bookings.write")
@operation(
    "Book for a client", StaffBookingAnswer, status=201, body=StaffBookingInput, keyed=True, versioned=True,
    located=True, errors=(SlotTaken, KeyReused),
)  # fmt: skip
def create() -> Response:
    key, data = contract.key_of("staff/bookings"), contract.body(StaffBookingInput)
    made = booking.take_for_client(context.business(), members.actor(), data, now=context.now(), key=key, source="api")
    return item("booking", shape(made), seen=version_of(made), status=201, at=url_for(".show", booking_id=made.id))


@bp.get("/bookings/<booking_id>")
@needs("agenda.read")
@operation("One booking", StaffBookingAnswer, versioned=True, errors=(BookingNotFound,))
def show(booking_id: str) -> Response:
    found = _found(booking_id)
    if not _is_own(found):
        raise BookingNotFound
    return item("booking", shape(found), seen=version_of(found))


@bp.patch("/bookings/<booking_id>")
@needs("bookings.write")
@operation(
    "Answer, move or close a booking", StaffBookingAnswer, body=ChangeInput, versioned=True,
    errors=(BookingNotFound, SlotTaken, AlreadyCancelled, NotChangeable),
)  # fmt: skip
def change(booking_id: str) -> Response:
    found, data = _changeable(booking_id), contract.body(ChangeInput)
    _one_or_the_other(data)
    after = _move(found, data) if data.date else _set_status(found, str(data.status), data.reason)
    return item("booking", shape(after), seen=version_of(after))


@bp.delete("/bookings/<booking_id>")
@needs("bookings.write")
@operation(
    "Cancel a booking as the professional: all is refunded, nothing erased", StaffBookingAnswer, versioned=True,
    errors=(BookingNotFound, AlreadyCancelled, NotChangeable),
)  # fmt: skip
def cancel(booking_id: str) -> Response:
    after = _set_status(_changeable(booking_id), "cancelled", None)
    return item("booking", shape(after), seen=version_of(after))


def shape(card: BookingCard) -> StaffBooking:
    made: Any = {
        **shapes.booking(card)["booking"],
        "id": card.id,
        "endDateTime": card.ends_at,
        "resourceIds": list(card.resource_ids),
        "partySize": card.party_size,
        "clientId": card.client_id,
        "priceCents": card.price_cents,
        "refundCents": card.refund_cents,
        "source": card.source,
        "message": card.message,
        "note": card.note,
        "answers": card.answers,
        "createdAt": card.created_at,
        "updatedAt": card.updated_at,
    }
    return cast(StaffBooking, made)


# --- the list -------------------------------------------------------------------------------------------------------


def _wanted(page: ListInput, offer: Offer) -> Wanted:
    """A practitioner's list is that of their own agenda. Raises Invalid for an id that is none of the business's."""
    chosen = _resource(page.resource_id, offer) if page.resource_id else None
    if chosen is not None:
        demand(members.actor(), "agenda.read", chosen.id)
    if page.client_id is not None:
        _demand_client(page.client_id)
    after = place_of(NAME, page)
    return Wanted(
        since=_midnight(offer, page.since) if page.since else None,
        until=_midnight(offer, page.until, days=1) if page.until else None,
        status=page.status, resource_id=chosen.id if chosen else members.actor().only, client_id=page.client_id,
        after=(after[0], UUID(after[1])) if after else None,
    )  # fmt: skip


def _resource(slug: str, offer: Offer) -> ResourceCard:
    """Also one that has left: its bookings are still to be found."""
    found = next((each for each in offer.resources if each.slug == slug), None)
    if found is None:
        raise refuse("resourceId", "slug")
    return found


def _demand_client(client_id: UUID) -> None:
    try:
        clients.by_id(context.business(), client_id)
    except NotFound:
        raise refuse("clientId", "slug") from None


def _midnight(offer: Offer, date: dt.date, *, days: int = 0) -> int:
    """At which a local date begins, or the one that many days later."""
    within = min(max(date, EARLIEST), LATEST) + dt.timedelta(days=days)
    return int(dt.datetime.combine(within, dt.time(), offer.zone).timestamp())


def _key(found: BookingCard) -> tuple[int, str]:
    start, booking_id = bookings.place(found)
    return start, str(booking_id)


# --- one booking ----------------------------------------------------------------------------------------------------


def _found(booking_id: str) -> BookingCard:
    """By its id or its code; holds are none. Raises BookingNotFound."""
    if is_code(booking_id):
        return by_code(context.offer(), booking_id)
    found = by_id(context.offer(), row_id(booking_id, BookingNotFound))
    if found is None or found.status in NEVER_BOOKED:
        raise BookingNotFound
    return found


def _is_own(found: BookingCard) -> bool:
    """Whether the caller sees the agenda in which it stands."""
    only = members.actor().only
    return only is None or any(
        each.id == only and each.slug in found.resource_ids for each in context.offer().resources
    )


def _changeable(booking_id: str) -> BookingCard:
    """What stands in no agenda any more is for the action to judge: it knows where it stood. Raises BookingNotFound."""
    found = _found(booking_id)
    if found.resource_ids and not _is_own(found):
        raise BookingNotFound
    return found


def _one_or_the_other(data: ChangeInput) -> None:
    """Raises Invalid, naming the first field that is missing or too much."""
    if data.status is not None:
        if data.date is not None or data.time is not None:
            raise refuse("status", "status_and_time")
    elif data.date is None and data.time is None:
        raise refuse("status", "missing")
    elif data.date is None or data.time is None:
        raise refuse("date" if data.date is None else "time", "missing")


def _set_status(found: BookingCard, status: str, reason: str | None) -> BookingCard:
    return booking.change_status(
        context.business(), members.actor(), UUID(found.id), status, now=context.now(), reason=reason,
        expected=wanted(version_of(found)),
    )  # fmt: skip


def _move(found: BookingCard, data: ChangeInput) -> BookingCard:
    assert data.date is not None
    assert data.time is not None
    move = StaffMoveInput.model_construct(
        new_date=data.date, new_time=data.time, fold=data.fold, resource_id=data.resource_id, override=data.override
    )
    try:
        return booking.move(
            context.business(), members.actor(), UUID(found.id), move, now=context.now(),
            expected=wanted(version_of(found)),
        )  # fmt: skip
    except Invalid as error:
        if error.field in OURS:
            raise refuse(OURS[error.field], "past") from None
        raise
