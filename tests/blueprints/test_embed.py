"""The booking inside other sites' pages: the tag's script, the framed twin of the booking's pages."""

import gzip
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import db
from models import Booking
from tests.cast import MONDAY_8, Cast, Clock, make_business
from tests.pages import Page, Visitor

SITE = "https://www.cabinet.example"
OTHER = "http://localhost:5500"


@pytest.fixture
def listed(app: Flask) -> Cast:
    return make_business(
        frame_ancestors=[SITE, OTHER],
        services={"libre": {"deposit_bp": 0, "name": "Séance"}, "diag": {"name": "Bilan"}},
    )


def framed(client: FlaskClient, cast: Cast, **headers: str) -> Visitor:
    return Visitor(client, f"embed/{cast.slug}", **headers)


def policy(answer: Any) -> dict[str, str]:
    parts = [each.strip().partition(" ") for each in answer.headers["Content-Security-Policy"].split(";")]
    return {name: values for name, _, values in parts}


def bookings(cast: Cast) -> list[Booking]:
    with db.reading(cast.id):
        return list(Booking.select())


def test_the_script_is_small_and_the_same_for_everyone(client: FlaskClient, listed: Cast) -> None:
    first = client.get("/e.js")
    assert first.status_code == 200
    assert len(first.data) <= 2_048
    assert first.content_type == "text/javascript; charset=utf-8"
    assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    client.set_cookie("bookt_proof", "x")
    asked = {"Accept-Language": "nl", "Referer": SITE, "Origin": SITE, "Accept-Encoding": "gzip"}
    other = client.get("/e.js?lang=de&x=1", headers=asked)
    assert gzip.decompress(other.data) == first.data
    assert not [name for name in other.headers if name[0] == "Set-Cookie"]


def test_the_script_is_sent_once(client: FlaskClient) -> None:
    mark = client.get("/e.js").headers["ETag"]
    again = client.get("/e.js", headers={"If-None-Match": mark})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert client.get("/e.js", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_frame_is_for_the_listed_sites_alone(client: FlaskClient, listed: Cast) -> None:
    answer = client.get(f"/embed/{listed.slug}/rdv")
    assert policy(answer)["frame-ancestors"] == f"{SITE} {OTHER}"
    assert "X-Frame-Options" not in answer.headers
    outside = client.get(f"/{listed.slug}/rdv")
    assert policy(outside)["frame-ancestors"] == "'none'"
    assert outside.headers["X-Frame-Options"] == "DENY"
    assert {name: values for name, values in policy(answer).items() if name != "frame-ancestors"} == {
        name: values for name, values in policy(outside).items() if name != "frame-ancestors"
    }


@pytest.mark.parametrize(
    "stored",
    [[], ["*"], ["http://cabinet.example"], ["https://a.example; script-src *"], ["https://a\r\nX-Evil: 1"], [7]],
)
def test_without_a_good_list_nobody_frames(client: FlaskClient, app: Flask, stored: list[Any]) -> None:
    answer = client.get(f"/embed/{make_business(frame_ancestors=stored).slug}/rdv")
    assert answer.status_code == 200
    assert policy(answer)["frame-ancestors"] == "'none'"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "X-Evil" not in answer.headers


def test_errors_in_a_frame_show_there_too(client: FlaskClient, listed: Cast) -> None:
    for path, status in (("/rdv?prestation=rien", 404), ("/rdv/retenu/abc", 410)):
        answer = client.get(f"/embed/{listed.slug}{path}")
        assert answer.status_code == status
        assert policy(answer)["frame-ancestors"] == f"{SITE} {OTHER}"
        assert f'href="/embed/{listed.slug}/rdv"' in answer.text
        assert "<header" not in answer.text
    assert client.get("/embed/nobody/rdv").headers["X-Frame-Options"] == "DENY"
    assert client.delete(f"/embed/{listed.slug}/rdv").headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("service", ["libre", "diag"])
def test_the_whole_booking_stays_in_the_frame_without_a_cookie(client: FlaskClient, listed: Cast, service: str) -> None:
    """As a browser that blocks the cookies of others' frames sends it; `diag` asks a deposit and so has a check page."""
    seen: list[Page] = []
    same = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "iframe", "Origin": "http://localhost"}
    visitor = framed(client, listed)

    def look(page: Page) -> Page:
        seen.append(page)
        return page

    def send(form: Any, **values: str) -> Page:
        sent = look(visitor.post(form.action, form.values | values, **same))
        return look(visitor.follow(sent))

    look(visitor.get("/rdv"))
    look(visitor.get(f"/rdv?prestation={service}"))
    moment = look(visitor.get(f"/rdv?prestation={service}&avec=r2&jour=2027-01-12"))
    page = send(moment.form("creneaux"), debut="2027-01-12T09:00")
    page = send(page.form("coordonnees"), name="Zoé Lambert", email="zoe@example.be")
    if service == "diag":
        page = send(page.form("verifier"))
    (row,) = bookings(listed)
    assert (row.status, row.source) == ("confirmed", "embed")
    for words in ("C’est confirmé", "Mardi 12 janvier à 09:00", "Rue Haute 1", row.code):
        assert words in page.text, words
    assert len(seen) >= 7
    for each in seen:
        assert not each.response.headers.getlist("Set-Cookie")
        assert "Cookie" not in each.response.headers.get("Vary", "")
        where = each.response.headers.get("Location", f"/embed/{listed.slug}")
        assert where.startswith(f"/embed/{listed.slug}")


