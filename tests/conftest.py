"""One engine per run (`--engine sqlite|postgresql`), one migrated database for all tests; each test makes a business
of its own and so needs no cleaning up. PostgreSQL is the cluster that BOOKT_TEST_POSTGRES names."""

import dataclasses
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

import db
import migrations
import sectors
from actions import limits
from bookt import create_app
from config import Settings
from tests.cast import MONDAY_8, Cast, Clock, make_business

CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# What never meets a database, or only looks at pages, is shown on one engine; shared out so that both end together. The
# actions, queries and contracts behind the pages are shown on both.
PAGES, PLANTED = "tests/blueprints/dashboard/test_", "tests/crash/test_prove.py::test_a_planted_fault_is_found["
# What waits half of its time for a browser or for a process of its own: a third run beside the two engines'.
APART = (
    "tests/browser/", "tests/security/test_xss.py", "tests/test_bookt.py", "tests/bench/", f"{PLANTED}constraint",
    f"{PLANTED}messages",
)  # fmt: skip
ON_SQLITE = (
    *APART, "tests/test_sectors.py", "tests/test_slots", "tests/lib/", "tests/tools/", "tests/test_readme.py",
    "tests/test_translations.py", "tests/test_newcomer.py", "tests/providers/", "tests/security/test_injection.py",
    "tests/blueprints/test_weight.py", "tests/blueprints/test_links.py", f"{PAGES}onboarding.py", f"{PAGES}my_site.py",
    f"{PAGES}services.py", f"{PAGES}settings.py",
)  # fmt: skip
ON_POSTGRESQL = (
    "tests/security/test_frames.py", "tests/security/test_headers.py", "tests/security/test_host.py",
    "tests/security/test_secrets.py", "tests/blueprints/test_languages.py", "tests/contract/test_fuzz.py",
    f"{PAGES}hours.py", f"{PAGES}team.py", f"{PAGES}today.py", f"{PAGES}clients.py", f"{PLANTED}keys",
)  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.addoption("--part", choices=("all", "rest", "apart"), default="all", help="those of APART, or the rest")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("BOOKT_AUDIT"):
        return  # it names what it looks at
    elsewhere = ON_POSTGRESQL if config.getoption("--engine") == "sqlite" else ON_SQLITE
    part = config.getoption("--part")
    left = [item for item in items if item.nodeid.startswith(elsewhere) or _of_another_part(item, part)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]


def _of_another_part(item: pytest.Item, part: str) -> bool:
    return part != "all" and item.nodeid.startswith(APART) != (part == "apart")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--engine"))


@pytest.fixture(scope="session")
def settings(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with new_database(engine, tmp_path_factory.mktemp("data")) as made:
        migrations.migrate(made)
        yield made


class new_database:  # noqa: N801 - reads as a function
    """An empty database of the engine, dropped at the end; gives its settings."""

    def __init__(self, engine: str, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.name = f"t_{uuid.uuid4().hex[:12]}"

    def __enter__(self) -> Settings:
        base = dataclasses.replace(
            Settings(), bookt_data=str(self.folder), scheduler=False, secret_key="k" * 40, demo=False,
            rate_limit_lookup="off", rate_limit_read="off", rate_limit_write="off", rate_limit_login="off",
            rate_limit_signup="off",
        )  # fmt: skip
        if self.engine == "sqlite":
            return base
        self._run(f"CREATE DATABASE {self.name}")
        return dataclasses.replace(base, database_url=_server().rsplit("/", 1)[0] + f"/{self.name}")

    def __exit__(self, *exc: object) -> None:
        if self.engine == "postgresql":
            self._run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    @staticmethod
    def _run(statement: str) -> None:
        connection = psycopg2.connect(_server())
        try:
            connection.autocommit = True
            connection.cursor().execute(statement)
        finally:
            connection.close()


def _server() -> str:
    url = os.environ.get("BOOKT_TEST_POSTGRES")
    if not url:
        pytest.exit("BOOKT_TEST_POSTGRES names no PostgreSQL: run the tests with `make test`", returncode=2)
    return url


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def app(settings: Settings, clock: Clock) -> Flask:
    made = create_app(settings, clock=clock)
    made.extensions["bookt_home"] = db.handle.obj
    return made


@pytest.fixture(autouse=True)
def _fresh(request: pytest.FixtureRequest) -> Iterator[None]:
    """The clock stands at MONDAY_8 and the handle on the app's database when a test begins, whatever applications the
    one before it made, and nobody has used up a rate; its connection goes back when it ends."""
    if "clock" in request.fixturenames:
        request.getfixturevalue("clock").now = MONDAY_8
    if "app" in request.fixturenames:
        db.handle.initialize(request.getfixturevalue("app").extensions["bookt_home"])
        limits.forget(now=MONDAY_8 + 10 * 365 * 86_400)
    yield
    if db.handle.obj is not None:
        db.release()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def cast(app: Flask) -> Cast:
    """A business with two practitioners, open Monday to Friday 08:30–18:00, pause 12–13."""
    return make_business()


@pytest.fixture
def discreet_sector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """One more profession, which books tables and whose visits are named by a neutral word ("Discret") wherever others
    may read along."""
    for path in sectors.FOLDER.glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text())
    lines = (sectors.FOLDER / "other.toml").read_text().splitlines()
    visit = 'visit = { fr = "discret", nl = "discreet", en = "discreet", de = "diskret" }'
    titles = 'service_in_titles = { allowed = false, source = "Professional secrecy." }'
    made = ["books_tables = true"]
    made += [{"visit": visit, "service_in_titles": titles}.get(line.partition(" = ")[0], line) for line in lines]
    (tmp_path / "discreet.toml").write_text("\n".join(made))
    monkeypatch.setattr(sectors, "FOLDER", tmp_path)
    sectors.get.cache_clear()
    yield "discreet"
    sectors.get.cache_clear()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    path = os.environ.get("CHROMIUM")
    if not path:
        pytest.exit("CHROMIUM names no browser: run the tests with `make test`", returncode=2)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield started
        started.close()
