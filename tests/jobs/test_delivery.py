"""What becomes of a message: each outcome, two workers at once, a late worker, a crash between send and record."""

import dataclasses
import datetime as dt
import threading
import uuid
from contextlib import nullcontext
from typing import Any

import pytest
from flask import Flask

import db
from actions import booking, delivery
from actions.inputs import read
from jobs import delivery as job
from models import Booking, Message
from providers.mail import Deferred, Mail, Refused, Unreachable
from tests.cast import MONDAY_8, Cast, Clock, body

HOUR, DAY = 3600, 86_400


class Server:
    """A mail server in memory: what it accepted, and what it raises for whom."""

    def __init__(self) -> None:
        self.accepted: list[Mail] = []
        self.raises: dict[str, Exception] = {}

    def send(self, mail: Mail) -> None:
        for name, error in self.raises.items():
            if name in mail.recipient:
                raise error
        self.accepted.append(mail)

    @property
    def subjects(self) -> list[str]:
        return [mail.subject for mail in self.accepted]


@pytest.fixture
def server() -> Server:
    return Server()


def deliver(app: Flask, server: Any, clock: Clock, **more: Any) -> int:
    return job.run(app, server, clock=clock, jitter=lambda: 0.0, **more)


def rows(cast: Cast) -> dict[str, Message]:
    with db.reading(cast.id):
        return {row.template: row for row in Message.select()}


def test_a_booking_tells_both_and_keeps_the_reminder_for_later(
    app: Flask, cast: Cast, clock: Clock, server: Server
) -> None:
    cast.book()
    assert deliver(app, server, clock) == 2
    assert {mail.recipient for mail in server.accepted} == {"jean@example.com", cast.business.email}
    found = rows(cast)
    assert {name: row.state for name, row in found.items()} == {
        "client_confirmed": "sent", "professional_confirmed": "sent"
    }  # fmt: skip
    assert found["client_confirmed"].sent_at.timestamp() == MONDAY_8
    assert found["client_confirmed"].lease is None
    assert deliver(app, server, clock) == 0


def test_a_reminder_leaves_a_day_before_and_not_earlier(app: Flask, cast: Cast, clock: Clock, server: Server) -> None:
    cast.book(date=dt.date(2027, 1, 14))
    deliver(app, server, clock)
    visit = int(dt.datetime(2027, 1, 14, 8, 0, tzinfo=dt.UTC).timestamp())
    clock.now = visit - DAY - 1
    assert deliver(app, server, clock) == 0
    clock.now = visit - DAY
    assert deliver(app, server, clock) == 1
    assert server.subjects[-1] == "Demain 09:00, Cabinet d’essai"


def test_a_reminder_that_comes_after_the_visit_began_is_dropped(
    app: Flask, cast: Cast, clock: Clock, server: Server
) -> None:
    cast.book(date=dt.date(2027, 1, 14))
    deliver(app, server, clock)
    clock.now = dt.datetime(2027, 1, 14, 8, 0, tzinfo=dt.UTC).timestamp()
    assert deliver(app, server, clock) == 0
    assert (rows(cast)["client_reminder"].state, rows(cast)["client_reminder"].error) == (
        "dropped",
        "the visit has begun",
    )


def test_news_of_a_booking_that_is_off_since_is_dropped_and_the_cancellation_goes_out(
    app: Flask, cast: Cast, clock: Clock, server: Server
) -> None:
    card = cast.book()
    booking.cancel(cast.business, uuid.UUID(card.id), now=MONDAY_8)
    deliver(app, server, clock)
    states = {name: row.state for name, row in rows(cast).items()}
    assert states["client_confirmed"] == states["professional_confirmed"] == "dropped"
    assert states["client_cancelled"] == states["professional_cancelled"] == "sent"
    assert len(server.accepted) == 2


def test_a_refused_recipient_is_dead_and_the_others_go_out(
    app: Flask, cast: Cast, clock: Clock, server: Server
) -> None:
    server.raises["jean@"] = Refused("550 no such mailbox")
    cast.book()
    assert deliver(app, server, clock) == 1
    row = rows(cast)["client_confirmed"]
    assert (row.state, row.error, row.attempts) == ("dead", "550 no such mailbox", 1)


