"""The document says what the routes do, all of it and nothing else."""

import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

import errors
from blueprints import answers, guards
from blueprints.api import openapi
from errors import BooktError
from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[3]
PLATFORM = {"/api/openapi.json", "/api/docs"}  # the description itself
# Answers of pages, and of calls that are not under the document's paths.
ELSEWHERE = {
    errors.HoldExpired, errors.TooManyHolds, errors.LinkExpired, errors.Unauthorized, errors.NotAllowed,
    errors.NotFound, guards.ForeignForm, guards.StaleForm, answers.MethodNotAllowed,
}  # fmt: skip


def test_the_document_is_valid(client: FlaskClient) -> None:
    answer = client.get("/api/openapi.json")
    assert answer.content_type == "application/json"
    OpenAPIV31SpecValidator(answer.json).validate()


def test_every_route_is_in_the_document_and_vice_versa(app: Flask) -> None:
    routed = {
        (openapi.path_of(rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if "api" in rule.rule.split("/") and rule.rule not in PLATFORM
    }
    described = {(path, method) for path, item in openapi.document(app)["paths"].items() for method in item}
    assert routed == described
    assert len(described) == 9


def test_both_mounts_of_a_call_promise_the_same(app: Flask) -> None:
    paths = openapi.document(app)["paths"]
    for one, other in (
        (paths["/{slug}/api/availability"]["get"], paths["/api/public/{slug}/slots"]["get"]),
        (paths["/{slug}/api/bookings"]["post"], paths["/api/public/{slug}/bookings"]["post"]),
    ):
        assert one["operationId"] != other["operationId"]
        assert {**one, "operationId": ""} == {**other, "operationId": ""}


def test_every_error_code_is_documented(app: Flask) -> None:
    documented = _documented(app)
    for kind in {*_all(BooktError), BooktError} - ELSEWHERE:
        assert kind.code in documented, kind
    assert "INVALID_NEW_DATE" in documented
    assert "INVALID_IDEMPOTENCY_KEY" in documented


def test_the_guide_names_every_code(app: Flask) -> None:
    guide = (ROOT / "docs" / "api.md").read_text()
    table = guide.partition("## Errors")[2]
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", table))
    documented = _documented(app)
    assert named == documented | {"UNAUTHORIZED", "NOT_FOUND", "METHOD_NOT_ALLOWED"}


def test_parameters_and_bodies_are_those_of_s3(app: Flask) -> None:
    paths = openapi.document(app)["paths"]
    schemas = openapi.document(app)["components"]["schemas"]
    assert [each["name"] for each in paths["/{slug}/api/availability"]["get"]["parameters"]] == [
        "slug", "serviceId", "date", "resourceId", "partySize",
    ]  # fmt: skip
    assert schemas["BookingInput"]["required"] == ["serviceId", "date", "time", "customer"]
    assert schemas["MoveInput"]["required"] == ["email", "newDate", "newTime"]
    assert schemas["AvailabilitySlot"]["required"] == ["available", "blockedBy", "time"]


def test_the_page_shows_every_operation(client: FlaskClient, app: Flask) -> None:
    answer = client.get("/api/docs")
    assert answer.status_code == 200
    for chapter in openapi.chapters(app):
        assert f'id="{chapter.described["operationId"]}"' in answer.text
        assert f"{chapter.method} {chapter.path}</code>" in answer.text.replace("<wbr>", "")
    for name in openapi.document(app)["components"]["schemas"]:
        assert f'id="schema-{name}"' in answer.text
    for forbidden in ("<script", "<style", " style=", "http://", "https://", " on"):
        assert forbidden not in re.sub(r">[^<]*<", "><", answer.text), forbidden
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_answers_are_not_kept_by_caches(client: FlaskClient, cast: Cast) -> None:
    for path in (f"/{cast.slug}/api/services", f"/api/public/{cast.slug}"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


def test_addresses_are_built_without_naming_the_slug(app: Flask, cast: Cast) -> None:
    from flask import g, url_for

    with app.test_request_context():
        g.business = cast.business
        assert url_for("api.services") == f"/{cast.slug}/api/services"
        assert url_for("public_api.availability") == f"/api/public/{cast.slug}/slots"


def _all(kind: type[BooktError]) -> set[type[BooktError]]:
    return {found for each in kind.__subclasses__() for found in (each, *_all(each))}


def _documented(app: Flask) -> set[str]:
    by_status = (openapi.error_codes(each) for each in openapi.operations(app))
    return {code for codes in by_status for each in codes.values() for code in each}
