"""S3's shapes, to the letter: what the API sends, and how plain values become it.

Each TypedDict is checked against its maker by mypy and written into the OpenAPI document by `openapi.py`.
Instants are ISO 8601 with the business's offset, money is in cents, rates run from 0 to 1.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from flask_babel import gettext

import slots
from blueprints import context
from blueprints.display import own_text, said
from lib.codes import MASKED
from lib.languages import LANGUAGES
from lib.money import BASIS
from queries.api import MiniSite, SpecialDay, WeeklyOpening
from queries.booking import BookingCard
from queries.content import MenuItemCard
from queries.offer import ResourceCard, ServiceCard
from sectors import FormField


class Words:
    """JSON Schema words beside a type, in `Annotated`."""

    def __init__(self, **words: Any) -> None:
        self.words = words


Minutes = Annotated[int, Words(minimum=0, description="minutes from local 00:00; beyond 1440: the next date")]
Cents = Annotated[int, Words(minimum=0)]
Rate = Annotated[float, Words(minimum=0, maximum=1)]
LocalDate = Annotated[str, Words(format="date")]
LocalTime = Annotated[str, Words(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Instant = Annotated[str, Words(format="date-time", description="ISO 8601 with the business's offset")]
PublicCode = Annotated[str, Words(pattern="^AC-[A-Z0-9]{6}$")]
MaskedCode = Annotated[str, Words(const=MASKED, description="never another client's code")]
Language = Annotated[str, Words(enum=list(LANGUAGES))]
Status = Literal[
    "pending",
    "confirmed",
    "rescheduled",
    "cancelled",
    "declined",
    "arrived",
    "seated",
    "completed",
    "no_show",
]


class Service(TypedDict):
    """A service on offer, in the language of the answer; `id` is its stable, readable name within the business."""

    id: str
    name: str
    description: str
    durationMinutes: int
    basePriceCents: Cents
    depositRate: Rate
    isActive: bool


class Services(TypedDict):
    services: list[Service]


class Opening(TypedDict):
    """First start to last end of the date, and its longest pause."""

    startMinutes: Minutes
    endMinutes: Minutes
    breakStartMinutes: Minutes | None
    breakEndMinutes: Minutes | None


class SlotBlocker(TypedDict):
    """Why a position is taken: `booking` with a masked code, or `calendar` with its provider."""

    type: Literal["booking", "calendar"]
    providerId: NotRequired[str]
    bookingPublicCode: NotRequired[MaskedCode]
    summary: str


class AvailabilitySlot(TypedDict):
    """`fold` 1: the second of a time that the end of summer time brings twice."""

    time: LocalTime
    fold: NotRequired[Literal[1]]
    available: bool
    blockedBy: list[SlotBlocker]


class Availability(TypedDict):
    """`opening` is null on a closed day."""

    serviceId: str
    date: LocalDate
    opening: Opening | None
    slots: list[AvailabilitySlot]


class Customer(TypedDict):
    name: str
    email: str
    phone: NotRequired[str]


class Deposit(TypedDict):
    amountCents: Cents
    currency: Literal["EUR"]
    rate: Rate
    paymentStatus: Literal["pending", "authorized", "captured", "refunded", "failed"]


class Notifications(TypedDict):
    email: bool
    sms: bool


class Booking(TypedDict):
    publicCode: PublicCode
    status: Status
    startDateTime: Instant
    durationMinutes: int
    serviceId: str
    customer: Customer
    deposit: Deposit
    notifications: Notifications


class BookingAnswer(TypedDict):
    booking: Booking


class Cancelled(TypedDict):
    publicCode: PublicCode
    status: Literal["cancelled"]


class CancelledAnswer(TypedDict):
    booking: Cancelled


class Rescheduled(TypedDict):
    publicCode: PublicCode
    status: Literal["rescheduled"]
    startDateTime: Instant


class RescheduledAnswer(TypedDict):
    booking: Rescheduled


class Address(TypedDict):
    street: str
    postcode: str
    town: str
    country: str


class TeamMember(TypedDict):
    """`id` is what `resourceId` takes; `languages` are ISO 639 codes."""

    id: str
    name: str
    title: str
    bio: str
    languages: list[str]


class OpeningHours(TypedDict):
    """A weekly range, pauses left out; `dayOfWeek` 0 is Sunday."""

    dayOfWeek: Literal[0, 1, 2, 3, 4, 5, 6]
    startMinutes: Minutes
    endMinutes: Minutes


class OpeningRange(TypedDict):
    startMinutes: Minutes
    endMinutes: Minutes


class OpeningException(TypedDict):
    """A date of the coming 30 days whose hours are not those of its weekday; no ranges: closed."""

    date: LocalDate
    ranges: list[OpeningRange]


class Value(TypedDict):
    title: str
    text: str


class Testimonial(TypedDict):
    author: str
    text: str


class Question(TypedDict):
    question: str
    answer: str


class MenuItem(TypedDict):
    """`priceCents` is null where the menu names no price."""

    section: str
    name: str
    description: str
    priceCents: Cents | None


class FormOption(TypedDict):
    value: str
    label: str


class Field(TypedDict):
    """What is asked of every client, by `key`; `options` where `type` is select or radio."""

    key: str
    type: Literal["text", "textarea", "select", "radio", "boolean", "number", "date"]
    label: str
    required: bool
    help: NotRequired[str]
    options: NotRequired[list[FormOption]]
    maxLength: NotRequired[int]
    minimum: NotRequired[int]
    maximum: NotRequired[int]


class Site(TypedDict):
    """The mini-site. `language` is that of the answer; a text that has no version in it comes as it was written.
    `testimonials` is empty where the profession's rules forbid them."""

    name: str
    slug: str
    sector: str
    headline: str
    bio: str
    address: Address
    phone: str | None
    timezone: str
    services: list[Service]
    team: list[TeamMember]
    openingHours: list[OpeningHours]
    exceptions: list[OpeningException]
    specializations: list[str]
    values: list[Value]
    testimonials: list[Testimonial]
    faq: list[Question]
    menu: list[MenuItem]
    formFields: list[Field]
    language: Language


