"""Schema-driven fuzz: whatever is sent, allowed by the document or not, the answer is announced; never a 5xx.

Examples are drawn by a fixed seed. BOOKT_LONG=1 draws many more.
"""

import copy
import os
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from blueprints.api import openapi
from tests.cast import Cast, make_business, question

pytestmark = [pytest.mark.contract, pytest.mark.slow]

EXAMPLES = 1_500 if os.environ.get("BOOKT_LONG") else 30
SEED = 20_270_111
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
CALLS = [
    ("get", "/api/public/{slug}"),
    ("get", "/api/public/{slug}/slots"),
    ("post", "/api/public/{slug}/bookings"),
    ("get", "/{slug}/api/services"),
    ("get", "/{slug}/api/availability"),
    ("post", "/{slug}/api/bookings"),
    ("get", "/{slug}/api/bookings/public"),
    ("post", "/{slug}/api/bookings/{code}/cancel"),
    ("post", "/{slug}/api/bookings/{code}/reschedule"),
]
call = pytest.mark.parametrize(("method", "path"), CALLS, ids=[f"{method} {path}" for method, path in CALLS])


def test_every_operation_is_fuzzed(app: Flask) -> None:
    described = {(method, path) for path, item in openapi.document(app)["paths"].items() for method in item}
    assert described == set(CALLS)


@call
def test_what_the_document_allows(app: Flask, cast: Cast, method: str, path: str) -> None:
    seen = _fuzz(app, _document(app, cast), method, path, GenerationMode.POSITIVE, CHECKS)
    assert seen


@call
def test_what_the_document_forbids(app: Flask, cast: Cast, method: str, path: str) -> None:
    """A value that the document forbids is refused, too. Unknown names alone are none: without them a call whose every
    parameter may be left out is a good one."""
    needs_nothing = {200} if path == "/api/public/{slug}" else set()
    seen = _fuzz(app, _document(app, cast), method, path, GenerationMode.NEGATIVE, [*CHECKS, negative_data_rejection])
    assert set(seen) <= {400, 404, 405, 413} | needs_nothing
    assert set(seen) & {400, 404}


@call
def test_values_that_reach_the_bookings(app: Flask, method: str, path: str) -> None:
    """The same with the ids, the code, the e-mail, some dates and some answers of a business that has bookings."""
    made = make_business(resources=3, form_fields=[question("motif"), question("weeks", "number", min=1)])
    code = made.book("09:00").code
    known: dict[str, list[Any]] = {
        "serviceId": ["diag", "urgence"], "resourceId": ["r1", "r2"], "code": [code],
        "date": ["2027-01-12", "2027-01-13", "2027-01-14", "2027-01-17", "2027-03-28"],
        "time": ["09:00", "09:30", "10:00", "11:30", "12:00", "02:30"],
        "phone": ["+33612345678", "0470 12 34 56"], "name": ["Jean Martin"], "message": ["", "Sonnez deux fois"],
        "email": ["jean@example.com", " Jean@Example.com"],
        "answers": [{}, {"motif": "dos", "weeks": 3}, {"motif": None, "else": []}, {"weeks": 0}],
    }  # fmt: skip
    known |= {"newDate": known["date"][:3], "newTime": known["time"][:4], "fold": [0]}
    document = _steered(_document(app, made), known)
    seen = _fuzz(app, document, method, path, GenerationMode.POSITIVE, CHECKS)
    assert min(seen) < 300, seen


def _fuzz(
    app: Flask, document: dict[str, Any], method: str, path: str, mode: GenerationMode, checks: list[Any]
) -> dict[int, int]:
    """Sends the examples and checks each answer; returns how often each status was seen."""
    schema = schemathesis.openapi.from_dict(document)
    schema.app = app
    seen: dict[int, int] = {}

    @seeded(SEED)
    @settings(
        max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        answer = case.call()
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
        case.validate_response(answer, checks=checks)

    send()
    return seen


def _document(app: Flask, made: Cast) -> dict[str, Any]:
    """The document as it is served, narrowed to one business."""
    found: dict[str, Any] = copy.deepcopy(app.test_client().get("/api/openapi.json").json)
    for item in found["paths"].values():
        for described in item.values():
            for parameter in described["parameters"]:
                if parameter["name"] == "slug":
                    parameter["schema"] = {"type": "string", "enum": [made.slug]}
    return found


def _steered(document: dict[str, Any], known: dict[str, list[Any]]) -> dict[str, Any]:
    """Parameters and body fields of these names take these values alone."""
    for item in document["paths"].values():
        for described in item.values():
            for parameter in described["parameters"]:
                if parameter["name"] in known:
                    parameter["schema"] = {"enum": known[parameter["name"]]}
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Input"):
            schema["properties"] |= {field: {"enum": known[field]} for field in schema["properties"] if field in known}
    return document