def test_a_deferred_mail_waits_longer_each_time_and_dies_after_a_day(
    app: Flask, cast: Cast, clock: Clock, server: Server
) -> None:
    server.raises["jean@"] = Deferred("450 greylisted")
    cast.book()
    waits = []
    while (row := rows(cast)["client_confirmed"]).state == "due":
        if row.claimed_until is not None:
            clock.now = row.claimed_until.timestamp()
            waits.append(clock.now)
        deliver(app, server, clock)
    steps = [round(later - earlier) for earlier, later in zip([MONDAY_8, *waits], waits, strict=False)]
    assert steps[:8] == [10, 20, 40, 80, 160, 320, 640, 900]
    assert set(steps[8:]) == {900}
    assert row.state == "dead"
    assert DAY - 900 <= clock.now - MONDAY_8 <= DAY + 900
    assert row.error is not None
    assert "450 greylisted" in row.error
    assert len(server.accepted) == 1  # the professional's


def test_jitter_takes_up_to_a_quarter_off(app: Flask, cast: Cast, clock: Clock, server: Server) -> None:
    server.raises["@"] = Deferred("450")
    cast.book(notifications={"email": False})
    job.run(app, server, clock=clock, jitter=lambda: 1.0)
    (row,) = rows(cast).values()
    assert row.claimed_until is not None
    assert row.claimed_until.timestamp() - MONDAY_8 == 7.5


def test_after_half_an_hour_of_silence_all_is_drained_within_five_minutes(
    app: Flask, cast: Cast, clock: Clock, server: Server
) -> None:
    server.raises["@"] = Unreachable("connection refused")
    for hour in (9, 10, 11, 14):
        cast.book(f"{hour:02}:00")
    while clock.now < MONDAY_8 + 1800:
        assert deliver(app, server, clock) == 0
        clock.now += 30
    assert {row.state for row in rows(cast).values()} == {"due"}
    server.raises.clear()
    back = clock.now
    while len(server.accepted) < 8:
        deliver(app, server, clock)
        clock.now += 2
    assert clock.now - back <= 300


def test_while_the_server_is_away_a_run_tries_one_message(app: Flask, cast: Cast, clock: Clock) -> None:
    tried: list[Mail] = []

    class Away:
        def send(self, mail: Mail) -> None:
            tried.append(mail)
            raise Unreachable("timed out")

    cast.book("09:00"), cast.book("10:00")
    deliver(app, Away(), clock)
    assert len(tried) == 1


def test_one_row_that_cannot_be_written_does_not_stop_the_queue(
    app: Flask, cast: Cast, clock: Clock, server: Server
) -> None:
    cast.book("09:00")
    with db.writing(cast.id):
        Message.update(template="no_such_template").where(Message.template == "professional_confirmed").execute()
    assert deliver(app, server, clock) == 1
    row = rows(cast)["no_such_template"]
    assert (row.state, row.attempts) == ("due", 1)
    assert row.claimed_until is not None
    assert row.claimed_until.timestamp() == MONDAY_8 + 10


def test_a_message_that_kills_its_worker_comes_back_after_the_lease_and_not_before(
    app: Flask, cast: Cast, clock: Clock, server: Server
) -> None:
    class Killed(BaseException):
        """What nothing catches, as when the process is killed."""

    class Killer:
        def send(self, mail: Mail) -> None:
            raise Killed

    cast.book(notifications={"email": False})
    with pytest.raises(Killed):
        deliver(app, Killer(), clock)
    clock.now += delivery.LEASE_SECONDS - 1
    assert deliver(app, server, clock) == 0
    clock.now += 1
    assert deliver(app, server, clock) == 1


