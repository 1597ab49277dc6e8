"""Secrets stay where they are: planted canaries are looked for in everything that comes out."""

import dataclasses
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from config import Settings
from tests.cast import Cast, Clock
from tests.security.edge import Places, dump, form_token, forms, open_routes, serving, text_of, variant

KEY = "CANARY-signing-" + "k" * 30
SMTP = "CANARY-smtp-password"
DATABASE = "CANARY-database-password"
LOGIN = "bookt_test_canary"
CANARY = re.compile("CANARY[-a-z]*")


def _with_canaries(settings: Settings) -> dict[str, Any]:
    changes = {"secret_key": KEY, "smtp_password": SMTP, "smtp_user": "mailer"}
    if settings.engine == "postgresql":
        changes["database_url"] = _with_password(settings.database_url)
        changes["database_owner_url"] = changes["database_url"]
    return changes


def _with_password(url: str) -> str:
    """The same database for a login whose password is the canary: the server asks for it."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (LOGIN,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE ROLE {LOGIN} LOGIN SUPERUSER PASSWORD %s", (DATABASE,))
    finally:
        connection.close()
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{LOGIN}:{DATABASE}@{parts.hostname}:{parts.port}"))


def test_no_secret_in_the_settings_as_text(settings: Settings) -> None:
    chosen = dataclasses.replace(
        settings, **_with_canaries(settings) | {"database_url": f"postgresql://u:{DATABASE}@h/d"}
    )
    for shown in (repr(chosen), str(chosen), f"{chosen}", f"{chosen!r}", "%s" % chosen):  # noqa: UP031
        assert not CANARY.search(shown)
        assert "***" in shown


def test_no_secret_in_pages_logs_and_tables(
    settings: Settings, clock: Clock, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with variant(settings, clock, **_with_canaries(settings)) as app:

        def broken(**_: Any) -> Any:
            raise RuntimeError("a fault")

        broken.guard = ("public", "none")  # type: ignore[attr-defined]
        app.add_url_rule("/crash", "crash", broken)
        places = Places.of(app, cast)
        seen = [app.test_client().get("/crash")]
        for client in (app.test_client(), places.proved(app)):
            for rule in open_routes(app, "GET"):
                seen += [client.get(f"{places.path(rule)}?{query}") for query in places.queries(rule)]
            for rule in forms(app):
                seen.append(
                    client.post(places.path(rule), data=places.typed | {"form_token": form_token(app, cast.id)})
                )
        text = "".join(f"{answer.status}{answer.headers}{text_of(answer)}" for answer in seen)
        assert not CANARY.search(text)
        assert not CANARY.search(repr(app.config.get("DATABASE", "")) + repr(app.extensions["bookt_settings"]))
    assert not CANARY.search(caplog.text)
    assert not CANARY.search(str(dump(settings, without=())))


def test_no_secret_in_what_the_server_writes(settings: Settings, cast: Cast, tmp_path: Path, clock: Clock) -> None:
    """At its most talkative, through a booking, an error and its end; neither are the keys of links in its log."""
    with variant(settings, clock, secret_key=KEY) as app:
        places = Places.of(app, cast)
    with serving(settings, tmp_path, log_level="DEBUG", **_with_canaries(settings)) as server:
        for path in (
            f"/{cast.slug}/rdv/{places.code}?cle={places.key}",
            f"/{cast.slug}/rdv/retenu/{places.hold}",
            f"/{cast.slug}/nowhere",
        ):
            server.get(path)
        server.get(f"/{cast.slug}/api/bookings/public?code={places.code}&email={places.email}")
        server.ask(b"\x00\x01 nonsense\r\n\r\n")
        server.get("/%ff%0d%0aX-Injected:%20yes/%1b[2J")
    log = server.log
    assert not CANARY.search(log)
    for key in (places.key, places.hold, places.key.rpartition(".")[2], places.hold.rpartition(".")[2], places.email):
        assert key not in log
    assert "\x1b" not in log
    assert "\nX-Injected" not in log


def test_a_key_of_the_example_is_refused_in_production() -> None:
    from config import SettingsError

    for key in ("", "short", "x" * 31):
        with pytest.raises(SettingsError) as told:
            Settings.from_environment(
                {"BOOKT_ENV": "production", "PUBLIC_URL": "https://bookt.example", "SECRET_KEY": key}
            )
        assert key not in str(told.value) or not key


def test_the_key_that_is_made_is_for_its_owner_alone(tmp_path: Path) -> None:
    made = dataclasses.replace(Settings(), bookt_data=str(tmp_path), secret_key="")
    key = made.signing_key()
    assert len(key) >= 43
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert made.signing_key() == key
    assert dataclasses.replace(made, bookt_data=str(tmp_path / "other")).signing_key() != key
