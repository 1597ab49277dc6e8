import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

import db
from models import Booking
from tests.browser.conftest import Open
from tests.cast import MONDAY_8, Cast, Clock, make_business, question

pytestmark = pytest.mark.browser

EVIL = """<img src=x onerror=alert(1)>"'=1+1"""


@pytest.fixture
def free(app: Flask) -> Cast:
    return make_business(services={"libre": {"deposit_bp": 0, "name": "Séance"}, "diag": {"name": "Diagnostic"}})


@pytest.fixture
def alone(app: Flask) -> Cast:
    return make_business(resources=1, services={"libre": {"deposit_bp": 0, "name": "Séance"}})


def bookings(cast: Cast, status: str) -> list[Booking]:
    with db.reading(cast.id):
        return list(Booking.select().where(Booking.status == status))


def fill(page: Page, name: str = "Zoé Lambert", email: str = "zoe@example.be") -> None:
    page.get_by_label("Nom", exact=True).fill(name)
    page.get_by_label("E-mail").fill(email)


def code_of(page: Page) -> str:
    return page.locator(".code").inner_text()


@pytest.mark.parametrize(("js", "width"), [(True, 375), (False, 375), (True, 1280), (False, 1280)])
def test_book_from_the_front_page_to_the_code(visit: Open, free: Cast, js: bool, width: int) -> None:
    page = visit(f"/{free.slug}", js=js, width=width)
    page.get_by_role("link", name="Prendre rendez-vous").locator("visible=true").first.click()
    page.get_by_role("link", name=re.compile("Diagnostic")).click()
    page.get_by_role("link", name=re.compile("Praticien 2")).click()
    page.get_by_role("link", name=re.compile("mardi 12 janvier")).click()
    expect(page.locator("#t-day")).to_have_text("Demain, mardi 12 janvier")
    page.get_by_role("button", name="10:00", exact=True).click()
    expect(page.get_by_text("Mardi 12 janvier à 10:00").first).to_be_visible()
    fill(page)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Acompte de 12,00").first).to_be_visible()
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    expect(page.get_by_text("Rendez-vous confirmé")).to_be_visible()
    code = code_of(page)
    page.reload()
    assert code_of(page) == code
    (row,) = bookings(free, "confirmed")
    assert row.code == code


@pytest.mark.parametrize("js", [True, False])
def test_two_taps_from_the_front_page(visit: Open, free: Cast, js: bool) -> None:
    page = visit(f"/{free.slug}", js=js)
    page.locator(".next .time").first.click()
    fill(page)
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    expect(page.get_by_text("Rendez-vous confirmé")).to_be_visible()


@pytest.mark.parametrize("js", [True, False])
def test_lose_a_race_for_a_time(visit: Open, alone: Cast, js: bool) -> None:
    page = visit(f"/{alone.slug}/rdv?jour=2027-01-12", js=js)
    alone.book(time="09:00", serviceId="libre")
    page.get_by_role("button", name="09:00", exact=True).click()
    note = page.get_by_role("alert")
    expect(note).to_contain_text("Ce créneau vient d’être pris")
    expect(note).to_be_focused()
    assert note.get_by_role("button").count() == 3
    note.get_by_role("button").nth(1).click()
    fill(page)
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    expect(page.get_by_text("Rendez-vous confirmé")).to_be_visible()


@pytest.mark.parametrize("js", [True, False])
def test_lose_a_race_at_the_last_click_and_keep_what_was_typed(
    visit: Open, alone: Cast, clock: Clock, js: bool
) -> None:
    page = visit(f"/{alone.slug}/rdv?jour=2027-01-12", js=js)
    page.get_by_role("button", name="09:00", exact=True).click()
    fill(page)
    page.get_by_label("Message").fill("Deuxième étage\nsonner fort")
    clock.now = MONDAY_8 + 700
    alone.book(time="09:00", now=MONDAY_8 + 700, serviceId="libre")
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    page.get_by_role("alert").get_by_role("button").first.click()
    expect(page.get_by_label("Message")).to_have_value("Deuxième étage\nsonner fort")
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    expect(page.get_by_text("Rendez-vous confirmé")).to_be_visible()


