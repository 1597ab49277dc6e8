"""Which page shows inside somebody else's: by header on every route, and in a real browser. Only the booking's framed
twin does, and only on the sites that its business lists."""

import time
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Route

from tests.cast import make_business
from tests.security.edge import Places, is_file, routes

EVIL = "http://evil.example/"
LISTED = "https://cabinet.example"


@pytest.fixture
def embedded(app: Flask) -> Places:
    return Places.of(app, make_business(frame_ancestors=[LISTED]))


def test_frames_header_of_every_route(app: Flask, embedded: Places) -> None:
    """The table: the framed twin's own routes say the list, every other one and every other method says no."""
    client, framed = embedded.proved(app), set()
    for rule in routes(app, "GET", "POST"):
        for method in ("GET", "POST", "OPTIONS", "DELETE"):
            answer = client.open(embedded.path(rule), method=method)
            if rule.endpoint.startswith("embed.") and answer.status_code != 405:
                assert _ancestors(answer) == LISTED, (rule.rule, method)
                assert "X-Frame-Options" not in answer.headers, (rule.rule, method)
                framed.add(rule.endpoint)
            else:
                assert _ancestors(answer) == "'none'", (rule.rule, method)
                assert answer.headers["X-Frame-Options"] == "DENY", (rule.rule, method)
    booking = {rule.endpoint.partition(".")[2] for rule in routes(app, "GET", "POST") if _is_of(rule, "booking")}
    assert framed == {f"embed.{name}" for name in booking}


def test_frames_header_without_a_list(app: Flask, places: Places) -> None:
    client = places.proved(app)
    for rule in routes(app, "GET", "POST"):
        answer = client.get(places.path(rule))
        assert _ancestors(answer) == "'none'", rule.rule
        assert answer.headers["X-Frame-Options"] == "DENY", rule.rule


@pytest.mark.browser
def test_frames_stay_empty_on_a_foreign_page(app: Flask, embedded: Places, chromium: Browser) -> None:
    """Every page of a business that lists one site, on that site and on another. The first frame of each is a page
    that lets itself be framed: it shows everywhere."""
    rules = [rule for rule in routes(app, "GET") if not is_file(rule) and rule.rule != "/e.js"]
    shown = {
        site: _shown(app, embedded, chromium, site, [embedded.path(rule) for rule in rules])
        for site in (EVIL, f"{LISTED}/")
    }
    for site, urls in shown.items():
        assert len(urls) == len(rules) + 1
        assert urls[0] == f"{site}willing"
        for rule, url in zip(rules, urls[1:], strict=True):
            may = site != EVIL and _is_of(rule, "embed")
            assert url.startswith("http://localhost/embed/" if may else "chrome-error:"), (site, rule.rule, url)
    assert sum(_is_of(rule, "embed") for rule in rules) == 3


def _shown(app: Flask, places: Places, chromium: Browser, site: str, paths: list[str]) -> list[str]:
    """The addresses that frames with these paths come to show on a page of `site`."""
    client = places.proved(app)
    sources = [f"{site}willing", *(f"http://localhost{path}" for path in paths)]
    page_of_theirs = "".join(f'<iframe src="{source}"></iframe>' for source in sources)

    def answer(route: Route) -> None:
        url = route.request.url
        if url.startswith(site):
            body = "willing" if url.endswith("willing") else page_of_theirs
            return route.fulfill(status=200, headers={"Content-Type": "text/html"}, body=body)
        made = client.get(url.removeprefix("http://localhost"))
        route.fulfill(status=made.status_code, headers=dict(made.headers), body=made.get_data())
        return None

    context = chromium.new_context()
    page = context.new_page()
    page.route("**/*", answer)
    page.goto(site, wait_until="load")
    deadline = time.monotonic() + 10
    while "" in (shown := [frame.url for frame in page.frames[1:]]) and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    context.close()
    return shown


def _ancestors(answer: Any) -> str:
    parts = [each.strip().partition(" ") for each in answer.headers["Content-Security-Policy"].split(";")]
    (found,) = [values for name, _, values in parts if name == "frame-ancestors"]
    return str(found)


def _is_of(rule: Any, blueprint: str) -> bool:
    return bool(rule.endpoint.partition(".")[0] == blueprint)
