"""What every answer says to browsers and caches, and which cookies there are."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.guards import public
from config import Settings
from queries import business
from tests.cast import Cast, Clock
from tests.security.edge import Places, form_token, forms, is_api, open_routes, routes, staff_rules, variant
from tests.staff import staff

KEYS = {
    "booking.held", "booking.check", "embed.held", "embed.check", "manage.access", "manage.show", "manage.move",
    "manage.cancellation",
}  # fmt: skip
FLOWS = {"booking.flow", "embed.flow"}
LETTERS = {"dev.mail_html", "onboarding.mail"}  # a mail styles its elements one by one


def _policy(answer: Any) -> dict[str, set[str]]:
    parts = [each.split() for each in answer.headers["Content-Security-Policy"].split(";")]
    return {name: set(values) for name, *values in parts}


def _all_answers(app: Flask, places: Places) -> list[tuple[str, Any]]:
    """Every route as a stranger and as the client sees it, the staff's as the owner does, with and without parameters, and every kind of error."""
    found = []
    for client in (app.test_client(), places.proved(app)):
        for rule in open_routes(app, "GET"):
            found += [(rule.endpoint, client.get(f"{places.path(rule)}?{query}")) for query in places.queries(rule)]
        for rule in open_routes(app, "POST"):
            found.append((rule.endpoint, client.post(places.path(rule), data=places.typed)))
        for path in (
            "/nowhere",
            f"/{places.slug}/x/y/z",
            "/api",
            f"/{places.slug}/api/x",
            f"/{places.slug}/rdv/AC-1",
            "/static/none",
        ):
            found += [("error", client.get(path)), ("error", client.delete(path))]
        found.append(("error", client.get("/", environ_overrides={"HTTP_HOST": "evil.example"})))
        found.append(("error", client.post(f"/{places.slug}/rdv", data="x" * 1_100_000)))
        style = client.get("/static/app.css")
        found.append(("static", style))
        style.close()
        found.append(("error", client.get(f"/{places.slug}/rdv/retenu/x")))
    inside = staff(app, Cast(business.by_slug(places.slug).id)).client
    found += [(rule.endpoint, inside.get(places.path(rule))) for rule in staff_rules(app, "GET") if not is_api(rule)]
    return found


def test_headers(app: Flask, places: Places) -> None:
    statuses = set()
    for endpoint, answer in _all_answers(app, places):
        statuses.add(answer.status_code)
        policy = _policy(answer)
        assert policy["default-src"] == {"'none'"}, endpoint
        assert policy["base-uri"] == {"'none'"}, endpoint
        preview = getattr(app.view_functions.get(endpoint), "shown_by_us", False)
        assert policy["frame-ancestors"] == ({"'self'"} if preview else {"'none'"}), endpoint
        if endpoint not in LETTERS:
            assert policy["script-src"] == policy["style-src"] == policy["form-action"] == {"'self'"}, endpoint
            assert "unsafe" not in str(policy)
        assert "script-src" not in policy or policy["script-src"] == {"'self'"}
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers.get("X-Frame-Options") == (None if preview else "DENY")
        assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]
        assert answer.content_type.partition(";")[0] in (
            "text/html",
            "application/json",
            "text/calendar",
            "text/css",
            "text/markdown",
            "text/plain",
            "text/vcard",
            "application/xml",
            "image/png",
            "text/javascript",
            "image/svg+xml",
        ), endpoint
    assert statuses >= {200, 303, 400, 404, 405, 410, 413}


def test_a_crash_carries_the_same_headers(settings: Settings, clock: Clock) -> None:
    with variant(settings, clock) as app:

        def broken() -> Any:
            raise RuntimeError

        app.add_url_rule("/crash", "crash", public("none")(broken))
        answer = app.test_client().get("/crash")
        assert answer.status_code == 500
        assert _policy(answer)["frame-ancestors"] == {"'none'"}


