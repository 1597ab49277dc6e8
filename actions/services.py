"""What can be booked comes, changes, goes and returns. What is booked already keeps its price and its length: both were
copied that day."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

import db
import sectors
from actions import audit, cancellation, questions
from actions.access import Actor, demand
from actions.cancellation import PolicyInput, Rate
from actions.inputs import Input, Name, Slug, cleaned, refuse
from actions.questions import Questions
from errors import ServiceNotFound, StaleVersion
from lib.ids import uuid7
from lib.languages import LANGUAGES
from lib.slugs import propose
from models import Booking, Claim, Resource, Service, ServiceResource
from queries import services
from queries.business import BusinessCard, by_id
from queries.offer import ServiceCard, load
from queries.services import ServiceSettings

DESCRIPTION_LENGTH = 2_000
MOST_PEOPLE = 100
Place = Literal["on_site", "at_client", "video", "phone"]
Description = Annotated[
    Annotated[str, Field(max_length=DESCRIPTION_LENGTH)] | None, BeforeValidator(cleaned(multiline=True))
]
Minutes = Annotated[int, Field(ge=5, le=1_440)]
Cents = Annotated[int, Field(ge=0, le=100_000_00)]
Buffer = Annotated[int, Field(ge=0, le=480)]
Step = Annotated[int, Field(ge=5, le=480)]
Notice = Annotated[int, Field(ge=0, le=60 * 24 * 60)]
Horizon = Annotated[int, Field(ge=1, le=730)]
Capacity = Annotated[int, Field(ge=1, le=MOST_PEOPLE)]
Count = Annotated[int, Field(ge=1, le=1_000)]


class LimitsInput(Input):
    """Most visits per local day, week and month; absent: no limit."""

    per_day: Count | None = Field(default=None, alias="perDay")
    per_week: Count | None = Field(default=None, alias="perWeek")
    per_month: Count | None = Field(default=None, alias="perMonth")


class TurnInput(Input):
    """How long a table of up to `partySize` is taken."""

    party_size: Capacity = Field(alias="partySize")
    minutes: Minutes


class WordsInput(Input):
    """A service's own texts in one more language; empty ones fall back to the own words."""

    name: Annotated[Annotated[str, Field(max_length=120)] | None, BeforeValidator(cleaned())] = None
    description: Description = None


Translated = dict[Literal["fr", "nl", "en", "de"], WordsInput]


class ServiceChange(Input):
    """S3 `Service` and what stands beside it. Only what is given changes. Null takes a value of one's own back,
    so that the business's holds (`slotStepMinutes`, `minimumNoticeMinutes`, `horizonDays`, `cancellationPolicy`, `limits`);
    anywhere else it changes nothing. `resourceIds` are public ids."""

    name: Name | None = None
    description: Description = None
    duration_minutes: Minutes | None = Field(default=None, alias="durationMinutes")
    base_price_cents: Cents | None = Field(default=None, alias="basePriceCents")
    deposit_rate: Rate | None = Field(default=None, alias="depositRate")
    is_active: bool | None = Field(default=None, alias="isActive")
    slot_step_minutes: Step | None = Field(default=None, alias="slotStepMinutes")
    buffer_before: Buffer | None = Field(default=None, alias="bufferBeforeMinutes")
    buffer_after: Buffer | None = Field(default=None, alias="bufferAfterMinutes")
    notice_minutes: Notice | None = Field(default=None, alias="minimumNoticeMinutes")
    horizon_days: Horizon | None = Field(default=None, alias="horizonDays")
    capacity: Capacity | None = None
    turn_minutes: Annotated[list[TurnInput], Field(max_length=12)] | None = Field(default=None, alias="turnMinutes")
    limits: LimitsInput | None = None
    place: Place | None = None
    form_fields: Questions | None = Field(default=None, alias="formFields")
    cancellation: PolicyInput | None = Field(default=None, alias="cancellationPolicy")
    resource_ids: Annotated[list[Slug], Field(max_length=500)] | None = Field(default=None, alias="resourceIds")
    translations: Translated | None = None


