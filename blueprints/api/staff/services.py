"""`/api/services` (S0): S3's services as they were set, the archived ones too."""

from typing import Literal, TypedDict

from flask import Response, url_for

from actions import services as act
from actions.services import ServiceChange, ServiceInput
from blueprints import context, members
from blueprints.answers import json_answer
from blueprints.api import contract, shapes
from blueprints.api.contract import operation
from blueprints.api.staff import parts
from blueprints.api.staff.frame import PageInput, item, of_staff, pages, wanted
from blueprints.guards import needs
from errors import ServiceNotFound
from lib.money import BASIS
from lib.refund import Policy
from queries import services
from queries.services import ServiceSettings

bp = of_staff("services", __name__)

NAME = "services"


class Turn(TypedDict):
    """How long a table of up to `partySize` is taken."""

    partySize: int
    minutes: int


class StaffService(shapes.Service, TypedDict):
    """S3's service in the business's own language, with what stands beside it. Null: the business's own value holds."""

    slotStepMinutes: int | None
    bufferBeforeMinutes: int
    bufferAfterMinutes: int
    minimumNoticeMinutes: int | None
    horizonDays: int | None
    capacity: int
    turnMinutes: list[Turn]
    limits: parts.Limits
    place: Literal["on_site", "at_client", "video", "phone"]
    formFields: list[parts.Asked]
    cancellationPolicy: parts.CancellationPolicy | None
    resourceIds: list[str]
    translations: dict[str, dict[str, str]]


class StaffServiceAnswer(TypedDict):
    service: StaffService


class StaffServices(TypedDict):
    """`next` is what `after` takes for the next page, null at the end."""

    services: list[StaffService]
    next: str | None


@bp.get("/services")
@needs("services.read")
@operation("The services, archived ones too", StaffServices, query=PageInput)
def index() -> Response:
    page = contract.query(PageInput)
    shown, following = pages(NAME, services.every(context.business()), page, key=_key)
    return json_answer({NAME: [shape(each) for each in shown], "next": following})


@bp.post("/services")
@needs("services.write")
@operation("Offer a new service", StaffServiceAnswer, status=201, body=ServiceInput, versioned=True, located=True)
def create() -> Response:
    data = contract.body(ServiceInput)
    made = act.create(context.business(), members.actor(), data, now=context.now())
    return _answer(made.slug, status=201, at=url_for(".show", service=made.slug))


@bp.get("/services/<service>")
@needs("services.read")
@operation("One service", StaffServiceAnswer, versioned=True, errors=(ServiceNotFound,))
def show(service: str) -> Response:
    return _answer(service)


@bp.patch("/services/<service>")
@needs("services.write")
@operation("Change a service", StaffServiceAnswer, body=ServiceChange, versioned=True, errors=(ServiceNotFound,))
def change(service: str) -> Response:
    seen = _version(service)
    data = contract.body(ServiceChange)
    act.change(context.business(), members.actor(), service, data, now=context.now(), expected=wanted(seen))
    return _answer(service)


@bp.delete("/services/<service>")
@needs("services.write")
@operation("Archive a service", StaffServiceAnswer, versioned=True, errors=(ServiceNotFound,))
def archive(service: str) -> Response:
    seen = _version(service)
    act.archive(context.business(), members.actor(), service, now=context.now(), expected=wanted(seen))
    return _answer(service)


def shape(found: ServiceSettings) -> StaffService:
    return {
        "id": found.slug,
        "name": found.name,
        "description": found.description,
        "durationMinutes": found.duration_minutes,
        "basePriceCents": found.price_cents,
        "depositRate": found.deposit_bp / BASIS,
        "isActive": found.active,
        "slotStepMinutes": found.step_minutes,
        "bufferBeforeMinutes": found.buffer_before,
        "bufferAfterMinutes": found.buffer_after,
        "minimumNoticeMinutes": found.notice_minutes,
        "horizonDays": found.horizon_days,
        "capacity": found.capacity,
        "turnMinutes": [{"partySize": party, "minutes": minutes} for party, minutes in found.turn_minutes],
        "limits": parts.limits(found.limits),
        "place": found.place,  # type: ignore[typeddict-item] # the stored word is one of the listed
        "formFields": [parts.asked(row) for row in found.form_fields],
        "cancellationPolicy": parts.policy(Policy.from_json(found.cancellation)) if found.cancellation else None,
        "resourceIds": list(found.resources),
        "translations": {language: dict(texts) for language, texts in found.translations.items()},
    }


def _answer(slug: str, *, status: int = 200, at: str | None = None) -> Response:
    found = services.settings(context.business(), slug)
    return item("service", shape(found), seen=services.version(found), status=status, at=at)


def _version(slug: str) -> str:
    return services.version(services.settings(context.business(), slug))


def _key(found: ServiceSettings) -> str:
    return found.slug
