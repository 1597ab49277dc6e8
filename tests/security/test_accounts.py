"""The likeliest attacks on accounts: links burnt by scanners, sessions planted before a login, ways out to other sites,
doors that tell who has an account, and members who are no longer."""

import re
import threading
import time
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
from actions import accounts as people
from actions import members
from actions.inputs import read
from actions.members import InviteInput
from blueprints.guards import form_token
from config import Settings
from models import AccountMessage, LoginLink, Session, User
from queries import accounts
from tests.cast import MONDAY_8, Cast, Clock
from tests.letters import letter_to
from tests.pages import Page
from tests.security.edge import changed, dump, statements, variant
from tests.staff import api_of, browser_of, browser_with, member

PHRASE = "quatre mots bien rangés"
VARYING = {"Date", "Set-Cookie"}
HOUR, DAY = 3_600, 86_400


@pytest.fixture
def user(cast: Cast) -> User:
    """The owner of the test's business, proved."""
    found: User = User.get_by_id(member(cast).user_id)
    return found


def token(app: Flask) -> str:
    with app.test_request_context():
        return form_token()


def ask(app: Flask, client: FlaskClient, email: str, **more: str) -> Any:
    return client.post("/connexion", data={"email": email, "form_token": token(app)} | more)


def press(app: Flask, client: FlaskClient, path: str, **more: str) -> Any:
    return client.post(path, data={"form_token": token(app)} | more)


# --- links ------------------------------------------------------------------------------------------------------------


def test_scanner(app: Flask, client: FlaskClient, settings: Settings, user: User) -> None:
    """A program that opens each link of a mail burns none; of forty that press the button at once one gets in."""
    ask(app, client, user.email)
    letter, before = letter_to(app, user.email), dump(settings)
    for method in ("GET", "GET", "HEAD", "GET", "GET", "HEAD", "GET", "OPTIONS"):
        answer = app.test_client().open(letter.path, method=method)
        assert answer.status_code == 200
        assert not answer.headers.getlist("Set-Cookie")
    assert changed(before, dump(settings)) == {}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    data, start, seen = {"form_token": token(app)}, threading.Barrier(40), []

    def go() -> None:
        browser = app.test_client()
        start.wait()
        seen.append((browser.post(letter.path, data=data).status_code, browser))

    threads = [threading.Thread(target=go) for _ in range(40)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(status for status, _ in seen) == [303] + [410] * 39
    assert Session.select().where(Session.user_id == user.id).count() == 1
    winner = next(browser for status, browser in seen if status == 303)
    assert winner.get("/compte").status_code == 200


def test_a_link_page_carries_nothing_of_others(app: Flask, client: FlaskClient, user: User) -> None:
    ask(app, client, user.email)
    page = client.get(letter_to(app, user.email).path)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text)
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_a_forged_cut_or_foreign_link_opens_nothing(app: Flask, client: FlaskClient, user: User) -> None:
    ask(app, client, user.email)
    letter, signer = letter_to(app, user.email), app.extensions["bookt_signer"]
    row = LoginLink.get(LoginLink.email == user.email)
    forged = (
        letter.token[:-2], f"{letter.token}x", signer.sign("link.login", [str(row.id), "x"], timed=True),
        signer.sign("next", [str(row.id), "x"], timed=True), signer.sign("api", str(row.id)), "a.b.c",
        "é" * 50,
    )  # fmt: skip
    for each in forged:
        assert client.get(f"/connexion/{each}").status_code == 410
        assert press(app, client, f"/connexion/{each}").status_code == 410
    assert press(app, client, letter.path).status_code == 303


def test_a_code_gives_in_to_no_guessing(app: Flask, client: FlaskClient, user: User) -> None:
    ask(app, client, user.email)
    letter = letter_to(app, user.email)
    for other in range(1, 6):
        guess = f"{(int(letter.code) + other) % 1_000_000:06}"
        assert press(app, client, "/connexion/code", code=guess).status_code == 422
    assert press(app, client, "/connexion/code", code=letter.code).status_code == 422


