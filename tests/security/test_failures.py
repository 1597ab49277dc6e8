"""When something breaks: a plain answer, no inner words, nothing half-written."""

import contextlib
import logging
from typing import Any

import peewee
import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
from blueprints.guards import public
from config import Settings
from tests.cast import Cast, Clock, body, make_business
from tests.security.edge import (
    Places,
    changed,
    dump,
    form_token,
    forms,
    guard_of,
    listening,
    open_routes,
    routes,
    text_of,
    variant,
)

INNER = ("Traceback", "File \"", "RuntimeError", "OperationalError", "psycopg2", "sqlite3", "peewee", "SELECT ", "/site-packages/",
         "werkzeug", "secret_key", "kkkkkkkk")  # fmt: skip


# Beside these the doors that send a stranger to sign in: who carries no session is not looked up.
WITHOUT_A_DATABASE = {
    "platform_api.document", "platform_api.docs", "discovery.robots", "embedding.script", "accounts.sign_in",
    "start.sector", "dev.sign_in", "accounts.code", "start.you", "start.address",
}  # fmt: skip
UNREAD = {"auth_api.me": 401, "accounts.link": 410, "invitations.show": 410}  # keys that are none are refused unread


def _plain(answer: Any) -> None:
    for word in INNER:
        assert word not in f"{text_of(answer)}{answer.headers}", word


def test_a_crash_tells_nothing(settings: Settings, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    def broken(**_: str) -> Any:
        raise RuntimeError("SELECT secret_key FROM business -- kkkkkkkk")

    with variant(settings, clock) as app:
        app.add_url_rule("/crash", "crash", public("none")(broken))
        app.add_url_rule("/<slug>/api/crash", "api.crash", public("none")(broken))
        cast = make_business()
        with caplog.at_level(logging.ERROR):
            page, data = app.test_client().get("/crash"), app.test_client().get(f"/{cast.slug}/api/crash")
    assert (page.status_code, data.status_code) == (500, 500)
    assert data.json["error"]["code"] == "INTERNAL_ERROR"
    assert page.content_type.startswith("text/html")
    _plain(page)
    _plain(data)
    assert "RuntimeError" in caplog.text  # it is the log that is told


def test_no_route_shows_its_inside(app: Flask, client: FlaskClient, places: Places) -> None:
    for rule in open_routes(app, "GET"):
        for query in places.queries(rule):
            _plain(client.get(f"{places.path(rule)}?{query}"))
    for rule in open_routes(app, "POST"):
        for sent in ({"data": b"\xff\x00"}, {"json": [1]}, {"data": "{"}, {"data": {"x": "y"}}):
            _plain(client.post(places.path(rule), **sent))


@contextlib.contextmanager
def _away(settings: Settings, clock: Clock, tmp_path: Any) -> Any:
    """An application whose database does not answer: a closed port, or a folder in the place of the file."""
    if settings.engine == "postgresql":
        changes = {"database_url": "postgresql://postgres:CANARY@127.0.0.1:9/nowhere"}
    else:
        (tmp_path / "bookt.sqlite3").mkdir()
        changes = {"bookt_data": str(tmp_path)}
    with variant(settings, clock, **changes) as app:
        yield app


def test_a_database_that_is_gone(settings: Settings, clock: Clock, places: Places, tmp_path: Any) -> None:
    with _away(settings, clock, tmp_path) as app:
        client = app.test_client()
        for rule in open_routes(app, "GET"):
            if rule.endpoint in WITHOUT_A_DATABASE or guard_of(app, rule)[0] != "public":
                continue
            answer = client.get(places.path(rule))
            if rule.endpoint in UNREAD:
                assert answer.status_code == UNREAD[rule.endpoint], rule.rule
                continue
            assert answer.status_code == 503, rule.rule
            assert int(answer.headers["Retry-After"]) > 0, rule.rule
            _plain(answer)
            assert "CANARY" not in answer.text
        for rule in (each for each in routes(app, "POST") if "slug" in each.arguments):
            if guard_of(app, rule)[0] != "public":
                continue
            answer = client.post(places.path(rule), json=body())
            assert answer.status_code == 503, rule.rule
            _plain(answer)


def test_a_database_that_is_gone_on_a_host_of_its_own(settings: Settings, clock: Clock, tmp_path: Any) -> None:
    """There the business is looked up before the application is asked."""
    with _away(settings, clock, tmp_path) as app:
        for path in ("/", "/api/services", "/health"):
            answer = app.test_client().get(path, environ_overrides={"HTTP_HOST": "own.localhost"})
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            _plain(answer)


@pytest.mark.parametrize("nth", range(14))
def test_a_database_that_goes_in_the_middle(
    app: Flask, client: FlaskClient, settings: Settings, cast: Cast, nth: int
) -> None:
    """The line breaks just before the n-th statement of a booking: 503 and nothing of it, or it never came to n."""
    path = f"/{cast.slug}/api/bookings"
    client.get(f"/{cast.slug}/api/services")
    before, sent = dump(settings), []

    def cut(sql: str) -> None:
        sent.append(sql)
        if len(sent) == nth + 1:
            _break(settings)

    with listening(cut):
        answer = client.post(path, json=body(), headers={"Idempotency-Key": f"k{nth}"})
    if len(sent) <= nth:
        assert answer.status_code == 201
        return
    assert answer.status_code == 503, sent[nth]
    assert int(answer.headers["Retry-After"]) > 0
    _plain(answer)
    assert changed(before, dump(settings)) == {}
    again = client.post(path, json=body(), headers={"Idempotency-Key": f"k{nth}"})
    assert again.status_code == 201, again.text
    written = changed(before, dump(settings))
    assert len(written["booking"]) == len(written["claim"]) == len(written["idempotency"]) == 1


def _break(settings: Settings) -> None:
    if settings.engine == "sqlite":
        raise peewee.OperationalError("disk I/O error")
    mine = db.handle.connection().get_backend_pid()
    other = psycopg2.connect(settings.database_url)
    with contextlib.closing(other):
        other.autocommit = True
        other.cursor().execute("SELECT pg_terminate_backend(%s, 2000)", (mine,))


def test_a_form_in_the_middle_of_a_failure_writes_nothing(app: Flask, settings: Settings) -> None:
    for rule in forms(app):
        cast = make_business()
        places = Places.of(app, cast)
        data = places.typed | {"form_token": form_token(app, cast.id)}
        client, path = places.proved(app), places.path(rule)
        client.get(f"/{cast.slug}")
        before = dump(settings)

        def cut(sql: str) -> None:
            if sql.startswith(("UPDATE", 'INSERT INTO "message"', 'INSERT INTO "claim"')):
                _break(settings)

        with listening(cut):
            answer = client.post(path, data=data)
        if rule.endpoint == "manage.look_up":
            assert answer.status_code == 303  # it writes nothing when the pair is right
        else:
            assert answer.status_code == 503, rule.rule
            assert "Retry-After" in answer.headers
        assert changed(before, dump(settings)) == {}, rule.rule
