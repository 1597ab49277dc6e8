"""Every route of who works in a business, for every role and for every kind of stranger: generated from the URL map, so
that a new route is judged on the day it comes."""

import ast
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from actions.access import MAY
from config import Settings
from models import ROLES
from tests.cast import Cast
from tests.security.edge import Places, changed, dump, guard_of, is_api, staff_rules, text_of
from tests.staff import Staff, api_of, browser_of, member

ROOT = Path(__file__).parents[2]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CODE = "AC-ZZZZZZ"
LAST = {"leaving.leave"}


class Caller:
    """One member, through the browser and through the API."""

    def __init__(self, app: Flask, cast: Cast, role: str) -> None:
        actor = member(cast, role)
        self.browser, self.api = browser_of(app, cast, actor), api_of(app, cast, actor)

    def open(self, rule: Rule, method: str, path: str, data: dict[str, Any] | None = None) -> Any:
        if is_api(rule):
            body = {} if method == "GET" else {"json": data or {}}
            return self.api.open(path.removeprefix("/api"), method, **body)
        body = {} if method == "GET" else {"data": {"csrf_token": self.browser.csrf} | (data or {})}
        return self.browser.client.open(path, method=method, **body)


def _asked(app: Flask) -> list[tuple[Rule, str]]:
    """What ends the caller's own part comes last, or nothing after it would be asked as that role."""
    rules = sorted(staff_rules(app, *METHODS), key=lambda rule: rule.endpoint in LAST)
    return [(rule, method) for rule in rules for method in METHODS if method in (rule.methods or ())]


def test_the_matrix_is_not_empty(app: Flask) -> None:
    assert len(_asked(app)) > 60
    assert {guard_of(app, rule)[1] for rule, _ in _asked(app)} <= MAY.keys()


@pytest.mark.parametrize("role", ROLES)
def test_matrix_of_roles(app: Flask, cast: Cast, places: Places, role: str) -> None:
    """What the table allows is not refused, what it does not allow is 403: for reading and for changing."""
    caller, wrong = Caller(app, cast, role), []
    for rule, method in _asked(app):
        status = caller.open(rule, method, places.path(rule)).status_code
        allowed = role in MAY[guard_of(app, rule)[1]]
        inside = allowed and role == "practitioner"  # whose own rows are told from others further in
        if status >= 500 or status == 401 or ((status == 403) == allowed and not inside):
            wrong.append((rule.rule, method, status))
    assert wrong == []


def test_matrix_of_tenants(app: Flask, settings: Settings, cast: Cast, other: Cast, places: Places) -> None:
    """The owner of another business: every address of this one answers as one that does not exist, and nothing is
    written."""
    stranger, before = Caller(app, other, "owner"), dump(settings)
    for rule, method in _asked(app):
        if is_api(rule):
            continue  # the token says whose business it is; foreign ids below
        foreign = stranger.open(rule, method, places.path(rule))
        unknown = stranger.open(rule, method, places.path(rule, slug="no-such-business"))
        assert foreign.status_code == unknown.status_code == 404, (rule.rule, method)
        assert _plain(foreign, places.slug) == _plain(unknown, "no-such-business"), rule.rule
    assert changed(before, dump(settings)) == {}


def test_matrix_of_foreign_ids(app: Flask, settings: Settings, cast: Cast, other: Cast, places: Places) -> None:
    """Own address, another's ids: 404, word for word as for ids that nobody has, and the other business stays as it is."""
    theirs, owner = Places.of(app, other), Caller(app, cast, "owner")
    before = _of(settings, other)
    for rule, method in _asked(app):
        named = {name: theirs.known[name] for name in rule.arguments - {"slug", *PLAIN}}
        if not named:
            continue
        unknown = {name: _unknown(rule, name) for name in named}
        foreign = owner.open(rule, method, places.path(rule, **named), FILLED)
        nobody = owner.open(rule, method, places.path(rule, **unknown), FILLED)
        assert foreign.status_code == nobody.status_code == 404, (rule.rule, method, foreign.status_code)
        seen = [_plain(answer, *ids.values()) for answer, ids in ((foreign, named), (nobody, unknown))]
        assert seen[0] == seen[1], rule.rule
    assert _of(settings, other) == before


def test_matrix_of_foreign_ids_in_bodies(
    app: Flask, settings: Settings, cast: Cast, other: Cast, places: Places
) -> None:
    """Every id that the other business has, under every name that a body or a query may use."""
    theirs, owner, before = Places.of(app, other), Caller(app, cast, "owner"), _of(settings, other)
    ids = {
        "business": str(other.id), "business_id": str(other.id), "businessId": str(other.id), "slug": other.slug,
        "team": str(other.id), "user_id": theirs.member, "client": theirs.client, "client_id": theirs.client,
        "clientId": theirs.client, "code": theirs.code, "booking": theirs.code, "bookingId": theirs.booking,
        "resource": theirs.resource, "resource_id": theirs.resource, "resourceId": theirs.resource,
    }  # fmt: skip
    for rule, method in _asked(app):
        path = places.path(rule)
        answer = owner.open(rule, method, path if method != "GET" else f"{path}?{_query(ids)}", ids)
        assert answer.status_code < 500, (rule.rule, method)
        told = text_of(answer)
        assert theirs.code not in told.replace(f"={theirs.code}", ""), (
            rule.rule
        )  # an address may repeat what it was asked
    assert _of(settings, other) == before


