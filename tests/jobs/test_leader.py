"""One process leads; the next takes over when it stops or falls silent."""

import threading
import uuid
from typing import Any

import pytest
from flask import Flask

import db
from jobs.leader import LEASE_SECONDS, RENEW_SECONDS, Leader
from tests.cast import MONDAY_8


@pytest.fixture
def pair(app: Flask) -> tuple[Leader, Leader]:
    name = f"t-{uuid.uuid4().hex}"
    return Leader(name, "one"), Leader(name, "two")


def test_the_first_leads_and_keeps_its_epoch(pair: tuple[Leader, Leader]) -> None:
    one, two = pair
    for moment in range(MONDAY_8, MONDAY_8 + 120, RENEW_SECONDS):
        assert one.renew(now=moment) == 1
        assert two.renew(now=moment + 1) is None
        assert one.leads(now=moment + RENEW_SECONDS)
        assert not two.leads(now=moment + 1)


def test_a_silent_leader_is_followed_within_the_lease_under_a_new_epoch(pair: tuple[Leader, Leader]) -> None:
    one, two = pair
    one.renew(now=MONDAY_8)
    assert two.renew(now=MONDAY_8 + LEASE_SECONDS - 1) is None
    assert two.renew(now=MONDAY_8 + LEASE_SECONDS) == 2
    assert not one.leads(now=MONDAY_8 + LEASE_SECONDS)
    assert one.renew(now=MONDAY_8 + LEASE_SECONDS + 1) is None


def test_a_leader_that_resigns_is_followed_at_once(pair: tuple[Leader, Leader]) -> None:
    one, two = pair
    one.renew(now=MONDAY_8)
    one.resign()
    assert not one.leads(now=MONDAY_8)
    assert two.renew(now=MONDAY_8) is not None


def test_who_does_not_lead_takes_nothing_away_by_resigning(pair: tuple[Leader, Leader]) -> None:
    one, two = pair
    one.renew(now=MONDAY_8)
    two.resign()
    assert two.renew(now=MONDAY_8) is None


def test_a_lease_from_a_clock_an_hour_ahead_does_not_hold_for_an_hour(pair: tuple[Leader, Leader]) -> None:
    one, two = pair
    one.renew(now=MONDAY_8 + 3600)
    assert two.renew(now=MONDAY_8) == 2


def test_of_many_at_once_one_leads(app: Flask) -> None:
    name, gate, epochs = f"t-{uuid.uuid4().hex}", threading.Barrier(8), []

    def run(holder: str) -> Any:
        leader = Leader(name, holder)
        gate.wait()
        epochs.append(leader.renew(now=MONDAY_8))
        db.release()

    threads = [threading.Thread(target=run, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(epochs, key=str) == [1, *[None] * 7]
