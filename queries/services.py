"""The services of a business as its people see them: each value as it was set, and what still hangs on it."""

import datetime as dt
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import peewee

import db
from errors import ServiceNotFound
from lib.languages import Translations
from lib.versions import version as version_of
from models import Booking, Resource, Service, ServiceResource
from queries.business import BusinessCard
from queries.offer import Offer, ResourceCard, ServiceCard

OPEN = ("pending", "confirmed", "rescheduled", "arrived", "seated")


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """A service's own columns; None where the business's value holds. `resources` are slugs, by position."""

    slug: str
    name: str
    description: str
    translations: Translations
    duration_minutes: int
    price_cents: int
    deposit_bp: int
    step_minutes: int | None
    buffer_before: int
    buffer_after: int
    notice_minutes: int | None
    horizon_days: int | None
    capacity: int
    turn_minutes: list[list[int]]
    limits: dict[str, int | None]
    place: str
    form_fields: list[dict[str, Any]]
    cancellation: dict[str, Any] | None
    active: bool
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list. `coming` counts the bookings still to come."""

    card: ServiceCard
    by: tuple[ResourceCard, ...]
    by_everybody: bool
    coming: int


@dataclass(frozen=True, slots=True)
class Lines:
    offered: list[Line]
    archived: list[Line]


def lines(offer: Offer, *, now: int) -> Lines:
    """Every service in its order, the archived ones apart. One statement beside the offer."""
    coming = _coming(offer.business.id, now)
    everybody = sum(card.active for card in offer.resources)
    found = [
        Line(card, able, len(able) == everybody, coming.get(card.id, 0))
        for card in offer.services for able in [offer.able(card)]
    ]  # fmt: skip
    return Lines([each for each in found if each.card.active], [each for each in found if not each.card.active])


def settings(business: BusinessCard, slug: str) -> ServiceSettings:
    """Raises ServiceNotFound."""
    with db.reading(business.id):
        row = Service.find(slug=slug)
        if row is None:
            raise ServiceNotFound
        return of_row(row)


def every(business: BusinessCard) -> tuple[ServiceSettings, ...]:
    """All of them in their order, archived ones too. Two statements."""
    with db.reading(business.id):
        offered: dict[UUID, list[str]] = defaultdict(list)
        for service_id, slug in _offering().tuples():
            offered[service_id].append(slug)
        rows = Service.select().order_by(Service.position, Service.id)
        return tuple(_settings(row, tuple(offered[row.id])) for row in rows)


def of_row(row: Any) -> ServiceSettings:
    """Inside a scope."""
    offered = _offering().where(ServiceResource.service_id == row.id).tuples()
    return _settings(row, tuple(slug for _, slug in offered))


def version(service: ServiceSettings) -> str:
    """What `If-Match` compares; the order among the services is no part of it."""
    return version_of(asdict(service))


def coming(business: BusinessCard, service_id: UUID, *, now: int) -> int:
    """How many bookings of a service are still to come."""
    return _coming(business.id, now).get(service_id, 0)


def _coming(business_id: UUID, now: int) -> dict[UUID, int]:
    moment = dt.datetime.fromtimestamp(now, dt.UTC)
    with db.reading(business_id):
        rows = (
            Booking.select(Booking.service_id, peewee.fn.COUNT(Booking.id))
            .where(Booking.starts_at > moment, Booking.status.in_(OPEN))
            .group_by(Booking.service_id).tuples()
        )  # fmt: skip
        return {service_id: int(count) for service_id, count in rows}


def _settings(row: Any, resources: tuple[str, ...]) -> ServiceSettings:
    plain = {name: getattr(row, name) for name in ServiceSettings.__dataclass_fields__ if name != "resources"}
    return ServiceSettings(**plain | {"active": bool(row.active), "resources": resources})


def _offering() -> Any:
    """Services and who offers them, by position."""
    return (
        Resource.select(ServiceResource.service_id, Resource.slug)
        .join(ServiceResource, on=(
            (ServiceResource.resource_id == Resource.id) & (ServiceResource.business_id == Resource.business_id)
        ))
        .order_by(Resource.position, Resource.id)
    )  # fmt: skip
