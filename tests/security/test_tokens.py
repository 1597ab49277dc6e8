"""Links that are keys: each opens one door, for its time, and nothing else."""

import string
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
from config import Settings
from lib.links import hold_token, manage_token, read_hold_token
from lib.tokens import BadToken, Signer
from models import Booking
from tests.cast import MONDAY_8, Cast, Clock
from tests.security.edge import Places, changed, dump, form_token, forms, routes

GONE = 410


def _manage(places: Places, key: str) -> str:
    return f"/{places.slug}/rdv/{places.code}?cle={key}"


def _held(places: Places, token: str) -> str:
    return f"/{places.slug}/rdv/retenu/{token}"


def test_a_key_of_another_purpose_opens_nothing(app: Flask, client: FlaskClient, places: Places, cast: Cast) -> None:
    form = form_token(app, cast.id)
    for wrong in (places.hold, places.proof, form, "x", "AAAA.BBBB", ".", "..", "%00", "é", "x" * 3_000):
        assert client.get(_manage(places, wrong)).status_code == GONE, wrong
    for wrong in (places.key, places.proof, form, "x", "AAAA.BBBB", ".x", "é", "x" * 3_000):
        assert client.get(_held(places, wrong)).status_code == GONE, wrong


def test_a_key_of_another_business_opens_nothing(app: Flask, client: FlaskClient, places: Places, other: Cast) -> None:
    theirs = Places.of(app, other)
    assert client.get(f"/{theirs.slug}/rdv/{places.code}?cle={places.key}").status_code == GONE
    assert client.get(f"/{theirs.slug}/rdv/{theirs.code}?cle={places.key}").status_code == GONE
    assert client.get(f"/{theirs.slug}/rdv/retenu/{places.hold}").status_code == GONE
    assert client.get(_manage(places, places.key)).status_code == 200


def test_a_hold_is_read_for_its_own_business_alone(app: Flask, places: Places, other: Cast) -> None:
    """The first of two walls; the second is that no query leaves its business."""
    with pytest.raises(BadToken):
        read_hold_token(app.extensions["bookt_signer"], places.hold, other.id)


def test_a_key_opens_its_own_booking_alone(app: Flask, client: FlaskClient, cast: Cast) -> None:
    places, second = Places.of(app, cast), cast.book("14:00")
    assert client.get(f"/{cast.slug}/rdv/{second.code}?cle={places.key}").status_code == GONE


def test_a_key_signed_by_another_secret_opens_nothing(client: FlaskClient, places: Places, cast: Cast) -> None:
    booked, held = cast.book("14:00"), cast.hold("15:00")
    stranger = Signer("another-key-" * 4)
    forged = manage_token(stranger, cast.id, UUID(booked.id), 1)
    assert client.get(f"/{cast.slug}/rdv/{booked.code}?cle={forged}").status_code == GONE
    assert client.get(_held(places, hold_token(stranger, cast.id, UUID(held.id)))).status_code == GONE


@pytest.mark.parametrize("kind", ["manage", "hold"])
def test_an_altered_letter_opens_nothing_more(
    client: FlaskClient, settings: Settings, places: Places, kind: str
) -> None:
    """The last letter of a signature has spellings that say the same bits: they are the same key, and nothing is
    stored under a key's text. Every other change is refused."""
    token, address = (places.key, _manage) if kind == "manage" else (places.hold, _held)
    before, spelled_alike = dump(settings), []
    for at in range(len(token)):
        letter = next(each for each in string.ascii_letters if each != token[at])
        altered = token[:at] + letter + token[at + 1 :]
        status = client.get(address(places, altered)).status_code
        assert status in (200, GONE), altered
        if status == 200:
            spelled_alike.append(at)
    assert set(spelled_alike) <= {len(token) - 1}
    assert changed(before, dump(settings)) == {}


def test_a_new_version_voids_the_old_link_and_the_old_proof(
    app: Flask, client: FlaskClient, places: Places, cast: Cast
) -> None:
    mine = places.proved(app)
    assert places.email in mine.get(f"/{places.slug}/rdv/{places.code}").text
    with db.writing(cast.id):
        Booking.update(link_version=2).where(Booking.code == places.code).execute()
    assert client.get(_manage(places, places.key)).status_code == GONE
    assert places.email not in mine.get(f"/{places.slug}/rdv/{places.code}").text


