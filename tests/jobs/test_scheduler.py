"""The clockwork starts, works as leader only, and leaves no thread behind."""

import dataclasses
import logging
import threading
import time
from collections.abc import Callable

import pytest

import db
from bookt import create_app
from config import Settings
from jobs import scheduler
from jobs.leader import Leader
from models import Lease, Message
from tests.cast import Cast, make_business


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds are too long for a test; only the rhythm changes."""
    monkeypatch.setattr(scheduler, "DELIVER_SECONDS", 0.05)
    monkeypatch.setattr(scheduler, "RENEW_SECONDS", 0.1)


def test_off_means_off(settings: Settings) -> None:
    assert scheduler.start(create_app(settings)) is None


@pytest.mark.usefixtures("quick")
def test_it_delivers_and_stops_without_leaving_a_thread_or_the_lead(settings: Settings) -> None:
    before = set(threading.enumerate())
    running = scheduler.start(create_app(dataclasses.replace(settings, scheduler=True)))
    assert running is not None
    cast = make_business()
    cast.book(now=int(time.time()), date=_next_monday(), notifications={"email": False})
    assert _soon(lambda: _state(cast) == "sent")
    running.stop()
    assert set(threading.enumerate()) == before
    with db.looking():
        assert Lease.get_or_none(Lease.name == "jobs") is None


@pytest.mark.usefixtures("quick")
def test_who_does_not_lead_delivers_nothing(settings: Settings) -> None:
    app = create_app(dataclasses.replace(settings, scheduler=True))
    other = Leader(holder="another process")
    assert other.renew(now=time.time())
    running = scheduler.start(app)
    assert running is not None
    try:
        cast = make_business()
        cast.book(now=int(time.time()), date=_next_monday(), notifications={"email": False})
        time.sleep(0.4)
        assert _state(cast) == "due"
        other.resign()
        assert _soon(lambda: _state(cast) == "sent")
    finally:
        running.stop()


@pytest.mark.usefixtures("quick")
def test_a_failing_job_is_logged_and_runs_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    runs: list[float] = []

    def breaks(*_args: object, **_options: object) -> None:
        runs.append(time.time())
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(scheduler.delivery, "run", breaks)
    running = scheduler.start(create_app(dataclasses.replace(settings, scheduler=True)))
    assert running is not None
    with caplog.at_level(logging.ERROR):
        assert _soon(lambda: len(runs) >= 3)
    running.stop()
    assert "broken on purpose" in caplog.text


def _next_monday():  # type: ignore[no-untyped-def]
    import datetime as dt

    today = dt.date.today()  # noqa: DTZ011 - any coming Monday will do
    return today + dt.timedelta(days=7 - today.weekday())


def _state(cast: Cast) -> str:
    with db.reading(cast.id):
        return str(Message.select().where(Message.template == "professional_confirmed").get().state)


def _soon(done: Callable[[], bool], seconds: float = 5) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if done():
            return True
        time.sleep(0.05)
    return False
