"""Schema-driven fuzz: whatever is sent, allowed by the document or not, the answer is announced; never a 5xx. What wants
a token is called with an owner's.

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
from tests.staff import Api, api

pytestmark = [pytest.mark.contract, pytest.mark.slow]

LONG = 1_500 if os.environ.get("BOOKT_LONG") else None
EXAMPLES = LONG or 30
STAFF_EXAMPLES = LONG or 6
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
STAFF_CALLS = [
    ("get", "/api/dashboard/summary"),
    ("get", "/api/bookings"),
    ("post", "/api/bookings"),
    ("get", "/api/bookings/{booking_id}"),
    ("patch", "/api/bookings/{booking_id}"),
    ("delete", "/api/bookings/{booking_id}"),
    ("get", "/api/services"),
    ("post", "/api/services"),
    ("get", "/api/services/{service}"),
    ("patch", "/api/services/{service}"),
    ("delete", "/api/services/{service}"),
    ("get", "/api/clients"),
    ("get", "/api/clients/{client_id}"),
    ("get", "/api/availabilities"),
    ("post", "/api/availabilities"),
    ("get", "/api/business"),
    ("patch", "/api/business"),
    ("get", "/api/site/testimonials"),
    ("post", "/api/site/testimonials"),
    ("get", "/api/site/testimonials/{testimonial_id}"),
    ("patch", "/api/site/testimonials/{testimonial_id}"),
    ("delete", "/api/site/testimonials/{testimonial_id}"),
    ("get", "/api/site/specializations"),
    ("post", "/api/site/specializations"),
    ("get", "/api/site/specializations/{specialization_id}"),
    ("patch", "/api/site/specializations/{specialization_id}"),
    ("delete", "/api/site/specializations/{specialization_id}"),
    ("patch", "/api/site/onboarding"),
    ("get", "/api/auth/me"),
]
AUTH_CALLS = [("post", "/api/auth/signup"), ("post", "/api/auth/login"), ("post", "/api/auth/verify")]
# Calls that are good whatever is left out: unknown names alone make no bad one.
NEED_NOTHING = {
    ("get", "/api/public/{slug}"), ("get", "/api/dashboard/summary"), ("get", "/api/bookings"), ("get", "/api/services"),
    ("get", "/api/clients"), ("get", "/api/availabilities"), ("get", "/api/business"), ("patch", "/api/business"),
    ("get", "/api/site/testimonials"), ("get", "/api/site/specializations"),
}  # fmt: skip
call = pytest.mark.parametrize(("method", "path"), CALLS, ids=[f"{method} {path}" for method, path in CALLS])


def test_every_operation_is_fuzzed(app: Flask) -> None:
    described = {(method, path) for path, item in openapi.document(app)["paths"].items() for method in item}
    assert described == {*CALLS, *STAFF_CALLS, *AUTH_CALLS}


@call
def test_what_the_document_allows(app: Flask, cast: Cast, method: str, path: str) -> None:
    seen = _fuzz(app, _document(app, cast), method, path, GenerationMode.POSITIVE, CHECKS)
    assert seen


@call
def test_what_the_document_forbids(app: Flask, cast: Cast, method: str, path: str) -> None:
    """A value that the document forbids is refused, too. Unknown names alone are none: without them a call whose every
    parameter may be left out is a good one."""
    seen = _fuzz(app, _document(app, cast), method, path, GenerationMode.NEGATIVE, [*CHECKS, negative_data_rejection])
    assert set(seen) <= {400, 404, 405, 413} | _needs_nothing(method, path)
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


@pytest.mark.parametrize(("method", "path"), STAFF_CALLS, ids=[f"{method} {path}" for method, path in STAFF_CALLS])
def test_what_staff_may_send(app: Flask, method: str, path: str) -> None:
    """In one go for each call: what the document allows, with values that reach what is there, and what it forbids."""
    made = make_business(resources=3, form_fields=[question("motif")])
    caller, document = api(app, made), _document(app, made)
    known = _stored(made, caller, path)

    def fuzzed(described: dict[str, Any], mode: GenerationMode, *more: Any) -> dict[int, int]:
        return _fuzz(app, described, method, path, mode, [*CHECKS, *more], token=caller.token, examples=STAFF_EXAMPLES)

    steered = _steered(copy.deepcopy(document), known)
    steered["components"]["schemas"]["StaffBookingInput"]["required"].append("customer")  # or `clientId`: one of them
    reached = fuzzed(steered, GenerationMode.POSITIVE)
    assert min(reached) < 300, reached
    described = document["paths"][path][method]
    if "requestBody" in described or any(each["in"] == "query" for each in described["parameters"]):
        refused = fuzzed(_without_versions(document), GenerationMode.NEGATIVE, negative_data_rejection)
        assert set(refused) <= {400, 404, 405, 413} | _needs_nothing(method, path)


@pytest.mark.parametrize(("method", "path"), AUTH_CALLS, ids=[path for _, path in AUTH_CALLS])
def test_what_strangers_may_send(app: Flask, cast: Cast, method: str, path: str) -> None:
    document = _document(app, cast)
    assert _fuzz(app, document, method, path, GenerationMode.POSITIVE, CHECKS, examples=STAFF_EXAMPLES)
    checks = [*CHECKS, negative_data_rejection]
    refused = _fuzz(app, document, method, path, GenerationMode.NEGATIVE, checks, examples=STAFF_EXAMPLES)
    assert set(refused) <= {400, 401, 405, 413}


def _without_versions(document: dict[str, Any]) -> dict[str, Any]:
    """Any If-Match is allowed, and a stale one is judged before the body."""
    for item in document["paths"].values():
        for described in item.values():
            described["parameters"] = [each for each in described["parameters"] if each["name"] != "If-Match"]
    return document


def _needs_nothing(method: str, path: str) -> set[int]:
    return {200} if (method, path) in NEED_NOTHING else set()


def _stored(made: Cast, caller: Api, path: str) -> dict[str, list[Any]]:
    """Something of every noun, and the values that find it."""
    card = made.book("09:00")
    said = caller.open("/site/testimonials", "POST", json={"author": "A", "text": "B"}).json["testimonial"]
    known_for = caller.open("/site/specializations", "POST", json={"name": "A"}).json["specialization"]
    changed = path == "/api/bookings/{booking_id}"  # by its status; a time beside it would be too much
    return {
        "booking_id": [card.id, card.code], "service": ["diag"], "client_id": [card.client_id],
        "testimonial_id": [said["id"]], "specialization_id": [known_for["id"]], "If-Match": ["*"], "serviceId": ["diag", "urgence"], "resourceId": ["r1", "r2"],
        "resourceIds": [["r1"], ["r1", "r2", "r2"]], "clientId": [card.client_id],
        "date": [None] if changed else ["2027-01-13", "2027-01-14"],
        "from": ["2027-01-01", "2027-01-13"], "to": ["2027-01-31"],
        "time": [None] if changed else ["09:00", "10:00"], "override": [True], "fold": [0],
        "status": ["arrived", "cancelled", "confirmed"],
        "email": ["jean@example.com"], "phone": ["0470 12 34 56"], "name": ["Jean Martin"], "author": ["Léa"],
        "customer": [{"name": "Ada"}, {"name": "Ada", "email": "ada@example.com"}], "answers": [{}], "partySize": [1],
        "notifications": [{"email": True}],
        "timezone": ["Europe/Paris"], "after": [""], "q": ["martin", "0612"], "text": ["Bien"], "message": ["Sonnez"],
        "openingRules": [[], [{"dayOfWeek": 1, "startMinutes": 540, "endMinutes": 1500}]],
        "breakRules": [[], [{"dayOfWeek": 1, "startMinutes": 720, "endMinutes": 780, "everyWeeks": 2, "firstWeek": "2027-01-11"}]],
        "formFields": [[], None, [{"type": "text", "label": "Motif"}], [{"type": "select", "label": {"nl": "A"}, "options": [{"label": "x"}]}]],
        "cancellationPolicy": [None, {"fullRefundHours": 24, "partialRefundHours": 12}], "description": [None, "", "x\ny"],
        "translations": [{}, {"nl": {"name": "A"}, "fr": {"description": None}}],
    }  # fmt: skip


def _fuzz(
    app: Flask, document: dict[str, Any], method: str, path: str, mode: GenerationMode, checks: list[Any], *,
    token: str | None = None, examples: int = EXAMPLES,
) -> dict[int, int]:  # fmt: skip
    """Sends the examples and checks each answer; returns how often each status was seen."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    alone = {path: {method: document["paths"][path][method]}}  # what else there is to read takes its time
    schema = schemathesis.openapi.from_dict(document | {"paths": alone})
    schema.config.analysis.constants.enabled = False  # reading our source for words to try takes longer than the calls
    schema.app = app
    seen: dict[int, int] = {}

    @seeded(SEED)
    @settings(
        max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        answer = case.call(headers=headers)
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
        case.validate_response(answer, checks=checks)

    send()
    return seen


def _document(app: Flask, made: Cast) -> dict[str, Any]:
    """The document as it is served, narrowed to one business."""
    found: dict[str, Any] = copy.deepcopy(app.test_client().get("/api/openapi.json").json)
    for item in found["paths"].values():
        for described in item.values():
            described.pop("security", None)  # the token is ours to send
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
