"""The command line, as a person runs it: in a process of its own, with a data folder of its own."""

import dataclasses
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from actions import demo
from bookt import ROOT, create_app, main
from config import Settings, markdown_table
from tests.conftest import new_database
from tools.routes import DOCUMENT, table

PATIENCE = 30.0  # seconds for a start on a busy machine


def environment(data: Path, **values: str) -> dict[str, str]:
    """A shell's environment without the settings of whoever runs the tests."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return clean | {"BOOKT_DATA": str(data), "PORT": str(free_port()), "PYTHONWARNINGS": "ignore"} | values


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def run(*command: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "bookt.py", *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )


@contextmanager
def started(command: str, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "bookt.py", command], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def get(env: dict[str, str], path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{env['PORT']}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def await_health(env: dict[str, str], process: subprocess.Popen[str]) -> float:
    """Seconds until /health answers 200."""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        assert process.poll() is None, process.stdout and process.stdout.read()
        with suppress(OSError):
            if get(env, "/health")[0] == 200:
                return time.monotonic() - begun
        time.sleep(0.05)
    raise AssertionError("no answer")


def group_is_empty(process: subprocess.Popen[str]) -> bool:
    """Nobody of its process group runs; one that has ended may still wait for its parent to notice."""
    alive = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            alive += group == str(process.pid) and state != "Z"
    return alive == 0


def stop(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """Ends as asked, in time, with nothing of its group left; gives what it said."""
    process.send_signal(number)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert group_is_empty(process), said
    return said


@pytest.fixture
def where(engine: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment on an empty database of the engine."""
    with new_database(engine, tmp_path / "unused") as made:
        url = {"DATABASE_URL": made.database_url} if made.database_url else {}
        yield environment(tmp_path / "new" / "var", **url)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_starts_on_nothing_answers_and_leaves_nothing(where: dict[str, str], number: signal.Signals) -> None:
    with started("serve", where) as process:
        await_health(where, process)
        for path in ("/", "/dev/mails"):
            status, page = get(where, path)
            assert status == 200
            assert "<h1>" in page
        assert "Cabinet Delvaux" in get(where, "/")[1]
        said = stop(process, number)
    for address in ("cabinet-delvaux", "marc-dupont-plomberie", "dev/mails"):
        assert f"http://127.0.0.1:{where['PORT']}/{address}" in said
    assert "Traceback" not in said


def demo_links(page: str) -> Counter[str]:
    """How often the front page's list of professions leads to each business."""
    return Counter(re.findall(r'<li data-accent="[a-z]+"><a href="/([a-z0-9-]+)"', page))


def test_a_second_start_is_quick_and_makes_no_second_demo(where: dict[str, str]) -> None:
    assert run("migrate", env=where).returncode == 0
    assert "cabinet-delvaux" in run("demo", env=where).stdout
    with started("serve", where) as process:
        assert await_health(where, process) < 5  # 0.5 s on an idle machine
        assert demo_links(get(where, "/")[1]) == Counter(each.slug for each in demo.every())
        stop(process, signal.SIGTERM)


def test_four_starts_at_once_migrate_once_and_load_the_demo_once(where: dict[str, str]) -> None:
    environments = [where | {"PORT": str(free_port())} for _ in range(4)]
    with ExitStack() as stack:
        processes = [stack.enter_context(started("serve", env)) for env in environments]
        for env, process in zip(environments, processes, strict=True):
            await_health(env, process)
            assert demo_links(get(env, "/")[1]) == Counter(each.slug for each in demo.every())
        for process in processes:
            assert "Traceback" not in stop(process, signal.SIGTERM)


def test_a_mail_of_the_demo_run_is_kept_and_readable(where: dict[str, str]) -> None:
    with started("serve", where) as process:
        await_health(where, process)
        until = time.monotonic() + PATIENCE
        while "· due" in (page := get(where, "/dev/mails")[1]) and time.monotonic() < until:
            time.sleep(0.1)
        links = re.findall(r'href="(/dev/mails/[0-9a-f-]+)"', page)
        assert len(links) >= 4  # what the professionals are told about the demo's bookings
        assert page.count("· sent") == len(links)
        status, mail = get(where, links[0])
        assert status == 200
        assert "Nouveau rendez-vous" in mail
        stop(process, signal.SIGTERM)


def test_the_worker_runs_the_jobs_and_stops(where: dict[str, str]) -> None:
    run("demo", env=where)
    with started("worker", where | {"SCHEDULER": "off"}) as process:
        assert process.stdout is not None
        assert "jobs are running" in process.stdout.readline()
        stop(process, signal.SIGTERM)