def test_a_code_is_good_in_the_browser_that_asked_alone(app: Flask, client: FlaskClient, user: User) -> None:
    ask(app, client, user.email)
    letter, thief = letter_to(app, user.email), app.test_client()
    assert press(app, thief, "/connexion/code", code=letter.code).headers["Location"] == "/connexion"
    with thief.session_transaction() as kept:
        kept["asked"] = {"email": user.email, "mark": "guessed", "suite": ""}
    assert press(app, thief, "/connexion/code", code=letter.code).status_code == 422
    assert press(app, client, "/connexion/code", code=letter.code).status_code == 303


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_fixation(app: Flask, client: FlaskClient, cast: Cast, user: User) -> None:
    """What a browser carried before the login is void, whoever put it there; so is the session that it replaces."""
    planted = member(cast, "read_only")
    assert planted.user_id
    victim = browser_with(app, planted.user_id, csrf_token="known to the attacker")
    before = victim.get_cookie("bookt")
    assert before
    ask(app, victim, user.email)
    assert press(app, victim, letter_to(app, user.email).path).status_code == 303
    after = victim.get_cookie("bookt")
    assert after
    assert after.value != before.value
    with victim.session_transaction() as kept:
        assert "csrf_token" not in kept
        assert "asked" not in kept
    attacker = app.test_client()
    attacker.set_cookie("bookt", before.value)
    assert attacker.get("/compte").status_code == 303
    assert user.email in victim.get("/compte").text


def test_each_login_has_a_session_of_its_own(app: Flask, client: FlaskClient, user: User) -> None:
    ids = set()
    for _ in range(2):
        ask(app, client, user.email)
        press(app, client, letter_to(app, user.email).path)
        with client.session_transaction() as kept:
            ids.add(kept["_user_id"])
    assert len(ids) == 2
    alive = accounts.sessions_of(user.id, now=MONDAY_8)
    assert len(alive) == 1


def test_signing_out_ends_the_session_at_the_server(app: Flask, cast: Cast) -> None:
    browser = browser_of(app, cast, member(cast))
    cookie = browser.client.get_cookie("bookt")
    assert cookie
    page = Page(browser.client.get("/compte"))
    browser.client.post("/deconnexion", data=page.form("/deconnexion").values)
    copy = app.test_client()
    copy.set_cookie("bookt", cookie.value)
    assert copy.get("/compte").status_code == 303


@pytest.mark.parametrize(("stays", "rests"), [(False, 12 * HOUR), (True, 30 * DAY - 1)])
def test_a_session_rests_and_lives_so_long(
    app: Flask, client: FlaskClient, clock: Clock, user: User, stays: bool, rests: int
) -> None:
    ask(app, client, user.email)
    press(app, client, letter_to(app, user.email).path, **({"stays": "oui"} if stays else {}))
    cookie = client.get_cookie("bookt")
    assert cookie
    assert (cookie.expires is not None) is stays
    clock.now = MONDAY_8 + rests
    assert client.get("/compte").status_code == 200
    clock.now = MONDAY_8 + 2 * rests + 1
    assert client.get("/compte").status_code == 303


def test_thirty_days_are_the_end_however_it_is_used(app: Flask, clock: Clock, user: User) -> None:
    client = browser_with(app, user.id)
    for half_day in range(1, 60):
        clock.now = MONDAY_8 + half_day * 12 * HOUR
        assert client.get("/compte").status_code == 200
    clock.now = MONDAY_8 + 30 * DAY
    assert client.get("/compte").status_code == 303


