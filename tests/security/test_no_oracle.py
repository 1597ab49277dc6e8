"""Code and e-mail: whoever guesses learns nothing, neither from an answer nor from the work behind it."""

import re
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from config import Settings
from queries.business import by_slug
from tests.cast import MONDAY_8, Cast, Clock
from tests.security.edge import changed, dump, form_token, statements, variant

TRIES = 5
WRONG = "someone.else@example.com"
VARYING = {"Date"}
FORM_TOKEN = re.compile(r'(?<=name="form_token" value=")[^"]+')

Door = Callable[[FlaskClient, str, str, str], Any]


def _look_up(client: FlaskClient, slug: str, code: str, email: str) -> Any:
    return client.get(f"/{slug}/api/bookings/public", query_string={"code": code, "email": email})


def _cancel(client: FlaskClient, slug: str, code: str, email: str) -> Any:
    return client.post(f"/{slug}/api/bookings/{code}/cancel", json={"email": email})


def _reschedule(client: FlaskClient, slug: str, code: str, email: str) -> Any:
    body = {"email": email, "newDate": "2027-01-13", "newTime": "10:00"}
    return client.post(f"/{slug}/api/bookings/{code}/reschedule", json=body)


def _form(client: FlaskClient, slug: str, code: str, email: str) -> Any:
    """The page's form; its answer shows again what was typed, and a new form token."""
    token = form_token(client.application, by_slug(slug).id)
    return client.post(f"/{slug}/rdv/acces", data={"code": code, "email": email, "form_token": token})


DOORS = [_look_up, _cancel, _reschedule]


def _seen(answer: Any, *typed: str) -> tuple[int, str, list[tuple[str, str]]]:
    """All that a caller sees, without the hour and without the caller's own words."""
    body = FORM_TOKEN.sub("", answer.text)
    for own in typed:
        body = body.replace(own, "*" * len(own) if own == typed[0] else "")
    varying = VARYING if body == answer.text else VARYING | {"Content-Length"}
    return answer.status_code, body, sorted((n, v) for n, v in answer.headers if n not in varying)


def _cases(cast: Cast) -> dict[str, tuple[str, str]]:
    """Every way of not being heard: code and e-mail by the name of what is wrong with them."""
    booked, held, braked = cast.book("09:00"), cast.hold("09:30"), cast.book("10:00")
    return {
        "no such code": ("AC-ZZZZZ0", WRONG),
        "wrong e-mail": (booked.code, WRONG),
        "a hold's code": (held.code, WRONG),
        "a hold's code without e-mail": (held.code, "x@example.com"),
        "braked, wrong e-mail": (braked.code, WRONG),
        "braked, right e-mail": (braked.code, braked.email),
    }


def _brake(client: FlaskClient, slug: str, code: str) -> None:
    for _ in range(TRIES):
        assert _look_up(client, slug, code, WRONG).status_code == 404


@pytest.mark.parametrize("door", [*DOORS, _form])
def test_no_oracle(client: FlaskClient, cast: Cast, settings: Settings, door: Door) -> None:
    cases = _cases(cast)
    _brake(client, cast.slug, cases["braked, right e-mail"][0])
    before = dump(settings)
    answers, work = {}, {}
    for name, (code, email) in cases.items():
        door(client, cast.slug, "AC-ZZZZZ1", WRONG)  # what a first call loads is loaded
        with statements() as sent:
            answers[name] = _seen(door(client, cast.slug, code, email), code, email)
        work[name] = [each for each in sent if "SELECT id, revision" not in each]
    first = answers["no such code"]
    assert first[0] == 404
    assert not door(client, cast.slug, cases["wrong e-mail"][0], WRONG).headers.getlist("Set-Cookie")
    assert {name: answer for name, answer in answers.items() if answer != first} == {}
    assert {name: sent for name, sent in work.items() if sent != work["no such code"]} == {}
    assert changed(before, dump(settings)) == {}


def test_the_right_pair_is_told_apart(client: FlaskClient, cast: Cast) -> None:
    """Else the test above would hold for a door that never opens."""
    booked = cast.book()
    assert _look_up(client, cast.slug, booked.code, booked.email).status_code == 200
    assert _look_up(client, cast.slug, booked.code, booked.email.upper()).status_code == 200
    assert _form(client, cast.slug, booked.code, booked.email).status_code == 303
    assert _cancel(client, cast.slug, booked.code, booked.email).status_code == 200