@pytest.mark.parametrize(("js", "width"), [(True, 375), (False, 1280)])
def test_move_then_cancel(visit: Open, alone: Cast, js: bool, width: int) -> None:
    card = alone.book(time="09:00", serviceId="libre")
    page = visit(f"/{alone.slug}/rdv/acces", js=js, width=width)
    page.get_by_label("Code du rendez-vous").fill(card.code.lower())
    page.get_by_label("E-mail").fill("jean@example.com")
    page.get_by_role("button", name="Afficher le rendez-vous").click()
    page.get_by_role("link", name="Déplacer").click()
    page.get_by_role("link", name=re.compile("mercredi 13 janvier")).click()
    expect(page.locator("#t-day")).to_have_text("Mercredi 13 janvier")
    alone.book(
        time="14:00",
        date=card.start.date().replace(day=13),
        serviceId="libre",
        customer={"name": "V", "email": "v@x.be"},
    )
    page.get_by_role("button", name="14:00", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Votre rendez-vous n’a pas bougé")
    page.get_by_role("alert").get_by_role("button").last.click()
    expect(page.get_by_text("Rendez-vous déplacé")).to_be_visible()
    assert code_of(page) == card.code
    page.get_by_role("link", name="Annuler").click()
    expect(page.get_by_text("L’annulation est gratuite.")).to_be_visible()
    page.get_by_label("Raison").fill(EVIL)
    page.get_by_role("button", name="Annuler le rendez-vous").click()
    expect(page.get_by_text("Rendez-vous annulé")).to_be_visible()
    again = page.get_by_role("region", name="Revenir nous voir").get_by_role("link")
    expect(again).to_have_text("Prendre rendez-vous")


@pytest.mark.parametrize("js", [True, False])
def test_bad_input_in_every_field(visit: Open, free: Cast, js: bool) -> None:
    page = visit(f"/{free.slug}/rdv?prestation=libre&avec=r1&jour=2027-01-12", js=js)
    page.get_by_role("button", name="09:00", exact=True).click()
    # what the browser itself lets pass
    bad = {"Nom": " ", "E-mail": "a@b", "Mobile": "12", "Message": "m" * 1990 + "\u200b\u0007" + EVIL}
    for label, text in bad.items():
        page.get_by_label(label, exact=label == "Nom").fill(text)
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Il reste 4 choses à corriger")
    assert page.title().startswith("Erreur\u00a0:")
    for name in ("name", "email", "phone", "message"):
        field = page.locator(f"#{name}")
        assert field.get_attribute("aria-invalid") == "true"
        expect(page.locator(f"#{name}-erreur")).to_be_visible()
        assert f"{name}-erreur" in (field.get_attribute("aria-describedby") or "")
    expect(page.locator("#phone")).to_have_value("12")
    summary.get_by_role("link").nth(2).click()
    expect(page.locator("#phone")).to_be_focused()
    fill(page, name=EVIL)
    page.locator("#phone").fill("0470 12 34 56")
    page.locator("#message").fill(EVIL)
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    expect(page.get_by_text("Rendez-vous confirmé")).to_be_visible()


def test_a_profession_s_questions(visit: Open, app: Flask) -> None:
    fields = [
        question("side", "radio", options=("left", "right"), required=True), question("weeks", "number", max=52),
        question("zone", "select", options=("knee",)), question("first", "boolean"), question("since", "date"),
    ]  # fmt: skip
    asking = make_business(form_fields=fields)
    page = visit(f"/{asking.slug}/rdv?prestation=diag&avec=r1&jour=2027-01-12", width=320)
    page.get_by_role("button", name="09:00", exact=True).click()
    fill(page)
    page.get_by_label("weeks fr").fill("beaucoup")
    page.get_by_label("zone fr").select_option(label="knee fr")
    page.get_by_label("first fr").check()
    page.get_by_label("since fr").fill("2026-12-24")
    page.get_by_role("button", name="Continuer").locator("visible=true").click()
    assert "/verification" not in page.url  # the browser itself asks for the side
    page.locator("#coordonnees").evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="Continuer").locator("visible=true").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Il reste 2 choses à corriger")
    summary.get_by_role("link").first.click()
    side = page.get_by_role("group", name="side fr")
    expect(side.get_by_role("radio", name="left fr")).to_be_focused()
    expect(side).to_have_accessible_description(re.compile("Répondez à cette question"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("weeks fr")).to_have_value("beaucoup")
    page.get_by_label("weeks fr").fill("3")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name="Continuer").locator("visible=true").click()
    for told in ("right fr", "knee fr", "Oui", "24 décembre 2026"):
        expect(page.get_by_text(told, exact=True)).to_be_visible()
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    expect(page.get_by_text("Rendez-vous confirmé")).to_be_visible()
    (row,) = bookings(asking, "confirmed")
    assert row.answers == {"side": "right", "weeks": 3, "zone": "knee", "first": True, "since": "2026-12-24"}


