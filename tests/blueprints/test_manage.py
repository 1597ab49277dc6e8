import dataclasses
import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

import db
from bookt import create_app
from config import Settings
from lib.links import manage_token
from models import Booking, Message
from tests.blueprints.test_site import counted
from tests.cast import MONDAY_8, Cast, Clock, make_business
from tests.pages import Page, Visitor

NINE, TEN = "2027-01-15T09:00", "2027-01-15T10:00"
PAIR = {"email": "jean@example.com"}


@pytest.fixture
def stranger(client: FlaskClient, cast: Cast) -> Visitor:
    """A browser that has proved nothing."""
    return Visitor(client, cast.slug)


def booked(cast: Cast, **more: object) -> Booking:
    code = cast.book(date=dt.date(2027, 1, 15), **more).code
    return row_of(cast, code)


def row_of(cast: Cast, code: str) -> Booking:
    with db.reading(cast.id):
        return Booking.find(code=code)


def key(app: Flask, cast: Cast, row: Booking, version: int | None = None) -> str:
    return manage_token(app.extensions["bookt_signer"], cast.id, row.id, version or row.link_version)


def proved(visitor: Visitor, row: Booking) -> Page:
    """The page of a booking for a browser that gave the right pair."""
    form = visitor.get("/rdv/acces").form("acces")
    return visitor.follow(visitor.send(form, code=row.code, **PAIR))


# --- the ways in -----------------------------------------------------------------------------------------------------


def test_the_pair_opens_the_booking_once_per_browser(stranger: Visitor, cast: Cast) -> None:
    row = booked(cast)
    page = proved(stranger, row)
    assert page.status == 200
    assert "Vendredi 15 janvier à 09:00" in page.text
    assert row.code in page.text
    assert "Déplacer" in page.text
    assert "Déplacer" in stranger.get(f"/rdv/{row.code}").text


def test_code_and_mail_are_read_generously(stranger: Visitor, cast: Cast) -> None:
    row = booked(cast)
    form = stranger.get("/rdv/acces").form("acces")
    assert stranger.send(form, code=f" {row.code.lower()} ", email="  JEAN@Example.com ").status == 303


@pytest.mark.parametrize("wrong", ["code", "email", "both"])
def test_a_wrong_pair_tells_nothing(stranger: Visitor, cast: Cast, wrong: str) -> None:
    row = booked(cast)
    pair = {"code": row.code, **PAIR}
    pair |= {"code": "AC-ZZZZZ9"} if wrong in ("code", "both") else {}
    pair |= {"email": "autre@example.com"} if wrong in ("email", "both") else {}
    form = stranger.get("/rdv/acces").form("acces")
    page = stranger.send(form, **pair)
    assert page.status == 404
    assert "Réservation introuvable" in page.text
    assert page.title.startswith("Erreur :")
    assert page.form("acces").values["email"] == pair["email"]
    blank = page.html.replace(pair["code"], "CODE").replace(pair["email"], "MAIL")
    other = stranger.send(form, code="AC-000000", email="personne@example.com")
    assert without_tokens(blank) == without_tokens(
        other.html.replace("AC-000000", "CODE").replace("personne@example.com", "MAIL")
    )


def without_tokens(html: str) -> str:
    return "\n".join(line for line in html.splitlines() if "form_token" not in line)


@pytest.mark.parametrize(
    ("code", "email", "words"),
    [
        ("", "", "Il reste 2 choses à corriger"), ("AC-1", "jean@example.com", "au format AC-AB12CD"),
        ("AC-AAAAAA", "jean", "par exemple nom@exemple.be"), ("AC-ÀÀÀÀÀÀ", "jean@example.com", "au format AC-AB12CD"),
        ("\x00", "\x00", "Il reste 2 choses"), ("<b>", "<b>", "Il reste 2 choses"),
    ],
)  # fmt: skip
def test_a_malformed_pair_is_422_with_words(stranger: Visitor, code: str, email: str, words: str) -> None:
    page = stranger.send(stranger.get("/rdv/acces").form("acces"), code=code, email=email)
    assert page.status == 422
    assert words in page.text
    assert "<b>" not in page.html


def test_look_ups_are_counted(settings: Settings, clock: Clock, cast: Cast) -> None:
    strict = create_app(dataclasses.replace(settings, rate_limit_lookup="3/minute"), clock=clock)
    visitor = Visitor(strict.test_client(), cast.slug)
    form = visitor.get("/rdv/acces").form("acces")
    answers = [visitor.send(form, code="AC-AAAAAA", email="x@example.com") for _ in range(4)]
    assert [answer.status for answer in answers] == [404, 404, 404, 429]
    assert int(answers[-1].response.headers["Retry-After"]) > 0


