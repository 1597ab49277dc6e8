"""The document says what the routes do, all of it and nothing else."""

import re
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

import errors
from blueprints.api import openapi
from errors import BooktError
from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[3]
PLATFORM = {"/api/openapi.json", "/api/docs"}  # the description itself
ELSEWHERE = {errors.HoldExpired, errors.TooManyHolds, errors.LinkExpired}  # answers of pages


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
    assert len(described) == 41


def test_both_mounts_of_a_call_promise_the_same(app: Flask) -> None:
    paths = openapi.document(app)["paths"]
    for one, other in (
        (paths["/{slug}/api/availability"]["get"], paths["/api/public/{slug}/slots"]["get"]),
        (paths["/{slug}/api/bookings"]["post"], paths["/api/public/{slug}/bookings"]["post"]),
    ):
        assert one["operationId"] != other["operationId"]
        assert {**one, "operationId": ""} == {**other, "operationId": ""}


def test_every_error_code_is_documented(app: Flask) -> None:
    """Those that any part may raise, and the API's own; an error that stands beside an action of pages alone is theirs."""
    documented = _documented(app)
    shared = {kind for kind in _all(BooktError) if kind.__module__ == "errors" or "api" in kind.__module__.split(".")}
    for kind in {*shared, BooktError} - ELSEWHERE:
        assert kind.code in documented, kind
    assert "INVALID_NEW_DATE" in documented
    assert "INVALID_IDEMPOTENCY_KEY" in documented


def test_the_guide_names_every_code(app: Flask) -> None:
    """Of the public API all; of what staff and strangers with a token send, all but the codes that only say which field
    is wrong: the guide tells how these are made."""
    guide = (ROOT / "docs" / "api.md").read_text()
    table = guide.partition("## Errors")[2]
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", table))
    public = _documented(app, lambda route: "<slug>" in route.rule.rule)
    every = _documented(app)
    fields = {code for each in openapi.operations(app) for code in openapi.field_codes(each.promised)}
    assert (every - fields) | public | {"METHOD_NOT_ALLOWED"} <= named
    assert named <= every | {"METHOD_NOT_ALLOWED"}


def test_what_wants_a_token_says_so(app: Flask) -> None:
    paths = openapi.document(app)["paths"]
    secured = {path for path, item in paths.items() for each in item.values() if each.get("security")}
    assert {path for path in paths if not path.startswith("/api/") or "{slug}" in path}.isdisjoint(secured)
    assert set(paths) - secured == {path for path in paths if "{slug}" in path} | {
        "/api/auth/signup", "/api/auth/login", "/api/auth/verify",
    }  # fmt: skip
    change = paths["/api/services/{service}"]["patch"]
    assert [each["name"] for each in change["parameters"]] == ["service", "If-Match"]
    assert {"200", "400", "401", "403", "404", "412", "413"} <= change["responses"].keys()
    assert "ETag" in change["responses"]["200"]["headers"]
    assert "429" not in change["responses"]
    made = paths["/api/bookings"]["post"]["responses"]["201"]["headers"]
    assert made.keys() == {"ETag", "Location"}


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


def _documented(app: Flask, wanted: Callable[[openapi.Route], bool] = lambda _: True) -> set[str]:
    by_status = (openapi.error_codes(each) for each in openapi.operations(app) if wanted(each))
    return {code for codes in by_status for each in codes.values() for code in each}