def test_another_business_does_not_know_the_pair(client: FlaskClient, cast: Cast, other: Cast) -> None:
    booked = cast.book()
    for door in (*DOORS, _form):
        foreign = _seen(door(client, other.slug, booked.code, booked.email), booked.code, booked.email)
        assert foreign == _seen(door(client, other.slug, "AC-ZZZZZ0", WRONG), "AC-ZZZZZ0", WRONG)


def test_the_brake_of_a_code_ends_after_an_hour(client: FlaskClient, cast: Cast, clock: Clock) -> None:
    booked = cast.book()
    _brake(client, cast.slug, booked.code)
    clock.now = MONDAY_8 + 3_599
    assert _look_up(client, cast.slug, booked.code, booked.email).status_code == 404
    clock.now = MONDAY_8 + 3_601
    assert _look_up(client, cast.slug, booked.code, booked.email).status_code == 200


def test_the_brake_of_one_code_stops_no_other(client: FlaskClient, cast: Cast, other: Cast) -> None:
    braked, free, elsewhere = cast.book("09:00"), cast.book("10:00"), other.book("09:00")
    _brake(client, cast.slug, braked.code)
    _brake(client, other.slug, braked.code)
    assert _look_up(client, cast.slug, free.code, free.email).status_code == 200
    assert _look_up(client, other.slug, elsewhere.code, elsewhere.email).status_code == 200


def test_many_guesses_from_many_addresses_find_nothing(settings: Settings, clock: Clock, cast: Cast) -> None:
    """20 addresses with 25 guesses each for an e-mail that they have: heard are 10 each."""
    booked = cast.book()
    with variant(settings, clock, rate_limit_lookup="10/minute") as app:
        statuses = []
        for each in range(20):
            caller = {"REMOTE_ADDR": f"192.0.2.{each}"}
            client = app.test_client()
            for guess in range(25):
                query = {"code": f"AC-{each:03d}{guess:03d}", "email": booked.email}
                url = f"/{cast.slug}/api/bookings/public"
                statuses.append(client.get(url, query_string=query, environ_overrides=caller).status_code)
    assert statuses.count(404) == 200
    assert statuses.count(429) == 300


def test_one_code_is_judged_five_times_an_hour_whatever_the_address(
    settings: Settings, clock: Clock, cast: Cast
) -> None:
    booked = cast.book()
    with variant(settings, clock, rate_limit_lookup="10/minute") as app:
        for each in range(TRIES):
            asked = {"code": booked.code, "email": f"guess{each}@example.com"}
            caller = {"REMOTE_ADDR": f"198.51.100.{each}"}
            app.test_client().get(f"/{cast.slug}/api/bookings/public", query_string=asked, environ_overrides=caller)
        fresh = {"REMOTE_ADDR": "203.0.113.9"}
        right = {"code": booked.code, "email": booked.email}
        answer = app.test_client().get(f"/{cast.slug}/api/bookings/public", query_string=right, environ_overrides=fresh)
    assert answer.status_code == 404


def test_the_wrong_pairs_of_every_door_count_together(settings: Settings, clock: Clock, cast: Cast) -> None:
    with variant(settings, clock, rate_limit_lookup="10/minute") as app:
        client = app.test_client()
        statuses = [DOORS[n % 3](client, cast.slug, f"AC-AAAA{n:02d}", WRONG).status_code for n in range(12)]
        assert statuses == [404] * 10 + [429] * 2
        booked = cast.book()
        assert _cancel(client, cast.slug, booked.code, booked.email).status_code == 429  # nothing left: not heard


def test_times_are_printed_not_judged(client: FlaskClient, cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    """Equal work is asserted above, statement by statement; the clock of a busy machine is only shown."""
    booked = cast.book()
    times: dict[str, list[float]] = {"wrong code": [], "wrong e-mail": []}
    for n in range(60):
        for name, code in (("wrong code", f"AC-BBBB{n:02d}"), ("wrong e-mail", booked.code)):
            begun = time.perf_counter()
            assert _look_up(client, cast.slug, code, WRONG).status_code == 404
            times[name].append(time.perf_counter() - begun)
    medians = {name: statistics.median(each) * 1000 for name, each in times.items()}
    with capsys.disabled():
        ratio = medians["wrong e-mail"] / medians["wrong code"]
        print("\n" + ", ".join(f"{name} {ms:.2f} ms" for name, ms in medians.items()) + f", ratio {ratio:.2f}")
