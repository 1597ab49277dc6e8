"""What an operation of the API promises, said beside its view: views read by it, the document shows it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from flask import request

from actions.idempotency import Key
from actions.inputs import KEY_LENGTH, Input, InputT, read, refuse
from errors import BooktError, Invalid

View = TypeVar("View", bound=Callable[..., Any])

KEY_HEADER = "Idempotency-Key"
VERSION_HEADER = "If-Match"
KEY_FORM = re.compile(rf"[\x20-\x7e]{{1,{KEY_LENGTH}}}", re.ASCII)
WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
DEPTH = 20  # the deepest body of ours has two levels; more is no honest request


@dataclass(frozen=True, slots=True)
class Operation:
    """`answer` is the TypedDict of the success (None: nothing is sent back, 204), `path`, `query` and `body` the input
    classes. `errors` are those of this operation alone: `openapi.py` adds what any may answer, and what follows from
    its guard and address. `keyed`: it takes an Idempotency-Key. `versioned`: it answers an ETag and, where it changes
    what is there, takes an If-Match. `located`: it answers a Location. `bearer`: it wants a token though its guard lets
    anyone come as far as the view. `accepted`: what it answers by 202, where the work goes on elsewhere."""

    summary: str
    answer: Any
    status: int = 200
    query: type[Input] | None = None
    body: type[Input] | None = None
    path: type[Input] | None = None
    errors: tuple[type[BooktError], ...] = ()
    keyed: bool = False
    versioned: bool = False
    located: bool = False
    bearer: bool = False
    accepted: Any = None


def operation(summary: str, answer: Any, **more: Any) -> Callable[[View], View]:
    """Describes a view for the OpenAPI document; a route of the API without it fails a test."""

    def mark(view: View) -> View:
        view.operation = Operation(summary, answer, **more)  # type: ignore[attr-defined]
        return view

    return mark


def body(kind: type[InputT]) -> InputT:
    """The request's body, read as JSON whatever its content type says. Raises Invalid; too large is 413."""
    return read(kind, json_object(request.get_data()))


def query(kind: type[InputT]) -> InputT:
    """The query's parameters; a blank one counts as absent, a repeated one is refused. Raises Invalid."""
    values: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        found = request.args.getlist(field.alias or name)
        if len(found) > 1:
            raise refuse(field.alias or name, "repeated")
        if found and found[0].strip():
            whole = field.annotation is int and WHOLE_NUMBER.fullmatch(found[0])
            values[field.alias or name] = int(found[0]) if whole else found[0]
    return read(kind, values)


def key_of(scope: str) -> Key | None:
    """The Idempotency-Key, bound to what it was sent to (`scope`) and with (the raw body). Raises Invalid."""
    text = request.headers.get(KEY_HEADER)
    if text is None:
        return None
    if not KEY_FORM.fullmatch(text):
        raise refuse("idempotencyKey", "idempotency_key")
    return Key(f"{scope}\n{text}", scope.encode() + b"\n" + request.get_data())


def json_object(raw: bytes) -> dict[str, Any]:
    """Strict JSON (RFC 8259) whose top is an object. Raises Invalid for anything else, however it is broken:
    not UTF-8, a name given twice, NaN, a number without end, nesting deeper than DEPTH."""
    try:
        data = json.loads(raw.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Invalid from None
    if not isinstance(data, dict) or _deeper_than(data, DEPTH):
        raise Invalid
    return data


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _deeper_than(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_deeper_than(each, levels - 1) for each in inner)
