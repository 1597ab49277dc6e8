"""Counters in the database: no process and no thread counts alone."""

import uuid

import pytest

from actions import limits
from actions.limits import Rate
from tests.cast import MONDAY_8
from tests.crowd import at_once

MINUTE = Rate(3, 60)


@pytest.fixture
def key(app: object) -> str:
    return f"test:{uuid.uuid4().hex}"


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10/minute", Rate(10, 60)),
        ("100 per hour", Rate(100, 3600)),
        ("5/2 seconds", Rate(5, 2)),
        ("off", None),
        (" OFF ", None),
    ],
)
def test_rates_are_read(text: str, rate: Rate | None) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize("text", ["", "ten a minute", "10/fortnight"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Rate.parse(text)


def test_the_uses_of_a_window_are_counted_and_the_wait_is_told(key: str) -> None:
    assert [limits.hit(key, MINUTE, now=MONDAY_8 + second) for second in range(3)] == [None, None, None]
    assert limits.hit(key, MINUTE, now=MONDAY_8 + 10.5) == 50
    assert limits.hit(key, MINUTE, now=MONDAY_8 + 59.9) == 1
    assert limits.used(key, now=MONDAY_8 + 59) == 5


def test_a_new_window_begins_when_the_old_one_is_over(key: str) -> None:
    for _ in range(4):
        limits.hit(key, MINUTE, now=MONDAY_8)
    assert limits.used(key, now=MONDAY_8 + 60) == 0
    assert limits.hit(key, MINUTE, now=MONDAY_8 + 60) is None
    assert limits.used(key, now=MONDAY_8 + 60) == 1


def test_a_use_may_cost_more_than_one(key: str) -> None:
    assert limits.hit(key, MINUTE, now=MONDAY_8, cost=3) is None
    assert limits.hit(key, MINUTE, now=MONDAY_8) == 60


def test_uses_at_the_same_moment_are_all_counted(key: str) -> None:
    answers = at_once(*[lambda: limits.hit(key, Rate(10, 60), now=MONDAY_8)] * 30)
    assert answers.count(None) == 10
    assert limits.used(key, now=MONDAY_8) == 30


def test_counters_of_the_past_are_forgotten(key: str) -> None:
    limits.hit(key, MINUTE, now=MONDAY_8 - 1_000_000)
    limits.hit(f"{key}:new", MINUTE, now=MONDAY_8)
    assert limits.forget(now=MONDAY_8 - 1_000_000 + 60) >= 1
    assert limits.used(key, now=MONDAY_8 - 1_000_000) == 0
    assert limits.used(f"{key}:new", now=MONDAY_8) == 1
