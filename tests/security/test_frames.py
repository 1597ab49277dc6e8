"""Which page shows inside somebody else's: by header on every route, and in a real browser. Only the booking's framed
twin does, and only on the sites that its business lists."""

import time
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Route
from werkzeug.routing import Rule

from tests.cast import make_business
from tests.security.edge import Places, is_file, open_routes, routes

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
            elif _is_ours_alone(app, rule) and answer.status_code != 405:
                assert _ancestors(answer) == "'self'", (rule.rule, method)
            else:
                assert _ancestors(answer) == "'none'", (rule.rule, method)
                assert answer.headers["X-Frame-Options"] == "DENY", (rule.rule, method)
    booking = {rule.endpoint.partition(".")[2] for rule in routes(app, "GET", "POST") if _is_of(rule, "booking")}
    assert framed == {f"embed.{name}" for name in booking}


def test_frames_header_without_a_list(app: Flask, places: Places) -> None:
    client = places.proved(app)
    for rule in routes(app, "GET", "POST"):
        answer = client.get(places.path(rule))
        if _is_ours_alone(app, rule):
            assert _ancestors(answer) == "'self'", rule.rule
            continue
        assert _ancestors(answer) == "'none'", rule.rule
        assert answer.headers["X-Frame-Options"] == "DENY", rule.rule


def _is_ours_alone(app: Flask, rule: Rule) -> bool:
    """A preview: our own pages show it, nobody else's."""
    return getattr(app.view_functions[rule.endpoint], "shown_by_us", False) is True


@pytest.mark.browser
def test_frames_stay_empty_on_a_foreign_page(app: Flask, embedded: Places, places: Places, chromium: Browser) -> None:
    """On the very site that one business lists: each page of that business, and another one's framed pages. The first
    frame is a page that lets itself be framed: it shows."""
    rules = [rule for rule in open_routes(app, "GET") if not is_file(rule) and rule.rule != "/e.js"]
    twins = [rule for rule in rules if _is_of(rule, "embed")]
    assert len(twins) == 3
    paths = [*map(embedded.path, rules), *map(places.path, twins)]
    first, *urls = _shown(app, embedded, chromium, paths)
    assert first == f"{LISTED}/willing"
    for rule, url in zip([*rules, *twins], urls, strict=True):
        may = rule in twins and embedded.slug in url
        assert url.startswith("http://localhost/embed/" if may else "chrome-error:"), (rule.rule, url)
    assert sum(url.startswith("http://localhost/") for url in urls) == len(twins)


def _shown(app: Flask, places: Places, chromium: Browser, paths: list[str]) -> list[str]:
    """The addresses that frames with these paths come to show on a page of the listed site."""
    client, site = places.proved(app), f"{LISTED}/"
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