@pytest.mark.parametrize(("public_url", "name"), [("https://bookt.example", "__Host-bookt"), ("", "bookt")])
def test_cookies_are_as_strict_as_the_address_allows(
    settings: Settings, clock: Clock, user: User, public_url: str, name: str
) -> None:
    with variant(settings, clock, public_url=public_url, trusted_hosts="localhost") as app:
        answer = ask(app, app.test_client(), user.email)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith(f"{name}=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert ("Secure" in cookie) is bool(public_url)
    assert "Domain" not in cookie


# --- the way back -----------------------------------------------------------------------------------------------------

OUTSIDE = (
    "//evil.example", "/\\evil.example", "/\t/evil.example", "https:evil.example", "https://evil.example/pro",
    "/pro\\..\\//evil.example", "/pro\n//evil.example", "javascript:alert(1)", "/connexion", "/evil", "", "pro", None,
)  # fmt: skip


@pytest.mark.parametrize("wanted", OUTSIDE)
def test_next_leads_nowhere_else(app: Flask, client: FlaskClient, user: User, wanted: Any) -> None:
    """As it stands, and signed with our own key: a page of ours that asked for a login, or the dashboard."""
    signed = app.extensions["bookt_signer"].sign("next", wanted, timed=True)
    for suite in (wanted or "", signed):
        assert client.get("/connexion", query_string={"suite": suite}).status_code == 200
        ask(app, client, user.email, suite=suite)
        answer = press(app, client, letter_to(app, user.email).path, suite=suite, next=suite)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/pro")


def test_next_of_another_purpose_is_not_believed(app: Flask, client: FlaskClient, user: User, cast: Cast) -> None:
    signer = app.extensions["bookt_signer"]
    for suite in (signer.sign("form", f"/pro/{cast.slug}", timed=True), signer.sign("next", f"/pro/{cast.slug}")):
        ask(app, client, user.email, suite=suite)
        assert press(app, client, letter_to(app, user.email).path).headers["Location"] == "/pro"
    ask(app, client, user.email, suite=signer.sign("next", f"/pro/{cast.slug}", timed=True))
    assert press(app, client, letter_to(app, user.email).path).headers["Location"] == f"/pro/{cast.slug}"


# --- members ----------------------------------------------------------------------------------------------------------


def test_dismissed_member_next_request_403(app: Flask, cast: Cast) -> None:
    """404 on the pages, as if the business were not there; 403 in the API, whose token says which business it is."""
    gone, owner = member(cast, "admin"), member(cast)
    assert gone.user_id
    browser, caller = browser_of(app, cast, gone), api_of(app, cast, gone)
    assert browser.get("/depart").status_code == 200
    assert caller.client.get("/api/auth/me", headers={"Authorization": f"Bearer {caller.token}"}).status_code == 200
    members.dismiss(cast.business, owner, gone.user_id, now=MONDAY_8)
    assert browser.get("/depart").status_code == 404
    assert caller.open("/services").status_code == 403
    assert caller.client.get("/api/auth/me", headers={"Authorization": f"Bearer {caller.token}"}).status_code == 403


def test_invite_cannot_take_over_existing_user(app: Flask, client: FlaskClient, cast: Cast, other: Cast) -> None:
    """Who holds an invitation to an address that has an account gives that account a part, and gets nothing of it."""
    known = member(other, "owner")
    assert known.user_id
    people.set_password(known.user_id, PHRASE, is_fresh=True)
    before = User.get_by_id(known.user_id)
    data = read(InviteInput, {"email": before.email, "role": "reception"})
    members.invite(cast.business, member(cast), data, now=MONDAY_8, signer=app.extensions["bookt_signer"])
    path = letter_to(app, before.email).path
    answer = press(app, client, path, name="Imposteur", password="un autre mot de passe", email="x@example.com")
    assert answer.headers["Location"].startswith("/connexion?suite=")
    assert client.get(f"/pro/{other.slug}").status_code == 303
    assert client.get("/compte").status_code == 303
    after = User.get_by_id(known.user_id)
    assert after.__data__ == before.__data__
    assert not Session.select().where(Session.user_id == known.user_id).exists()
    part = accounts.membership(cast.id, known.user_id)
    assert part
    assert part.role == "reception"


def test_an_impostor_s_sign_up_gives_no_way_into_the_account(app: Flask, client: FlaskClient, user: User) -> None:
    """Signing up with somebody's address opens nothing of theirs, before and after they use their own mail."""
    data = read(people.SignUpInput, {"sector": "other", "businessName": "X", "name": "X", "email": user.email})
    made = people.sign_up(data, now=MONDAY_8, locale="fr", signer=app.extensions["bookt_signer"], password=PHRASE)
    browser = browser_with(app, made.user_id)
    assert {each.business.id for each in accounts.workplaces(made.user_id)} == {made.business_id}
    assert people.by_password(user.email, PHRASE, now=MONDAY_8) is None
    ask(app, client, user.email)
    press(app, client, letter_to(app, user.email).path)
    assert user.email in client.get("/compte").text
    assert "Confirmez votre adresse" in browser.get("/compte").text


# --- no oracle --------------------------------------------------------------------------------------------------------


def seen(answer: Any, email: str) -> tuple[int, str, list[tuple[str, str]]]:
    """All that a caller sees, without the hour, the session's random cookie and the caller's own words."""
    body = re.sub(r'(?<=name="form_token" value=")[^"]+', "", answer.text).replace(email, "*")
    kept = [(name, value) for name, value in answer.headers if name not in VARYING | {"Content-Length"}]
    cookies = [re.sub(r"=[^;]+", "=", each, count=1) for each in answer.headers.getlist("Set-Cookie")]
    return answer.status_code, body, sorted(kept) + [("Set-Cookie", each) for each in cookies]


def test_no_oracle(app: Flask, user: User) -> None:
    """Link, password and code: the same answer and the same work for an account and for none."""
    people.set_password(user.id, PHRASE, is_fresh=True)
    unproved = f"unproved.{uuid.uuid4().hex[:8]}@example.com"
    User.insert(email=unproved, name="U").execute()
    answers: dict[str, Any] = {}
    for email in (f"warm.{uuid.uuid4().hex[:8]}@example.com", user.email, unproved, f"no.{uuid.uuid4().hex[:8]}@x.be"):
        client, told = app.test_client(), []
        with statements() as sent:
            for data in ({}, {"password": "faux"}, {"password": "x" * 100_000}):
                told.append(seen(ask(app, client, email, **data), email))
            told.append(seen(client.get("/connexion/code"), email))
            told.append(seen(press(app, client, "/connexion/code", code="12"), email))
            told.append(seen(app.test_client().post("/api/auth/login", json={"email": email}), email))
            wrong = {"email": email, "password": "faux"}
            told.append(seen(app.test_client().post("/api/auth/login", json=wrong), email))
            told.append(seen(app.test_client().post("/api/auth/verify", json={"email": email, "code": "12"}), email))
        answers[email] = told, list(sent)
    _, first, *others = answers.values()
    assert [status for status, *_ in first[0]] == [303, 422, 422, 200, 422, 202, 401, 401]
    for told, sent in others:
        assert told == first[0]
        assert sent == first[1]


def test_the_right_password_is_told_apart(app: Flask, client: FlaskClient, user: User) -> None:
    """Else the test above would hold for a door that never opens."""
    people.set_password(user.id, PHRASE, is_fresh=True)
    assert ask(app, client, user.email, password=PHRASE).headers["Location"] == "/pro"


def test_a_long_password_costs_no_more(app: Flask, user: User) -> None:
    """What is tried is cut before it is hashed; the figure is only a ceiling for a busy machine."""
    people.set_password(user.id, PHRASE, is_fresh=True)
    times = []
    for length in (10, 900_000):
        begun = time.perf_counter()
        people.by_password(user.email, "x" * length, now=MONDAY_8)
        times.append(time.perf_counter() - begun)
    assert times[1] < times[0] + 0.5


def test_a_foreign_site_signs_nobody_in_or_out(app: Flask, client: FlaskClient, user: User, cast: Cast) -> None:
    ask(app, client, user.email)
    path, away = letter_to(app, user.email).path, {"Origin": "https://evil.example"}
    assert client.post(path, data={"form_token": token(app)}, headers=away).status_code == 403
    assert client.post(path, data={}).status_code == 400
    browser = browser_of(app, cast, member(cast))
    for where in (
        "/deconnexion",
        "/compte/sessions/autres/fin",
        "/compte/mot-de-passe/fin",
        f"/pro/{cast.slug}/depart",
    ):
        assert browser.client.post(where, data={"csrf_token": browser.csrf}, headers=away).status_code == 403
        assert browser.client.post(where, data={}).status_code == 400
    assert browser.client.get("/compte").status_code == 200


@pytest.mark.parametrize(("rate", "sent"), [("1000/minute", 5), ("off", 7)])
def test_an_address_gets_its_share_of_mails_unless_the_rate_is_off(
    settings: Settings, clock: Clock, rate: str, sent: int
) -> None:
    email = f"share-{rate[:3]}-{clock.now:.0f}@example.com"
    with variant(settings, clock, rate_limit_login=rate) as app:
        for _ in range(7):
            assert app.test_client().post("/api/auth/login", json={"email": email}).status_code == 202
        with db.looking():
            assert AccountMessage.select().where(AccountMessage.recipient == email).count() == sent
