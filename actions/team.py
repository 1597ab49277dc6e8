"""Who can be booked: people, rooms, bays and tables. One leaves only when the bookings to come have gone elsewhere."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

import db
from actions import audit
from actions.access import Actor, demand
from actions.booking import StaffMoveInput, by_staff
from actions.inputs import Input, Name, OptionalLine, OptionalText, Slug, read, refuse
from actions.services import make_room
from errors import BooktError, Invalid, NotFound, Problem, StaleVersion
from lib.ids import uuid7
from lib.slugs import propose
from lib.versions import version
from models import Resource, Service, ServiceResource
from queries import hours
from queries.business import BusinessCard, by_id
from queries.hours import Visit
from queries.offer import ResourceCard, load

Kind = Literal["practitioner", "room", "bay", "table"]
Seats = Annotated[int, Field(ge=1, le=100)]
COLUMNS = ("name", "kind", "title", "bio", "languages", "seats", "min_seats", "join_group")
CANCEL = "annuler"
MOST_AT_ONCE = 50  # bookings that one request hands over


SEATS = "Indiquez combien de personnes cette table accueille."
FEWER = "Le minimum ne dépasse pas le nombre de places."


class StillBooked(BooktError):
    status = 409
    code = "STILL_BOOKED"
    message = "Des rendez-vous sont encore prévus ici. Confiez-les d’abord à quelqu’un d’autre, ou annulez-les."


class ResourceInput(Input):
    """`serviceIds`: what it offers. A table has `seats`; those of one `joinGroup` may be put together."""

    name: Name
    kind: Kind = "practitioner"
    title: OptionalLine = ""
    bio: OptionalText = ""
    languages: Annotated[list[Annotated[str, Field(pattern="^[a-z]{2}$")]], Field(max_length=20)] = []
    services: Annotated[list[Slug], Field(max_length=500, alias="serviceIds")] = []
    seats: Seats | None = None
    min_seats: Annotated[Seats, Field(alias="minSeats")] = 1
    join_group: Annotated[OptionalLine, Field(alias="joinGroup")] = ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What became of each booking; `refused` could go nowhere as asked."""

    moved: int
    cancelled: int
    refused: tuple[Visit, ...]


def create(business: BusinessCard, by: Actor, data: ResourceInput, *, now: int) -> ResourceCard:
    """Last in the order. Raises Invalid for an unknown service and for a table without seats, NotAllowed."""
    demand(by, "team.write")
    _refuse_seatless(data)
    key = uuid7()
    with db.writing(business.id):
        db.handle.lock([business.id])
        Resource.insert(
            id=key, slug=_free_slug(data.name, data.kind), position=_last_position() + 1, **_columns(data)
        ).execute()
        _offer(key, data.services, now=now)
        audit.note(by, "resource.created", key, now=now, name=data.name, kind=data.kind)
    return load(by_id(business.id)).resource(key)


def change(
    business: BusinessCard, by: Actor, slug: str, data: ResourceInput, *, now: int, expected: str | None = None
) -> ResourceCard:
    """All of it at once, the services too. Raises NotFound, Invalid, NotAllowed, and StaleVersion when `expected` is
    not the `version_of` what is there."""
    demand(by, "team.write")
    _refuse_seatless(data)
    with db.writing(business.id):
        db.handle.lock([business.id])
        row = _found(slug)
        offered = _offered(row.id)
        if expected is not None and expected != _version(row, offered):
            raise StaleVersion
        values = _columns(data)
        before = {name: getattr(row, name) for name in COLUMNS}
        Resource.update(**values).where(Resource.id == row.id).execute()
        _offer(row.id, data.services, now=now)
        changed = sorted(name for name in COLUMNS if before[name] != values[name])
        changed += ["services"] if sorted(data.services) != sorted(offered) else []
        audit.note(by, "resource.changed", row.id, now=now, name=data.name, changed=changed)
    return load(by_id(business.id)).resource(row.id)


def offers(business: BusinessCard, by: Actor, slug: str, services: Sequence[str], *, now: int) -> None:
    """Exactly these services, by public id. Raises NotFound, Invalid, NotAllowed."""
    demand(by, "team.write")
    with db.writing(business.id):
        row = _found(slug)
        _offer(row.id, services, now=now)
        audit.note(by, "resource.changed", row.id, now=now, name=row.name, changed=["services"])


def shift(business: BusinessCard, by: Actor, slug: str, direction: Literal["up", "down"], *, now: int) -> None:
    """One place among the active ones of its kind (people, or the rest); at the end nothing moves. Raises NotFound."""
    demand(by, "team.write")
    with db.writing(business.id):
        db.handle.lock([business.id])
        rows = list(Resource.select().order_by(Resource.position, Resource.id))
        row = _found(slug)
        alike = [
            each for each in rows
            if each.active and (each.kind == "practitioner") == (row.kind == "practitioner")
        ]  # fmt: skip
        at = next((n for n, each in enumerate(alike) if each.id == row.id), None)
        to = None if at is None else at + (-1 if direction == "up" else 1)
        if at is None or to is None or not 0 <= to < len(alike):
            return
        mine, other = (next(n for n, each in enumerate(rows) if each.id == alike[k].id) for k in (at, to))
        rows[mine], rows[other] = rows[other], rows[mine]
        for position, each in enumerate(rows):
            if each.position != position:
                Resource.update(position=position).where(Resource.id == each.id).execute()
        audit.note(by, "resource.reordered", row.id, now=now, order=[each.slug for each in rows if each.active])