def test_what_leaves_the_booking_opens_at_the_top(client: FlaskClient, listed: Cast) -> None:
    visitor = framed(client, listed)
    page = visitor.book("2027-01-12T09:00")
    html = page.html.replace(f'"/embed/{listed.slug}', '"#')
    leaving = [each for each in html.split("<")[1:] if f'="/{listed.slug}' in each]
    assert len(leaving) == 3  # the booking, the business's page, its privacy page
    assert all('target="_top"' in each for each in leaving)
    (form,) = page.forms
    top = Visitor(client, listed.slug)
    shown = top.follow(top.send(form))
    assert "Rendez-vous confirmé" in shown.text
    assert shown.response.headers["X-Frame-Options"] == "DENY"


def test_the_hold_s_address_tells_nothing_later(client: FlaskClient, listed: Cast, clock: Clock) -> None:
    visitor = framed(client, listed)
    page = visitor.book("2027-01-12T09:00")
    address = page.response.request.path
    clock.now = MONDAY_8 + 16 * 60
    later = visitor.get(address)
    assert later.status == 200
    (row,) = bookings(listed)
    for private in (row.code, "zoe@example.be", "Zoé", "12 janvier"):
        assert private not in later.html, private


def test_a_framed_page_knows_nobody(client: FlaskClient, listed: Cast) -> None:
    """The client's own browser, with its proof, sees the pages that a stranger sees."""
    card = listed.book(serviceId="libre")
    visitor, known = Visitor(client, listed.slug), client.application.test_client()
    page = visitor.get("/rdv/acces")
    visitor.send(page.form("acces"), code=card.code, email="jean@example.com")
    assert client.get_cookie("bookt_proof")
    for path in ("/rdv", "/rdv?prestation=libre", "/rdv?prestation=libre&avec=r1"):
        mine, theirs = (each.get(f"/embed/{listed.slug}{path}").text for each in (client, known))
        assert _without_token(mine) == _without_token(theirs)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": SITE}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}],
    ids=str,
)
def test_the_page_around_sends_no_form_of_ours(client: FlaskClient, listed: Cast, headers: dict[str, str]) -> None:
    visitor = framed(client, listed)
    form = visitor.get("/rdv?prestation=libre&avec=r1&jour=2027-01-12").form("creneaux")
    assert visitor.post(form.action, form.values | {"debut": "2027-01-12T09:00"}, **headers).status == 403
    assert bookings(listed) == []


def test_no_frame_on_a_host_of_the_business_s_own(client: FlaskClient) -> None:
    make_business(slug="eigen", domain="eigen.example", frame_ancestors=[SITE])
    answer = client.get("/embed/eigen/rdv", environ_overrides={"HTTP_HOST": "eigen.example"})
    assert answer.status_code == 404
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_step_keeps_its_language_in_the_frame(client: FlaskClient, listed: Cast) -> None:
    page = framed(client, listed).get("/rdv?lang=nl")
    assert '<html lang="nl' in page.html
    inside = [link for link in page.links if link.startswith("/embed/")]
    assert inside
    assert all("lang=nl" in link for link in inside)


def test_no_cookie_on_the_slot_page_outside_frames(client: FlaskClient, listed: Cast) -> None:
    visitor = Visitor(client, listed.slug)
    page = visitor.get("/rdv?prestation=libre&avec=r1&jour=2027-01-12")
    held = visitor.send(page.form("creneaux"), debut="2027-01-12T09:00")
    for each in (page, held, visitor.follow(held)):
        assert not each.response.headers.getlist("Set-Cookie")


@pytest.mark.parametrize("prefix", ["", "embed/"])
def test_a_form_sent_again_after_its_booking_leads_to_it(client: FlaskClient, listed: Cast, prefix: str) -> None:
    """Also one that would not have been taken."""
    visitor = Visitor(client, f"{prefix}{listed.slug}")
    form = visitor.hold("2027-01-12T09:00", "libre").form("coordonnees")
    visitor.send(form, name="Zoé", email="zoe@example.be")
    again = visitor.send(form, name="", email="a@b")
    assert again.status == 303
    assert len(bookings(listed)) == 1


def _without_token(html: str) -> str:
    return "".join(part for part in html.split("<") if "form_token" not in part)
