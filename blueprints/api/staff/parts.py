"""Shapes that services and settings share; each can be sent back as it came."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from actions import cancellation
from blueprints.api.shapes import Rate
from lib.refund import Policy
from sectors import FormField, Said


class CancellationPolicy(TypedDict):
    """All of the deposit goes back until `fullRefundHours` before the start, a part until `partialRefundHours`."""

    fullRefundHours: int
    partialRefundHours: int
    partialRefundRate: Rate


class Limits(TypedDict):
    """Most visits per local day, week and month; null: as many as come."""

    perDay: int | None
    perWeek: int | None
    perMonth: int | None


class AskedOption(TypedDict):
    """`label` by language."""

    value: str
    label: dict[str, str]
    archived: bool


class Asked(TypedDict):
    """One question to clients; `label` and `help` by language. What is `archived` is asked no more."""

    key: str
    type: Literal["text", "textarea", "select", "radio", "boolean", "number", "date"]
    label: dict[str, str]
    help: dict[str, str] | None
    required: bool
    options: list[AskedOption]
    maxLength: int
    min: int | None
    max: int | None
    archived: bool


def policy(found: Policy) -> CancellationPolicy:
    shown: Any = cancellation.shown(found)
    return shown  # type: ignore[no-any-return]  # `cancellation.shown` tells plain JSON


def limits(found: Mapping[str, int | None]) -> Limits:
    return {"perDay": found.get("per_day"), "perWeek": found.get("per_week"), "perMonth": found.get("per_month")}


def asked(row: dict[str, Any]) -> Asked:
    """From a stored question, whose defaults are not stored."""
    field = FormField.model_validate(row)
    return {
        "key": field.key,
        "type": field.type,
        "label": _said(field.label),
        "help": _said(field.help) if field.help else None,
        "required": field.required,
        "options": [
            {"value": each.value, "label": _said(each.label), "archived": each.archived} for each in field.options
        ],
        "maxLength": field.max_length,
        "min": field.min,
        "max": field.max,
        "archived": field.archived,
    }


def _said(text: Said) -> dict[str, str]:
    plain: dict[str, str] = text.model_dump()
    return plain
