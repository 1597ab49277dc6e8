"""S3's shapes, to the letter: what the API sends, and how plain values become it.

Each TypedDict is checked against its maker by mypy and written into the OpenAPI document by `openapi.py`.
Instants are ISO 8601 with the business's offset, money is in cents, rates run from 0 to 1.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from flask_babel import gettext

import slots
from blueprints import context
from lib.codes import MASKED
from lib.languages import wording
from lib.money import BASIS
from queries.booking import BookingCard
from queries.offer import ServiceCard


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


class Error(TypedDict):
    """`field` names the input at fault; `nearest` are the free starts nearest to a lost one."""

    code: str
    message: str
    field: NotRequired[str]
    nearest: NotRequired[list[Instant]]


class ErrorAnswer(TypedDict):
    error: Error


def services(cards: Iterable[ServiceCard]) -> Services:
    return {"services": [service(card) for card in cards]}


def service(card: ServiceCard) -> Service:
    return {
        "id": card.slug,
        "name": text_of(card, "name"),
        "description": text_of(card, "description"),
        "durationMinutes": card.duration_minutes,
        "basePriceCents": card.price_cents,
        "depositRate": card.deposit_bp / BASIS,
        "isActive": card.active,
    }


def text_of(card: Any, field: str) -> str:
    """A text of the business in the language of the answer where it has one, as it was typed."""
    wanted, source = context.language(), context.business().locale
    return wording(getattr(card, field), card.translations, field, wanted=wanted, source=source).text


def availability(card: ServiceCard, day: slots.Day) -> Availability:
    """What blocks a start is named neutrally: the public learns no other client's name or code."""
    booked, busy = gettext("Réservé"), gettext("Indisponible")
    return {
        "serviceId": card.slug,
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
            "status": card.status,  # type: ignore[typeddict-item] # the stored word is one of the listed
            "startDateTime": card.starts_at,
            "durationMinutes": card.duration_minutes,
            "serviceId": card.service_id,
            "customer": customer,
            "deposit": {
                "amountCents": card.deposit_cents,
                "currency": "EUR",
                "rate": card.deposit_bp / BASIS,
                "paymentStatus": card.payment_status,  # type: ignore[typeddict-item] # the stored word is one of the listed
            },
            "notifications": {"email": card.notify_email, "sms": card.notify_sms},
        }
    }


def cancelled(card: BookingCard) -> CancelledAnswer:
    return {"booking": {"publicCode": card.code, "status": "cancelled"}}


def rescheduled(card: BookingCard) -> RescheduledAnswer:
    return {"booking": {"publicCode": card.code, "status": "rescheduled", "startDateTime": card.starts_at}}


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