def test_a_code_alone_says_nothing_known_or_not(stranger: Visitor, cast: Cast) -> None:
    row = booked(cast)
    known, unknown = (stranger.get(f"/rdv/{code}") for code in (row.code, "AC-ZZZZZ9"))
    assert (known.status, unknown.status) == (200, 200)
    assert without_tokens(known.html.replace(row.code, "X")) == without_tokens(unknown.html.replace("AC-ZZZZZ9", "X"))
    assert stranger.get("/rdv/nimporte").status == 404


def test_the_link_shows_initials_and_time_until_the_mail_is_given(stranger: Visitor, app: Flask, cast: Cast) -> None:
    row = booked(cast)
    page = stranger.get(f"/rdv/{row.code}?cle={key(app, cast, row)}")
    assert "J. M." in page.text
    assert "Vendredi 15 janvier à 09:00" in page.text
    for secret in ("Jean", "jean@example.com", "Prestation", "33612345678", "6 12 34"):
        assert secret not in page.html, secret
    opened = stranger.follow(stranger.send(page.form("acces"), **PAIR))
    assert "Prestation diag" in opened.text


def test_a_link_of_an_older_version_another_booking_or_past_its_time_is_410(
    stranger: Visitor, app: Flask, cast: Cast, clock: Clock
) -> None:
    row, other = booked(cast), booked(cast, time="11:00")
    foreign = make_business()
    assert stranger.get(f"/rdv/{row.code}?cle={key(app, cast, row, 2)}").status == 410
    assert stranger.get(f"/rdv/{row.code}?cle={key(app, cast, other)}").status == 410
    assert stranger.get(f"/rdv/{row.code}?cle={key(app, foreign, row)}").status == 410
    assert stranger.get(f"/rdv/{row.code}?cle=abc").status == 410
    link = f"/rdv/{row.code}?cle={key(app, cast, row)}"
    clock.now = row.ends_at.timestamp() + 30 * 86_400
    assert stranger.get(link).status == 200
    clock.now += 1
    gone = stranger.get(link)
    assert gone.status == 410
    assert "Retrouver mon rendez-vous" in gone.text


def test_a_new_link_voids_the_proof_of_the_browser(stranger: Visitor, cast: Cast) -> None:
    row = booked(cast)
    proved(stranger, row)
    with db.writing(cast.id):
        Booking.update(link_version=2).where(Booking.id == row.id).execute()
    assert "Indiquez" not in stranger.get(f"/rdv/{row.code}").title
    assert "Afficher le rendez-vous" in stranger.get(f"/rdv/{row.code}").text


def test_one_proof_opens_no_other_booking(stranger: Visitor, cast: Cast) -> None:
    mine, theirs = booked(cast), booked(cast, time="11:00", customer={"name": "Autre", "email": "autre@example.com"})
    proved(stranger, mine)
    assert "Autre" not in stranger.get(f"/rdv/{theirs.code}").text
    for path in ("deplacement", "annulation", "agenda.ics"):
        answer = stranger.get(f"/rdv/{theirs.code}/{path}")
        assert answer.status == 303
        assert answer.response.headers["Location"] == f"/{cast.slug}/rdv/{theirs.code}"


def test_pages_of_a_booking_are_kept_from_caches_engines_and_referrers(
    stranger: Visitor, app: Flask, cast: Cast
) -> None:
    row = booked(cast)
    pages = [
        stranger.get("/rdv/acces"),
        stranger.get(f"/rdv/{row.code}?cle={key(app, cast, row)}"),
        proved(stranger, row),
    ]
    pages += [stranger.get(f"/rdv/{row.code}/{path}") for path in ("deplacement", "annulation", "agenda.ics")]
    for page in pages:
        headers = page.response.headers
        assert (headers["Referrer-Policy"], headers["Cache-Control"], headers["X-Robots-Tag"]) == (
            "no-referrer",
            "no-store",
            "noindex",
        )
        assert headers["X-Frame-Options"] == "DENY"


def test_the_proof_is_a_locked_cookie_on_https(settings: Settings, clock: Clock, cast: Cast) -> None:
    https = create_app(dataclasses.replace(settings, public_url="https://localhost"), clock=clock)
    row = booked(cast)
    visitor = Visitor(https.test_client(), cast.slug)
    form = visitor.get("/rdv/acces").form("acces")
    cookie = visitor.send(form, code=row.code, **PAIR).response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-bookt_proof=")
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize("forged", ["", "abc", "a.b.c", '"x"'])
def test_a_forged_proof_is_no_proof(stranger: Visitor, cast: Cast, forged: str) -> None:
    row = booked(cast)
    stranger.client.set_cookie("bookt_proof", forged, domain="localhost")
    assert "Afficher le rendez-vous" in stranger.get(f"/rdv/{row.code}").text


