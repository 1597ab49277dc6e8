"""`/api/business` (S0): who the business is and how it works."""

from typing import Literal, TypedDict

from flask import Response

from actions import settings as act
from actions.settings import BusinessInput
from blueprints import context, members
from blueprints.api import contract
from blueprints.api.contract import operation
from blueprints.api.face import Language
from blueprints.api.staff import parts
from blueprints.api.staff.frame import item, of_staff, wanted
from blueprints.guards import needs
from queries import settings
from queries.business import BusinessCard

bp = of_staff("business", __name__)


class BusinessSettings(TypedDict):
    """`slug` is its name in addresses, `locale` the language in which its own texts are written. `formFields` null: the
    profession's questions."""

    id: str
    slug: str
    name: str
    sector: str
    email: str
    phone: str | None
    showsPhone: bool
    street: str
    postcode: str
    town: str
    access: str
    country: str
    timezone: str
    currency: Literal["EUR"]
    locale: Language
    languages: list[Language]
    slotStepMinutes: int
    tightPacking: bool
    minimumNoticeMinutes: int
    horizonDays: int
    approvesByHand: bool
    cancellationPolicy: parts.CancellationPolicy
    clientLimits: parts.Limits
    formFields: list[parts.Asked] | None
    accent: str
    public: bool
    headline: str
    lead: str
    bio: str


class BusinessAnswer(TypedDict):
    business: BusinessSettings


@bp.get("/business")
@needs("settings.read")
@operation("The settings of the business", BusinessAnswer, versioned=True)
def show() -> Response:
    return _answer(context.business())


@bp.patch("/business")
@needs("settings.write")
@operation("Change the settings", BusinessAnswer, body=BusinessInput, versioned=True)
def change() -> Response:
    data = contract.body(BusinessInput)
    seen = settings.version(context.business())
    return _answer(act.change(context.business(), members.actor(), data, now=context.now(), expected=wanted(seen)))


def shape(found: BusinessCard) -> BusinessSettings:
    return {
        "id": str(found.id),
        "slug": found.slug,
        "name": found.name,
        "sector": found.sector,
        "email": found.email,
        "phone": found.phone,
        "showsPhone": found.shows_phone,
        "street": found.street,
        "postcode": found.postcode,
        "town": found.town,
        "access": found.access,
        "country": found.country,
        "timezone": found.timezone,
        "currency": "EUR",
        "locale": found.locale,
        "languages": list(found.languages),
        "slotStepMinutes": found.step_minutes,
        "tightPacking": found.tight_packing,
        "minimumNoticeMinutes": found.notice_minutes,
        "horizonDays": found.horizon_days,
        "approvesByHand": found.approves_by_hand,
        "cancellationPolicy": parts.policy(found.cancellation),
        "clientLimits": parts.limits(found.client_limits),
        "formFields": None if found.form_fields is None else [parts.asked(row) for row in found.form_fields],
        "accent": found.accent,
        "public": found.public,
        "headline": found.headline,
        "lead": found.lead,
        "bio": found.bio,
    }


def _answer(found: BusinessCard) -> Response:
    return item("business", shape(found), seen=settings.version(found))
