"""The page of the day: opened by the key of a notice, a session or a token; by nobody else, and never by a look alone."""

import datetime as dt
import re
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
from config import Settings
from lib.links import DAY_LIFE, day_token
from models import Audit, Booking, Business, Membership
from queries.booking import BookingCard
from tests.cast import MONDAY_8, TUESDAY, Cast, Clock, make_business
from tests.security.edge import changed, dump, form_token
from tests.staff import api, browser_of, member, staff

HOUR = 3600


@pytest.fixture
def asking() -> Cast:
    return make_business(approves_by_hand=True)


def key_of(app: Flask, cast: Cast, now: int = MONDAY_8) -> str:
    return day_token(app.extensions["bookt_signer"], cast.id, cast.business.email, now=now)


def page_of(card: BookingCard) -> str:
    return f"/admin/bookings/{card.id}"


def status_of(cast: Cast, card: BookingCard) -> str:
    with db.reading(cast.id):
        return str(Booking.get(Booking.id == UUID(card.id)).status)


def fields(page: str, word: str) -> dict[str, str]:
    """What the form whose button says `word` sends."""
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if f">{word}<" in each)
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def test_the_key_shows_the_day_and_confirms_and_cancels(
    app: Flask, client: FlaskClient, asking: Cast, settings: Settings
) -> None:
    card, key = asking.book("09:00"), key_of(app, asking)
    before = dump(settings)
    shown = client.get(f"{page_of(card)}?cle={key}")
    client.head(f"{page_of(card)}?cle={key}")
    assert changed(before, dump(settings)) == {}
    for said in ("Réservations du jour", "mardi 12 janvier", "09:00", "Jean Martin", "tel:+33612345678",
                 "https://calendar.google.com/calendar/r/day/2027/01/12"):  # fmt: skip
        assert said in shown.text, said
    assert (shown.headers["Cache-Control"], shown.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "noindex" in shown.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in shown.headers

    for word, status in (("Confirmer", "confirmed"), ("Annuler", "cancelled"), ("Rétablir", "confirmed")):
        done = client.post(page_of(card), data=fields(client.get(f"{page_of(card)}?cle={key}").text, word))
        assert (done.status_code, status_of(asking, card)) == (303, status), word
        assert client.get(done.headers["Location"]).status_code == 200
    with db.reading(asking.id):
        told = [(row.by_user, row.actor) for row in Audit.select().where(Audit.subject == UUID(card.id))]
    assert told == [(None, "lien du jour")] * 3


def test_a_form_that_comes_too_late_is_told_so(app: Flask, client: FlaskClient, asking: Cast) -> None:
    card, key = asking.book(), key_of(app, asking)
    typed = fields(client.get(f"{page_of(card)}?cle={key}").text, "Confirmer")
    client.post(page_of(card), data=typed | {"action": "cancelled"})
    late = client.post(page_of(card), data=typed)
    assert late.status_code == 409
    assert 'role="alert"' in late.text
    assert client.post(page_of(card), data=typed | {"action": "completed"}).status_code == 400


def test_a_key_opens_one_business_for_one_day_while_its_address_stays(
    app: Flask, client: FlaskClient, cast: Cast, clock: Clock
) -> None:
    card, key, other = cast.book(), key_of(app, cast), make_business()
    foreign = other.book()
    assert client.get(f"/admin?cle={key}").status_code == 200
    assert client.get(f"{page_of(foreign)}?cle={key}").status_code == 404
    sent = {"cle": key, "form_token": form_token(app, cast.id), "action": "cancelled"}
    assert client.post(page_of(foreign), data=sent).status_code == 404
    assert client.post(page_of(card), data=sent | {"form_token": form_token(app, other.id)}).status_code == 400
    assert client.post(page_of(card), data=sent, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post(page_of(card), data={"cle": key, "action": "cancelled"}).status_code == 400
    assert (status_of(cast, card), status_of(other, foreign)) == ("confirmed", "confirmed")

    clock.now = MONDAY_8 + DAY_LIFE
    assert is_sent_to_sign_in(client.get(f"{page_of(card)}?cle={key}"))
    clock.now = MONDAY_8
    with db.writing(cast.id):
        Business.update(email="new@example.com").where(Business.id == cast.id).execute()
    assert is_sent_to_sign_in(client.get(f"{page_of(card)}?cle={key}"))
    for wrong in ("", "x", key[:-1], app.extensions["bookt_signer"].sign("manage", [str(cast.id), "x", 9**11])):
        assert is_sent_to_sign_in(client.get(f"/admin?cle={wrong}")), wrong
    assert is_sent_to_sign_in(client.post(page_of(card), data=sent))


def is_sent_to_sign_in(answer: Any) -> bool:
    return bool(answer.status_code == 303 and answer.headers["Location"].startswith("/connexion"))


def test_a_session_enters_by_name_and_needs_its_own_token(app: Flask, asking: Cast) -> None:
    card, browser = asking.book(), staff(app, asking, "reception")
    shown = browser.client.get(page_of(card)).text
    assert browser.client.post(page_of(card), data={"action": "confirmed"}).status_code == 400
    sent = {"action": "confirmed", "form_token": form_token(app, asking.id)}
    assert browser.client.post(page_of(card), data=sent).status_code == 400
    assert (
        browser.client.post(page_of(card), data=fields(shown, "Confirmer") | {"csrf_token": browser.csrf}).status_code
        == 303
    )
    assert status_of(asking, card) == "confirmed"
    with db.reading(asking.id):
        assert [row.actor for row in Audit.select()] == ["Personne reception"]
    reader = staff(app, asking, "read_only")
    assert "<form" not in reader.client.get(page_of(card)).text
    refused = reader.client.post(page_of(card), data={"csrf_token": reader.csrf, "action": "cancelled"})
    assert refused.status_code == 403
    stranger = staff(app, make_business())
    assert stranger.client.get(page_of(card)).status_code == 404


def test_a_practitioner_finds_the_own_bookings_alone(app: Flask, cast: Cast) -> None:
    keys = {each.slug: each.id for each in cast.offer.resources}
    own, other = cast.book("09:00", resourceId="r1"), cast.book("10:00", resourceId="r2")
    browser = browser_of(app, cast, member(cast, "practitioner", resource_id=keys["r1"]))
    assert browser.client.get(page_of(other)).status_code == 404
    assert "10:00" not in browser.client.get(page_of(own)).text


def test_who_works_in_several_says_which(app: Flask, cast: Cast, clock: Clock) -> None:
    other, by = make_business(name="Second cabinet"), member(cast)
    with db.writing(other.id):
        Membership.insert(user_id=by.user_id, role="reception").execute()
    card, browser = other.book(), browser_of(app, cast, by)
    clock.now = MONDAY_8 + 24 * HOUR
    browser = browser_of(app, cast, by, now=int(clock.now))
    assert f"/admin?etablissement={other.slug}" in browser.client.get("/admin").text
    assert "Jean Martin" in browser.client.get(f"/admin?etablissement={other.slug}").text
    assert "Jean Martin" in browser.client.get(page_of(card)).text
    assert dt.datetime.fromisoformat(card.starts_at).date() == TUESDAY


def test_a_token_of_the_api_enters_without_any_form_token(app: Flask, asking: Cast) -> None:
    card, caller = asking.book(), api(app, asking)
    headers = {"Authorization": f"Bearer {caller.token}"}
    assert "Jean Martin" in caller.client.get(page_of(card), headers=headers).text
    assert caller.client.post(page_of(card), data={"action": "confirmed"}, headers=headers).status_code == 303
    assert status_of(asking, card) == "confirmed"
    assert caller.client.get(page_of(make_business().book()), headers=headers).status_code == 404
    assert is_sent_to_sign_in(app.test_client().get(page_of(card), headers={"Authorization": "Bearer x"}))
