"""A page of another site with our booking in it, in a real browser that gives frames no cookie."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Frame, Page, expect
from werkzeug.serving import make_server

import db
from models import Booking
from tests.browser.conftest import Open
from tests.cast import Cast, make_business

pytestmark = pytest.mark.browser

Site = dict[str, str]  # path → body


class Elsewhere:
    """Another site, on a host name and a port of its own; `pages` by path."""

    def __init__(self) -> None:
        self.pages: Site = {}
        self.cookies: list[str] = []
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"http://localhost:{self._server.server_port}"

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/wish":
            self.cookies.append(environ.get("HTTP_COOKIE", ""))
        body = self.pages.get(environ["PATH_INFO"])
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", "style-src 'none'")]
        if environ["PATH_INFO"] == "/wish":
            headers.append(("Set-Cookie", "seen=1; SameSite=None; Secure"))
        start_response("200 OK" if body is not None else "404 Not Found", headers)
        return [(body or "").encode()]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    site = Elsewhere()
    yield site
    site.close()


@pytest.fixture
def listed(app: Flask, elsewhere: Elsewhere) -> Cast:
    return make_business(
        resources=1, frame_ancestors=["https://other.example", elsewhere.origin],
        services={"libre": {"deposit_bp": 0, "name": "Séance"}, "diag": {"name": "Bilan"}},
    )  # fmt: skip


@pytest.fixture
def browse(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`browse(url, js=False)`: a page in a new context, which blocks the cookies of third parties; what a script
    of the page or of a frame throws fails the test."""
    thrown: list[str] = []
    opened: list[Any] = []

    def open_page(url: str, *, js: bool = True) -> Page:
        context = browser.new_context(java_script_enabled=js, viewport={"width": 720, "height": 800}, locale="fr-BE")
        context.set_default_timeout(8_000)
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.goto(url)
        return page

    yield open_page
    for each in opened:
        each.close()
    assert not thrown


def around(*tags: str, language: str = "fr-BE") -> str:
    return f'<!doctype html><html lang="{language}"><title>Cabinet</title><h1>Cabinet</h1>{"".join(tags)}<p>Fin</p>'


def tag(address: str, slug: str, more: str = "") -> str:
    return f'<script src="{address}/e.js" data-bookt="{slug}" {more} async></script>'


def frame_of(page: Page, number: int = 0) -> Frame:
    frame = page.locator("iframe").nth(number).element_handle().content_frame()
    assert frame is not None
    return frame


def book(frame: Frame, service: str) -> None:
    frame.get_by_role("link", name=service).click()
    frame.get_by_role("link", name="mercredi 13 janvier").click()
    expect(frame.locator("#t-day")).to_have_text("Mercredi 13 janvier")
    frame.get_by_role("button", name="10:00", exact=True).click()
    fill(frame)
    if service == "Bilan":
        frame.get_by_role("button", name="Continuer").click()
    frame.get_by_role("button", name="Confirmer le rendez-vous").click()
    expect(frame.get_by_text("C’est confirmé")).to_be_visible()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Mercredi 13 janvier à 10:00")


def fill(page: Page | Frame) -> None:
    page.get_by_label("Nom", exact=True).fill("Zoé Lambert")
    page.get_by_label("E-mail").fill("zoe@example.be")


def bookings(cast: Cast) -> list[tuple[str, str, str]]:
    with db.reading(cast.id):
        return [(row.status, row.source, row.code) for row in Booking.select().where(Booking.status == "confirmed")]


def test_book_in_the_frame_of_the_script(
    browse: Callable[..., Page], address: str, elsewhere: Elsewhere, listed: Cast
) -> None:
    elsewhere.pages["/"] = around(tag(address, listed.slug))
    page = browse(elsewhere.origin)
    holder, frame = page.locator("iframe"), frame_of(page)
    expect(holder).to_have_attribute("title", "Prendre rendez-vous")
    expect(holder).to_have_attribute("loading", "lazy")
    assert page.evaluate("document.querySelector('script').nextElementSibling.tagName") == "IFRAME"
    expect(frame.get_by_role("link", name="Séance")).to_be_visible()
    short = fits(page)
    book(frame, "Bilan")
    assert fits(page) != short
    (found,) = bookings(listed)
    assert found[:2] == ("confirmed", "embed")
    assert page.context.cookies() == []
    frame.get_by_role("button", name="Voir mon rendez-vous").click()
    page.wait_for_url(f"{address}/{listed.slug}/rdv/{found[2]}*")
    expect(page.get_by_text("Rendez-vous confirmé")).to_be_visible()