class ServiceInput(ServiceChange):
    """A new service: name, length and price are all it needs. Without `resourceIds` everybody offers it; without
    `depositRate` the profession's holds."""

    name: Name
    duration_minutes: Minutes = Field(alias="durationMinutes")
    base_price_cents: Cents = Field(alias="basePriceCents")


# What null resets; anywhere else null keeps what is there.
RESETS = {
    "slot_step_minutes": "step_minutes", "notice_minutes": "notice_minutes", "horizon_days": "horizon_days",
    "cancellation": "cancellation", "limits": "limits",
}  # fmt: skip
PLAIN = {
    "name": "name", "description": "description", "duration_minutes": "duration_minutes", "capacity": "capacity",
    "base_price_cents": "price_cents", "is_active": "active", "slot_step_minutes": "step_minutes", "place": "place",
    "buffer_before": "buffer_before", "buffer_after": "buffer_after", "notice_minutes": "notice_minutes",
    "horizon_days": "horizon_days",
}  # fmt: skip
UNTOLD = frozenset({"translations", "form_fields"})  # too long for the history: it says that they changed


def create(business: BusinessCard, by: Actor, data: ServiceInput, *, now: int) -> ServiceCard:
    """At the end of the list. Its public id is made from its name. Raises Invalid, NotAllowed."""
    demand(by, "services.write")
    key = uuid7()
    with db.writing(business.id):
        db.handle.lock([business.id])
        values = {"deposit_bp": sectors.get(business.sector).rules.deposit.rate_bp} | _columns(business, data, None)
        resources = _chosen(data.resource_ids)
        slug = _free_slug(values["name"])
        Service.insert(id=key, slug=slug, position=_last_position() + 1, **values).execute()
        _offer_by(key, resources)
        make_room(resources, values.get("capacity", 1), now=now)
        audit.note(by, "service.created", key, now=now, name=values["name"])
    return _card(business, key)


def change(
    business: BusinessCard, by: Actor, slug: str, data: ServiceChange, *, now: int, expected: str | None = None
) -> ServiceCard:
    """Only what is given. Bookings keep the price and the length they were taken with. Raises ServiceNotFound,
    StaleVersion, Invalid, NotAllowed."""
    demand(by, "services.write")
    with db.writing(business.id):
        row, before = _found(slug, expected)
        values = _columns(business, data, before)
        resources = _offering(row.id) if data.resource_ids is None else _chosen(data.resource_ids)
        make_room(resources, values.get("capacity", before.capacity), now=now)  # before it is a group: see there
        if values:
            Service.update(**values).where(Service.id == row.id).execute()
        if data.resource_ids is not None:
            ServiceResource.delete().where(ServiceResource.service_id == row.id).execute()
            _offer_by(row.id, resources)
        changed = _differences(before, services.of_row(Service.find(slug=slug)))
        if changed:
            audit.note(by, "service.changed", row.id, now=now, name=before.name, changed=changed)
    return _card(business, row.id)


def archive(business: BusinessCard, by: Actor, slug: str, *, now: int, expected: str | None = None) -> ServiceCard:
    """Nobody can book it any more; what is booked stays and stays readable. Raises ServiceNotFound, StaleVersion,
    NotAllowed."""
    return _switch(business, by, slug, active=False, now=now, expected=expected)


def restore(business: BusinessCard, by: Actor, slug: str, *, now: int, expected: str | None = None) -> ServiceCard:
    """On offer again, where it stood."""
    return _switch(business, by, slug, active=True, now=now, expected=expected)


def reorder(business: BusinessCard, by: Actor, slugs: Sequence[str], *, now: int) -> None:
    """The order in which clients see them: those named first, the others after them as they were. Raises
    ServiceNotFound, NotAllowed."""
    demand(by, "services.write")
    with db.writing(business.id):
        db.handle.lock([business.id])
        _arrange(by, _ordered(), list(slugs), now)