def test_a_link_ends_thirty_days_after_the_visit(client: FlaskClient, places: Places, clock: Clock) -> None:
    day = 24 * 3600
    visit_ends = MONDAY_8 + day + 90 * 60
    for moment, status in ((visit_ends + 30 * day, 200), (visit_ends + 30 * day + 1, GONE)):
        clock.now = moment
        assert client.get(_manage(places, places.key)).status_code == status


def test_a_link_alone_shows_little(client: FlaskClient, places: Places) -> None:
    """Links surface in scanners: initials and time, until the e-mail was shown once."""
    text = client.get(_manage(places, places.key)).text
    assert "J. M." in text
    for private in ("Jean Martin", "Martin", places.email, "+33612345678", "612345678"):
        assert private not in text, private


def test_a_link_alone_moves_and_cancels_nothing(
    app: Flask, client: FlaskClient, settings: Settings, places: Places, cast: Cast
) -> None:
    before = dump(settings)
    for rule in forms(app):
        if rule.endpoint in ("manage.cancel", "manage.reschedule"):
            data = places.typed | {"form_token": form_token(app, cast.id)}
            answer = client.post(f"{places.path(rule)}?cle={places.key}", data=data)
            assert answer.status_code == 303
    assert changed(before, dump(settings)) == {}
    for end in ("deplacement", "annulation"):
        assert client.get(f"/{places.slug}/rdv/{places.code}/{end}?cle={places.key}").status_code == 303


def test_a_proof_opens_its_bookings_alone(app: Flask, cast: Cast, other: Cast) -> None:
    """Somebody else's booking, in this business and in another, with a proof in the browser."""
    mine = Places.of(app, cast).proved(app)
    theirs = cast.book("14:00", customer={"name": "Zoé Autre", "email": "zoe@example.com"})
    elsewhere = other.book("09:00", customer={"name": "Zoé Autre", "email": "zoe@example.com"})
    for slug, code in ((cast.slug, theirs.code), (other.slug, elsewhere.code), (cast.slug, "AC-ZZZZZ9")):
        for end in ("", "/deplacement", "/annulation"):
            answer = mine.get(f"/{slug}/rdv/{code}{end}", follow_redirects=True)
            assert "Zoé" not in answer.text
            assert "zoe@" not in answer.text


@pytest.mark.parametrize("forged", ["x", "", "[]", "WyJ4Il0", "é", "x" * 4_000, "a.b.c"])
def test_a_forged_proof_is_no_proof(app: Flask, places: Places, forged: str) -> None:
    browser = app.test_client()
    browser.set_cookie("bookt_proof", forged)
    answer = browser.get(f"/{places.slug}/rdv/{places.code}")
    assert answer.status_code == 200
    assert places.email not in answer.text


def test_a_scanner_burns_nothing(app: Flask, client: FlaskClient, settings: Settings, places: Places) -> None:
    before = dump(settings)
    for address in (_manage(places, places.key), _held(places, places.hold)):
        for method in ("GET",) * 5 + ("HEAD",) * 2:
            assert client.open(address, method=method).status_code == 200
    assert changed(before, dump(settings)) == {}


def test_no_address_takes_where_to_go_next(app: Flask, client: FlaskClient, places: Places, cast: Cast) -> None:
    """Redirects go where the code says: no parameter of any name moves them."""
    away = "https://evil.example/"
    names = ("next", "url", "redirect", "redirect_uri", "return", "returnTo", "return_to", "continue", "goto", "dest",
             "suite", "retour", "to", "u", "target", "r", "cle", "retenu", "jour", "debut", "prestation", "avec")  # fmt: skip
    for rule in (each for each in routes(app, "GET") if "slug" in each.arguments and not each.rule.startswith("/pro/")):
        for value in (away, "//evil.example/", "/\\evil.example", "https:evil.example", "javascript:alert(1)"):
            answer = client.get(places.path(rule), query_string=dict.fromkeys(names, value))
            ours = (f"/{places.slug}", f"/embed/{places.slug}/")
            assert answer.headers.get("Location", ours[0]).startswith(ours), (rule.rule, value)
    for rule in forms(app):
        data = places.typed | {"form_token": form_token(app, cast.id)} | dict.fromkeys(names[:16], away)
        answer = places.proved(app).post(places.path(rule), data=data)
        ours = (f"/{places.slug}", f"/embed/{places.slug}/")
        assert answer.headers.get("Location", ours[0]).startswith(ours), rule.rule
