"""What clients answer to the questions of a service: read once for pages and JSON alike.

In an input, an answer to the question `motif` is `answers.motif`, on the page and in the `field` of an error.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from actions.inputs import DATE_FORM, MESSAGES, OTHER
from errors import Invalid, Problem
from lib.text import ControlCharacter, clean
from sectors import FormField

Fields = Iterable[FormField]

CODE = "INVALID_ANSWERS"
YES, NO = "oui", "non"  # what the page's buttons send
LARGEST = 1_000_000_000
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


class _Fault(Exception):
    """`kind` is one of MESSAGES; `values` fill it."""

    def __init__(self, kind: str, **values: Any) -> None:
        self.kind, self.values = kind, values


def read(fields: Fields, given: Mapping[str, Any], *, demand: bool) -> dict[str, Any]:
    """Clean values by key: text, true or false, a whole number, a date as YYYY-MM-DD. A blank answer is none; what
    nobody asked is ignored. `demand`: a required answer must be there, as on the page (a body over JSON may come
    without). Raises Invalid with one Problem per field."""
    found: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for field in fields:
        try:
            value = _value(field, given.get(field.key))
            if value is not None:
                found[field.key] = value
            elif demand and field.required:
                raise _Fault("unanswered" if field.type in ("select", "radio", "boolean") else "missing")
        except _Fault as fault:
            problems[name(field)] = Problem(CODE, MESSAGES.get(fault.kind, OTHER), **fault.values)
    if problems:
        raise Invalid(problems)
    return found


def name(field: FormField) -> str:
    """Of its input on the page."""
    return f"answers.{field.key}"


def from_page(fields: Fields, typed: Mapping[str, str]) -> dict[str, Any]:
    """What a page sent, text by input name, as JSON would say it. What cannot be said so stays text, for `read` to
    refuse. A box that may be left alone says no when it is."""
    return {field.key: _from_page(field, typed.get(name(field), "").strip()) for field in fields}


def to_page(fields: Fields, answers: Mapping[str, Any]) -> dict[str, str]:
    """The texts that show answers in the inputs again."""
    shown = {name(field): answers.get(field.key) for field in fields}
    return {
        each: {True: YES, False: NO, None: ""}[value] if value is None or isinstance(value, bool) else str(value)
        for each, value in shown.items()
    }


def is_box(field: FormField) -> bool:
    """A yes-or-no question is a box to tick, or two buttons where an answer is demanded."""
    return field.type == "boolean" and not field.required


def _from_page(field: FormField, text: str) -> Any:
    if field.type == "boolean":
        return {YES: True, NO: False, "": False if is_box(field) else None}.get(text, text)
    if field.type == "number" and WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return text


def _value(field: FormField, given: Any) -> Any:
    """None when nothing was answered. Raises _Fault."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    if field.type == "boolean":
        return _of_type(bool, given, "bool_type")
    if field.type == "number":
        return _number(field, given)
    text = _text(field, _of_type(str, given, "string_type"))
    if field.type in ("select", "radio") and text not in {option.value for option in field.options}:
        raise _Fault("slug")
    if field.type == "date":
        return _date(text)
    return text


def _of_type(kind: type, given: Any, otherwise: str) -> Any:
    if type(given) is not kind:  # True is an int
        raise _Fault(otherwise)
    return given


def _number(field: FormField, given: Any) -> int:
    number: int = _of_type(int, given, "int_type")
    least, most = -LARGEST if field.min is None else field.min, LARGEST if field.max is None else field.max
    if number < least:
        raise _Fault("greater_than_equal", ge=least)
    if number > most:
        raise _Fault("less_than_equal", le=most)
    return number


def _text(field: FormField, given: str) -> str:
    try:
        text = clean(given, multiline=field.type == "textarea")
    except ControlCharacter:
        raise _Fault("control") from None
    if len(text) > field.max_length:
        raise _Fault("string_too_long", max_length=field.max_length)
    return text


def _date(text: str) -> str:
    try:
        return dt.date.fromisoformat(text if DATE_FORM.fullmatch(text) else "").isoformat()
    except ValueError:
        raise _Fault("date") from None
