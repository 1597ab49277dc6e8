"""The agenda in a browser: by keyboard alone, with and without script, and without accessibility faults."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

import db
from actions import schedule
from models import Booking
from queries.booking import BookingCard
from tests.browser.conftest import Open, sign_in
from tests.browser.test_every_page import DESK_LOOKS
from tests.cast import TUESDAY, Cast, make_business
from tests.staff import Staff, staff

pytestmark = pytest.mark.browser

WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll('main a, main button, main input:not([type=hidden]), main summary')]
    .filter(e => e.checkVisibility() && !e.closest('.vh, .ag-cell') && !e.matches('p a, dd a'))
    .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()]).filter(([, r]) => r.height < 24 || r.width < 24)
    .map(([html, r]) => `${html} ${r.width}x${r.height}`)"""

STOPS = "() => [...document.querySelectorAll('.ag-grid a')].filter(e => e.checkVisibility() && e.tabIndex >= 0).length"


@pytest.fixture
def full(app: Flask) -> tuple[Cast, Staff, BookingCard]:
    """A day of two people with a pause, a block, a note and overlaps of the week."""
    cast = make_business()
    card = cast.book("09:00", resourceId="r1", message="Je viens en fauteuil.")
    for time, whom in (("09:00", "r2"), ("10:00", "r1"), ("11:30", "r2"), ("14:00", "r1")):
        cast.book(time, resourceId=whom)
    start = card.start.replace(hour=16)
    schedule.block(
        cast.business, cast.offer.resources[0].id, starts_at=start, ends_at=start.replace(hour=17),
        summary="Réunion", now=0,
    )  # fmt: skip
    return cast, staff(app, cast), card


def open_as(visit: Open, member: Staff, path: str, **more: object) -> Page:
    page = visit("/connexion", **more)
    sign_in(page, member)
    page.goto(member.path(path))
    return page


@pytest.mark.parametrize(("width", "scheme"), DESK_LOOKS)
def test_no_page_of_the_agenda_has_a_fault(
    visit: Open, full: tuple[Cast, Staff, BookingCard], width: int, scheme: str
) -> None:
    _, member, card = full
    page = open_as(visit, member, "/agenda", width=width, scheme=scheme)
    faults = []
    for path in (
        f"/agenda?vue=jour&date={TUESDAY}", f"/agenda?vue=semaine&date={TUESDAY}", "/agenda?vue=semaine&date=2027-02-01",
        f"/agenda/pourquoi?prestation=diag&date={TUESDAY}&heure=09:00&avec=r1", "/agenda/bloquer",
        f"/rendez-vous/{card.code}", f"/rendez-vous/{card.code}/annulation", f"/rendez-vous/{card.code}/deplacement",
        f"/rendez-vous/{card.code}/deplacement?debut={TUESDAY}T19:00", f"/rendez-vous/nouveau?debut={TUESDAY}T09:00&avec=r1",
    ):  # fmt: skip
        page.goto(member.path(path))
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        faults += [(path, each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in found]
        faults += [(path, "wide", page.evaluate(WIDE))] if page.evaluate(WIDE) > 0 else []
        faults += [(path, "small", each) for each in page.evaluate(SMALL)]
    assert not faults


def test_keys_alone_move_a_booking(visit: Open, full: tuple[Cast, Staff, BookingCard]) -> None:
    """From its block: Alt and an arrow ask the move back, Enter does it. Days and weeks have keys of their own."""
    cast, member, card = full
    page = open_as(visit, member, f"/agenda?vue=jour&date={TUESDAY}", width=1280)
    page.locator(f"#b-{card.code}").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("button[name=confirmer]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("09:30")
    with db.reading(cast.id):
        assert [row.starts_at.minute for row in Booking.select().where(Booking.code == card.code)] == [30]
    page.keyboard.press("2")
    page.wait_for_url("**vue=semaine**")
    assert page.locator(".ag-cell a").count() > 50  # a pointer has a link per free hour, the keyboard one per column
    assert page.evaluate(STOPS) <= 7 * 2 + 6
    page.keyboard.press("j")
    expect(page.locator("#ag-title")).to_contain_text("18")
    page.keyboard.press("t")
    expect(page.locator("#ag-today")).to_have_attribute("aria-current", "date")


def test_without_script_a_gap_takes_a_booking_and_a_form_moves_it(
    visit: Open, full: tuple[Cast, Staff, BookingCard]
) -> None:
    cast, member, _ = full
    page = open_as(visit, member, f"/agenda?vue=jour&date={TUESDAY}", width=375, js=False)
    page.locator(".ag-free a").first.click()
    page.fill("#name", "Ida Morel")
    page.select_option("#prestation", "diag")
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(page.locator(".toast")).to_contain_text("Ida Morel")
    page.get_by_role("link", name="Ida Morel").click()
    page.get_by_role("link", name="Déplacer").click()
    page.locator(".time").last.click()
    page.get_by_role("button", name="Déplacer").click()
    expect(page.locator(".toast")).to_contain_text("déplacé")
    page.get_by_role("button", name="Rétablir").click()
    expect(page.locator(".toast")).to_contain_text("Rétabli")
    with db.reading(cast.id):
        assert {row.status for row in Booking.select()} == {"confirmed"}


def test_a_booking_is_dragged_to_a_free_hour_and_asked_back(visit: Open, full: tuple[Cast, Staff, BookingCard]) -> None:
    _, member, card = full
    page = open_as(visit, member, f"/agenda?vue=jour&date={TUESDAY}", width=1280)
    target = page.locator(".ag-cell a", has_text="11:00").first
    page.locator(f"#b-{card.code}").drag_to(target)
    page.wait_for_url("**/deplacement?debut=*")
    expect(page.locator("h1")).to_contain_text("Jean Martin")


def test_the_lookup_answers_while_the_name_is_typed(visit: Open, full: tuple[Cast, Staff, BookingCard]) -> None:
    _, member, _ = full
    page = open_as(visit, member, "/rendez-vous/nouveau", width=1280)
    page.locator("#name").press_sequentially("mart")
    page.get_by_role("button", name="Choisir Jean Martin").click()
    expect(page.locator(".ag-chosen")).to_contain_text("jean@example.com")
