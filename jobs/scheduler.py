"""The clockwork of a process: when which job runs. Every process has one; the one that leads does the work."""

import datetime as dt
import logging
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from config import Settings
from errors import Unavailable
from jobs import delivery, housekeeping
from jobs.leader import RENEW_SECONDS, Leader
from providers import mail

DELIVER_SECONDS, SWEEP_SECONDS, FORGET_SECONDS = 2, 60, 3600

Job = Callable[[], object]


class Running:
    """Started jobs; `stop` leaves no thread behind and lets the next process lead at once."""

    def __init__(self, scheduler: Any, stopping: threading.Event, resign: Job) -> None:
        self._scheduler, self._stopping, self._resign = scheduler, stopping, resign

    def stop(self) -> None:
        self._stopping.set()
        self._scheduler.shutdown(wait=True)
        self._resign()


def start(app: Flask) -> Running | None:
    """This process's jobs, in threads of their own; None when the settings say SCHEDULER=off."""
    settings: Settings = app.extensions["bookt_settings"]
    if not settings.scheduler:
        return None
    clock, leader, stopping = app.extensions["bookt_clock"], Leader(), threading.Event()
    mailer = mail.chosen(settings)
    jobs: dict[str, tuple[int, Job]] = {
        "deliver": (DELIVER_SECONDS, lambda: delivery.run(app, mailer, clock=clock, stopping=stopping.is_set)),
        "lapse_holds": (SWEEP_SECONDS, lambda: housekeeping.lapse_holds(now=int(clock()))),
        "forget": (FORGET_SECONDS, lambda: housekeeping.forget(now=int(clock()))),
    }
    scheduler = _clockwork()
    _add(scheduler, "lead", RENEW_SECONDS, _guarded(app, lambda: leader.renew(now=clock())), at_once=True)
    for name, (seconds, job) in jobs.items():
        _add(scheduler, name, seconds, _guarded(app, _if_leading(leader, clock, job)))
    scheduler.start()
    return Running(scheduler, stopping, _guarded(app, leader.resign))


def _clockwork() -> Any:
    """A run that is late happens once and at once; one that still runs is not joined by a second."""
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    return BackgroundScheduler(
        timezone=dt.UTC,
        executors={"default": ThreadPoolExecutor(4)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )


def _add(scheduler: Any, name: str, seconds: int, body: Job, *, at_once: bool = False) -> None:
    first = {"next_run_time": dt.datetime.now(dt.UTC)} if at_once else {}
    scheduler.add_job(body, "interval", seconds=seconds, id=name, **first)


def _if_leading(leader: Leader, clock: Callable[[], float], job: Job) -> Job:
    return lambda: leader.leads(now=clock()) and job()


def _guarded(app: Flask, job: Job) -> Job:
    """With an application context (it gives the connection back), and never raising: the next run tries again."""

    def body() -> None:
        try:
            with app.app_context():
                job()
        except Unavailable as error:
            app.logger.warning("job: the database does not answer: %s", error.__cause__)
        except Exception:  # a job that fails must not end the clockwork
            app.logger.exception("job failed")

    return body
