"""One booking, as its pages, answers and mails show it."""

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any, Self
from uuid import UUID

import db
import sectors
from errors import BookingNotFound
from lib.languages import wording
from lib.versions import version
from models import Audit, Booking, Claim, Message
from queries.offer import Offer, ResourceCard, ServiceCard


@dataclass(frozen=True, slots=True)
class BookingCard:
    """Plain values; instants are ISO 8601 with the business's offset, money in cents, rate in basis points."""

    id: str
    code: str
    status: str
    service_id: str
    resource_ids: tuple[str, ...]
    starts_at: str
    ends_at: str
    duration_minutes: int
    party_size: int
    any_resource: bool
    source: str
    name: str
    email: str
    phone: str | None
    notify_email: bool
    notify_sms: bool
    message: str
    answers: dict[str, Any] = field(hash=False)
    locale: str
    price_cents: int
    deposit_cents: int
    deposit_bp: int
    payment_status: str
    refund_cents: int | None
    sequence: int
    link_version: int
    held_until: str | None
    extended: bool
    created_at: str
    updated_at: str
    note: str = ""
    client_id: str | None = None
    cancel_reason: str | None = None

    @property
    def start(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.starts_at)

    @property
    def end(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.ends_at)

    @property
    def deadline(self) -> dt.datetime | None:
        return dt.datetime.fromisoformat(self.held_until) if self.held_until else None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """What an earlier version kept may name less or more."""
        kept = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        return cls(**{"answers": {}} | kept | {"resource_ids": tuple(data["resource_ids"])})


def card(offer: Offer, row: Any, resource_ids: tuple[UUID, ...]) -> BookingCard:
    """From a row of `booking` and the resources that it occupies (or did, when it was booked)."""
    service = offer.service_by_id(row.service_id)
    resources = [offer.resource(resource_id) for resource_id in resource_ids]

    def iso(instant: dt.datetime) -> str:
        return instant.astimezone(offer.zone).isoformat()

    return BookingCard(
        id=str(row.id), code=row.code, status=row.status, service_id=service.slug,
        resource_ids=tuple(each.slug for each in resources),
        starts_at=iso(row.starts_at), ends_at=iso(row.ends_at),
        duration_minutes=round((row.ends_at - row.starts_at).total_seconds()) // 60,
        party_size=row.party_size, any_resource=bool(row.any_resource), source=row.source, name=row.name,
        email=row.email, phone=row.phone, notify_email=bool(row.notify_email), notify_sms=bool(row.notify_sms),
        message=row.message, answers=row.answers or {}, locale=row.locale, price_cents=row.price_cents,
        deposit_cents=row.deposit_cents, deposit_bp=row.deposit_bp, payment_status=row.payment_status,
        refund_cents=row.refund_cents, sequence=row.sequence, link_version=row.link_version,
        held_until=iso(row.held_until) if row.held_until else None, extended=bool(row.extended),
        created_at=iso(row.created_at), updated_at=iso(row.updated_at), note=row.note,
        client_id=str(row.client_id) if row.client_id else None, cancel_reason=row.cancel_reason,
    )  # fmt: skip


def version_of(booked: BookingCard) -> str:
    """Of all that may change of a booking, for `If-Match` and for forms."""
    return version({
        "status": booked.status, "starts_at": booked.starts_at, "ends_at": booked.ends_at, "note": booked.note,
        "sequence": booked.sequence, "payment_status": booked.payment_status, "refund_cents": booked.refund_cents,
    })  # fmt: skip


def service_of(offer: Offer, booked: BookingCard) -> ServiceCard:
    """Archived ones too."""
    return offer.any_service(booked.service_id)


def people_of(offer: Offer, booked: BookingCard) -> tuple[ResourceCard, ...]:
    """Whom it is with, those who have left too."""
    return tuple(each for each in _occupied(offer, booked) if each.kind == "practitioner")


