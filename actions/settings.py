"""How a business works: who it is, where, in which rhythm, and on which terms."""

import zoneinfo
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

import db
import sectors
from actions import audit, cancellation, own_language, questions
from actions.access import Actor, demand
from actions.cancellation import PolicyInput
from actions.inputs import Email, Input, Name, OptionalPhone, cleaned, refuse
from actions.questions import Questions
from actions.services import LimitsInput, Notice, Step
from errors import StaleVersion
from lib import phone
from models import Business
from queries import settings
from queries.business import BusinessCard, by_id

LINE_LENGTH = 200
TEXT_LENGTH = 5_000

# Where each of these lies, most asked first; the API takes any zone of the IANA list.
ZONES = (
    "Europe/Brussels", "Europe/Paris", "Europe/Luxembourg", "Europe/Amsterdam", "Europe/Berlin", "Europe/Zurich",
    "Europe/London", "Europe/Lisbon", "Europe/Madrid", "Europe/Rome", "America/Guadeloupe", "America/Martinique",
    "America/Cayenne", "America/Miquelon", "America/St_Barthelemy", "America/Marigot", "Indian/Reunion",
    "Indian/Mayotte", "Pacific/Noumea", "Pacific/Tahiti", "Pacific/Wallis", "Africa/Casablanca", "Africa/Tunis",
    "America/Montreal",
)  # fmt: skip


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _zone(name: str) -> str:
    if name not in _zones():
        raise PydanticCustomError("zone", "refused")
    return name


def _each_once(codes: list[str]) -> list[str]:
    return list(dict.fromkeys(codes))


Line = Annotated[Annotated[str, Field(max_length=LINE_LENGTH)] | None, BeforeValidator(cleaned())]
Lines = Annotated[Annotated[str, Field(max_length=TEXT_LENGTH)] | None, BeforeValidator(cleaned(multiline=True))]
Tongue = Literal["fr", "nl", "en", "de"]


class BusinessInput(Input):
    """`PATCH /api/business`: only what is given changes, and null changes nothing but `phone`, `formFields` (the
    profession's questions again) and the texts, which it empties."""

    name: Name | None = None
    email: Email | None = None
    phone: OptionalPhone = None
    shows_phone: bool | None = Field(default=None, alias="showsPhone")
    street: Line = None
    postcode: Line = None
    town: Line = None
    access: Lines = None
    country: Literal["BE", "FR"] | None = None
    timezone: Annotated[str, AfterValidator(_zone)] | None = None
    locale: Tongue | None = None
    languages: Annotated[list[Tongue], AfterValidator(_each_once)] | None = None
    slot_step_minutes: Step | None = Field(default=None, alias="slotStepMinutes")
    tight_packing: bool | None = Field(default=None, alias="tightPacking")
    notice_minutes: Notice | None = Field(default=None, alias="minimumNoticeMinutes")
    horizon_days: Annotated[int, Field(ge=1, le=730)] | None = Field(default=None, alias="horizonDays")
    approves_by_hand: bool | None = Field(default=None, alias="approvesByHand")
    cancellation: PolicyInput | None = Field(default=None, alias="cancellationPolicy")
    client_limits: LimitsInput | None = Field(default=None, alias="clientLimits")
    form_fields: Questions | None = Field(default=None, alias="formFields")
    accent: Literal[sectors.ACCENTS] | None = None  # type: ignore[valid-type]  # the names are data
    public: bool | None = None
    headline: Line = None
    lead: Annotated[Annotated[str, Field(max_length=600)] | None, BeforeValidator(cleaned(multiline=True))] = None
    bio: Lines = None


COLUMNS = {
    "slot_step_minutes": "step_minutes", "cancellation": "", "client_limits": "", "form_fields": "", "phone": "",
}  # fmt: skip
TEXTS = ("street", "postcode", "town", "access", "headline", "lead", "bio")
UNTOLD = frozenset({"form_fields"})  # too long for the history: it says that they changed


def change(
    business: BusinessCard, by: Actor, data: BusinessInput, *, now: int, expected: str | None = None
) -> BusinessCard:
    """Raises Invalid, StaleVersion, NotAllowed."""
    demand(by, "settings.write")
    with db.writing(business.id):
        db.handle.lock([business.id])
        before = by_id(business.id)
        if expected is not None and expected != settings.version(before):
            raise StaleVersion
        values = {name: value for name, value in _columns(before, data).items() if value != _now(before, name)}
        if "locale" in values:
            own_language.change(before.locale, values["locale"])
        if values:
            Business.update(**values).where(Business.id == business.id).execute()
            audit.note(by, "business.changed", business.id, now=now, changed=_differences(before, values))
    return by_id(business.id)


def _columns(before: BusinessCard, data: BusinessInput) -> dict[str, Any]:
    """Columns of `business`, of what was given alone."""
    given = data.model_fields_set
    values: dict[str, Any] = {}
    for field in given:
        value, column = getattr(data, field), COLUMNS.get(field, field)
        if column and value is not None:
            values[column] = value
    values |= {field: "" for field in TEXTS if field in given and getattr(data, field) is None}
    if "phone" in given or (data.country is not None and data.phone):
        values["phone"] = _number(data.phone, data.country or before.country)
    if data.cancellation is not None:
        values["cancellation"] = cancellation.stored(data.cancellation)
    if data.client_limits is not None:
        limits = data.client_limits.model_dump()
        values["client_limits"] = {name: count for name, count in limits.items() if count is not None}
    if "form_fields" in given:
        values["form_fields"] = _questions(before, data)
    return values


def _number(typed: str | None, country: str) -> str | None:
    try:
        return phone.normalise(typed, country) if typed else None
    except phone.BadNumber:
        raise refuse("phone", "phone") from None


def _questions(before: BusinessCard, data: BusinessInput) -> list[dict[str, Any]] | None:
    """Of one's own, or the profession's again; then one's own go on giving old answers their words."""
    if data.form_fields is not None:
        return questions.stored(data.form_fields, settings.stored_questions(before), language=before.locale)
    profession = [field.model_dump(mode="json") for field in sectors.get(before.sector).fields]
    named = {field["key"] for field in profession}
    old = [row | {"archived": True} for row in before.form_fields or [] if row["key"] not in named]
    return profession + old if old else None


def _now(card: BusinessCard, column: str) -> Any:
    value = getattr(card, column)
    return settings.stored_policy(value) if column == "cancellation" else value


def _differences(before: BusinessCard, values: dict[str, Any]) -> dict[str, Any]:
    """By column, what it was and what it is."""
    return {name: [] if name in UNTOLD else [_told(_now(before, name)), _told(value)] for name, value in values.items()}


def _told(value: Any) -> Any:
    return value[:200] if isinstance(value, str) else value
