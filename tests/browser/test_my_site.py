"""Mon site as it is looked at: each page in its states, and a text that is kept while it is typed."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

import db
from models import Booking
from queries import my_site
from tests.browser.conftest import Open, sign_in
from tests.browser.test_every_page import DESK_LOOKS, LARGE, SMALL, USUAL, WIDE
from tests.cast import Cast, make_business
from tests.showcase import practice, restaurant
from tests.staff import staff

pytestmark = pytest.mark.browser

PAGES = (
    "", "/textes", "/recherche", "/photos", "/questions", "/temoignages", "/apparence", "/sections", "/mentions",
    "/partager", "/en-ligne",
)  # fmt: skip


def violations(name: str, page: Page) -> list[Any]:
    """Of the editor; the page in its frame is looked at where visitors see it."""
    options = {"resultTypes": ["violations"], "iframes": False}
    found = Axe().run(page, options=options).response["violations"]
    return [(name, fault["id"], [node["html"][:120] for node in fault["nodes"][:3]]) for fault in found]


def states(visit: Open, app: Flask, width: int, scheme: str) -> Iterator[tuple[str, Page]]:
    """Full, in error, with something not published, empty."""
    cast = practice(sector="physio")
    page = visit("/", width=width, scheme=scheme)
    sign_in(page, staff(app, cast))
    root = f"/pro/{cast.slug}/site"
    for path in PAGES:
        page.goto(root + path)
        yield f"full {path}", page
    for each in page.locator("details.told-in").all():
        each.locator("summary").click()
    page.goto(f"{root}/questions")
    page.locator("#question").fill("Et si… ?")
    page.locator("#answer").fill(" ")
    page.locator(".save .btn").click()
    yield "wrong", page
    page.locator("#answer").fill("Oui.")
    page.locator(".save .btn").click()
    expect(page.locator(".toast")).to_be_visible()
    yield "changed", page
    page.locator(".rows b a").last.click()
    page.locator("details.told-in > summary").click()
    yield "one line", page
    page.goto(f"{root}/annuler")
    yield "discard", page
    page.goto(f"{root}?largeur=ordinateur")
    yield "wide", page
    bare = make_business(public=False, sector="doctor")
    sign_in(page, staff(app, bare))
    for path in ("", "/temoignages", "/mentions", "/en-ligne"):
        page.goto(f"/pro/{bare.slug}/site{path}")
        yield f"bare {path}", page
    table = restaurant(sector="restaurant")
    sign_in(page, staff(app, table))
    page.goto(f"/pro/{table.slug}/site/carte")
    yield "card", page


@pytest.mark.parametrize(("width", "scheme"), DESK_LOOKS)
def test_every_state_can_be_used_by_everyone(visit: Open, app: Flask, width: int, scheme: str) -> None:
    faults: list[Any] = []
    for name, page in states(visit, app, width, scheme):
        faults += violations(name, page)
        faults += [(name, each) for each in page.evaluate(SMALL)]
        faults += [(name, "wide")] if page.evaluate(WIDE) > 0 else []
        if width == 375:
            page.evaluate(LARGE)
            faults += [(name, "wide at 200 %")] if page.evaluate(WIDE) > 0 else []
            page.evaluate(USUAL)
    assert not faults


def test_a_text_is_kept_as_it_is_typed_and_the_page_beside_it_follows(visit: Open, app: Flask, cast: Cast) -> None:
    page = visit("/", width=1280)
    sign_in(page, staff(app, cast))
    page.goto(f"/pro/{cast.slug}/site/textes")
    page.wait_for_function("() => window.htmx")
    page.locator("#headline").press_sequentially("Un titre tapé")
    beside = page.frame_locator(".site-page")
    expect(beside.locator("h1")).to_have_text("Un titre tapé")
    expect(page.locator("#site-etat")).to_contain_text("Modifications non publiées")
    assert page.evaluate("document.activeElement.id") == "headline"
    assert my_site.own_site(cast.business).business.headline == "Un titre tapé"
    page.get_by_role("button", name="Publier").click()
    expect(page.locator(".toast")).to_contain_text("Vous avez publié")
    assert cast.business.headline == "Un titre tapé"


def test_nothing_acts_in_a_preview(browser: Browser, address: str, app: Flask, cast: Cast) -> None:
    """No link opens, no time is held: the frame's sandbox says so to the console, which is why this page has its own."""
    with browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.goto("/")
        sign_in(page, staff(app, cast))
        page.goto(f"/pro/{cast.slug}/site")
        beside = page.frame_locator(".site-page")
        beside.locator(".times button").first.click()
        beside.locator(".foot a").first.click()
        assert page.url.endswith("/site") and len(context.pages) == 1
        expect(beside.locator("h1")).to_be_visible()
    with db.reading(cast.id):
        assert Booking.select().count() == 0