def test_the_confirmed_page_is_loud_at_first_and_calm_later(client: FlaskClient, clock: Clock) -> None:
    cast = make_business(services={"libre": {"deposit_bp": 0}})
    visitor = Visitor(client, cast.slug)
    page = visitor.book("2027-01-15T09:00")
    assert "state-fresh" in page.html
    assert "cle=" not in page.html.replace(page.response.request.url, "")
    clock.now = MONDAY_8 + 3600
    calm = visitor.get("/rdv/" + page.text.split("Code ")[1][:9])
    assert "state-fresh" not in calm.html
    assert "Rendez-vous confirmé" in calm.text


# --- moving ----------------------------------------------------------------------------------------------------------


def test_moving_keeps_the_code_and_frees_the_old_time(stranger: Visitor, cast: Cast) -> None:
    row = booked(cast)
    proved(stranger, row)
    page = stranger.get(f"/rdv/{row.code}/deplacement?jour=2027-01-15")
    assert NINE in page.starts  # its own time blocks nothing
    moved = stranger.follow(stranger.send(page.form("creneaux"), debut=TEN))
    assert "Rendez-vous déplacé" in moved.text
    after = row_of(cast, row.code)
    assert (after.status, after.starts_at.isoformat()) == ("rescheduled", "2027-01-15T09:00:00+00:00")
    assert NINE in Visitor(stranger.client, cast.slug).get("/rdv?prestation=diag&avec=r1&jour=2027-01-15").starts


def test_a_lost_race_leaves_the_old_time_untouched_and_says_so(stranger: Visitor, client: FlaskClient) -> None:
    cast = make_business(resources=1)
    row = booked(cast)
    visitor = Visitor(client, cast.slug)
    proved(visitor, row)
    page = visitor.get(f"/rdv/{row.code}/deplacement?jour=2027-01-15")
    cast.book(time="10:00", date=dt.date(2027, 1, 15), customer={"name": "Vif", "email": "vif@example.com"})
    lost = visitor.send(page.form("creneaux"), debut=TEN)
    assert lost.status == 409
    assert "Votre rendez-vous n’a pas bougé" in lost.text
    near = lost.forms[0]
    assert len(near.buttons) == 3
    assert row_of(cast, row.code).starts_at == row.starts_at
    assert "Rendez-vous déplacé" in visitor.follow(visitor.send(near, debut=near.buttons[-1][1])).text


@pytest.mark.parametrize(
    ("debut", "status"),
    [
        ("", 422),
        ("hier", 422),
        ("2020-01-01T09:00", 422),
        ("2027-01-15T09:07", 409),
        ("2099-01-01T09:00", 409),
        ("\x00", 422),
    ],
)
def test_bad_input_of_a_move_changes_nothing(stranger: Visitor, cast: Cast, debut: str, status: int) -> None:
    row = booked(cast)
    proved(stranger, row)
    form = stranger.get(f"/rdv/{row.code}/deplacement").form("creneaux")
    assert stranger.send(form, debut=debut).status == status
    assert row_of(cast, row.code).starts_at == row.starts_at


def test_the_person_once_chosen_stays(stranger: Visitor, cast: Cast) -> None:
    row = booked(cast, resourceId="r2")
    cast.book(
        time="10:00", date=dt.date(2027, 1, 15), resourceId="r2", customer={"name": "Vif", "email": "vif@example.com"}
    )
    proved(stranger, row)
    assert TEN not in stranger.get(f"/rdv/{row.code}/deplacement?jour=2027-01-15").starts


def test_the_move_page_takes_few_statements(stranger: Visitor, cast: Cast) -> None:
    row = booked(cast)
    proved(stranger, row)
    page, seen = counted(lambda: stranger.get(f"/rdv/{row.code}/deplacement?jour=2027-01-15"))
    assert page.status == 200
    assert len(seen) <= 6, seen


# --- cancelling ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "paid", "words"),
    [
        (72, False, "Vous annulez à temps : rien à payer."), (30, False, "6,00 € d’acompte restent dus"),
        (2, False, "12,00 € d’acompte restent dus"), (72, True, "12,00 € vous sont remboursés"),
        (30, True, "6,00 € vous sont remboursés"), (2, True, "l’acompte de 12,00 € n’est pas remboursé"),
    ],
)  # fmt: skip
def test_the_refund_is_stated_before_the_click(
    stranger: Visitor, cast: Cast, clock: Clock, hours: int, paid: bool, words: str
) -> None:
    row = booked(cast)
    if paid:
        with db.writing(cast.id):
            Booking.update(payment_status="captured").where(Booking.id == row.id).execute()
    clock.now = row.starts_at.timestamp() - hours * 3600
    proved(stranger, row)
    page = stranger.get(f"/rdv/{row.code}/annulation")
    assert words in page.text.replace("\xa0", " ")
    assert row_of(cast, row.code).status == "confirmed"
    after = stranger.follow(stranger.send(page.form("annuler"), reason="Grippe <b>"))
    assert "Rendez-vous annulé" in after.text
    assert "Revenir nous voir Prendre rendez-vous" in after.text
    cancelled = row_of(cast, row.code)
    assert (cancelled.status, cancelled.cancel_reason) == ("cancelled", "Grippe <b>")
    if paid and cancelled.refund_cents:
        assert "vous sont remboursés" in after.text


