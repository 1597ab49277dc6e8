"""The OpenAPI 3.1 document, made from the URL map, the inputs of the actions, the answers of `shapes`."""

import inspect
import re
import types
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from flask import Flask
from pydantic import BaseModel
from werkzeug.routing import Rule

from actions.inputs import KEY_LENGTH, problem
from blueprints.api import shapes
from blueprints.api.contract import KEY_HEADER, Operation
from blueprints.hosts import StrangeHost
from errors import BodyTooLarge, BooktError, BusinessNotFound, Invalid, RateLimited, Unavailable

BLUEPRINTS = ("api", "public_api", "auth_api")
ALWAYS: tuple[type[BooktError], ...] = (BusinessNotFound, RateLimited, Unavailable, StrangeHost, BooktError)
SLUG = {
    "name": "slug", "in": "path", "required": True, "description": "the business's name in addresses",
    "schema": {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"},
}  # fmt: skip
KEY = {
    "name": KEY_HEADER, "in": "header", "required": False,
    "description": "the same key and body give the same answer again; with another body 409",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": r"^[\x20-\x7e]+$"},
}  # fmt: skip
JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
RETRY = {"Retry-After": {"description": "seconds", "required": True, "schema": {"type": "integer", "minimum": 1}}}
INFO = {
    "title": "Bookt",
    "version": "1",
    "description": "Booking with an independent professional. On a business's own host the paths of "
    "`/{slug}/api` answer under `/api`. Dates are YYYY-MM-DD and times HH:MM in the business's time zone, "
    "money is in cents.",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One operation as the readable page shows it: its part of the document, its error codes by status."""

    method: str
    path: str
    described: dict[str, Any]
    errors: dict[int, list[str]]


def document(app: Flask) -> dict[str, Any]:
    """Made at the first call and kept: it depends on the code alone."""
    if "bookt_openapi" not in app.extensions:
        app.extensions["bookt_openapi"] = _document(app)
    kept: dict[str, Any] = app.extensions["bookt_openapi"]
    return kept


def chapters(app: Flask) -> list[Chapter]:
    paths = document(app)["paths"]
    return [
        Chapter(method, path_of(rule), paths[path_of(rule)][method.lower()], error_codes(promised))
        for rule, method, promised in operations(app)
    ]


def operations(app: Flask) -> Iterator[tuple[Rule, str, Operation]]:
    """Every route of the API's blueprints: rule, method, what it promises."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint.partition(".")[0] in BLUEPRINTS:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                view: Any = app.view_functions[rule.endpoint]
                yield rule, method, view.operation


def path_of(rule: Rule) -> str:
    """`/<slug>/api` as OpenAPI writes it: `/{slug}/api`."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def error_codes(promised: Operation) -> dict[int, list[str]]:
    """By status, every public code that the operation may answer."""
    found: dict[int, list[str]] = defaultdict(list)
    for error in (*ALWAYS, *promised.errors):
        found[error.status].append(error.code)
    if promised.body:
        found[400].append(Invalid.code)
        found[413].append(BodyTooLarge.code)
    for kind in filter(None, (promised.path, promised.query, promised.body)):
        found[400] += [problem(name, "").code for name in _field_names(kind)]
    if promised.keyed:
        found[400].append(problem("idempotencyKey", "").code)
    return {status: sorted(set(codes)) for status, codes in sorted(found.items())}


def _document(app: Flask) -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    _schema_of(shapes.ErrorAnswer, schemas)
    for rule, method, promised in operations(app):
        paths[path_of(rule)][method.lower()] = _operation(rule, promised, schemas)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "security": [],
        "paths": dict(paths),
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _operation(rule: Rule, promised: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": promised.summary,
        "parameters": [
            *([SLUG] if "slug" in rule.arguments else []),
            *_parameters(promised.path, "path"),
            *_parameters(promised.query, "query"),
            *([KEY] if promised.keyed else []),
        ],
        "responses": {str(promised.status): _answer("done", _schema_of(promised.answer, schemas))},
    }
    if promised.body:
        content = {"application/json": {"schema": _input_schema(promised.body, schemas)}}
        described["requestBody"] = {"required": True, "content": content}
    for status, codes in error_codes(promised).items():
        answer = _answer(", ".join(codes), _error_schema(codes))
        described["responses"][str(status)] = answer | ({"headers": RETRY} if status in (429, 503) else {})
    return described


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _error_schema(codes: Iterable[str]) -> dict[str, Any]:
    error = {"allOf": [{"$ref": "#/components/schemas/Error"}, {"properties": {"code": {"enum": list(codes)}}}]}
    return {
        "type": "object",
        "required": ["error"],
        "additionalProperties": False,
        "properties": {"error": error},
    }


# --- inputs: pydantic's own schema ----------------------------------------------------------------------


def _input_schema(kind: type[BaseModel], schemas: dict[str, Any]) -> dict[str, Any]:
    made = kind.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update({name: _untitled(each) for name, each in made.pop("$defs", {}).items()})
    schemas[kind.__name__] = _untitled(made)
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _parameters(kind: type[BaseModel] | None, place: str) -> Iterator[dict[str, Any]]:
    if kind is None:
        return
    made = _untitled(kind.model_json_schema())
    for name, schema in made["properties"].items():
        required = name in made.get("required", ())
        yield {"name": name, "in": place, "required": required, "schema": _never_null(schema)}


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that may be left out is text when it is there: an address has no null."""
    one, *_ = schema.get("anyOf", [schema])
    kept = {key: value for key, value in schema.items() if key != "anyOf" and value is not None}
    return {**one, **kept}


def _untitled(schema: Any) -> Any:
    """Without the titles that pydantic makes of names."""
    if isinstance(schema, list):
        return [_untitled(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    return {key: _untitled(value) for key, value in kept.items()}


@cache
def _field_names(kind: type[BaseModel]) -> tuple[str, ...]:
    names: list[str] = []
    for name, field in kind.model_fields.items():
        names.append(field.alias or name)
        if inspect.isclass(field.annotation) and issubclass(field.annotation, BaseModel):
            names += _field_names(field.annotation)
    return tuple(names)


# --- answers: from the types of `shapes` ----------------------------------------------------------------


def _schema_of(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of a type; a TypedDict becomes a component."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        words: dict[str, Any] = inside[1].words
        return _schema_of(inside[0], schemas) | words
    if origin is NotRequired:
        return _schema_of(inside[0], schemas)
    if origin in (types.UnionType, Union):
        return {"anyOf": [_schema_of(each, schemas) for each in inside]}
    if origin is Literal:
        return {"enum": list(inside)}
    if origin is list:
        return {"type": "array", "items": _schema_of(inside[0], schemas)}
    if is_typeddict(kind):
        return _component(kind, schemas)
    return {"type": JSON_TYPES[kind]}


def _component(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    if kind.__name__ not in schemas:
        schemas[kind.__name__] = {}
        fields = get_type_hints(kind, include_extras=True)
        schemas[kind.__name__] = {
            "type": "object",
            **({"description": kind.__doc__} if kind.__doc__ else {}),
            "required": sorted(kind.__required_keys__),
            "additionalProperties": False,
            "properties": {name: _schema_of(each, schemas) for name, each in fields.items()},
        }
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
