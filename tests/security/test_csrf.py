"""A form counts only when it is this site's own page that sends it."""

import time
from typing import Any

import pytest
from flask import Flask
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from config import Settings
from tests.cast import Cast, make_business
from tests.security.edge import Places, changed, dump, form_token, forms, statements

DAY = 24 * 3600


def _post(app: Flask, places: Places, rule: Any, token: str | None, **more: Any) -> Any:
    data = places.typed | ({} if token is None else {"form_token": token})
    return places.proved(app).post(places.path(rule), data=data, **more)


def test_csrf_forms_without_a_good_token(app: Flask, settings: Settings, cast: Cast, other: Cast) -> None:
    places = Places.of(app, cast)
    good = form_token(app, cast.id)
    bad = {
        "none": None, "empty": "", "words": "x", "cut": good[:-2], "of another business": form_token(app, other.id),
        "of the platform": form_token(app, None), "another purpose": places.hold, "a proof": places.proof,
        "old": _made_at(str(cast.id), time.time() - DAY - 5), "another key": _made_at(str(cast.id), time.time(), key="x" * 40),
        "NUL": f"{good}\x00", "twice": good + good, "long": "A" * 100_000,
    }  # fmt: skip
    before = dump(settings)
    assert len(forms(app)) >= 7
    for rule in forms(app):
        for name, token in bad.items():
            assert _post(app, places, rule, token).status_code == 400, (rule.rule, name)
    assert changed(before, dump(settings)) == {}


FOREIGN = {
    "origin": {"Origin": "https://evil.example"},
    "origin that begins alike": {"Origin": "http://localhost.evil.example"},
    "origin with our name as user": {"Origin": "http://localhost@evil.example"},
    "another port": {"Origin": "http://localhost:81"},
    "null origin": {"Origin": "null"},
    "broken origin": {"Origin": "http://[evil"},
    "empty origin": {"Origin": ""},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "cross-site, our origin": {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    "invented": {"Sec-Fetch-Site": "friendly"},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN.keys())
def test_csrf_forms_from_elsewhere(
    app: Flask, settings: Settings, places: Places, cast: Cast, headers: dict[str, str]
) -> None:
    before, token = dump(settings), form_token(app, cast.id)
    for rule in forms(app):
        assert _post(app, places, rule, token, headers=headers).status_code == 403, rule.rule
    assert changed(before, dump(settings)) == {}


def test_csrf_a_token_counts_in_the_body_alone(app: Flask, settings: Settings, places: Places, cast: Cast) -> None:
    before, token = dump(settings), form_token(app, cast.id)
    client = places.proved(app)
    for rule in forms(app):
        path = places.path(rule)
        asked = [
            client.post(f"{path}?form_token={token}", data=places.typed),
            client.post(path, data=places.typed, headers={"X-CSRFToken": token, "X-CSRF-Token": token}),
            client.post(path, json=places.typed | {"form_token": token}),
            client.post(path, data=f"form_token={token}", content_type="text/plain"),
        ]
        client.set_cookie("form_token", token)
        asked.append(client.post(path, data=places.typed))
        assert {answer.status_code for answer in asked} == {400}, rule.rule
    assert changed(before, dump(settings)) == {}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_own_forms_are_taken(app: Flask, headers: dict[str, str]) -> None:
    """Else the refusals above would prove nothing: each with a fresh booking, hold and token."""
    for rule in forms(app):
        cast = make_business()
        places = Places.of(app, cast)
        answer = _post(app, places, rule, form_token(app, cast.id), headers=headers)
        assert answer.status_code == 303, (rule.rule, answer.text[:500])


def test_a_refused_form_reaches_no_booking(app: Flask, places: Places) -> None:
    """Refused before anything of the booking is read."""
    for rule in forms(app):
        with statements() as sent:
            _post(app, places, rule, None)
        assert [each for each in sent if '"booking"' in each] == [], rule.rule


def _made_at(subject: str, moment: float, *, key: str = "k" * 40) -> str:
    class Then(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(moment)

    return str(URLSafeTimedSerializer(key, salt="bookt.form", signer=Then).dumps(subject))
