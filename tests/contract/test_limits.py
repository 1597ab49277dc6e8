"""How often one visitor may call: shared by all processes, right behind a proxy, no oracle between right and wrong."""

import contextlib
import dataclasses
import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from tests.cast import Cast, Clock, body, make_business
from tests.contract.conftest import Api, error_of
from tests.contract.test_s3 import MISSING, move

pytestmark = pytest.mark.contract

Apps = Callable[..., Flask]
ROOT = Path(__file__).resolve().parents[2]
EMAIL = "jean@example.com"


@pytest.fixture
def address() -> str:
    """A visitor nobody has counted yet."""
    number = uuid.uuid4().int
    return f"10.{number % 256}.{number // 256 % 256}.{number // 65536 % 256}"


def at(app: Flask, cast: Cast, address: str) -> Api:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return Api(client, f"/{cast.slug}/api")


def look_up(api: Api, code: str = MISSING) -> int:
    return api.get("/bookings/public", code=code, email=EMAIL).status_code


def test_ten_look_ups_a_minute(make_app: Apps, cast: Cast, address: str, clock: Clock) -> None:
    api = at(make_app(rate_limit_lookup="10/minute"), cast, address)
    code = api.book()
    assert [look_up(api, code) for _ in range(11)] == [200] * 10 + [429]
    clock.now += 20
    refused = api.get("/bookings/public", code=code, email=EMAIL)
    assert error_of(refused) == (429, "RATE_LIMITED")
    assert refused.headers["Retry-After"] == "40"
    assert "40 secondes" in refused.json["error"]["message"]
    clock.now += 40
    assert look_up(api, code) == 200


def test_wrong_pairs_elsewhere_count_as_look_ups(make_app: Apps, cast: Cast, address: str) -> None:
    api = at(make_app(rate_limit_lookup="4/minute", code_tries=100), cast, address)
    code = api.book()
    wrong = {"email": "paul@example.com"}
    assert api.post(f"/bookings/{code}/cancel", wrong).status_code == 404
    assert api.post(f"/bookings/{code}/reschedule", move("2027-01-13", "09:00") | wrong).status_code == 404
    assert [look_up(api), look_up(api)] == [404, 404]
    assert look_up(api) == 429
    for pair in (wrong, {"email": EMAIL}):
        refused = api.post(f"/bookings/{code}/cancel", pair)
        assert error_of(refused) == (429, "RATE_LIMITED")
        assert int(refused.headers["Retry-After"]) > 0


def test_right_pairs_elsewhere_cost_no_look_up(make_app: Apps, cast: Cast, address: str) -> None:
    api = at(make_app(rate_limit_lookup="1/minute"), cast, address)
    code = api.book()
    for time in ("10:00", "11:00", "14:00"):
        assert api.post(f"/bookings/{code}/reschedule", move("2027-01-13", time)).status_code == 200
    assert [look_up(api), look_up(api)] == [404, 429]


