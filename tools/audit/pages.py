"""axe on the pages of every demo business, and their pictures."""

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from lib.languages import LANGUAGES

WIDTHS = (320, 390, 1280)
SCHEMES = ("light", "dark")
ONE_WIDTH = 390
PATHS = ("", "/rdv", "/mentions-legales", "/confidentialite", "/imprimer")
TAGS = {"resultTypes": ["violations"]}
NO_CONTRAST = TAGS | {"rules": {"color-contrast": {"enabled": False}}}  # the system's colours are not ours

Fault = tuple[str, str, list[str]]


def look(address: str, slugs: Sequence[str], chromium: str, pictures: Path) -> bool:
    """True when axe finds nothing."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        counts = dict.fromkeys(("widths and schemes", "languages", "forced colours"), 0)
        faults: list[Fault] = []
        for kind, found in _looks(browser, address, slugs, pictures):
            counts[kind] += 1
            faults += found
        browser.close()
    for fault in faults:
        print("axe:", *fault)
    print("axe: " + ", ".join(f"{count} pages in {kind}" for kind, count in counts.items()) + f": {len(faults)} faults")
    return not faults


def _looks(browser: Browser, address: str, slugs: Sequence[str], pictures: Path) -> Iterator[tuple[str, list[Fault]]]:
    for width, scheme in product(WIDTHS, SCHEMES):
        page = _page(browser, width, color_scheme=scheme)
        for path in ("/", *(f"/{slug}{rest}" for slug in slugs for rest in PATHS)):
            page.goto(address + path)
            yield "widths and schemes", _faults(page, f"{width} {scheme} {path}", TAGS)
            if path.count("/") == 1:
                _picture(page, pictures, f"{path.strip('/') or 'landing'}-{width}-{scheme}")
        page.context.close()
    page = _page(browser, ONE_WIDTH)
    for language, slug, rest in product(LANGUAGES, slugs, PATHS):
        page.goto(f"{address}/{slug}{rest}?lang={language}")
        yield "languages", _faults(page, f"{language} /{slug}{rest}", TAGS)
    page.context.close()
    page = _page(browser, ONE_WIDTH, forced_colors="active")
    for path in ("/", *(f"/{slug}{rest}" for slug in slugs for rest in ("", "/rdv"))):
        page.goto(address + path)
        yield "forced colours", _faults(page, f"forced colours {path}", NO_CONTRAST)
        _picture(page, pictures, f"{path.strip('/').replace('/', '-') or 'landing'}-forced")
    page.context.close()


def _page(browser: Browser, width: int, **more: Any) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-BE", **more)
    return context.new_page()


def _faults(page: Page, where: str, options: dict[str, Any]) -> list[Fault]:
    found = Axe().run(page, options=options).response["violations"]
    return [(where, fault["id"], [node["html"][:120] for node in fault["nodes"][:3]]) for fault in found]


def _picture(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"{name}.png", full_page=True)