def archive(business: BusinessCard, by: Actor, slug: str, *, now: int) -> None:
    """It is offered no more; what was booked stays readable. Raises StillBooked while visits are to come, NotFound."""
    demand(by, "team.write")
    with db.writing(business.id):
        row = _found(slug)
        db.handle.lock([row.id])  # the line in which bookings wait: none comes between the look and the leave
        if still_to_come(business, row.id, now=now):
            raise StillBooked
        if row.active:
            Resource.update(active=False).where(Resource.id == row.id).execute()
            audit.note(by, "resource.archived", row.id, now=now, name=row.name)


def restore(business: BusinessCard, by: Actor, slug: str, *, now: int) -> None:
    """With its hours and services as they were. Raises NotFound."""
    demand(by, "team.write")
    with db.writing(business.id):
        row = _found(slug)
        if not row.active:
            Resource.update(active=True).where(Resource.id == row.id).execute()
            audit.note(by, "resource.restored", row.id, now=now, name=row.name)


def still_to_come(business: BusinessCard, resource_id: UUID, *, now: int) -> list[Visit]:
    """The visits of one resource that have not begun: who has begun one ends it."""
    visits = hours.to_come(load(business), now, of=resource_id)
    return [each for each in visits if each.starts_at.timestamp() > now]


def hand_over(business: BusinessCard, by: Actor, slug: str, choices: Mapping[UUID, str], *, now: int) -> HandedOver:
    """Each booking to the resource of this slug at its own time, or cancelled (`CANCEL`) as the professional; clients
    are told. Each is a transaction of its own: what one refuses leaves the others done. Raises NotAllowed, NotFound."""
    demand(by, "team.write")
    with db.reading(business.id):
        leaving = _found(slug)
    moved = cancelled = 0
    refused: list[Visit] = []
    for visit in still_to_come(business, leaving.id, now=now)[:MOST_AT_ONCE]:
        choice = choices.get(visit.id, "")
        if not choice or choice == slug:
            continue
        try:
            if choice == CANCEL:
                by_staff.change_status(business, by, visit.id, _cancelled(visit), now=now)
                cancelled += 1
            else:
                by_staff.move(business, by, visit.id, _onto(visit, choice), now=now)
                moved += 1
        except BooktError:  # taken meanwhile, changed by its client, or no such place: it stays, and the page says so
            refused.append(visit)
    return HandedOver(moved, cancelled, tuple(refused))


def version_of(business: BusinessCard, slug: str) -> str:
    """For a form that may be old when it comes back. Raises NotFound."""
    with db.reading(business.id):
        row = _found(slug)
        return _version(row, _offered(row.id))


def _cancelled(visit: Visit) -> str:
    return "declined" if visit.status == "pending" else "cancelled"


def _onto(visit: Visit, slug: str) -> StaffMoveInput:
    """The same time, over notice and grid: these bind who books, not who reassigns."""
    at: dt.datetime = visit.starts_at
    return read(StaffMoveInput, {
        "newDate": at.date().isoformat(), "newTime": f"{at:%H:%M}", "fold": at.fold, "resourceId": slug,
        "override": True,
    })  # fmt: skip


def _refuse_seatless(data: ResourceInput) -> None:
    if data.kind == "table" and data.seats is None:
        raise Invalid({"seats": Problem("INVALID_SEATS", SEATS)})
    if data.kind == "table" and (data.seats or 0) < data.min_seats:
        raise Invalid({"minSeats": Problem("INVALID_MIN_SEATS", FEWER)})


# --- inside a scope --------------------------------------------------------------------------------------------------


def _found(slug: str) -> Any:
    row = Resource.find(slug=slug)
    if row is None:
        raise NotFound
    return row


def _columns(data: ResourceInput) -> dict[str, Any]:
    is_table = data.kind == "table"
    return {
        "name": data.name, "kind": data.kind, "title": data.title, "bio": data.bio,
        "languages": list(dict.fromkeys(data.languages)), "seats": data.seats if is_table else None,
        "min_seats": data.min_seats if is_table else 1, "join_group": (data.join_group or None) if is_table else None,
    }  # fmt: skip


def _offer(resource_id: UUID, slugs: Sequence[str], *, now: int) -> None:
    rows = {row.slug: row for row in Service.select(Service.id, Service.slug, Service.capacity)}
    if set(slugs) - rows.keys():
        raise refuse("serviceIds", "slug")
    chosen = [rows[slug] for slug in dict.fromkeys(slugs)]
    make_room([resource_id], max((row.capacity for row in chosen), default=1), now=now)
    ServiceResource.delete().where(ServiceResource.resource_id == resource_id).execute()
    if chosen:
        pairs = [{"service_id": row.id, "resource_id": resource_id} for row in chosen]
        ServiceResource.insert_many(pairs).execute()


def _offered(resource_id: UUID) -> list[str]:
    keys = ServiceResource.select(ServiceResource.service_id).where(ServiceResource.resource_id == resource_id)
    rows: Iterable[Any] = Service.select(Service.slug).where(Service.id.in_([row.service_id for row in keys]))
    return sorted(row.slug for row in rows)


def _version(row: Any, offered: list[str]) -> str:
    return version({name: getattr(row, name) for name in COLUMNS} | {"services": offered})


def _free_slug(name: str, kind: str) -> str:
    """Also in scripts that have no ASCII letters: then it is what it is called by."""
    first = propose(name)[:56].strip("-") or kind
    taken = {row.slug for row in Resource.select(Resource.slug)}
    number, slug = 2, first
    while slug in taken:
        slug, number = f"{first}-{number}", number + 1
    return slug


def _last_position() -> int:
    return max((row.position for row in Resource.select(Resource.position)), default=-1)