def test_reads_and_writes_have_their_own(make_app: Apps, cast: Cast, address: str) -> None:
    api = at(make_app(rate_limit_read="3/minute", rate_limit_write="2/minute"), cast, address)
    assert [api.get("/services").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert [api.post("/bookings", b"x").status_code for _ in range(3)] == [400, 400, 429]
    assert look_up(api) == 404
    assert api.get("/availability").headers["Retry-After"]


def test_off_switches_one_off(make_app: Apps, cast: Cast, address: str) -> None:
    api = at(make_app(rate_limit_lookup="off", rate_limit_write="1/minute"), cast, address)
    assert [look_up(api) for _ in range(15)] == [404] * 15
    assert [api.post("/bookings", b"x").status_code for _ in range(2)] == [400, 429]


def test_open_bookings_of_one_e_mail_are_capped(make_app: Apps, cast: Cast, address: str) -> None:
    changes = {"rate_limit_write": "100/minute", "max_open_bookings": 2}
    api = at(make_app(**changes), cast, address)
    assert [api.post("/bookings", body(time)).status_code for time in ("09:00", "10:00")] == [201, 201]
    assert error_of(api.post("/bookings", body("11:00"))) == (409, "TOO_MANY_BOOKINGS")
    lifted = at(make_app(**changes | {"rate_limit_write": "off"}), cast, address)
    assert lifted.post("/bookings", body("11:00")).status_code == 201


def test_two_instances_share_the_count(make_app: Apps, cast: Cast, address: str) -> None:
    one, two = (at(make_app(rate_limit_lookup="3/minute"), cast, address) for _ in range(2))
    assert [look_up(one), look_up(two), look_up(one), look_up(two), look_up(one)] == [404, 404, 404, 429, 429]


def test_limits_hold_across_processes(settings: Settings, cast: Cast, address: str) -> None:
    """Two processes of their own on the same database: what one has counted, the other refuses."""
    limited = dataclasses.replace(settings, rate_limit_lookup="4/minute")
    counts = [_in_a_process(limited, cast.slug, address) for _ in range(2)]
    assert counts == [[404, 404, 404], [404, 429, 429]]


def test_behind_a_proxy_the_client_is_counted(make_app: Apps, cast: Cast) -> None:
    app = make_app(rate_limit_lookup="1/minute", trusted_proxies=1)
    mark = uuid.uuid4().int % 250
    with _seen_from(app, cast, f"203.0.{mark}.1", f"203.0.{mark}.2") as (one, two):
        assert [look_up(one), look_up(two), look_up(one), look_up(two)] == [404, 404, 429, 429]
    with _seen_from(app, cast, f"6.6.6.6, 203.0.{mark}.1") as (forged,):
        assert look_up(forged) == 429


def test_without_a_proxy_the_header_counts_for_nothing(make_app: Apps, cast: Cast, address: str) -> None:
    client = make_app(rate_limit_lookup="1/minute").test_client()
    client.environ_base["REMOTE_ADDR"] = address
    path = f"/{cast.slug}/api/bookings/public?code={MISSING}&email={EMAIL}"
    answers = [client.get(path, headers={"X-Forwarded-For": f"1.1.1.{number}"}) for number in range(2)]
    assert [answer.status_code for answer in answers] == [404, 429]


def test_an_ipv6_network_of_64_is_one_visitor(make_app: Apps, cast: Cast) -> None:
    app, net = make_app(rate_limit_lookup="2/minute"), f"2001:db8:{uuid.uuid4().hex[:4]}"
    inside = [at(app, cast, f"{net}:1:{n:x}::{n}") for n in (0, 0)] + [at(app, cast, f"{net}:1:0:ffff::7")]
    assert [look_up(api) for api in inside] == [404, 404, 429]
    assert look_up(at(app, cast, f"{net}:2::1")) == 404


def test_a_mapped_address_is_its_ipv4_address(make_app: Apps, cast: Cast, address: str) -> None:
    app = make_app(rate_limit_lookup="1/minute")
    assert [look_up(at(app, cast, address)), look_up(at(app, cast, f"::ffff:{address}"))] == [404, 429]


# --- no oracle -------------------------------------------------------------------------------------------------


def test_no_oracle(make_app: Apps, cast: Cast) -> None:
    """A wrong code, a wrong e-mail, a braked code, a hold, another business's booking: one answer, headers and all."""
    app = make_app(code_tries=5)
    api = Api(app.test_client(), f"/{cast.slug}/api")
    code, braked = api.book("09:00"), api.book("10:00")
    held = cast.hold("11:00").code
    elsewhere = make_business().book("09:00").code
    for _ in range(5):
        api.get("/bookings/public", code=braked, email="wrong@example.com")
    pairs = [(MISSING, EMAIL), (code, "paul@example.com"), (braked, EMAIL), (held, EMAIL), (elsewhere, EMAIL)]
    for call in (_looking_up, _cancelling, _moving):
        answers = [call(api, *pair) for pair in pairs]
        seen = {(each.status_code, each.get_data(), str(each.headers)) for each in answers}
        assert len(seen) == 1, seen
        assert answers[0].status_code == 404
    assert look_up(api, code) == 200


def test_the_brake_lasts_an_hour(make_app: Apps, cast: Cast, clock: Clock) -> None:
    api = Api(make_app(code_tries=2).test_client(), f"/{cast.slug}/api")
    code = api.book()
    for _ in range(2):
        assert _cancelling(api, code, "paul@example.com").status_code == 404
    assert look_up(api, code) == 404
    clock.now += 3600
    assert look_up(api, code) == 200


def _looking_up(api: Api, code: str, email: str) -> Any:
    return api.get("/bookings/public", code=code, email=email)


def _cancelling(api: Api, code: str, email: str) -> Any:
    return api.post(f"/bookings/{code}/cancel", {"email": email})


def _moving(api: Api, code: str, email: str) -> Any:
    return api.post(f"/bookings/{code}/reschedule", move("2027-01-13", "09:00") | {"email": email})


@contextlib.contextmanager
def _seen_from(app: Flask, cast: Cast, *addresses: str) -> Iterator[list[Api]]:
    """Callers that reach the application through a proxy, which notes these addresses."""
    found = []
    for address in addresses:
        client: FlaskClient = app.test_client()
        client.environ_base |= {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": address}
        found.append(Api(client, f"/{cast.slug}/api"))
    yield found


CALLER = """
import json, sys
from bookt import create_app
from config import Settings
client = create_app(Settings(**json.loads(sys.argv[1])), clock=lambda: float(sys.argv[4])).test_client()
client.environ_base["REMOTE_ADDR"] = sys.argv[3]
path = f"/{sys.argv[2]}/api/bookings/public?code=AC-ZZZZZZ&email=jean@example.com"
print(json.dumps([client.get(path).status_code for _ in range(3)]))
"""


def _in_a_process(settings: Settings, slug: str, address: str) -> list[int]:
    given = [json.dumps(dataclasses.asdict(settings)), slug, address, "1799650800"]
    done = subprocess.run([sys.executable, "-c", CALLER, *given], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))