class Error(TypedDict):
    """`field` names the input at fault; `nearest` are the free starts nearest to a lost one."""

    code: str
    message: str
    field: NotRequired[str]
    nearest: NotRequired[list[Instant]]


class ErrorAnswer(TypedDict):
    error: Error


def services(cards: Iterable[ServiceCard]) -> Services:
    return {"services": [_service(card) for card in cards]}


def availability(service: ServiceCard, day: slots.Day) -> Availability:
    """What blocks a start is named neutrally: the public learns no other client's name or code."""
    booked, busy = gettext("Réservé"), gettext("Indisponible")
    return {
        "serviceId": service.slug,
        "date": day.date.isoformat(),
        "opening": _opening(day),
        "slots": [_slot(slot, booked, busy) for slot in day.slots],
    }


def booking(card: BookingCard) -> BookingAnswer:
    customer: Customer = {"name": card.name, "email": card.email}
    if card.phone:
        customer["phone"] = card.phone
    return {
        "booking": {
            "publicCode": card.code,
            "status": card.status,  # type: ignore[typeddict-item]
            "startDateTime": card.starts_at,
            "durationMinutes": card.duration_minutes,
            "serviceId": card.service_id,
            "customer": customer,
            "deposit": {
                "amountCents": card.deposit_cents,
                "currency": "EUR",
                "rate": card.deposit_bp / BASIS,
                "paymentStatus": card.payment_status,  # type: ignore[typeddict-item]
            },
            "notifications": {"email": card.notify_email, "sms": card.notify_sms},
        }
    }


def cancelled(card: BookingCard) -> CancelledAnswer:
    return {"booking": {"publicCode": card.code, "status": "cancelled"}}


def rescheduled(card: BookingCard) -> RescheduledAnswer:
    return {"booking": {"publicCode": card.code, "status": "rescheduled", "startDateTime": card.starts_at}}