def shift(business: BusinessCard, by: Actor, slug: str, direction: Literal["up", "down"], *, now: int) -> None:
    """One place up or down among those on offer; at the edge nothing moves. Raises ServiceNotFound, NotAllowed."""
    demand(by, "services.write")
    with db.writing(business.id):
        db.handle.lock([business.id])
        rows = _ordered()
        offered = [row.slug for row in rows if row.active]
        if slug not in offered:
            raise ServiceNotFound
        at = offered.index(slug)
        to = at - 1 if direction == "up" else at + 1
        if 0 <= to < len(offered):
            offered[at], offered[to] = offered[to], offered[at]
            _arrange(by, rows, offered, now)


def make_room(resource_ids: Iterable[UUID], capacity: int, *, now: int) -> None:
    """Inside `db.writing`: a group of `capacity` needs as many lanes of whoever receives it. What is taken already
    fills the new lanes too, because it was promised the whole room: so was the visit of one client for the service that
    becomes a group now. Tables have seats instead, and keep their one lane."""
    if capacity == 1:
        return
    moment = dt.datetime.fromtimestamp(now, dt.UTC)
    keys = sorted(resource_ids)
    db.handle.lock(keys)
    rows = Resource.select(Resource.id, Resource.units).where(
        Resource.id.in_(keys), Resource.units < capacity, Resource.seats.is_null()
    )
    for row in list(rows):
        _fill_lanes(row.id, range(row.units, capacity), moment)
        Resource.update(units=capacity).where(Resource.id == row.id).execute()


def _columns(business: BusinessCard, data: ServiceChange, before: ServiceSettings | None) -> dict[str, Any]:
    """Columns of `service`, of what was given alone."""
    given = data.model_fields_set
    values: dict[str, Any] = {
        column: getattr(data, field) for field, column in PLAIN.items() if getattr(data, field) is not None
    }
    values |= {RESETS[field]: {} if field == "limits" else None for field in given & RESETS.keys()
               if getattr(data, field) is None}  # fmt: skip
    if data.description is None and "description" in given:
        values["description"] = ""
    if data.deposit_rate is not None:
        values["deposit_bp"] = cancellation.basis_points(data.deposit_rate)
    if data.limits is not None:
        values["limits"] = {name: count for name, count in data.limits.model_dump().items() if count is not None}
    if data.turn_minutes is not None:
        values["turn_minutes"] = sorted([each.party_size, each.minutes] for each in data.turn_minutes)
    if data.cancellation is not None:
        values["cancellation"] = cancellation.stored(data.cancellation)
    if data.form_fields is not None:
        kept = before.form_fields if before else []
        values["form_fields"] = questions.stored(data.form_fields, kept, language=business.locale)
    if data.translations is not None:
        values["translations"] = _merged(before.translations if before else {}, data.translations, business.locale)
    return values


def _merged(kept: Any, given: dict[Any, WordsInput], language: str) -> dict[str, dict[str, str]]:
    """A language that is not named keeps its texts; a text that is given empty goes."""
    merged = {name: dict(texts) for name, texts in kept.items()}
    for name, words in given.items():
        texts = merged.setdefault(name, {})
        texts |= {field: getattr(words, field) or "" for field in words.model_fields_set}
    found = {name: {field: text for field, text in texts.items() if text} for name, texts in merged.items()}
    return {name: found[name] for name in LANGUAGES if found.get(name) and name != language}


def _chosen(slugs: Sequence[str] | None) -> list[UUID]:
    """Ids of the resources named; of all the active ones when none are."""
    if slugs is None:
        return [row.id for row in Resource.select(Resource.id).where(Resource.active == True)]  # noqa: E712 - SQL
    if not slugs:
        raise refuse("resourceIds", "nobody")
    rows = {row.slug: row.id for row in Resource.select(Resource.id, Resource.slug).where(Resource.slug.in_(slugs))}
    if set(slugs) - rows.keys():
        raise refuse("resourceIds", "slug")
    return list(rows.values())


