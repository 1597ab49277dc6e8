"""What a service asks of its clients beside name and e-mail, and what they answered, ready to be shown."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

import sectors
from lib import dates
from lib.languages import locale_of
from lib.text import french
from queries.business import BusinessCard
from queries.offer import ServiceCard
from sectors import FormField, Misfit, Said

_FIELDS = TypeAdapter(tuple[FormField, ...])


@dataclass(frozen=True, slots=True)
class Told:
    """One answer in the reader's language; a yes or no is left to the words of the page or the mail."""

    label: str
    value: str | bool


def asked(business: BusinessCard, service: ServiceCard) -> tuple[FormField, ...]:
    """The profession's questions, or the business's own in their stead, then the service's; where both have a key, the
    service's question takes the general one's place. Raises sectors.Misfit when a stored one breaks the schema."""
    fields = (*general(business), *own(service))
    return tuple({field.key: field for field in fields}.values())


def general(business: BusinessCard) -> tuple[FormField, ...]:
    """What is asked whatever the service. Raises sectors.Misfit."""
    return _live(_all_general(business))


def own(service: ServiceCard) -> tuple[FormField, ...]:
    """What is asked for this service alone. Raises sectors.Misfit."""
    return _live(_stored(service.form_fields))


def told(
    business: BusinessCard, service: ServiceCard, answers: Mapping[str, Any], *, language: str
) -> tuple[Told, ...]:
    """The answers in the order of the questions; one whose question is gone comes last, under its key."""
    fields = _ever_asked(business, service)
    keys = [*(key for key in fields if key in answers), *(key for key in answers if key not in fields)]
    locale = locale_of(language, business.country)
    return tuple(_told(key, fields.get(key), answers[key], language, locale) for key in keys)


def _all_general(business: BusinessCard) -> tuple[FormField, ...]:
    return sectors.get(business.sector).fields if business.form_fields is None else _stored(business.form_fields)


def _live(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
    """Without what is archived; plain objects where nothing is, so that most calls copy nothing."""
    return tuple(_without_old_options(field) for field in fields if not field.archived)


def _without_old_options(field: FormField) -> FormField:
    if not any(option.archived for option in field.options):
        return field
    return field.model_copy(update={"options": tuple(each for each in field.options if not each.archived)})


def _ever_asked(business: BusinessCard, service: ServiceCard) -> dict[str, FormField]:
    """By key, what is asked today first; an archived question stands only for a key that none of today's has."""
    every = (*_all_general(business), *_stored(service.form_fields))
    live = {field.key: field for field in every if not field.archived}
    return live | {field.key: field for field in every if field.key not in live}


def _stored(rows: list[dict[str, Any]]) -> tuple[FormField, ...]:
    try:
        fields = _FIELDS.validate_python(rows)
    except ValidationError as found:
        faults = [f"  {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found.errors()]
        raise Misfit("\n".join(["form_fields:", *faults])) from None
    if len({field.key for field in fields}) < len(fields):
        raise Misfit("form_fields: two fields have the same key")
    return fields


def _told(key: str, field: FormField | None, value: Any, language: str, locale: str) -> Told:
    label = _said(field.label, language) if field else key
    if isinstance(value, bool):
        return Told(label, value)
    if field and field.type in ("select", "radio"):
        labels = {option.value: _said(option.label, language) for option in field.options}
        return Told(label, labels.get(value, str(value)))
    if field and field.type == "date":
        return Told(label, _date(str(value), locale))
    return Told(label, str(value))


def _said(text: Said, language: str) -> str:
    return french(text.in_(language)) if language == "fr" else text.in_(language)


def _date(text: str, locale: str) -> str:
    """As stored when the question was of another type before."""
    try:
        return dates.full_date(dt.date.fromisoformat(text), locale)
    except ValueError:
        return text