@pytest.mark.parametrize("reason", ["x" * 2001, "\x00", "a\x1b[31m"])
def test_a_bad_reason_is_422_and_cancels_nothing(stranger: Visitor, cast: Cast, reason: str) -> None:
    row = booked(cast)
    proved(stranger, row)
    form = stranger.get(f"/rdv/{row.code}/annulation").form("annuler")
    page = stranger.send(form, reason=reason)
    assert page.status == 422
    assert page.title.startswith("Erreur :")
    assert row_of(cast, row.code).status == "confirmed"


def test_what_is_cancelled_or_past_can_no_longer_change(stranger: Visitor, cast: Cast, clock: Clock) -> None:
    row = booked(cast)
    proved(stranger, row)
    forms = [
        stranger.get(f"/rdv/{row.code}/{path}").form(name)
        for path, name in (("annulation", "annuler"), ("deplacement", "creneaux"))
    ]
    stranger.send(forms[0])
    assert [stranger.send(form, debut=TEN).status for form in forms] == [409, 409]
    assert stranger.get(f"/rdv/{row.code}/annulation").status == 409
    other = booked(cast, time="11:00")
    proved(stranger, other)
    clock.now = other.starts_at.timestamp() + 60
    page = stranger.get(f"/rdv/{other.code}")
    assert "Déplacer" not in page.text
    assert stranger.get(f"/rdv/{other.code}/deplacement").status == 409


@pytest.mark.parametrize("path", ["deplacement", "annulation"])
def test_a_change_without_proof_asks_for_it(stranger: Visitor, app: Flask, cast: Cast, path: str) -> None:
    row = booked(cast)
    token = stranger.get("/rdv/acces").form("acces").values["form_token"]
    link = f"/rdv/{row.code}/{path}?cle={key(app, cast, row)}"
    for answer in (stranger.get(link), stranger.post(link, {"form_token": token, "debut": TEN})):
        assert answer.status == 303
        assert "cle=" in answer.response.headers["Location"]  # the link still leads to its own page
    assert row_of(cast, row.code).status == "confirmed"


def test_a_request_awaiting_approval_can_be_withdrawn_but_not_moved(client: FlaskClient) -> None:
    cast = make_business(approves_by_hand=True, services={"libre": {"deposit_bp": 0}})
    visitor = Visitor(client, cast.slug)
    page = visitor.book("2027-01-15T09:00")
    assert "en attente de réponse" in page.text
    code = page.text.split("Code ")[1][:9]
    assert visitor.get(f"/rdv/{code}/deplacement").status == 409
    form = visitor.get(f"/rdv/{code}/annulation").form("annuler")
    assert "Rendez-vous annulé" in visitor.follow(visitor.send(form)).text


# --- calendars -------------------------------------------------------------------------------------------------------


def test_the_calendar_file_has_the_visit_and_its_sequence(stranger: Visitor, app: Flask, cast: Cast) -> None:
    row = booked(cast)
    answer = stranger.get(f"/rdv/{row.code}/agenda.ics?cle={key(app, cast, row)}").response
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert event.decoded("dtstart") == row.starts_at
    assert event["sequence"] == 0
    assert str(event["location"]) == "Rue Haute 1, 1000 Bruxelles"
    assert "jean" not in answer.get_data(as_text=True).lower()


def test_online_calendars_get_the_same_instants(stranger: Visitor, cast: Cast) -> None:
    page = proved(stranger, booked(cast))
    google = next(link for link in page.links if link.startswith("https://calendar.google.com/"))
    outlook = next(link for link in page.links if link.startswith("https://outlook.live.com/"))
    assert parse_qs(urlsplit(google).query)["dates"] == ["20270115T080000Z/20270115T083000Z"]
    assert parse_qs(urlsplit(outlook).query)["startdt"] == ["2027-01-15T08:00:00Z"]


def test_no_mail_carries_a_host_that_a_visitor_sent(client: FlaskClient, app: Flask) -> None:
    cast = make_business(services={"libre": {"deposit_bp": 0}})
    visitor = Visitor(client, cast.slug, **{"X-Forwarded-Host": "evil.example"})
    page = visitor.book("2027-01-15T09:00")
    assert "evil.example" not in page.html
    assert "evil.example" not in page.response.request.url
    with db.reading(cast.id):
        assert all("evil" not in str(message.data) for message in Message.select())
