"""The bench runs on tiny sizes and tells every goal; what the figures are is no test's business."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOALS = {"G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G11", "G12", "G13", "G14"}
ONCE = {"G13"}  # the same on both engines, told with SQLite


@pytest.mark.slow
def test_every_goal_is_reported(engine: str) -> None:
    done = bench("--quick", "--engine", engine)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(r"^\| (G\d+) \| (.+?) \| (.*?) \| (.+?) \|$", done.stdout, re.MULTILINE)
    assert {goal for goal, *_ in rows} == (GOALS if engine == "sqlite" else GOALS - ONCE)
    for goal, work, _target, found in rows:
        assert re.match(r"[\d,.]+|not measured: ", found), (goal, work, found)


def test_a_goal_that_does_not_exist_is_refused() -> None:
    done = bench("--only", "G99", "--engine", "sqlite")
    assert done.returncode == 2
    assert "no such goal here: G99" in done.stderr


def bench(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=240,
    )
