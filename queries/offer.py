"""What a business offers: services, resources, hours. Kept in memory by the business's revision.

The revision rises in the database with every change of the tables read here, so a kept offer is never stale.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import slots
from errors import ServiceNotFound
from lib.languages import Translations
from lib.refund import Policy
from models import BreakRule, OpeningRule, Resource, ScheduleException, Service, ServiceResource
from queries.business import BusinessCard
from queries.kept import ByRevision


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """`id` is the database's key, `slug` the public id (S3 `serviceId`); `rules` is what the engine needs."""

    id: UUID
    slug: str
    name: str
    description: str
    translations: Translations
    duration_minutes: int
    price_cents: int
    deposit_bp: int
    place: str
    active: bool
    form_fields: list[dict[str, Any]]
    policy: Policy
    resource_ids: tuple[UUID, ...]
    rules: slots.Service


@dataclass(frozen=True, slots=True)
class ResourceCard:
    id: UUID
    slug: str
    name: str
    kind: str
    title: str
    bio: str
    languages: tuple[str, ...]
    translations: Translations
    active: bool
    rules: slots.Resource


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A local date on which the whole business differs from its week; `label` says why: a holiday's name."""

    date: dt.date
    kind: str
    label: str


@dataclass(frozen=True)
class Offer:
    """`special_days` are the business's own, in order of date; what is open on them is the schedule's to say."""

    business: BusinessCard
    services: tuple[ServiceCard, ...]
    resources: tuple[ResourceCard, ...]
    special_days: tuple[SpecialDay, ...]

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.business.timezone)

    @cached_property
    def schedule(self) -> slots.Schedule:
        """The hours of the whole business, before any resource's own."""
        return self._schedules[None]

    @cached_property
    def usual_schedule(self) -> slots.Schedule:
        """The same without its exceptions; one object, because the engine keeps what it worked out per object."""
        return slots.Schedule(self.schedule.zone, self.schedule.opening, self.schedule.breaks)

    _schedules: dict[UUID | None, slots.Schedule]

    @cached_property
    def _services(self) -> dict[str, ServiceCard]:
        return {card.slug: card for card in self.services}

    @cached_property
    def _services_by_id(self) -> dict[UUID, ServiceCard]:
        return {card.id: card for card in self.services}

    @cached_property
    def _resources(self) -> dict[UUID, ResourceCard]:
        return {card.id: card for card in self.resources}

    @property
    def active_services(self) -> tuple[ServiceCard, ...]:
        return tuple(card for card in self.services if card.active and self.able(card))

    def service(self, slug: str) -> ServiceCard:
        """An active service by its public id. Raises ServiceNotFound."""
        card = self._services.get(slug)
        if card is None or not card.active:
            raise ServiceNotFound
        return card

    def any_service(self, slug: str) -> ServiceCard:
        """A service by its public id, archived ones too."""
        return self._services[slug]

    def service_by_id(self, service_id: UUID) -> ServiceCard:
        """Any service, archived ones too: what was booked stays readable."""
        return self._services_by_id[service_id]

    def resource(self, resource_id: UUID) -> ResourceCard:
        return self._resources[resource_id]

    def resource_by_slug(self, slug: str) -> ResourceCard | None:
        return next((card for card in self.resources if card.slug == slug and card.active), None)

    def able(self, service: ServiceCard, only: UUID | None = None) -> tuple[ResourceCard, ...]:
        """The active resources that offer a service, by position; narrowed to `only` when given."""
        return tuple(
            card for card in self.resources
            if card.active and card.id in service.resource_ids and only in (None, card.id)
        )  # fmt: skip

    def local_date(self, instant: int) -> dt.date:
        return dt.datetime.fromtimestamp(instant, self.zone).date()


def load(business: BusinessCard) -> Offer:
    """The offer at the business's revision; six statements the first time, none while nothing changes."""
    return _offers.of(business)