@pytest.mark.parametrize("js", [True, False])
def test_a_whole_booking_by_keyboard(visit: Open, free: Cast, js: bool) -> None:
    page = visit(f"/{free.slug}/rdv?prestation=libre&avec=peu-importe&jour=2027-01-12", js=js)
    presses = ["Tab", "Enter", "Tab"]  # the skip link, into the times, the first of them
    for key in presses:
        page.keyboard.press(key)
    first = page.locator("#creneaux .time").first
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/retenu/**")
    walk_to(page, "name")
    page.keyboard.type("Zoé")
    page.keyboard.press("Tab")
    page.keyboard.type("zoe@example.be")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Rendez-vous confirmé")).to_be_visible()
    assert len(bookings(free, "confirmed")) == 1


def walk_to(page: Page, name: str) -> None:
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.locator(f"#{name}:focus").count():
            return
    pytest.fail(f"#{name} is not within twelve presses")


def test_the_week_strip_swaps_in_place_and_goes_back(visit: Open, free: Cast) -> None:
    page = visit(f"/{free.slug}/rdv?prestation=libre&avec=r1")
    page.wait_for_function("window.htmx")
    page.evaluate("window.unchanged = true")
    page.locator("#j-2027-01-13").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#t-day")).to_have_text("Mercredi 13 janvier")
    expect(page.locator("#j-2027-01-13")).to_be_focused()
    expect(page.locator("#annonce")).to_have_text(re.compile("Mercredi 13 janvier, 17"))
    assert page.evaluate("window.unchanged")
    assert "jour=2027-01-13" in page.url
    page.locator("#semaine-right").click()
    expect(page.locator("#t-week")).to_have_text("18 – 24 janvier")
    page.go_back()
    expect(page.locator("#t-day")).to_have_text("Mercredi 13 janvier")
    assert "<" not in page.evaluate("JSON.stringify(sessionStorage)")  # no page of a client stays behind
    page.get_by_role("button", name="09:00", exact=True).click()
    page.wait_for_url("**/retenu/**")


def test_the_deadline_counts_down_and_is_announced(visit: Open, free: Cast) -> None:
    page = visit(f"/{free.slug}")
    page.clock.install(time=MONDAY_8)
    page.goto(f"/{free.slug}/rdv?prestation=libre&avec=r1&jour=2027-01-12")
    page.get_by_role("button", name="09:00", exact=True).click()
    expect(page.locator("#t-hold")).to_contain_text("jusqu’à 08:10")
    status = page.locator("#annonce")
    page.clock.fast_forward("07:58")
    page.clock.run_for(3_000)
    expect(status).to_have_text("Il reste deux minutes pour confirmer.")
    page.clock.fast_forward("01:30")
    page.clock.run_for(3_000)
    expect(status).to_have_text("Il reste trente secondes pour confirmer.")
    page.get_by_label("Nom", exact=True).fill("Zoé, pas fini")
    page.get_by_role("button", name="Garder 10 min de plus").click()
    expect(page.get_by_label("Nom", exact=True)).to_have_value("Zoé, pas fini")
    expect(page.get_by_role("button", name="Garder 10 min de plus")).to_have_count(0)


def test_no_cookie_before_a_booking(visit: Open, free: Cast) -> None:
    page = visit(f"/{free.slug}")
    page.locator(".next .time").first.click()
    assert page.context.cookies() == []
    fill(page)
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    expect(page.get_by_text("Rendez-vous confirmé")).to_be_visible()
    assert [cookie["name"] for cookie in page.context.cookies()] == ["bookt_proof"]
