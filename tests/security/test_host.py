"""Hostile host names: refused, and never in anything that leaves the house."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from tests.cast import Cast, Clock, body, make_business
from tests.security.edge import Places, Server, dump, open_routes, text_of, variant

EVIL = "evil.example"
STRANGE = [
    EVIL, f"{EVIL}:8000", f"localhost.{EVIL}", f"127.0.0.1.{EVIL}", f"localhost@{EVIL}", f"{EVIL}@localhost",
    f"user:pass@{EVIL}", f"localhost:80@{EVIL}", f"localhost:{EVIL}", "localhost:", "localhost:0x50", "localhost:99999",
    "localhost:80:80", f"{EVIL}/.localhost", f"{EVIL}#.localhost", f"{EVIL}?.localhost", f"{EVIL}\\.localhost",
    f"{EVIL},x.localhost", f"{EVIL} x.localhost", f"{EVIL}@x.localhost", f"{EVIL}%00.localhost", "..localhost",
    "-.localhost", "[::1", "[::1]evil.example", f"[::1]:80@{EVIL}", "[::2]", "[evil.example]", "::1", "0.0.0.0", "2130706433", "127.1",
    "localhost.", "ⅼocalhost", "local\tost", "localhost\x00.evil.example", "", " ", ".", f"a{'.b' * 200}.localhost",
    "169.254.169.254", "metadata.google.internal", "\"><script>alert(1)</script>.localhost", "é.localhost",
]  # fmt: skip
NO_NAMES = {".", "..localhost"}  # an empty label: nothing routes by it
OURS = ["localhost", "LocalHost:8000", "127.0.0.1:1", "127.9.9.9", "[::1]", "[::1]:8000", "bookt.localhost:65535"]


@pytest.mark.parametrize("host", STRANGE)
def test_host(client: FlaskClient, cast: Cast, host: str) -> None:
    for path in ("/", f"/{cast.slug}/api/services", "/nowhere", f"//{cast.slug}//api"):
        answer = client.get("/", environ_overrides={"HTTP_HOST": host, "PATH_INFO": path})
        assert answer.status_code == 400, path
        assert EVIL not in f"{answer.headers}{answer.text}"


@pytest.mark.parametrize("host", STRANGE)
def test_the_health_check_names_no_host(client: FlaskClient, host: str) -> None:
    """It alone answers under any name that can be one, to who watches the process by its address: the same few bytes."""
    answer = client.get("/health", environ_overrides={"HTTP_HOST": host})
    expected = (400, False) if host in NO_NAMES else (200, True)
    assert (answer.status_code, answer.text == '{"status":"ok"}') == expected
    assert EVIL not in str(answer.headers)


@pytest.mark.parametrize("host", OURS)
def test_a_name_of_this_machine_is_ours(client: FlaskClient, host: str) -> None:
    assert client.get("/health", environ_overrides={"HTTP_HOST": host}).status_code == 200


def test_in_production_a_loopback_name_is_strange(settings: Settings, clock: Clock) -> None:
    with variant(settings, clock, bookt_env="production", public_url="https://bookt.example") as app:
        client = app.test_client()
        asked = {host: client.get("/", environ_overrides={"HTTP_HOST": host}).status_code for host in OURS}
        assert set(asked.values()) == {400}
        assert client.get("/health", environ_overrides={"HTTP_HOST": "bookt.example"}).status_code == 200
        assert client.get("/health", environ_overrides={"HTTP_HOST": "BOOKT.example:443"}).status_code == 200


def test_a_forwarded_host_is_not_believed(client: FlaskClient, cast: Cast, settings: Settings) -> None:
    """Without TRUSTED_PROXIES nobody may speak for another."""
    lies = {
        "X-Forwarded-Host": EVIL, "X-Forwarded-Server": EVIL, "Forwarded": f"host={EVIL};proto=https", "X-Host": EVIL,
        "X-Original-URL": f"http://{EVIL}/", "X-Rewrite-URL": f"http://{EVIL}/", "X-Forwarded-Prefix": f"//{EVIL}",
    }  # fmt: skip
    answer = client.post(f"/{cast.slug}/api/bookings", json=body(), headers=lies)
    assert answer.status_code == 201
    assert EVIL not in f"{answer.headers}{answer.text}{dump(settings)}"


def test_a_forwarded_host_is_judged_behind_a_proxy(settings: Settings, clock: Clock, cast: Cast) -> None:
    with variant(settings, clock, trusted_proxies=1) as app:
        client = app.test_client()
        for lie in (EVIL, f"localhost, {EVIL}", f"localhost@{EVIL}", f"localhost:80@{EVIL}"):
            answer = client.post(f"/{cast.slug}/api/bookings", json=body(), headers={"X-Forwarded-Host": lie})
            assert answer.status_code == 400, lie
            assert EVIL not in f"{answer.headers}{answer.text}"
    assert EVIL not in json.dumps(dump(settings))


def test_no_route_repeats_a_host(app: Flask, client: FlaskClient, places: Places) -> None:
    """Every address, asked under a name that is ours: nothing comes back that begins with another scheme and host."""
    for rule in open_routes(app, "GET"):
        for query in places.queries(rule):
            answer = client.get(
                f"{places.path(rule)}?{query}", headers={"X-Forwarded-Host": EVIL, "Referer": f"http://{EVIL}/"}
            )
            assert EVIL not in f"{answer.headers}{text_of(answer)}", rule.rule
            assert not answer.headers.get("Location", "/").startswith("//")


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/x",
        "//evil.example/rdv",
        "//evil.example//rdv",
        "//health//",
        "/\\evil.example",
        "//evil.example/%2e%2e",
        "/%2F%2Fevil.example",
        "/.//evil.example",
    ],
)
def test_no_path_redirects_elsewhere(client: FlaskClient, path: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": path})
    assert answer.status_code in (400, 404)
    assert "Location" not in answer.headers


def test_own_host_knows_its_own_paths_alone(client: FlaskClient, app: Flask) -> None:
    """On a business's own name no path reaches another business."""
    own, stranger = make_business(domain=f"own-{id(app)}.example"), make_business()
    at = {"HTTP_HOST": own.business.domain or ""}
    assert client.get("/api/services", environ_overrides=at).status_code == 200
    for prefix in (f"/{stranger.slug}", f"/../{stranger.slug}", f"//{stranger.slug}", f"/{own.slug}", f"/./{own.slug}"):
        path = {"PATH_INFO": f"{prefix}/api/services"}
        assert client.get("/", environ_overrides=at | path).status_code == 404, prefix