def test_book_in_a_plain_frame_without_script(
    browse: Callable[..., Page], address: str, elsewhere: Elsewhere, listed: Cast
) -> None:
    plain = f'<iframe src="{address}/embed/{listed.slug}/rdv" title="Rendez-vous" width="600" height="700"></iframe>'
    elsewhere.pages["/"] = around(tag(address, listed.slug), plain)
    page = browse(elsewhere.origin, js=False)
    assert page.locator("iframe").count() == 1
    book(frame_of(page), "Séance")
    (found,) = bookings(listed)
    assert page.context.cookies() == []
    frame_of(page).get_by_role("button", name="Voir mon rendez-vous").click()
    page.wait_for_url(f"{address}/{listed.slug}/rdv/{found[2]}*")
    expect(page.get_by_text("Rendez-vous confirmé")).to_be_visible()


def test_this_browser_gives_a_foreign_frame_no_cookie(browse: Callable[..., Page], elsewhere: Elsewhere) -> None:
    """Else the two tests above would prove nothing: one frame, seen from its own site and from another."""
    elsewhere.pages |= {"/wish": "wish", "/": around(f'<iframe src="{elsewhere.origin}/wish"></iframe>')}
    page = browse(f"{elsewhere.origin}/wish")
    elsewhere.cookies.clear()
    page.goto(elsewhere.origin, wait_until="load")
    page.goto(elsewhere.origin.replace("localhost", "127.0.0.1"), wait_until="load")
    assert elsewhere.cookies == ["seen=1", ""]


def test_several_on_one_page_and_nothing_left_behind(
    browse: Callable[..., Page], address: str, elsewhere: Elsewhere, listed: Cast
) -> None:
    second = make_business(frame_ancestors=[elsewhere.origin])
    elsewhere.pages["/"] = around(tag(address, listed.slug), tag(address, second.slug, 'data-lang="nl"'))
    elsewhere.pages["/bare"] = around()
    page = browse(f"{elsewhere.origin}/bare")
    names = "Object.getOwnPropertyNames(window).filter(name => isNaN(name)).sort().join()"
    before = page.evaluate(names)
    page.goto(elsewhere.origin)
    expect(page.locator("iframe")).to_have_count(2)
    titles = {each.get_attribute("title") for each in page.locator("iframe").all()}
    assert titles == {"Prendre rendez-vous", "Afspraak maken"}
    for number in (0, 1):
        frame_of(page, number).wait_for_load_state()
    assert {frame.url.partition("?")[0] for frame in page.frames[1:]} == {
        f"{address}/embed/{each.slug}/rdv" for each in (listed, second)
    }
    assert page.evaluate(names) == before


def test_nobody_else_sets_the_height(
    browse: Callable[..., Page], address: str, elsewhere: Elsewhere, listed: Cast
) -> None:
    other = '<iframe id="other" srcdoc="<script>parent.postMessage(5000, \'*\')</script>"></iframe>'
    elsewhere.pages["/"] = around(tag(address, listed.slug))
    page = browse(elsewhere.origin)
    expect(frame_of(page).get_by_role("link", name="Séance")).to_be_visible()
    height = fits(page)
    page.evaluate(
        "html => { document.body.insertAdjacentHTML('beforeend', html); window.postMessage(5000, '*') }", other
    )
    page.locator("#other").element_handle().content_frame().wait_for_load_state()  # type: ignore[union-attr] # a frame has one
    page.wait_for_timeout(100)
    assert fits(page) == height


def test_an_unlisted_site_shows_an_empty_frame(browse: Callable[..., Page], address: str, elsewhere: Elsewhere) -> None:
    closed = make_business(frame_ancestors=["https://other.example"])
    elsewhere.pages["/"] = around(tag(address, closed.slug))
    page = browse("about:blank")
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))
    page.goto(elsewhere.origin)
    frame = frame_of(page)
    page.wait_for_timeout(300)
    assert frame.url.startswith("chrome-error:")
    assert any("frame-ancestors" in text for text in refused)


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_axe_finds_nothing_in_a_frame(visit: Open, listed: Cast, width: int, scheme: str) -> None:
    """As pages of their own: a frame's content is judged by itself."""
    faults, page = [], visit(f"/embed/{listed.slug}/rdv", width=width, scheme=scheme)

    def judge(name: str) -> None:
        for fault in Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]:
            faults.append((name, fault["id"], [node["html"][:120] for node in fault["nodes"][:3]]))
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, name

    judge("service")
    page.get_by_role("link", name="Séance").click()
    judge("moment")
    page.locator("#creneaux .time").first.click()
    fill(page)
    judge("details")
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    expect(page.get_by_text("C’est confirmé")).to_be_visible()
    judge("done")
    page.goto(f"/embed/{listed.slug}/rdv?prestation=rien")
    judge("error")
    assert not faults


def fits(page: Page) -> float:
    """The height of the frame, once it is that of its content."""
    inner, outer = 0.0, -1.0
    for _ in range(60):
        inner = frame_of(page).evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)")
        outer = page.locator("iframe").first.evaluate("frame => frame.getBoundingClientRect().height")
        if outer == inner:
            return outer
        page.wait_for_timeout(50)
    pytest.fail(f"the frame is {outer} px tall, its content {inner}")
