"""The clients' processes: started with their orders, ended with their logs."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from prove.scratch import CLOSING, OPENING, PARTIES, SERVICES, ZONE, Scratch
from tools import processes

ROOT = Path(__file__).resolve().parent.parent
PER_PROCESS = 50
LAST_ANSWER = 60.0  # seconds after which a client process that does not end is a defect


class Crowd:
    """`clients` in several processes, at work from the beginning of the `with` block until `logs` is asked."""

    def __init__(self, place: Scratch, port: int, clients: int, seed: int) -> None:
        self._folder = place.settings.data
        self._orders = {"port": port, "slug": place.slug, "seed": seed, "wishes": _wishes()}
        shares = max(2, -(-clients // PER_PROCESS))
        self._shares = [list(range(clients))[start::shares] for start in range(shares)]
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        for number, share in enumerate(self._shares):
            orders = self._folder / f"orders{number}.json"
            orders.write_text(json.dumps(self._orders | {"clients": share, "ready": str(self._ready(number))}))
            self._processes.append(self._started(orders, self._log(number)))
        while not all(self._ready(number).exists() for number in range(len(self._shares))):
            if any(process.poll() is not None for process in self._processes):
                raise RuntimeError("a client process ended before it began")
            time.sleep(0.02)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            processes.kill_group(process.pid)
            process.wait()

    def logs(self) -> list[dict[str, Any]]:
        """End the work; every operation of every client, in each client's order. Raises subprocess.TimeoutExpired."""
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        until = time.monotonic() + LAST_ANSWER
        for process in self._processes:
            code = process.wait(max(1.0, until - time.monotonic()))
            if code:
                raise RuntimeError(f"a client process ended with {code}")
        texts = (self._log(number).read_text() for number in range(len(self._shares)))
        return [json.loads(line) for text in texts for line in text.splitlines()]

    def _started(self, orders: Path, log: Path) -> subprocess.Popen[bytes]:
        with open(log, "wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "prove.clients", str(orders)],
                cwd=ROOT,
                stdout=output,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                start_new_session=True,
                preexec_fn=processes.dies_with_us(signal.SIGKILL),
            )

    def _ready(self, number: int) -> Path:
        return self._folder / f"ready{number}"

    def _log(self, number: int) -> Path:
        return self._folder / f"log{number}.jsonl"


def _wishes() -> list[dict[str, Any]]:
    """What a client may ask for: few times, two and three days ahead."""
    today = dt.datetime.now(ZoneInfo(ZONE)).date()
    return [
        {
            "service": slug, "date": str(today + dt.timedelta(days=ahead)), "parties": PARTIES[slug],
            "deposit": values["deposit_bp"] > 0,
            "times": [f"{m // 60:02}:{m % 60:02}" for m in range(OPENING, CLOSING, values["step_minutes"])],
        }
        for slug, values in SERVICES.items() for ahead in (2, 3)
    ]  # fmt: skip
