"""Default deny, and reading that never writes."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from actions.access import MAY
from blueprints.answers import json_answer
from config import Settings
from tests.cast import MONDAY_8, Cast, Clock
from tests.security.edge import Places, changed, dump, guard_of, is_api, routes, variant
from tests.staff import api, staff

LIMITS = {"read", "write", "lookup", "login", "signup", "none"}
GUARDS = {
    *(("public", limit) for limit in LIMITS),
    *(("needs", action) for action in MAY),
    ("signed in", ""),
    ("capability", "day"),
}
SAFE = {"GET", "HEAD", "OPTIONS"}

# State-changing routes without a form token: callers of the API send no cookie that a foreign page could borrow.
JSON_POSTS = {
    "api.create_booking", "api.cancel", "api.reschedule", "public_api.create_booking", "auth_api.sign_up",
    "auth_api.log_in", "auth_api.verify",
}  # fmt: skip


def test_every_route_declares_its_guard(app: Flask) -> None:
    unguarded, tokenless = [], set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        view = app.view_functions[rule.endpoint]
        if guard_of(app, rule) not in GUARDS:
            unguarded.append(rule.endpoint)
        is_public = guard_of(app, rule)[0] == "public"  # the guard itself asks the others for the session's token
        if is_public and (rule.methods or set()) - SAFE and not getattr(view, "form", False):
            tokenless.add(rule.endpoint)
    assert unguarded == []
    assert tokenless == JSON_POSTS


def test_a_route_without_a_guard_answers_nothing(settings: Settings, clock: Clock) -> None:
    with variant(settings, clock) as app:
        app.add_url_rule("/oubliee", "oubliee", lambda: json_answer({"told": "everything"}))
        answer = app.test_client().get("/oubliee")
    assert answer.status_code == 403
    assert b"everything" not in answer.data


def test_a_json_post_takes_no_proof_from_a_cookie(app: Flask, client: FlaskClient, places: Places) -> None:
    """What makes a form token needless there: no cookie proves anything to the API."""
    with_cookies = app.test_client()
    for name in ("bookt_proof", "__Host-bookt_proof", "session"):
        with_cookies.set_cookie(name, "x")
    path = f"/{places.slug}/api/bookings/{places.code}/cancel"
    wrong = {"email": "someone.else@example.com"}
    assert with_cookies.post(path, json=wrong).status_code == client.post(path, json=wrong).status_code == 404


@pytest.mark.parametrize("minutes", [11, 60 * 24 * 40], ids=["after the hold", "after the visit"])
def test_get_is_pure(
    app: Flask, client: FlaskClient, settings: Settings, places: Places, cast: Cast, clock: Clock, minutes: int
) -> None:
    clock.now = MONDAY_8 + minutes * 60
    inside, token = staff(app, cast, now=int(clock.now)).client, api(app, cast, now=int(clock.now))
    before, asked = dump(settings), []
    for rule in routes(app, "GET"):
        of_staff = guard_of(app, rule)[0] != "public"
        if of_staff and minutes == 11:
            continue  # no hold of a visitor changes what is theirs
        opened = token.client if is_api(rule) and of_staff else inside if of_staff else client
        headers = {"Authorization": f"Bearer {token.token}"} if opened is token.client else {}
        for query in places.queries(rule)[: 2 if of_staff else None]:
            for method in ("GET", "HEAD", "OPTIONS"):
                answer = opened.open(f"{places.path(rule)}?{query}", method=method, headers=headers)
                assert answer.status_code < 500, (method, rule.rule, query)
                assert not of_staff or answer.status_code not in (401, 403), (method, rule.rule)
                asked.append((method, rule.rule, query))
    assert changed(before, dump(settings)) == {}, f"one of {asked}"
    assert len(asked) >= 3 * 4 * 15


def test_options_and_head_reach_no_post_route(
    app: Flask, client: FlaskClient, settings: Settings, places: Places
) -> None:
    before = dump(settings)
    for rule in routes(app, "POST", "PUT", "PATCH", "DELETE"):
        for method in ("OPTIONS", "HEAD", "TRACE"):
            assert client.open(places.path(rule), method=method).status_code < 500
    assert changed(before, dump(settings)) == {}


def test_a_method_of_a_header_or_a_field_is_not_believed(
    client: FlaskClient, settings: Settings, places: Places
) -> None:
    path, before = f"/{places.slug}/api/bookings/{places.code}/cancel", dump(settings)
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert client.get(f"{path}?_method=POST&email={places.email}", headers={name: "POST"}).status_code == 405
    assert changed(before, dump(settings)) == {}


def test_the_dump_sees_one_changed_letter(settings: Settings, cast: Cast) -> None:
    """The eye that the tests above trust."""
    before = dump(settings)
    cast.book()
    seen = changed(before, dump(settings))
    assert {"booking", "claim", "client", "message"} <= seen.keys()
