"""Accounts and tokens through the API (S0's `/api/auth/…`)."""

import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from actions import accounts as people
from actions import members, sessions
from actions.inputs import read
from blueprints.guards import form_token
from config import Settings
from models import Session, User
from queries import accounts
from queries.business import by_slug
from tests.cast import MONDAY_8, Cast, Clock, make_business
from tests.letters import letter_to, letters_to
from tests.security.edge import variant
from tests.staff import member, staff

PHRASE = "quatre mots bien rangés"


@pytest.fixture
def email() -> str:
    return f"api.{uuid.uuid4().hex[:10]}@example.com"


def sign_up(client: FlaskClient, email: str, **more: Any) -> TestResponse:
    body = {"email": email, "businessName": "Cabinet Léa", "sector": "kiné"} | more
    return client.post("/api/auth/signup", json=body)


def log_in(client: FlaskClient, email: str, **more: Any) -> TestResponse:
    return client.post("/api/auth/login", json={"email": email} | more)


def verify(client: FlaskClient, **body: Any) -> TestResponse:
    return client.post("/api/auth/verify", json=body)


def me(client: FlaskClient, token: str) -> TestResponse:
    return client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]["code"]


@pytest.mark.parametrize("sector", ["physio", "kiné", "Kiné", "comptable", "avocat", "médecin", "dentiste", "autre"])
def test_sign_up_makes_account_business_and_token(client: FlaskClient, email: str, sector: str) -> None:
    answer = sign_up(client, email, sector=sector)
    assert answer.status_code == 201
    made = answer.json
    assert set(made) == {"token", "user", "business", "role"}
    assert (made["user"]["email"], made["user"]["name"], made["user"]["proved"]) == (email, "Cabinet Léa", False)
    assert by_slug(made["business"]["slug"]).sector == made["business"]["sector"]
    assert client.get(f"/api/public/{made['business']['slug']}").status_code == 200
    told = me(client, made["token"])
    assert told.status_code == 200
    assert told.json == {name: made[name] for name in ("user", "business", "role")}
    assert told.json["role"] == "owner"


