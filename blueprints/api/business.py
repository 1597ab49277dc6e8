"""A business's public API, S3 to the letter: under `/<slug>/api`, and so under `/api` on its own host; the part
that S0 names is under `/api/public/<slug>` too."""

from typing import Annotated
from uuid import UUID

from flask import Response, request
from pydantic import Field

from actions import booking
from actions.booking import BookingInput, EmailInput, MoveInput, PairInput
from actions.inputs import Code, Date, Input, OptionalSlug, Party, Slug, read, refuse
from blueprints import context, guards
from blueprints.answers import json_answer
from blueprints.api import contract, face, shapes
from blueprints.api.contract import operation
from blueprints.guards import public
from blueprints.tenant import of_business
from errors import (
    AlreadyCancelled,
    BookingNotFound,
    KeyReused,
    NotChangeable,
    ServiceNotFound,
    SlotTaken,
    TooManyBookings,
)
from lib.languages import LANGUAGES
from queries import api
from queries.availability import Ask
from queries.booking import BookingCard

bp = of_business("api", __name__, "/<slug>/api")
part = of_business("public_api", __name__, "/api/public/<slug>")


class AvailabilityInput(Input):
    """S3 `GET /api/availability`. Without `resourceId` any practitioner will do."""

    service_id: Slug = Field(alias="serviceId")
    date: Date
    resource_id: OptionalSlug = Field(default=None, alias="resourceId")
    party_size: Party = Field(default=1, alias="partySize")


class LanguageInput(Input):
    """Without `lang` the best of `Accept-Language` counts, else the business's own language."""

    lang: Annotated[str, Field(pattern=rf"^({'|'.join(LANGUAGES)}|\s*)$")] | None = None


class CodeInput(Input):
    """The booking of the path."""

    code: Code


@bp.after_request
@part.after_request
def _never_kept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.vary.add("Accept-Language")
    answer.content_language.add(context.language())
    return answer


@part.get("")
@public("read")
@operation("A business's public face", face.Site, query=LanguageInput)
def site() -> Response:
    contract.query(LanguageInput)
    return json_answer(face.site(api.mini_site(context.offer(), context.content(), context.now())))


@bp.get("/services")
@public("read")
@operation("The services on offer", shapes.Services)
def services() -> Response:
    return json_answer(shapes.services(context.offer().active_services))


@bp.get("/availability")
@part.get("/slots")
@public("read")
@operation("The starts of a date", shapes.Availability, query=AvailabilityInput, errors=(ServiceNotFound,))
def availability() -> Response:
    data, offer = contract.query(AvailabilityInput), context.offer()
    service = offer.service(data.service_id)
    resource = offer.resource_by_slug(data.resource_id) if data.resource_id else None
    if data.resource_id and resource is None:
        raise refuse("resourceId", "slug")
    ask = Ask(offer, service, context.now(), data.party_size, resource.id if resource else None)
    return json_answer(shapes.availability(service, api.day(ask, data.date)))


@bp.post("/bookings")
@part.post("/bookings")
@public("write")
@operation(
    "Book a time", shapes.BookingAnswer, status=201, body=BookingInput, keyed=True,
    errors=(SlotTaken, TooManyBookings, KeyReused),
)  # fmt: skip
def create_booking() -> Response:
    key, data = contract.key_of("bookings"), contract.body(BookingInput)
    card = booking.create(
        context.business(), data, now=context.now(), caps=context.caps(), key=key, source="api", locale=_locale()
    )
    return json_answer(shapes.booking(card), 201)


@bp.get("/bookings/public")
@public("lookup")
@operation("A booking by its code and e-mail", shapes.BookingAnswer, query=PairInput, errors=(BookingNotFound,))
def look_up() -> Response:
    pair = contract.query(PairInput)
    card = booking.look_up(context.business(), pair, now=context.now(), caps=context.caps())
    return json_answer(shapes.booking(card))


@bp.post("/bookings/<code>/cancel")
@public("write")
@operation(
    "Cancel a booking", shapes.CancelledAnswer, path=CodeInput, body=EmailInput, keyed=True,
    errors=(BookingNotFound, AlreadyCancelled, NotChangeable, KeyReused),
)  # fmt: skip
def cancel(code: str) -> Response:
    key, data = contract.key_of(f"bookings/{code}/cancel"), contract.body(EmailInput)
    card = _proved(code, data)
    card = booking.cancel(context.business(), UUID(card.id), now=context.now(), key=key)
    return json_answer(shapes.cancelled(card))


@bp.post("/bookings/<code>/reschedule")
@public("write")
@operation(
    "Move a booking", shapes.RescheduledAnswer, path=CodeInput, body=MoveInput, keyed=True,
    errors=(BookingNotFound, SlotTaken, AlreadyCancelled, NotChangeable, KeyReused),
)  # fmt: skip
def reschedule(code: str) -> Response:
    key, data = contract.key_of(f"bookings/{code}/reschedule"), contract.body(MoveInput)
    card = _proved(code, data)
    card = booking.reschedule(context.business(), UUID(card.id), data, now=context.now(), key=key)
    return json_answer(shapes.rescheduled(card))


def _locale() -> str | None:
    """The client's language, where the caller says one."""
    return context.language() if "Accept-Language" in request.headers or context.fixed_language() else None


def _proved(code: str, data: EmailInput) -> BookingCard:
    """The booking that code and e-mail prove. A wrong pair counts as a look-up, and who has no look-up left
    is not heard: else this door would go on telling right from wrong where the other one has stopped."""
    pair = read(PairInput, {"code": code, "email": data.email})
    guards.refuse_spent("lookup")
    try:
        return booking.look_up(context.business(), pair, now=context.now(), caps=context.caps())
    except BookingNotFound:
        guards.count("lookup")
        raise
