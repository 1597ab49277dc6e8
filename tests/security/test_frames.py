"""No page of ours shows inside somebody else's: by header on every route, and in a real browser."""

import time

import pytest
from flask import Flask
from playwright.sync_api import Browser, Route

from tests.security.edge import Places, is_file, routes

EVIL = "http://evil.example/"


def test_frames_header_of_every_route(app: Flask, places: Places) -> None:
    client = places.proved(app)
    for rule in routes(app, "GET", "POST"):
        for method in ("GET", "POST", "OPTIONS", "DELETE"):
            answer = client.open(places.path(rule), method=method)
            policy = [part.strip() for part in answer.headers["Content-Security-Policy"].split(";")]
            assert "frame-ancestors 'none'" in policy, (rule.rule, method)
            assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.browser
def test_frames_stay_empty_on_a_foreign_page(app: Flask, places: Places, chromium: Browser) -> None:
    """The first frame is a page that lets itself be framed: it shows, ours do not."""
    client = places.proved(app)
    paths = [places.path(rule) for rule in routes(app, "GET") if not is_file(rule)]
    sources = [f"{EVIL}willing", *(f"http://localhost{path}" for path in paths)]
    page_of_theirs = "".join(f'<iframe src="{source}"></iframe>' for source in sources)

    def answer(route: Route) -> None:
        url = route.request.url
        if url.startswith(EVIL):
            body = "willing" if url.endswith("willing") else page_of_theirs
            return route.fulfill(status=200, headers={"Content-Type": "text/html"}, body=body)
        made = client.get(url.removeprefix("http://localhost"))
        route.fulfill(status=made.status_code, headers=dict(made.headers), body=made.get_data())
        return None

    context = chromium.new_context()
    page = context.new_page()
    page.route("**/*", answer)
    page.goto(EVIL, wait_until="load")
    deadline = time.monotonic() + 10
    while "" in (shown := [frame.url for frame in page.frames[1:]]) and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    context.close()
    assert len(shown) == len(sources)
    assert shown[0] == f"{EVIL}willing"
    assert {url.partition("/")[0] for url in shown[1:]} == {"chrome-error:"}