def rooms_of(offer: Offer, booked: BookingCard) -> tuple[ResourceCard, ...]:
    """The tables, rooms or bays that it takes: for the business to know, which may still change them."""
    return tuple(each for each in _occupied(offer, booked) if each.kind != "practitioner")


def _occupied(offer: Offer, booked: BookingCard) -> tuple[ResourceCard, ...]:
    return tuple(each for slug in booked.resource_ids for each in offer.resources if each.slug == slug)


def title(offer: Offer, booked: BookingCard, *, language: str) -> str:
    """What a calendar may say of the visit: the service's name, or the profession's neutral word where its rules keep
    the reason of a visit out of sight."""
    sector = sectors.get(offer.business.sector)
    if not sector.rules.service_in_titles.allowed:
        word = sector.vocabulary.visit.in_(language)
        return word[:1].upper() + word[1:]
    service = service_of(offer, booked)
    return wording(service.name, service.translations, "name", wanted=language, source=offer.business.locale).text


def by_code(offer: Offer, code: str) -> BookingCard:
    """A booking by its code alone: for callers that hold its proof already. Raises BookingNotFound; holds are none."""
    with db.reading(offer.business.id):
        row = Booking.find(code=code)
        if row is None or row.status in ("held", "lapsed"):
            raise BookingNotFound
        return card(offer, row, resources_of(row))


def by_id(offer: Offer, booking_id: UUID) -> BookingCard | None:
    """Any booking, a hold too."""
    with db.reading(offer.business.id):
        row = Booking.find(id=booking_id)
        return card(offer, row, resources_of(row)) if row else None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a booking's history. `what`: `audit` with its action, or `mail` with its template; `at` local."""

    at: dt.datetime
    what: str
    name: str
    actor: str
    data: dict[str, Any] = field(hash=False)
    state: str = ""
    recipient: str = ""
    sent_at: dt.datetime | None = None


def history(offer: Offer, booking_id: UUID) -> tuple[Event, ...]:
    """What was done to a booking and what was said about it, the newest first. Two statements."""
    with db.reading(offer.business.id):
        deeds = list(Audit.select().where(Audit.subject == booking_id))
        mails = list(Message.select().where(Message.booking_id == booking_id))
    events = [
        Event(row.created_at.astimezone(offer.zone), "audit", row.action, row.actor, row.data) for row in deeds
    ] + [
        Event(
            (row.sent_at or row.due_at).astimezone(offer.zone), "mail", row.template, "", row.data, row.state,
            row.recipient, row.sent_at.astimezone(offer.zone) if row.sent_at else None,
        )
        for row in mails
    ]  # fmt: skip
    return tuple(sorted(events, key=lambda each: each.at, reverse=True))


def for_staff(offer: Offer, code: str) -> tuple[BookingCard, tuple[UUID, ...]]:
    """A booking by its code, with the agendas it stands in or, given back, stood in. Raises BookingNotFound."""
    with db.reading(offer.business.id):
        row = Booking.find(code=code)
        if row is None or row.status in ("held", "lapsed"):
            raise BookingNotFound
        resource_ids = agendas_of(row)
        return card(offer, row, resource_ids), resource_ids


def agendas_of(row: Any) -> tuple[UUID, ...]:
    """Inside a scope: the agendas that a booking stands in, or stood in before it gave its place back."""
    now_in = resources_of(row)
    if now_in:
        return now_in
    told = Audit.select(Audit.data).where(Audit.subject == row.id).order_by(Audit.id.desc()).tuples()
    states = (data.get("after") for (data,) in told)
    last = next((each for each in states if isinstance(each, dict) and each.get("resources")), {})
    return tuple(UUID(each) for each in last.get("resources", ()))


def resources_of(row: Any) -> tuple[UUID, ...]:
    """What the booking occupies, in the fixed order of claims; a cancelled one occupies nothing."""
    rows = Claim.select(Claim.resource_id).where(Claim.booking_id == row.id).distinct().order_by(Claim.resource_id)
    return tuple(resource_id for (resource_id,) in rows.tuples())