def site(found: MiniSite) -> Site:
    business, content = found.business, found.content
    return {
        "name": business.name,
        "slug": business.slug,
        "sector": business.sector,
        "headline": _text(business, "headline"),
        "bio": _text(business, "bio") or _text(business, "lead"),
        "address": {
            "street": business.street,
            "postcode": business.postcode,
            "town": business.town,
            "country": business.country,
        },
        "phone": business.phone,
        "timezone": business.timezone,
        "services": [_service(card) for card in found.services],
        "team": [_member(card) for card in found.team],
        "openingHours": [_hours(each) for each in found.hours],
        "exceptions": [_exception(each) for each in found.special_days],
        "specializations": [_text(card, "name") for card in content.specializations],
        "values": [{"title": _text(card, "title"), "text": _text(card, "text")} for card in content.values],
        "testimonials": [{"author": card.author, "text": _text(card, "text")} for card in content.testimonials],
        "faq": [{"question": _text(card, "question"), "answer": _text(card, "answer")} for card in content.questions],
        "menu": [_dish(card) for card in content.menu],
        "formFields": [_field(field) for field in found.fields],
        "language": context.language(),
    }


def _service(card: ServiceCard) -> Service:
    return {
        "id": card.slug,
        "name": _text(card, "name"),
        "description": _text(card, "description"),
        "durationMinutes": card.duration_minutes,
        "basePriceCents": card.price_cents,
        "depositRate": card.deposit_bp / BASIS,
        "isActive": card.active,
    }


def _opening(day: slots.Day) -> Opening | None:
    if day.opening is None:
        return None
    pause = day.pause or (None, None)
    return {
        "startMinutes": day.opening[0],
        "endMinutes": day.opening[1],
        "breakStartMinutes": pause[0],
        "breakEndMinutes": pause[1],
    }


def _slot(slot: slots.Slot, booked: str, busy: str) -> AvailabilitySlot:
    shown: AvailabilitySlot = {
        "time": slot.time,
        "available": slot.available,
        "blockedBy": [_blocker(cause, booked, busy) for cause in slot.causes],
    }
    if slot.fold:
        shown["fold"] = 1
    return shown


def _blocker(cause: slots.Cause, booked: str, busy: str) -> SlotBlocker:
    if cause.type == "booking":
        return {"type": "booking", "bookingPublicCode": MASKED, "summary": booked}
    return {"type": "calendar", "providerId": cause.provider or "bookt", "summary": busy}


def _member(card: ResourceCard) -> TeamMember:
    return {
        "id": card.slug,
        "name": card.name,
        "title": _text(card, "title"),
        "bio": _text(card, "bio"),
        "languages": list(card.languages),
    }


def _hours(each: WeeklyOpening) -> OpeningHours:
    return {"dayOfWeek": each[0], "startMinutes": each[1], "endMinutes": each[2]}  # type: ignore[typeddict-item]


def _exception(day: SpecialDay) -> OpeningException:
    ranges: list[OpeningRange] = [{"startMinutes": start, "endMinutes": end} for start, end in day.ranges]
    return {"date": day.date.isoformat(), "ranges": ranges}


def _dish(card: MenuItemCard) -> MenuItem:
    return {
        "section": _text(card, "section"),
        "name": _text(card, "name"),
        "description": _text(card, "description"),
        "priceCents": card.price_cents,
    }


def _field(field: FormField) -> Field:
    """Bounds belong to text and numbers alone."""
    shown: Field = {"key": field.key, "type": field.type, "label": said(field.label), "required": field.required}
    if field.help:
        shown["help"] = said(field.help)
    if field.options:
        shown["options"] = [{"value": each.value, "label": said(each.label)} for each in field.options]
    if field.type in ("text", "textarea"):
        shown["maxLength"] = field.max_length
    if field.type == "number":
        shown |= {name: bound for name, bound in (("minimum", field.min), ("maximum", field.max)) if bound is not None}
    return shown


def _text(card: Any, field: str) -> str:
    return own_text(card, field).text
