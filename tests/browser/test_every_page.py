"""Every page in every state: no accessibility fault, no markup fault, nothing wider than the screen or too small for a
thumb, in both schemes. What looks at all of them walks through them as few times as it can."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Error, Page, Response

from tests.browser.conftest import Open
from tests.browser.states import States
from tests.cast import Clock
from tools.system import markup_checker

pytestmark = pytest.mark.browser

STATES = 32
# The one thing that the checker may not know: attributes that belong to htmx and its server-sent events.
HTMX = r".*Attribute “(hx|sse)-[a-z-]+” not allowed on element.*"
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LARGE = "() => { document.documentElement.style.fontSize = '200%' }"
SPACED = """() => {
    document.documentElement.style.fontSize = ''
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
        p { margin-block-end: 2em !important }`)
    document.adoptedStyleSheets = [sheet]
}"""  # WCAG 2.2, 1.4.12
USUAL = "() => { document.documentElement.style.fontSize = ''; document.adoptedStyleSheets = [] }"
SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), summary, textarea, select')]
    .filter(e => e.checkVisibility() && !e.closest('.vh, .skip') && !e.matches('.skip, p a, dd a'))
    .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()]).filter(([, r]) => r.height < 24 || r.width < 24)
    .map(([html, r]) => `${html} ${r.width}x${r.height}`)"""


def violations(name: str, page: Page) -> list[Any]:
    try:
        found = _found(page)
    except Error:  # a frame of the page was just loading: its document went away under the tool
        page.wait_for_timeout(500)
        found = _found(page)
    return [(name, fault["id"], [node["html"][:120] for node in fault["nodes"][:3]]) for fault in found]


def _found(page: Page) -> Any:
    return Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]


def test_on_a_phone(visit: Open, app: Flask, clock: Clock, tmp_path: Path) -> None:
    """axe, the size of what is tapped, and the markup as it was sent. At 320 px nothing is wider than the screen: as it
    is, with letters twice as large (WCAG 1.4.4), and with WCAG's own spacing (1.4.12)."""
    states = States(visit, app, clock, 390, "light")
    saved = Saved(tmp_path)
    states.page.on("response", saved.keep)
    faults, small, wide, seen = [], [], [], 0
    for name, page in states.all():
        seen += 1
        faults += violations(name, page)
        small += [(name, each) for each in page.evaluate(SMALL)]
        wide += too_wide(name, page)
    assert seen == STATES
    assert not faults
    assert not small
    assert not wide
    assert saved.count >= STATES - 2  # two states are reached without a new document
    assert not saved.faults()


def too_wide(name: str, page: Page) -> list[Any]:
    """On the smallest screen, looked at in three ways; the page is left as it was."""
    before, found = page.viewport_size, []
    assert before is not None
    page.set_viewport_size({"width": 320, "height": before["height"]})
    for how, script in (("as it is", None), ("200 %", LARGE), ("spaced", SPACED)):
        if script:
            page.evaluate(script)
        if page.evaluate(WIDE) > 0:
            found.append((name, how, page.evaluate(WIDE)))
    page.evaluate(USUAL)
    page.set_viewport_size(before)
    return found


class Saved:
    """The documents that the server sent, one file each."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0

    def keep(self, response: Response) -> None:
        is_page = response.request.resource_type == "document" and not 300 <= response.status < 400
        if is_page and "text/html" in response.headers.get("content-type", ""):
            self.count += 1
            (self.folder / f"{self.count:03}.html").write_text(f"{response.text()}")

    def faults(self) -> str:
        """What the Nu HTML checker says of all of them, in one call."""
        command = [*markup_checker(), "--errors-only", "--filterpattern", HTMX, str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode in (0, 1), done.stderr
        return done.stderr + done.stdout


def test_the_checker_of_markup_sees_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<!doctype html><html lang=fr><title>a</title><p hx-get=/b hxget=c>d</p>")
    said = Saved(tmp_path).faults()
    assert "hxget" in said
    assert "hx-get" not in said


# Of the pages behind the door, once on a phone and once large and dark; `make audit` adds two more looks.
DESK_LOOKS = [(375, "light"), (1280, "dark")]
DESK_LOOKS += [(320, "dark"), (1280, "light")] if os.environ.get("BOOKT_AUDIT") else []
OTHERS = [(320, "light"), (320, "dark"), (390, "dark"), (1280, "light")] if os.environ.get("BOOKT_AUDIT") else []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), *OTHERS])
def test_axe_finds_nothing(visit: Open, app: Flask, clock: Clock, width: int, scheme: str) -> None:
    """Beside the phone's light page, the large dark one; `make audit` looks at the others too."""
    faults, seen = [], 0
    for name, page in States(visit, app, clock, width, scheme).all():
        seen += 1
        faults += violations(name, page)
    assert seen == STATES
    assert not faults