@pytest.mark.parametrize(
    "head",
    [
        f"GET http://{EVIL}/ HTTP/1.1\r\nHost: 127.0.0.1",
        f"GET http://{EVIL}@127.0.0.1.{EVIL}/ HTTP/1.1\r\nHost: localhost",
        f"GET HTTP://{EVIL}/api/docs HTTP/1.1\r\nHost: localhost",
        f"GET / HTTP/1.1\r\nHost: localhost\r\nHost: {EVIL}",
        f"GET / HTTP/1.1\r\nHost: {EVIL}\r\nHost: localhost",
        f"GET / HTTP/1.1\r\nHost: {EVIL}",
        "GET / HTTP/1.1\r\nHost:",
        "GET / HTTP/1.1",
        "GET / HTTP/1.0",
        f"GET / HTTP/1.1\r\nHost : {EVIL}",
        f"GET / HTTP/1.1\r\nHost: localhost\r\n X: {EVIL}",
    ],
)
def test_request_lines_and_heads_on_the_wire(server: Server, head: str) -> None:
    status, answer = server.ask(f"{head}\r\nConnection: close\r\n\r\n".encode())
    assert status == 400, answer
    assert f"//{EVIL}" not in answer


def test_a_plain_request_on_the_wire_is_answered(server: Server) -> None:
    assert server.get("/health")[0] == 200
    own = f"GET http://127.0.0.1:{server.port}/health HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n"
    assert server.ask(own.encode())[0] == 200
