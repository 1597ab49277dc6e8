"""Limits: one count for all processes, one visitor per network, and no header that buys a new one."""

import ipaddress
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config import Settings
from lib.hosts import network_of
from tests.cast import MONDAY_8, Cast, Clock, body, make_business
from tests.security.edge import Places, form_token, serving, variant


def _look_up(app: Flask, slug: str, address: str, **headers: str) -> Any:
    asked = {"code": "AC-ZZZZZ9", "email": "nobody@example.com"}
    caller = {"REMOTE_ADDR": address}
    client = app.test_client()
    return client.get(f"/{slug}/api/bookings/public", query_string=asked, headers=headers, environ_overrides=caller)


def test_limits_hold_across_processes(settings: Settings, cast: Cast, tmp_path: Path) -> None:
    """Two servers on one database: together they hear ten look-ups a minute, and sixty reads."""
    path = f"/{cast.slug}/api/bookings/public?code=AC-ZZZZZ9&email=nobody@example.com"
    limits = {"rate_limit_lookup": "10/minute", "rate_limit_read": "60/minute", "rate_limit_write": "8/minute"}
    proxied = {"trusted_proxies": 1, **limits}
    with serving(settings, tmp_path, **proxied) as one, serving(settings, tmp_path, **proxied) as two:
        servers = [one, two] * 20

        def ask(path: str, count: int, address: str) -> list[tuple[int, str]]:
            return [server.get(path, f"X-Forwarded-For: {address}") for server in servers[:count]]

        looked = ask(path, 16, "198.51.100.1")
        assert [status for status, _ in looked] == [404] * 10 + [429] * 6
        waits = [int(text.lower().partition("retry-after: ")[2].split()[0]) for status, text in looked if status == 429]
        assert all(0 < wait <= 60 for wait in waits)
        assert [status for status, _ in ask(path, 2, "198.51.100.2")] == [404, 404]
        read = [
            status
            for server in [one, two] * 45
            for status, _ in [server.get(f"/{cast.slug}/api/services", "X-Forwarded-For: 198.51.100.3")]
        ]
        assert 50 <= read.count(200) <= 60
        assert set(read) == {200, 429}


def test_retry_after_is_right(settings: Settings, clock: Clock, cast: Cast) -> None:
    """One second before it is too early, at it the door is open."""
    with variant(settings, clock, rate_limit_lookup="10/minute") as app:
        for second in range(10):
            clock.now = MONDAY_8 + second
            assert _look_up(app, cast.slug, "198.51.100.20").status_code == 404
        wait = int(_look_up(app, cast.slug, "198.51.100.20").headers["Retry-After"])
        assert wait == 51
        clock.now = MONDAY_8 + 9 + wait - 1
        assert _look_up(app, cast.slug, "198.51.100.20").status_code == 429
        clock.now = MONDAY_8 + 9 + wait
        assert _look_up(app, cast.slug, "198.51.100.20").status_code == 404


