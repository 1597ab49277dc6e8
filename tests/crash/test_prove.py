"""The proof as a command: it holds on this engine, and each planted fault makes it fail."""

import contextlib
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = [pytest.mark.crash, pytest.mark.slow]

PROMISES = (
    "overlaps", "acknowledged bookings lost", "doubled keys", "refusals that sold", "bookings without message",
    "messages without booking", "claims without active booking", "active bookings without claims", "unexpected errors",
    "answers that never came", "damage in the database",
)  # fmt: skip


@pytest.fixture
def environment(engine: str, tmp_path: Path) -> dict[str, str]:
    """As someone calls it: a database that is configured, and must stay as it is."""
    server = os.environ.get("BOOKT_TEST_POSTGRES", "") if engine == "postgresql" else ""
    return os.environ | {"BOOKT_DATA": str(tmp_path / "configured"), "DATABASE_URL": server, "PYTHONPATH": str(ROOT)}


def prove(environment: dict[str, str], *arguments: str) -> tuple[int, dict[str, int], str]:
    """Exit code, the printed figures by name, everything printed."""
    command = [sys.executable, "bookt.py", "prove", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    printed = re.findall(r"^  (\S.*?) {2,}(\d+)(?: ms)?$", done.stdout, re.MULTILINE)
    figures = {name: int(number) for name, number in printed}
    return done.returncode, figures, done.stdout + done.stderr


def test_every_promise_holds_under_races_and_kills(environment: dict[str, str], tmp_path: Path) -> None:
    code, figures, said = prove(environment, "--clients", "16", "--seconds", "4", "--kills", "3")
    assert code == 0, said
    assert {name: figures[name] for name in PROMISES} == dict.fromkeys(PROMISES, 0)
    assert figures["attempts"] >= figures["sold"] + figures["refused"]
    assert min(figures[name] for name in ("sold", "refused", "of which held first, by forms", "slowest answer")) > 0
    assert not (tmp_path / "configured").exists()


@pytest.mark.parametrize(
    ("fault", "promise"),
    [("constraint", "overlaps"), ("messages", "bookings without message"), ("keys", "doubled keys")],
)
def test_a_planted_fault_is_found(environment: dict[str, str], fault: str, promise: str) -> None:
    """Chance decides when a fault shows: a slow machine gives it more time, and none lets it pass for ever."""
    for seconds in ("4", "10", "20"):
        load = ("--clients", "16", "--seconds", seconds, "--kills", "3")
        code, figures, said = prove(environment, *load, "--fault", fault)
        if figures.get(promise):
            break
    assert figures[promise] > 0, said
    assert code == 1, said


def test_nothing_is_left_behind(environment: dict[str, str], engine: str, tmp_path: Path) -> None:
    before = databases(environment) if engine == "postgresql" else set()
    code, _, said = prove(environment, "--clients", "2", "--seconds", "0.2", "--kills", "0")
    assert code in (0, 1), said  # too short a run may sell nothing; what matters is what stays
    assert "attempts" in said
    assert not (tmp_path / "configured").exists()
    if engine == "postgresql":
        assert databases(environment) <= before


def databases(environment: dict[str, str]) -> set[str]:
    with contextlib.closing(psycopg2.connect(environment["DATABASE_URL"])) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bookt_prove_%'")
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.parametrize("arguments", [("--clients", "0"), ("--clients", "many"), ("--fault", "none"), ("--loud",)])
def test_a_wrong_word_is_refused_before_anything_is_made(
    environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    assert prove(environment, *arguments)[0] == 2


def test_a_role_that_may_not_make_a_database_is_told_so(engine: str, environment: dict[str, str]) -> None:
    if engine == "sqlite":
        assert prove(environment, "--kills", "-1")[0] == 2
        return
    with role_without_rights(environment["DATABASE_URL"]) as url:
        code, _, said = prove(environment | {"DATABASE_URL": url}, "--clients", "2")
    assert (code, "CREATEDB" in said) == (2, True), said


@contextlib.contextmanager
def role_without_rights(url: str) -> Iterator[str]:
    role, password = f"t_{uuid.uuid4().hex[:12]}", uuid.uuid4().hex
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        try:
            parts = urlsplit(url)
            host = parts.netloc.rpartition("@")[2]
            yield parts._replace(netloc=f"{role}:{password}@{host}").geturl()
        finally:
            connection.cursor().execute(f"DROP ROLE {role}")