def test_the_token_opens_the_business_and_no_cookie_is_set(app: Flask, client: FlaskClient, email: str) -> None:
    answer = sign_up(client, email, password=PHRASE)
    again = log_in(client, email, password=PHRASE)
    assert again.status_code == 200
    assert again.json["business"] == answer.json["business"]
    for each in (answer, again, me(client, again.json["token"]), log_in(client, email)):
        assert not each.headers.getlist("Set-Cookie")
        assert each.headers["Cache-Control"] == "no-store"
    assert again.json["token"] != answer.json["token"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sector": "astrologue"}, "INVALID_SECTOR"), ({"sector": None}, "INVALID_SECTOR"),
        ({"email": "lea"}, "INVALID_EMAIL"), ({"businessName": " "}, "INVALID_BUSINESS_NAME"),
        ({"password": "court"}, "INVALID_PASSWORD"), ({"password": "motdepasse"}, "INVALID_PASSWORD"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_sign_up_is_named(client: FlaskClient, email: str, change: Any, code: str) -> None:
    assert code_of(sign_up(client, **{"email": email} | change)) == (400, code)
    assert not User.select().where(User.email == email).exists()


def test_a_known_address_is_the_one_exception(client: FlaskClient, email: str) -> None:
    sign_up(client, email)
    assert code_of(sign_up(client, email.upper())) == (409, "ACCOUNT_EXISTS")


def test_every_wrong_login_reads_the_same(client: FlaskClient, email: str) -> None:
    sign_up(client, email, password=PHRASE)
    bodies = {
        log_in(client, *pair[:1], password=pair[1]).data
        for pair in (
            (email, "faux"), (email, ""), (email, "x" * 900_000), (email, "\ud800"), (f"no.{email}", PHRASE),
            (f"no.{email}", "x" * 900_000),
        )
    }  # fmt: skip
    assert len(bodies) == 1
    answer = log_in(client, email, password="faux")
    assert code_of(answer) == (401, "INVALID_LOGIN")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_mail_becomes_a_token_by_its_link_or_by_its_code(app: Flask, client: FlaskClient, email: str) -> None:
    sign_up(client, email)
    asked = log_in(client, email)
    assert (asked.status_code, asked.json) == (202, {"sent": True})
    letter = letter_to(app, email)
    assert code_of(verify(client, email=email, code="x")) == (401, "INVALID_LINK")
    entered = verify(client, email=f" {email.upper()} ", code=letter.code)
    assert entered.status_code == 200
    assert entered.json["user"]["proved"] is True
    assert code_of(verify(client, token=letter.token)) == (401, "INVALID_LINK")
    log_in(client, email)
    assert verify(client, token=letter_to(app, email).token).status_code == 200
    for wrong in ({"token": "x"}, {"token": "\ud800"}, {"token": "x" * 100_000}, {"email": email, "code": "1" * 5_000}):
        assert code_of(verify(client, **wrong)) == (401, "INVALID_LINK")
    assert code_of(verify(client)) == (400, "INVALID_TOKEN")


def test_codes_stay_where_they_were_asked(app: Flask, client: FlaskClient, email: str) -> None:
    """What a page's browser asked for does not work here, nor the other way round."""
    signer = app.extensions["bookt_signer"]
    sign_up(client, email)
    people.ask_login(email, now=MONDAY_8, locale="fr", browser="a browser", signer=signer)
    assert verify(client, email=email, code=letter_to(app, email).code).status_code == 401
    log_in(client, email)
    for mark in ("a browser", people.own_mark(User.get(User.email == email).id)):
        with pytest.raises(people.LinkExpired):
            people.open_code(email, letter_to(app, email).code, browser=mark, now=MONDAY_8, signer=signer)


def test_an_unknown_address_gets_the_same_answer_and_another_mail(app: Flask, client: FlaskClient, email: str) -> None:
    sign_up(client, f"known.{email}")
    known, unknown = log_in(client, f"known.{email}"), log_in(client, email)
    assert (known.status_code, known.data) == (unknown.status_code, unknown.data)
    assert [each.template for each in letters_to(app, email)] == ["account_unknown"]


def test_a_token_is_bound_to_one_business_and_its_role_is_read_each_time(
    app: Flask, client: FlaskClient, cast: Cast
) -> None:
    actor, other = member(cast, "admin"), make_business()
    user = User.get_by_id(actor.user_id)
    assert actor.user_id
    client.post("/api/auth/login", json={"email": user.email})
    token = verify(client, token=letter_to(app, user.email).token, business=cast.slug).json["token"]
    assert me(client, token).json["role"] == "admin"
    client.post("/api/auth/login", json={"email": user.email})
    assert code_of(verify(client, token=letter_to(app, user.email).token, business=other.slug)) == (403, "NO_BUSINESS")
    members.change_role(
        cast.business, member(cast), actor.user_id, read(members.RoleInput, {"role": "read_only"}), now=MONDAY_8
    )
    assert me(client, token).json["role"] == "read_only"


def test_a_token_ends_by_time_and_by_its_owner(app: Flask, client: FlaskClient, clock: Clock, email: str) -> None:
    made = sign_up(client, email).json
    clock.now += sessions.LIFE
    assert me(client, made["token"]).status_code == 401
    clock.now -= 1
    assert me(client, made["token"]).status_code == 200
    user_id = uuid.UUID(made["user"]["id"])
    listed = accounts.sessions_of(user_id, now=int(clock.now))
    assert [(each.kind, each.business) for each in listed] == [("api", "Cabinet Léa")]
    sessions.end(user_id, listed[0].id, now=int(clock.now))
    assert me(client, made["token"]).status_code == 401


def test_me_without_a_token_is_401_whatever_the_cookie(app: Flask, cast: Cast) -> None:
    browser = staff(app, cast).client
    assert code_of(browser.get("/api/auth/me")) == (401, "UNAUTHORIZED")
    for header in ("Bearer x", "Basic x", "Bearer"):
        assert browser.get("/api/auth/me", headers={"Authorization": header}).status_code == 401


def test_a_browser_session_is_no_token(app: Flask, client: FlaskClient, cast: Cast) -> None:
    actor = member(cast)
    assert actor.user_id
    session_id = sessions.begin(actor.user_id, now=MONDAY_8, agent="", network="")
    assert me(client, app.extensions["bookt_signer"].sign("api", str(session_id))).status_code == 401
    assert Session.get_by_id(session_id).kind == "browser"


def test_logins_and_sign_ups_have_rates_that_can_be_off(settings: Settings, clock: Clock, email: str) -> None:
    with variant(settings, clock, rate_limit_login="3/minute", rate_limit_signup="2/hour") as app:
        client = app.test_client()
        assert [log_in(client, email).status_code for _ in range(4)] == [202] * 3 + [429]
        assert verify(client, token="x").status_code == 429
        with app.test_request_context():
            form = {"form_token": form_token(), "email": email}
        assert client.post("/connexion", data=form).status_code == 429
        made = [sign_up(client, f"{n}.{email}").status_code for n in range(3)]
        assert made == [201, 201, 429]
    with variant(settings, clock, rate_limit_login="off") as app:
        client = app.test_client()
        assert {log_in(client, f"off.{email}").status_code for _ in range(12)} == {202}


def test_the_document_describes_them(client: FlaskClient) -> None:
    paths = client.get("/api/openapi.json").json["paths"]
    assert {path: sorted(item) for path, item in paths.items() if path.startswith("/api/auth/")} == {
        "/api/auth/signup": ["post"], "/api/auth/login": ["post"], "/api/auth/verify": ["post"],
        "/api/auth/me": ["get"],
    }  # fmt: skip
    assert {"200", "202", "401"} <= set(paths["/api/auth/login"]["post"]["responses"])
    assert paths["/api/auth/login"]["post"]["parameters"] == []
    assert "409" in paths["/api/auth/signup"]["post"]["responses"]
