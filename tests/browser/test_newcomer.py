"""Somebody new, in a browser: from the front door to a first booking and through the ten steps, with script and without.
On the way every step is looked at, empty and with what is wrong: no accessibility fault, nothing too small for a thumb,
nothing wider than the screen."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.test_every_page import SMALL, WIDE, violations

pytestmark = pytest.mark.browser

Look = Callable[[str, Page], None]


@pytest.fixture
def look() -> Look:
    def at(name: str, page: Page) -> None:
        assert not violations(name, page)
        assert not page.evaluate(SMALL), name
        assert page.evaluate(WIDE) <= 0, name

    return at


def skip(_name: str, _page: Page) -> None:
    """Without script nothing can be measured."""


@pytest.mark.parametrize("width", [375, 1280])
def test_without_script(visit: Open, width: int) -> None:
    page = visit("/", js=False, width=width)
    slug = sign_up(page, "doctor", skip)
    go_online(page, slug, skip)
    if width == 375:
        walk_on(page, skip)
    move_and_cancel(page, slug, book(visit(f"/{slug}", js=False, width=width)))


@pytest.mark.parametrize(("width", "scheme", "sector"), [(375, "light", "restaurant"), (1280, "dark", "physio")])
def test_with_script(visit: Open, look: Look, width: int, scheme: str, sector: str) -> None:
    page = visit("/", width=width, scheme=scheme)
    slug = sign_up(page, sector, look)
    go_online(page, slug, look)
    walk_on(page, look)
    move_and_cancel(page, slug, book(visit(f"/{slug}", width=width, scheme=scheme)))


def test_the_address_and_the_preview_follow_the_typing(visit: Open) -> None:
    page = visit("/demarrer/2?metier=coach", width=1280)
    page.locator("#businessName").fill("L’Étoile du Nord")
    expect(page.locator("#slug")).to_have_value(re.compile("^l-etoile-du-nord"))
    expect(page.locator("#adresse-etat")).to_have_text("Cette adresse est libre.")
    page.locator("#slug").fill("api")
    expect(page.locator("#adresse-etat")).to_contain_text("déjà prise")
    page.locator("#businessName").fill("L’Étoile du Sud")  # what was typed by hand stays
    page.locator("#slug").fill("")
    page.locator("#businessName").fill("Étoile d’Est")
    expect(page.locator("#slug")).to_have_value(re.compile("^etoile-d-est"))
    page.locator("#name").fill("Lou Maes")
    page.locator("#email").fill("lou@example.be")
    page.locator("#email").press("Enter")
    page.wait_for_url("**/demarrer/3")
    page.locator("#town").fill("Dinant")
    expect(page.frame_locator(".preview").locator(".eyebrow").first).to_contain_text("Dinant")
    assert page.evaluate("document.activeElement.id") == "town"


def test_one_day_is_copied_without_a_new_page(visit: Open) -> None:
    page = visit("/", width=1280)
    go_online(page, sign_up(page, "physio", skip), skip)
    page.goto(page.url.partition("/demarrer/")[0] + "/demarrer/5")
    page.locator("[id='days.1.start']").fill("07:15")
    page.locator("button[name=copier][value='1']").click()
    expect(page.locator("[id='days.5.start']")).to_have_value("07:15")
    expect(page.locator("[id='days.6.start']")).to_have_value("")
    page.get_by_role("link", name="Mardi à samedi").click()
    expect(page.locator("[id='days.6.start']")).to_have_value("09:00")


def sign_up(page: Page, sector: str, look: Look) -> str:
    """From the front door to the third step; gives the slug."""
    page.locator("#metier").select_option(sector)
    page.get_by_role("button", name="Créer mon cabinet").click()
    page.get_by_role("link", name="Retour").click()
    look("1", page)
    page.locator(f"a[href$='metier={sector}']").click()
    look("2", page)
    page.locator(".setup-acts button").click()
    look("2, wrong", page)
    page.locator("#businessName").fill("Maison Peeters")
    page.locator("#name").fill("Ada Peeters")
    page.locator("#email").fill("ada@example.be")
    page.locator(".setup-acts button").click()
    page.wait_for_url("**/demarrer/3")
    return page.url.split("/pro/")[1].split("/")[0]


def go_online(page: Page, slug: str, look: Look) -> None:
    look("3", page)
    page.locator(".setup-acts button").click()
    look("3, wrong", page)
    for name, value in (("street", "Rue Haute 1"), ("postcode", "1000"), ("town", "Bruxelles"), ("phone", "025550177")):
        page.locator(f"#{name}").fill(value)
    page.get_by_role("button", name="Mettre ma page en ligne").click()
    expect(page.locator("#t-en-ligne")).to_have_text("Votre page est en ligne")
    expect(page.locator(".online a")).to_have_attribute("href", f"/{slug}")


def walk_on(page: Page, look: Look) -> None:
    """Each step as it is filled in; two of them wrong first."""
    wrong = {4: ("[id='services.0.price']", "rien"), 8: ("#break_start", "12:00")}
    for step in range(4, 11):
        expect(page.locator(".setup-progress p")).to_contain_text(f"{step} sur 10")
        look(str(step), page)
        if step in wrong:
            place, value = wrong[step]
            before = page.locator(place).input_value()
            page.locator(place).fill(value)
            page.locator(".setup-acts button").click()
            expect(page.locator("#erreurs")).to_be_visible()
            look(f"{step}, wrong", page)
            page.locator(place).fill(before)
        page.locator(".setup-acts button").click()
    page.wait_for_url("**/demarrer/fin")
    look("the end", page)
    assert page.locator("#lien").input_value().endswith(page.url.split("/pro/")[1].split("/")[0])


def book(page: Page) -> str:
    """As a client does; gives the code."""
    page.locator("button[name=debut]").first.click()
    page.locator("#name").fill("Zoé Lambert")
    page.locator("#email").fill("zoe@example.be")
    page.locator("#coordonnees .btn").last.click()
    page.wait_for_url(re.compile(r"/rdv/AC-"))
    expect(page.locator("main")).to_contain_text("confirmé")
    return page.url.rpartition("/")[2].partition("?")[0]


def move_and_cancel(page: Page, slug: str, code: str) -> None:
    """As the professional does who has just signed up: from its block in the agenda."""
    page.goto(f"/pro/{slug}/agenda?vue=semaine")
    page.locator(f"a[href$='/rendez-vous/{code}']:visible").first.click()
    page.get_by_role("link", name="Déplacer").click()
    page.locator("main .time").last.click()
    page.get_by_role("button", name="Déplacer").click()
    expect(page.locator(".toast")).to_contain_text("déplacé")
    page.goto(f"/pro/{slug}/rendez-vous/{code}")
    page.get_by_role("link", name="Annuler").click()
    page.get_by_role("button", name="Annuler").click()
    expect(page.locator(".toast")).to_contain_text("annulé")
    page.goto(f"/{slug}/rdv/{code}")
    expect(page.locator("main")).to_contain_text("annulé")
