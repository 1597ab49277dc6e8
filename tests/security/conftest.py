"""A second business, a server on a socket, a browser: only for the attacks."""

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from config import Settings
from tests.cast import Cast, make_business
from tests.security.edge import Places, Server, serving


@pytest.fixture
def other(app: Flask) -> Cast:
    return make_business()


@pytest.fixture
def places(app: Flask, cast: Cast) -> Places:
    return Places.of(app, cast)


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(settings, tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM")
    assert path, "CHROMIUM names no browser: run the tests with `make test`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