def test_strangers_are_sent_to_the_door(app: Flask, settings: Settings, places: Places) -> None:
    client, before = app.test_client(), dump(settings)
    for rule, method in _asked(app):
        answer = client.open(places.path(rule), method=method)
        if is_api(rule):
            assert answer.status_code == 401, rule.rule
        else:
            assert answer.status_code == 303, rule.rule
            assert answer.headers["Location"].startswith("/connexion"), rule.rule
    assert changed(before, dump(settings)) == {}


FOREIGN_SITES = (
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)  # fmt: skip


def test_csrf_of_sessions(app: Flask, settings: Settings, cast: Cast, other: Cast, places: Places) -> None:
    """A session alone changes nothing: its token must come along, and from a page of ours."""
    owner, elsewhere = Caller(app, cast, "owner").browser, Caller(app, other, "owner").browser
    before = dump(settings)
    for rule, method in _asked(app):
        if is_api(rule) or method == "GET":
            continue
        path = places.path(rule)
        for token in (None, "", "x", elsewhere.csrf, owner.csrf[:-2]):
            sent = {} if token is None else {"csrf_token": token}
            assert owner.client.open(path, method=method, data=sent).status_code == 400, (rule.rule, token)
        for headers in FOREIGN_SITES:
            sent = {"csrf_token": owner.csrf}
            answer = owner.client.open(path, method=method, data=sent, headers=headers)
            assert answer.status_code == 403, (rule.rule, headers)
    assert changed(before, dump(settings)) == {}


def test_no_cookie_opens_the_api(app: Flask, cast: Cast, places: Places) -> None:
    browser: Staff = Caller(app, cast, "owner").browser
    for rule, method in _asked(app):
        if is_api(rule):
            sent = {"data": {"csrf_token": browser.csrf}} if method != "GET" else {}
            answer = browser.client.open(places.path(rule), method=method, **sent)
            assert answer.status_code == 401, rule.rule
            assert not answer.headers.getlist("Set-Cookie"), rule.rule


# What stands in an address and is no id of a row; what some forms ask before they look for the row.
PLAIN = {"step", "word"}
FILLED = {"role": "reception", "status": "cancelled", "statut": "cancelled"}


def _unknown(rule: Rule, name: str) -> str:
    """Of the same form as the real one, and nobody's."""
    if f"<uuid:{name}>" in rule.rule:
        return str(uuid.UUID(int=7))
    return CODE if name == "code" else "nobody-has-this"


def _plain(answer: Any, *words: str) -> str:
    text = text_of(answer)
    for word in words:
        text = text.replace(word, "…")
    return text


def _query(values: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in values.items())


def _of(settings: Settings, cast: Cast) -> str:
    """All that is stored of one business; of the rate counters nothing."""
    mark = repr(cast.id.bytes)[2:-1] if settings.engine == "sqlite" else str(cast.id)
    return json.dumps({name: [row for row in rows if mark in row] for name, rows in dump(settings).items()})


# --- the actions themselves ----------------------------------------------------------------------------------------


def test_every_staff_action_asks_the_table() -> None:
    """Routes ask first, actions again: whoever calls one (a page, the API, a job) is judged."""
    asks, acts = _staff_actions()
    assert len(acts) > 20
    assert sorted(f"{module}.{name}" for module, name in acts if (module, name) not in asks) == []


def _staff_actions() -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(module, function) of those that ask `demand`, by themselves or through a function they call; and of the public
    ones that are given an actor."""
    found: dict[tuple[str, str], set[str]] = {}
    acts = set()
    for path in sorted((ROOT / "actions").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT / "actions").with_suffix("").parts)
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                found[module, node.name] = {_called(each) for each in ast.walk(node) if isinstance(each, ast.Call)}
                given = [each.annotation for each in (*node.args.args, *node.args.kwonlyargs)]
                is_given_one = any(isinstance(each, ast.Name) and each.id == "Actor" for each in given)
                if is_given_one and not node.name.startswith("_") and module not in ("access", "audit"):
                    acts.add((module, node.name))
    asking = {key for key, calls in found.items() if "demand" in calls}
    while True:
        names = {name for _, name in asking}
        more = {key for key, calls in found.items() if calls & names} - asking
        if not more:
            return asking, acts
        asking |= more


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