def test_serve_that_is_killed_takes_its_worker_along(where: dict[str, str]) -> None:
    with started("serve", where) as process:
        await_health(where, process)
        process.kill()
        process.wait()
        until = time.monotonic() + PATIENCE
        while not group_is_empty(process) and time.monotonic() < until:
            time.sleep(0.1)
        assert group_is_empty(process)


def test_production_without_its_settings_is_one_clear_line(tmp_path: Path) -> None:
    done = run("serve", env=environment(tmp_path, BOOKT_ENV="production"))
    assert done.returncode == 2
    assert done.stderr == "bookt: BOOKT_ENV=production needs SECRET_KEY and PUBLIC_URL\n"
    assert done.stdout == ""


def test_production_has_no_dev_pages_and_no_demo(where: dict[str, str]) -> None:
    values = {"BOOKT_ENV": "production", "SECRET_KEY": "k" * 40, "PUBLIC_URL": f"http://127.0.0.1:{where['PORT']}"}
    env = where | values | {"WORKERS": "2"}
    with started("serve", env) as process:
        await_health(env, process)
        assert get(env, "/dev/mails")[0] == 404
        assert get(env, "/dev/mails/00000000-0000-0000-0000-000000000000")[0] == 404
        assert "Delvaux" not in get(env, "/")[1]
        assert "k" * 40 not in stop(process, signal.SIGTERM)


def test_a_database_that_is_away_is_one_clear_line(tmp_path: Path) -> None:
    env = environment(tmp_path, DATABASE_URL=f"postgresql://u:s3cret@127.0.0.1:{free_port()}/none")
    done = run("serve", env=env)
    assert done.returncode == 1
    assert "the database does not answer" in done.stderr
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stderr


def test_a_port_that_is_taken_ends_with_an_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        env = environment(tmp_path, PORT=str(taken.getsockname()[1]))
        done = run("serve", env=env)
    assert done.returncode != 0
    assert "in use" in done.stderr


def test_in_production_the_health_check_asks_by_address_and_nothing_else_may(settings: Settings) -> None:
    production = dataclasses.replace(settings, bookt_env="production", public_url="https://rdv.example")
    client = create_app(production).test_client()
    answers = [client.get(path, base_url="http://10.0.0.7:8000").status_code for path in ("/health", "/")]
    assert answers == [200, 400]


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == main([]) == main(["--help"]) == 0
    said = capsys.readouterr().out
    for command in ("serve", "migrate", "demo", "worker", "routes", "prove", "shell", "settings"):
        assert f"  {command} " in said
    assert main(["nonsense"]) == main(["serve", "surplus"]) == 2
    assert "usage:" in capsys.readouterr().err


def test_settings_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings"]) == 0
    assert capsys.readouterr().out == markdown_table()


def test_shell_has_the_models_at_hand(where: dict[str, str]) -> None:
    run("demo", env=where)
    done = subprocess.run(
        [sys.executable, "bookt.py", "shell"], cwd=ROOT, env=where, capture_output=True, text=True, timeout=60,
        input="print(sorted(each.slug for each in Business.select()))\n",
    )  # fmt: skip
    assert str([each.slug for each in demo.every()]) in done.stdout


def test_docs_routes_is_fresh() -> None:
    app = create_app(Settings(scheduler=False, secret_key="-" * 32))
    assert DOCUMENT.read_text() == table(app), "stale: run `python bookt.py routes`"


def test_starting_imports_nothing_that_only_some_requests_need() -> None:
    code = "import bookt, sys; bookt.create_app(bookt.Settings(secret_key='-' * 32)); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "flask" in loaded
    assert not loaded & {
        "icalendar",
        "apscheduler",
        "gunicorn",
        "limits",
        "playhouse.migrations",
        "smtplib",
        "stripe",
        "twilio",
        "prove",
        "pytest",
    }


def test_the_data_folder_is_made_and_the_key_in_it_is_private(tmp_path: Path) -> None:
    data = tmp_path / "a" / "b"
    env = environment(data)
    with started("serve", env) as process:
        await_health(env, process)
        stop(process, signal.SIGTERM)
    key = data / "secret_key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_text()) >= 48
    with sqlite3.connect(data / "bookt.sqlite3") as file:
        assert file.execute("SELECT count(*) FROM business").fetchone() == (len(demo.every()),)
    file.close()