def test_a_crash_between_send_and_record_repeats_one_mail_once_with_the_same_key(
    app: Flask, cast: Cast, clock: Clock, server: Server
) -> None:
    class Killed(BaseException):
        pass

    class AcceptsThenDies(Server):
        def send(self, mail: Mail) -> None:
            super().send(mail)
            raise Killed

    dying = AcceptsThenDies()
    cast.book()
    with pytest.raises(Killed):
        deliver(app, dying, clock)
    clock.now += delivery.LEASE_SECONDS
    deliver(app, server, clock)
    keys = [mail.key for mail in dying.accepted + server.accepted]
    assert len(keys) == 3
    assert len(set(keys)) == 2


def test_a_late_worker_writes_nothing(app: Flask, cast: Cast, clock: Clock) -> None:
    cast.book(notifications={"email": False})
    late = delivery.lease(now=MONDAY_8)
    assert late is not None
    again = delivery.lease(now=MONDAY_8 + delivery.LEASE_SECONDS)
    assert again is not None
    assert again.id == late.id
    assert again.lease != late.lease
    later = MONDAY_8 + 70
    assert not delivery.sent(late, now=later)
    assert not delivery.dropped(late, why="late")
    assert not delivery.dead(late, why="late")
    assert not delivery.failed(late, why="late", now=later, jitter=0)
    assert rows(cast)["professional_confirmed"].state == "due"
    assert delivery.sent(again, now=later)
    assert rows(cast)["professional_confirmed"].state == "sent"
    assert not delivery.failed(again, why="twice", now=later, jitter=0)
    assert rows(cast)["professional_confirmed"].state == "sent"


def test_four_workers_at_once_send_each_message_once(app: Flask, cast: Cast, clock: Clock, server: Server) -> None:
    for hour in (9, 10, 11, 13, 14, 15, 16, 17):
        cast.book(f"{hour:02}:00"), cast.book(f"{hour:02}:30" if hour != 11 else "11:30", customer=_customer(hour))
    gate = threading.Barrier(4)
    counts: list[int] = []

    def worker() -> None:
        gate.wait()
        counts.append(deliver(app, server, clock))

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [mail.key for mail in server.accepted]
    assert len(keys) == len(set(keys)) == sum(counts) == 32
    with db.reading(cast.id):
        told = Message.select().where(Message.template != "client_reminder")
        assert {(row.state, row.attempts) for row in told} == {("sent", 1)}


def test_the_door_of_the_outbox_opens_no_other_table(cast: Cast) -> None:
    cast.book()
    found = []
    with pytest.raises(db.Unscoped) if db.is_sqlite() else nullcontext(), db.door("outbox"):
        found = list(Booking.everywhere().select())
    assert found == []


def test_stopping_ends_between_two_mails(app: Flask, cast: Cast, clock: Clock, server: Server) -> None:
    cast.book()
    assert deliver(app, server, clock, stopping=lambda: len(server.accepted) >= 1) == 1


def test_it_runs_from_the_booking_on_no_matter_how_often(app: Flask, cast: Cast, clock: Clock, server: Server) -> None:
    card = cast.book()
    deliver(app, server, clock)
    move = read(booking.MoveInput, {"email": "jean@example.com", "newDate": "2027-01-12", "newTime": "10:00"})
    booking.reschedule(cast.business, uuid.UUID(card.id), move, now=MONDAY_8)
    deliver(app, server, clock), deliver(app, server, clock)
    assert len(server.accepted) == 4
    assert server.accepted[-1].calendar is not None
    assert b"SEQUENCE:1" in server.accepted[-1].calendar


def _customer(number: int) -> dict[str, str]:
    return body()["customer"] | {"email": f"guest{number}@example.com"}


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    assert [delivery.pause(n) for n in range(1, 10)] == [10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert delivery.pause(10_000) == 900


def test_a_leased_message_carries_what_the_row_said(cast: Cast) -> None:
    cast.book(notifications={"email": False})
    leased = delivery.lease(now=MONDAY_8)
    assert leased is not None
    row = rows(cast)["professional_confirmed"]
    kept = {name: getattr(row, name) for name in dataclasses.asdict(leased)}
    assert dataclasses.asdict(leased) == kept