def test_a_network_is_one_visitor(settings: Settings, clock: Clock, cast: Cast) -> None:
    """65,536 addresses of one /64 count as one; the next /64 is another."""
    network = ipaddress.ip_network("2001:db8:7:7::/64")
    assert {network_of(str(network[n << 40 | n])) for n in range(65_536)} == {str(network)}
    with variant(settings, clock, rate_limit_lookup="10/minute") as app:
        statuses = [_look_up(app, cast.slug, str(network[n << 40 | n])).status_code for n in range(65_536 // 2_048)]
        assert statuses == [404] * 10 + [429] * 22
        assert _look_up(app, cast.slug, "2001:db8:7:8::1").status_code == 404


@pytest.mark.parametrize("spelled", ["192.0.2.77", "::ffff:192.0.2.77", "::FFFF:C000:024D", "0:0:0:0:0:ffff:c000:24d"])
def test_one_address_has_one_name(spelled: str) -> None:
    assert network_of(spelled) == "192.0.2.77"


def test_a_forwarded_address_is_ignored_without_a_proxy(settings: Settings, clock: Clock, cast: Cast) -> None:
    names = (
        "X-Forwarded-For",
        "X-Real-IP",
        "X-Client-IP",
        "Forwarded",
        "True-Client-IP",
        "CF-Connecting-IP",
        "X-Originating-IP",
    )
    with variant(settings, clock, rate_limit_lookup="10/minute") as app:
        statuses = []
        for n in range(14):
            lies = {name: f"for=203.0.113.{n}" if name == "Forwarded" else f"203.0.113.{n}" for name in names}
            statuses.append(_look_up(app, cast.slug, "198.51.100.30", **lies).status_code)
    assert statuses == [404] * 10 + [429] * 4


def test_behind_a_proxy_the_address_it_adds_counts(settings: Settings, clock: Clock, cast: Cast) -> None:
    """What the visitor wrote before it is ignored; what the proxy saw tells visitors apart."""
    with variant(settings, clock, rate_limit_lookup="10/minute", trusted_proxies=1) as app:
        spoofed = [
            _look_up(app, cast.slug, "127.0.0.1", **{"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.40"}).status_code
            for n in range(14)
        ]
        assert spoofed == [404] * 10 + [429] * 4
        others = [
            _look_up(app, cast.slug, "127.0.0.1", **{"X-Forwarded-For": f"198.51.100.{50 + n}"}).status_code
            for n in range(14)
        ]
        assert others == [404] * 14


def test_a_polite_reader_is_heard_by_every_process(settings: Settings, clock: Clock, cast: Cast) -> None:
    """One page every two seconds is far under 600 a minute, however many processes share the visitor."""
    import blueprints.guards as guards

    with variant(settings, clock, rate_limit_read="600/minute") as app:
        shares: list[dict[str, tuple[int, float]]] = [{} for _ in range(8)]  # what each process keeps for itself
        kept = dict(guards._allowances)
        statuses = []
        try:
            for n in range(60):
                clock.now = MONDAY_8 + n
                guards._allowances.clear()
                guards._allowances.update(shares[n % 8])
                caller = {"REMOTE_ADDR": "198.51.100.99"}
                statuses.append(
                    app.test_client().get(f"/{cast.slug}/api/services", environ_overrides=caller).status_code
                )
                shares[n % 8] = dict(guards._allowances)
        finally:
            guards._allowances.clear()
            guards._allowances.update(kept)
    assert statuses == [200] * 60


def _hold(app: Flask, cast: Cast, time: str, address: str) -> Any:
    data = {
        "form_token": form_token(app, cast.id),
        "prestation": "diag",
        "avec": "peu-importe",
        "debut": f"2027-01-13T{time}",
    }
    return app.test_client().post(f"/{cast.slug}/rdv", data=data, environ_overrides={"REMOTE_ADDR": address})


TIMES = ["08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "13:00", "13:30"]


def test_holds_per_address_are_capped(settings: Settings, clock: Clock, cast: Cast, other: Cast) -> None:
    with variant(settings, clock, rate_limit_write="60/minute") as app:
        statuses = [_hold(app, cast, time, "198.51.100.60").status_code for time in TIMES[:7]]
        assert statuses == [303] * 6 + [429]
        assert _hold(app, cast, TIMES[7], "198.51.100.61").status_code == 303
        assert _hold(app, other, TIMES[0], "198.51.100.60").status_code == 303
        assert _hold(app, cast, TIMES[7], "2001:db8:1:2::1").status_code == 303
        clock.now = MONDAY_8 + 601
        assert _hold(app, cast, TIMES[8], "198.51.100.60").status_code == 303


def test_open_bookings_per_contact_are_capped(settings: Settings, clock: Clock, cast: Cast) -> None:
    """However the address is spelled."""
    spelled = ["jean@example.com", "Jean@Example.com", " jean@example.com ", "JEAN@EXAMPLE.COM", "jean@EXAMPLE.com"]
    with variant(settings, clock, rate_limit_write="60/minute", max_open_bookings=5) as app:
        client, path = app.test_client(), f"/{cast.slug}/api/bookings"
        for time, email in zip(TIMES, spelled, strict=False):
            assert client.post(path, json=body(time, customer={"name": "J", "email": email})).status_code == 201
        sixth = client.post(path, json=body(TIMES[6]))
        assert (sixth.status_code, sixth.json["error"]["code"]) == (409, "TOO_MANY_BOOKINGS")


def test_off_lifts_every_cap(settings: Settings, clock: Clock, cast: Cast) -> None:
    with variant(settings, clock, rate_limit_write="off", rate_limit_lookup="off", rate_limit_read="off") as app:
        client, path = app.test_client(), f"/{cast.slug}/api/bookings"
        assert [_hold(app, cast, time, "198.51.100.70").status_code for time in TIMES] == [303] * 9
        assert [client.post(path, json=body(time)).status_code for time in TIMES] == [201] * 9
        assert {_look_up(app, cast.slug, "198.51.100.70").status_code for _ in range(15)} == {404}


def test_a_refused_write_stores_nothing_but_its_count(
    settings: Settings, clock: Clock, cast: Cast, places: Places
) -> None:
    with variant(settings, clock, rate_limit_write="3/minute") as app:
        client, path = app.test_client(), f"/{cast.slug}/api/bookings"
        answers = [
            client.post(path, json=body(time), environ_overrides={"REMOTE_ADDR": "198.51.100.80"})
            for time in TIMES[1:6]
        ]
    assert [answer.status_code for answer in answers][3:] == [429, 429]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers[3:])


def test_who_must_wait_is_led_back_to_the_same_page(settings: Settings, clock: Clock) -> None:
    """On a business's own host without the slug, which is no part of an address there."""
    with variant(settings, clock, rate_limit_read="1/minute") as app:
        domain = f"essai-{uuid.uuid4().hex[:8]}.localhost"
        cast = make_business(domain=domain)
        for n, (base, path) in enumerate(((None, f"/{cast.slug}/rdv"), (f"http://{domain}", "/rdv"))):
            caller = {"REMOTE_ADDR": f"198.51.100.{40 + n}"}
            statuses, again = [], ""
            for _ in range(2):
                answer = app.test_client().get(f"{path}?avec=r1", base_url=base, environ_overrides=caller)
                statuses.append(answer.status_code)
                again = answer.text
            assert statuses == [200, 429]
            assert f'<a class="btn" href="{path}?avec=r1">' in again