def _offer_by(service_id: UUID, resource_ids: list[UUID]) -> None:
    if resource_ids:
        pairs = [{"service_id": service_id, "resource_id": each} for each in resource_ids]
        ServiceResource.insert_many(pairs).execute()


def _offering(service_id: UUID) -> list[UUID]:
    return [row.resource_id for row in ServiceResource.select().where(ServiceResource.service_id == service_id)]


def _free_slug(name: str) -> str:
    """Also in scripts that have no ASCII letters: then it is `prestation`."""
    first = propose(name)[:56].strip("-") or "prestation"
    taken = {row.slug for row in Service.select(Service.slug)}
    number, slug = 2, first
    while slug in taken:
        slug, number = f"{first}-{number}", number + 1
    return slug


def _last_position() -> int:
    return max((row.position for row in Service.select(Service.position)), default=-1)


def _found(slug: str, expected: str | None) -> tuple[Any, ServiceSettings]:
    """The row, kept from other changes until the transaction ends; not by a row lock, on which a booking would wait."""
    db.handle.lock([db.tenant()])
    row = Service.find(slug=slug)
    if row is None:
        raise ServiceNotFound
    settings = services.of_row(row)
    if expected is not None and expected != services.version(settings):
        raise StaleVersion
    return row, settings


def _switch(
    business: BusinessCard, by: Actor, slug: str, *, active: bool, now: int, expected: str | None
) -> ServiceCard:
    demand(by, "services.write")
    with db.writing(business.id):
        row, before = _found(slug, expected)
        if before.active != active:
            Service.update(active=active).where(Service.id == row.id).execute()
            audit.note(by, "service.restored" if active else "service.archived", row.id, now=now, name=before.name)
    return _card(business, row.id)


def _ordered() -> list[Any]:
    rows = Service.select(Service.id, Service.slug, Service.position, Service.active)
    return list(rows.order_by(Service.position, Service.id))


def _arrange(by: Actor, rows: list[Any], first: list[str], now: int) -> None:
    known = {row.slug: row for row in rows}
    if set(first) - known.keys():
        raise ServiceNotFound
    wanted = [*dict.fromkeys(first), *(row.slug for row in rows if row.slug not in first)]
    for position, slug in enumerate(wanted):
        if known[slug].position != position:
            Service.update(position=position).where(Service.id == known[slug].id).execute()
    if wanted != [row.slug for row in rows]:
        audit.note(by, "service.reordered", now=now, order=wanted)


def _fill_lanes(resource_id: UUID, lanes: range, moment: dt.datetime) -> None:
    """Bookings of one client and blocks made by hand hold every lane of a resource; sessions hold theirs alone."""
    groups = [row.id for row in Service.select(Service.id).where(Service.capacity > 1)]
    sessions = Booking.select(Booking.id).where(Booking.service_id.in_(groups), Booking.ends_at > moment)
    in_sessions = {row.id for row in sessions} if groups else set()
    taken = Claim.select().where(Claim.resource_id == resource_id, Claim.unit == 0, Claim.ends_at > moment)
    rows = [
        {
            "resource_id": resource_id, "unit": lane, "starts_at": each.starts_at, "ends_at": each.ends_at,
            "booking_id": each.booking_id, "block_id": each.block_id,
        }
        for each in taken if each.booking_id not in in_sessions for lane in lanes
    ]  # fmt: skip
    if rows:
        Claim.insert_many(rows).execute()


def _differences(before: ServiceSettings, after: ServiceSettings) -> dict[str, Any]:
    """By column, what it was and what it is."""
    names = [name for name in ServiceSettings.__dataclass_fields__ if getattr(before, name) != getattr(after, name)]
    return {
        name: [] if name in UNTOLD else [_told(getattr(before, name)), _told(getattr(after, name))] for name in names
    }


def _told(value: Any) -> Any:
    return value[:200] if isinstance(value, str) else list(value) if isinstance(value, tuple) else value


def _card(business: BusinessCard, service_id: UUID) -> ServiceCard:
    return load(by_id(business.id)).service_by_id(service_id)