def test_a_page_whose_address_is_a_key_is_kept_by_nobody(app: Flask, places: Places) -> None:
    seen = set()
    for client in (app.test_client(), places.proved(app)):
        for rule in routes(app, "GET"):
            for query in ("", f"cle={places.key}", f"prestation=diag&avec=r1&retenu={places.hold}"):
                private = rule.endpoint in KEYS or (rule.endpoint in FLOWS and "retenu" in query)
                answer = client.get(f"{places.path(rule)}?{query}") if private else None
                if answer is None or answer.status_code != 200:
                    continue
                assert answer.headers.get("Cache-Control") == "no-store", (rule.rule, query)
                assert answer.headers.get("X-Robots-Tag") == "noindex", (rule.rule, query)
                assert answer.headers.get("Referrer-Policy") == "no-referrer", (rule.rule, query)
                assert "Content-Encoding" not in answer.headers
                seen.add(rule.endpoint)
    assert seen == KEYS | FLOWS


def test_the_api_is_kept_by_nobody(app: Flask, client: FlaskClient, places: Places) -> None:
    for rule in routes(app, "GET"):
        if rule.endpoint.partition(".")[0] in ("api", "public_api"):
            for query in places.queries(rule):
                answer = client.get(f"{places.path(rule)}?{query}")
                assert answer.headers["Cache-Control"] == "no-store", (rule.rule, answer.status_code)
                assert answer.content_type == "application/json"


def test_nothing_of_a_third_party_is_loaded(app: Flask, places: Places) -> None:
    for endpoint, answer in _all_answers(app, places):
        if answer.content_type.startswith("text/html"):
            found = re.findall(
                r"""(?:src|action|poster|data|srcset)\s*=\s*["']?\s*(?:https?:)?//[^"' >]+""", answer.text
            )
            found += re.findall(
                r"""<link(?! rel="(?:alternate|canonical)")[^>]+href=["']?(?:https?:)?//[^>]+""", answer.text
            )
            assert found == [], endpoint


def test_no_cookie_before_a_booking(app: Flask, client: FlaskClient, places: Places, cast: Cast) -> None:
    for rule in routes(app, "GET"):
        for query in places.queries(rule):
            assert not client.get(f"{places.path(rule)}?{query}").headers.getlist("Set-Cookie"), rule.rule
    token = form_token(app, cast.id)
    for rule in forms(app):
        if rule.endpoint in ("booking.hold", "booking.extension", "booking.release") or rule.endpoint[:6] == "embed.":
            data = places.typed | {"form_token": token}
            assert not client.post(places.path(rule), data=data).headers.getlist("Set-Cookie"), rule.rule


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [("http://localhost", "bookt_proof", False), ("https://localhost", "__Host-bookt_proof", True)],
)
def test_the_cookie_of_the_proof(
    settings: Settings, clock: Clock, cast: Cast, public_url: str, name: str, secure: bool
) -> None:
    booked = cast.book()
    with variant(settings, clock, public_url=public_url) as app:
        data = {"code": booked.code, "email": booked.email, "form_token": form_token(app, cast.id)}
        answer = app.test_client().post(f"/{cast.slug}/rdv/acces", data=data, base_url=public_url)
        assert answer.status_code == 303
        (cookie,) = answer.headers.getlist("Set-Cookie")
        words = {each.strip().partition("=")[0] for each in cookie.split(";")[1:]}
        assert cookie.startswith(f"{name}=")
        assert {"HttpOnly", "SameSite", "Path"} <= words
        assert "SameSite=Lax" in cookie
        assert "Path=/;" in f"{cookie};"
        assert ("Secure" in words) is secure
        assert "Domain" not in words
        assert ("Strict-Transport-Security" in answer.headers) is secure


def test_production_has_no_development_pages(settings: Settings, clock: Clock, app: Flask, places: Places) -> None:
    closed = [rule for rule in routes(app, "GET") if rule.rule.startswith("/dev")]
    assert closed
    with variant(settings, clock, bookt_env="production", public_url="https://bookt.example") as there:
        client = there.test_client()
        for rule in closed:
            answer = client.get(places.path(rule), base_url="https://bookt.example")
            assert answer.status_code == 404
        assert not there.debug
        assert not there.testing
