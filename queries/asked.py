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
    fields = (*general(business), *_stored(service.form_fields))
    return tuple({field.key: field for field in fields}.values())


def general(business: BusinessCard) -> tuple[FormField, ...]:
    """What is asked whatever the service. Raises sectors.Misfit."""
    return sectors.get(business.sector).fields if business.form_fields is None else _stored(business.form_fields)


def told(
    business: BusinessCard, service: ServiceCard, answers: Mapping[str, Any], *, language: str
) -> tuple[Told, ...]:
    """The answers in the order of the questions; one whose question is gone comes last, under its key."""
    fields = {field.key: field for field in asked(business, service)}
    keys = [*(key for key in fields if key in answers), *(key for key in answers if key not in fields)]
    locale = locale_of(language, business.country)
    return tuple(_told(key, fields.get(key), answers[key], language, locale) for key in keys)


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
