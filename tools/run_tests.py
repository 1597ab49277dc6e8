"""Run the tests on SQLite and on PostgreSQL side by side: `python -m tools.run_tests [--cover] [options]`. What waits
half of its time for a browser or for a process of its own runs beside them, on SQLite: a third run costs little.

SQLite's speak as they run, the others' are kept in files and follow; the closing lines stand at the end. Fails when one
fails, and when a test leaves a process behind.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tools import postgres, processes, system

RUNS = (("sqlite", "sqlite", "rest"), ("postgresql", "postgresql", "rest"), ("apart", "sqlite", "apart"))
LOGIC = "slots.py,actions/*"  # what must be covered
NONE_HERE = 5  # pytest's code when all that was chosen is shown on the other engine
LEAST_COVERAGE = 95  # percent of lines and branches
COLOUR = re.compile(r"\x1b\[[\d;]*m")
CLOSING_LINE = re.compile(r"^=+ (.* in \d[\d.]*s.*?) =+$|^(\d.* in [\d.]+s.*)$", re.MULTILINE)


def main(arguments: list[str]) -> int:
    cover = arguments[:1] == ["--cover"]
    with processes.interruptible():
        outcomes = run_everywhere(arguments[1:] if cover else arguments, cover)
        leftovers = processes.left_behind()
    print(f"\n{'─' * 72}")
    for line in [*leftovers, *(f"{outcome.name:<11} {outcome.summary}" for outcome in outcomes)]:
        print(line)
    some_ran = any(outcome.code == 0 for outcome in outcomes)
    passed = not leftovers and some_ran and all(outcome.code in (0, NONE_HERE) for outcome in outcomes)
    return report_coverage() if passed and cover else int(not passed)


def run_everywhere(chosen: list[str], cover: bool) -> list["Outcome"]:
    browser = system.chromium()
    with postgres.cluster() as url, tempfile.TemporaryDirectory(prefix="bookt-tests-") as folder:
        environment = os.environ | {"BOOKT_TEST_POSTGRES": url, "CHROMIUM": str(browser)}
        processes.adopt_orphans()
        with ExitStack() as running:
            runs = [
                running.enter_context(Run(name, engine, part, Path(folder) / name, chosen, cover, environment))
                for name, engine, part in RUNS
            ]
            return [run.follow() for run in runs]


@dataclass
class Outcome:
    name: str
    code: int
    summary: str


class Run:
    """pytest on one engine and on a part of the tests (`tests/conftest.py`), started on construction, writing to
    `output`."""

    def __init__(
        self, name: str, engine: str, part: str, output: Path, chosen: list[str], cover: bool,
        environment: dict[str, str],
    ) -> None:  # fmt: skip
        self.name, self.output = name, output
        runner = ["coverage", "run", "-m", "pytest"] if cover else ["pytest"]
        options = ["--engine", engine, "--part", part, "-o", f"cache_dir=.pytest_cache/{name}"]
        colours = {"PY_COLORS": "1"} if sys.stdout.isatty() else {}
        with open(output, "wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *runner, *options, *chosen],
                env=environment | colours | {"COVERAGE_FILE": f".coverage.{name}"},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # one Ctrl-C reaches pytest once: from `processes.stop`
                preexec_fn=processes.dies_with_us(signal.SIGINT),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        processes.stop(self.process, signal.SIGINT)

    def follow(self) -> Outcome:
        """Print what the tests have written so far, then the rest as it comes."""
        print(f"\n{f' {self.name} ':─^72}", flush=True)
        with open(self.output, "rb") as written:
            ended = False
            while not ended:
                ended = self.process.poll() is not None
                sys.stdout.buffer.write(written.read())
                sys.stdout.buffer.flush()
                time.sleep(0 if ended else 0.2)
        return Outcome(self.name, self.process.returncode, self.summary())

    def summary(self) -> str:
        found = CLOSING_LINE.findall(COLOUR.sub("", self.output.read_text(errors="replace")))
        return "".join(found[-1]) if found else f"ended without a summary (exit {self.process.returncode})"


def report_coverage() -> int:
    """The figures of all runs in one table; then the logic alone, which must reach the least."""
    coverage = [sys.executable, "-m", "coverage"]
    report = [*coverage, "report"]
    subprocess.run([*coverage, "combine", "--quiet", *(f".coverage.{name}" for name, *_ in RUNS)], check=True)
    subprocess.run(report, check=True)
    print(f"\n{LOGIC}: at least {LEAST_COVERAGE} % of lines and branches", flush=True)
    return subprocess.run([*report, f"--include={LOGIC}", f"--fail-under={LEAST_COVERAGE}"]).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
