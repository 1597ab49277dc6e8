"""A real Chromium against a live server: one browser for the run, one context per (script, width, scheme)."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from tests.staff import Staff

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Iterator[dict[Any, BrowserContext]]:
    kept: dict[Any, BrowserContext] = {}
    yield kept
    for context in kept.values():
        context.close()


@pytest.fixture
def visit(browser: Browser, contexts: dict[Any, BrowserContext], address: str) -> Iterator[Open]:
    """`visit("/slug", js=False, width=375, scheme="dark")` opens a page; whatever the console, a dialog or the content
    policy complains about fails the test."""
    complaints: list[str] = []
    opened: list[Page] = []

    def open_page(path: str, *, js: bool = True, width: int = 375, scheme: str = "light") -> Page:
        key = js, width, scheme
        if key not in contexts:
            contexts[key] = browser.new_context(
                java_script_enabled=js, viewport={"width": width, "height": 800}, color_scheme=scheme,  # type: ignore[arg-type]
                locale="fr-BE", reduced_motion="reduce", base_url=address,
            )  # fmt: skip
            contexts[key].set_default_timeout(8_000)
        page = contexts[key].new_page()
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text) if said.type == "error" and " status of 4" not in said.text else None
            ),
        )
        opened.append(page)
        page.goto(path)
        return page

    yield open_page
    for page in opened:
        page.close()
    for context in contexts.values():
        context.clear_cookies()
    assert not complaints


def sign_in(page: Page, member: Staff) -> None:
    """From here on the page's browser is this member's."""
    page.context.add_cookies([{"name": "bookt", "value": member.cookie, "url": page.url}])
