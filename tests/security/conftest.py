"""A second business, a server on a socket, a browser: only for the attacks."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

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


@pytest.fixture(scope="session")
def chromium(browser: Browser) -> Browser:
    return browser