def _read(business: BusinessCard) -> Offer:
    exceptions = list(ScheduleException.select().order_by(ScheduleException.date))
    found = schedules(business, OpeningRule.select(), BreakRule.select(), exceptions)
    special = tuple(SpecialDay(_date(row.date), row.kind, row.label) for row in exceptions if row.resource_id is None)
    offered: dict[UUID, list[UUID]] = defaultdict(list)
    for pair in ServiceResource.select():
        offered[pair.service_id].append(pair.resource_id)
    services = tuple(
        _service(row, business, tuple(offered[row.id]))
        for row in Service.select().order_by(Service.position, Service.id)
    )
    resources = tuple(
        _resource(row, found.get(row.id) or found[None])
        for row in Resource.select().order_by(Resource.position, Resource.id)
    )
    return Offer(business, services, resources, special, found)


def schedules(
    business: BusinessCard, opening_rows: Iterable[Any], break_rows: Iterable[Any], exceptions: Iterable[Any]
) -> dict[UUID | None, slots.Schedule]:
    """Of rows as they are stored, or as they would be. By resource id, the business's own under None. A resource with
    hours of its own takes nothing weekly from the business, but the business's exceptions hold for all; where both have
    one on a date, the resource's joins in."""
    opening: dict[UUID | None, list[slots.WeeklyRange | slots.Recurring]] = defaultdict(list)
    breaks: dict[UUID | None, list[slots.WeeklyRange | slots.Recurring]] = defaultdict(list)
    days: dict[UUID | None, dict[dt.date, list[slots.DayRule]]] = defaultdict(lambda: defaultdict(list))
    for rules, rows in ((opening, opening_rows), (breaks, break_rows)):
        for row in rows:
            rules[row.resource_id].append(_range(row))
    for row in exceptions:
        ranges = tuple((start, end) for start, end in row.ranges)
        days[row.resource_id][_date(row.date)].append(slots.DayRule(row.kind, ranges))

    def schedule(owner: UUID | None) -> slots.Schedule:
        own = opening.get(owner) is not None
        merged = {date: tuple(found) for date, found in days[None].items()}
        for date, found in days[owner].items() if owner else ():
            merged[date] = merged.get(date, ()) + tuple(found)
        return slots.Schedule(
            zone=business.timezone,
            opening=tuple(opening[owner if own else None]),
            breaks=tuple(breaks[owner] if own else breaks[None] + (breaks[owner] if owner else [])),
            days=merged,
        )

    return {owner: schedule(owner) for owner in {None, *list(opening), *list(breaks), *list(days)}}


def _range(row: Any) -> slots.WeeklyRange | slots.Recurring:
    each = row.day_of_week, row.start_minutes, row.end_minutes
    return each if row.first_week is None else slots.every(row.every_weeks, _date(row.first_week), each)


def _service(row: Any, business: BusinessCard, resource_ids: tuple[UUID, ...]) -> ServiceCard:
    rules = slots.Service(
        id=str(row.id),
        duration=row.duration_minutes,
        step=row.step_minutes or business.step_minutes,
        before=row.buffer_before,
        after=row.buffer_after,
        notice=business.notice_minutes if row.notice_minutes is None else row.notice_minutes,
        horizon=business.horizon_days if row.horizon_days is None else row.horizon_days,
        tight=business.tight_packing,
        capacity=row.capacity,
        turn=tuple((party, minutes) for party, minutes in row.turn_minutes),
        limits=slots.Limits(**row.limits),
    )
    return ServiceCard(
        id=row.id, slug=row.slug, name=row.name, description=row.description, translations=row.translations,
        duration_minutes=row.duration_minutes, price_cents=row.price_cents, deposit_bp=row.deposit_bp, place=row.place,
        active=bool(row.active), form_fields=row.form_fields,
        policy=business.cancellation if row.cancellation is None else Policy.from_json(row.cancellation),
        resource_ids=resource_ids, rules=rules,
    )  # fmt: skip


def _resource(row: Any, schedule: slots.Schedule) -> ResourceCard:
    rules = slots.Resource(
        id=str(row.id), schedule=schedule, position=row.position, units=row.units, seats=row.seats,
        min_seats=row.min_seats, join=row.join_group, limits=slots.Limits(**row.limits),
    )  # fmt: skip
    return ResourceCard(
        id=row.id, slug=row.slug, name=row.name, kind=row.kind, title=row.title, bio=row.bio,
        languages=tuple(row.languages), translations=row.translations, active=bool(row.active), rules=rules,
    )  # fmt: skip


def _date(value: dt.date | str) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


_offers = ByRevision(_read)
