"""Lighthouse, run by run."""

import contextlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tools import system

FOLDER = Path(__file__).resolve().parent
PROGRAM = FOLDER / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
RUNS = 3
SLOWEST_PAINT = 1_300  # ms of LCP on the simulated slow line
TIMEOUT = 180  # seconds

Device = Literal["mobile", "desktop"]


@dataclass(frozen=True)
class Run:
    """Scores out of 100, times in milliseconds; `shift` is the cumulative layout shift."""

    scores: tuple[int, ...]
    paint: float
    blocked: float
    shift: float

    @property
    def is_perfect(self) -> bool:
        return set(self.scores) == {100} and self.paint <= SLOWEST_PAINT


class TraceLost(Exception):
    """Chromium's trace did not hold the page's start: Lighthouse has measured nothing and asks to be run again."""


def reaches_100(name: str, url: str, device: Device) -> bool:
    """The first perfect of at most three runs; each is printed."""
    return any(_printed(name, url, device, number) for number in range(1, RUNS + 1))


def once(name: str, url: str) -> bool:
    """One measured run; a lost trace is no measure."""
    for number in range(1, RUNS + 1):
        with contextlib.suppress(TraceLost):
            return _is_perfect(name, "mobile", number, _run(url, "mobile"))
    return False


def _printed(name: str, url: str, device: Device, number: int) -> bool:
    try:
        return _is_perfect(name, device, number, _run(url, device))
    except TraceLost:
        print(f"| {name} | {device} | {number} | trace lost |", flush=True)
        return False


def _is_perfect(name: str, device: Device, number: int, run: Run) -> bool:
    scores = " | ".join(map(str, run.scores))
    print(
        f"| {name} | {device} | {number} | {scores} | {run.paint / 1000:.2f} s | {run.blocked:.0f} ms |"
        f" {run.shift:.3f} |", flush=True,
    )  # fmt: skip
    return run.is_perfect


def _run(url: str, device: Device) -> Run:
    if not PROGRAM.exists():
        system.install_packages(FOLDER)
    command = [
        str(PROGRAM), url, "--quiet", "--output=json", "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
        *(["--preset=desktop"] if device == "desktop" else []),
    ]  # fmt: skip
    environment = os.environ | {"CHROME_PATH": str(system.chromium())}
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, env=environment)
    if done.returncode and "NO_NAVSTART" in done.stderr:
        raise TraceLost
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed on {url}:\n{done.stderr[-2000:]}")
    report = json.loads(done.stdout)
    figures = {name: report["audits"][name]["numericValue"] for name in (
        "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift")}  # fmt: skip
    scores = tuple(round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES)
    _explain(report, scores)
    return Run(scores, *figures.values())


def _explain(report: dict[str, object], scores: tuple[int, ...]) -> None:
    """What cost a point."""
    audits, categories = report["audits"], report["categories"]
    for name, score in zip(CATEGORIES, scores, strict=True):
        if score == 100:
            continue
        for part in categories[name]["auditRefs"]:  # type: ignore[index] # JSON
            audit = audits[part["id"]]  # type: ignore[index] # JSON
            if part["weight"] and audit["score"] is not None and audit["score"] < 1:
                print(f"  {name}: {audit['id']} {audit.get('displayValue', '')}".rstrip())
