"""The OpenAPI 3.1 document, made from the URL map, the inputs of the actions, the answers of `shapes`."""

import re
import types
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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

from actions.inputs import KEY_LENGTH, names_of, problem
from blueprints.api import shapes
from blueprints.api.contract import KEY_HEADER, VERSION_HEADER, Operation
from blueprints.hosts import StrangeHost
from errors import (
    BodyTooLarge,
    BooktError,
    BusinessNotFound,
    Invalid,
    NotAllowed,
    RateLimited,
    StaleVersion,
    Unauthorized,
    Unavailable,
)

ALWAYS: tuple[type[BooktError], ...] = (Unavailable, StrangeHost, BooktError)
BEARER = "bearer"
VARIABLE = re.compile(r"<(?:(\w+):)?(\w+)>")
SLUG = {
    "description": "the business's name in addresses",
    "schema": {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"},
}
NAMED = {
    "slug": SLUG,
    "booking_id": {"description": "its `id` or its `publicCode`", "schema": {"type": "string", "minLength": 1}},
}
BY_CONVERTER = {"uuid": {"type": "string", "format": "uuid"}}
KEY = {
    "name": KEY_HEADER, "in": "header", "required": False,
    "description": "the same key and body give the same answer again; with another body 409",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": r"^[\x20-\x7e]+$"},
}  # fmt: skip
MATCH = {
    "name": VERSION_HEADER, "in": "header", "required": False,
    "description": "the `ETag` that was read: when it is no longer the current one, nothing changes (412); `*` and "
    "absent the change applies",
    "schema": {"type": "string"},
}  # fmt: skip
VERSION = {"ETag": {"description": "the item's version", "required": True, "schema": {"type": "string"}}}
LOCATION = {"Location": {"description": "the new item's address", "required": True, "schema": {"type": "string"}}}
JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
RETRY = {"Retry-After": {"description": "seconds", "required": True, "schema": {"type": "integer", "minimum": 1}}}
INFO = {
    "title": "Bookt",
    "version": "1",
    "description": "Booking with an independent professional. On a business's own host the paths of "
    "`/{slug}/api` answer under `/api`; with a token the staff's `/api` answers there as well. Dates are YYYY-MM-DD "
    "and times HH:MM in the business's time zone, money is in cents.",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One operation as the readable page shows it: its part of the document, its error codes by status."""

    method: str
    path: str
    described: dict[str, Any]
    errors: dict[int, list[str]]

    @property
    def part(self) -> str:
        """Under which heading it stands."""
        if "{slug}" in self.path:
            return "Public"
        return "Tokens" if self.path.startswith("/api/auth/") else "Staff"


def document(app: Flask) -> dict[str, Any]:
    """Made at the first call and kept: it depends on the code alone."""
    if "bookt_openapi" not in app.extensions:
        app.extensions["bookt_openapi"] = _document(app)
    kept: dict[str, Any] = app.extensions["bookt_openapi"]
    return kept


def chapters(app: Flask) -> list[Chapter]:
    paths = document(app)["paths"]
    return [
        Chapter(each.method, path_of(each.rule), paths[path_of(each.rule)][each.method.lower()], error_codes(each))
        for each in operations(app)
    ]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one rule: what it promises, and who may call it (`guards`)."""

    rule: Rule
    method: str
    promised: Operation
    guard: tuple[str, str]

    @property
    def bearer(self) -> bool:
        """Whether it wants a token."""
        return self.promised.bearer or self.guard[0] != "public"


def operations(app: Flask) -> Iterator[Route]:
    """Every route that promises something."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view: Any = app.view_functions[rule.endpoint]
        if hasattr(view, "operation"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Route(rule, method, view.operation, view.guard)


def path_of(rule: Rule) -> str:
    """`/<slug>/api` as OpenAPI writes it: `/{slug}/api`."""
    return VARIABLE.sub(r"{\2}", rule.rule)


def error_codes(route: Route) -> dict[int, list[str]]:
    """By status, every public code that the operation may answer."""
    promised = route.promised
    found: dict[int, list[str]] = defaultdict(list)
    for error in (*ALWAYS, *_of_route(route), *promised.errors):
        found[error.status].append(error.code)
    if promised.body:
        found[400].append(Invalid.code)
        found[413].append(BodyTooLarge.code)
    found[400] += field_codes(promised)
    if promised.keyed:
        found[400].append(problem("idempotencyKey", "").code)
    return {status: sorted(set(codes)) for status, codes in sorted(found.items())}


def field_codes(promised: Operation) -> list[str]:
    """Those that say which field is wrong."""
    kinds = filter(None, (promised.path, promised.query, promised.body))
    return [problem(name, "").code for kind in kinds for name in names_of(kind)]


def _of_route(route: Route) -> Iterator[type[BooktError]]:
    """What follows from address, guard and headers alone."""
    if "<slug>" in route.rule.rule:
        yield BusinessNotFound
    if route.guard[0] == "public" and route.guard[1] != "none":
        yield RateLimited
    if route.bearer:
        yield Unauthorized
    if route.guard[0] == "needs":
        yield NotAllowed
    if _takes_version(route):
        yield StaleVersion


def _takes_version(route: Route) -> bool:
    return route.promised.versioned and route.method != "GET" and route.promised.status != 201


def _document(app: Flask) -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    _schema_of(shapes.ErrorAnswer, schemas)
    for route in operations(app):
        paths[path_of(route.rule)][route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "security": [],
        "paths": dict(paths),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {BEARER: {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    promised = route.promised
    described: dict[str, Any] = {
        "operationId": _name(route),
        "summary": promised.summary,
        "parameters": [
            *_variables(route),
            *_parameters(promised.query, "query"),
            *([KEY] if promised.keyed else []),
            *([MATCH] if _takes_version(route) else []),
        ],
        "responses": {str(promised.status): _success(promised, schemas)},
    }
    if promised.accepted:
        described["responses"]["202"] = _answer("under way", _schema_of(promised.accepted, schemas))
    if route.bearer:
        described["security"] = [{BEARER: []}]
    if promised.body:
        content = {"application/json": {"schema": _input_schema(promised.body, schemas)}}
        described["requestBody"] = {"required": True, "content": content}
    for status, codes in error_codes(route).items():
        answer = _answer(", ".join(codes), _error_schema(codes))
        described["responses"][str(status)] = answer | ({"headers": RETRY} if status in (429, 503) else {})
    return described


def _name(route: Route) -> str:
    return str(route.rule.endpoint).replace(".", "_")


def _variables(route: Route) -> Iterator[dict[str, Any]]:
    """The variables of the path: the slug, what the operation describes, plain text."""
    described = {each["name"]: each for each in _parameters(route.promised.path, "path")}
    for converter, name in VARIABLE.findall(route.rule.rule):
        plain = {"schema": BY_CONVERTER.get(converter, {"type": "string", "minLength": 1})}
        yield described.get(name) or {
            "name": name,
            "in": "path",
            "required": True,
            **(SLUG if name == "slug" else plain),
        }


def _success(promised: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    if promised.answer is None:
        return {"description": "done"}
    headers = (VERSION if promised.versioned else {}) | (LOCATION if promised.located else {})
    answer = _answer("done", _schema_of(promised.answer, schemas))
    return answer | ({"headers": headers} if headers else {})


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
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema_of(inside[1], schemas)}
    if kind is Any:
        return {}
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
