"""The real server under test: gunicorn with the settings of production, killed and started again."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from prove.scratch import Scratch
from tools import processes
from tools.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent
HEALTHY_WITHIN = 30.0  # seconds
# In turn: holds that outlast the proof, and holds that are past their deadline at once.
HOLD_MINUTES = ("10", "0")


class Server:
    """Answers on `port` while the `with` block lasts, but for its kills: (moment, seconds until healthy again)."""

    def __init__(self, place: Scratch, application: str) -> None:
        self.port = free_port()
        self.kills: list[tuple[float, float]] = []
        self._application = application
        self._log = place.settings.data / "server.log"
        self._environment = os.environ | place.environment() | {"HOST": "127.0.0.1", "PORT": str(self.port)}
        self._environment["WORKERS"] = str(max(2, place.settings.workers))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            processes.stop(self._process, signal.SIGTERM, patience=5)

    def kill_and_restart(self) -> None:
        """SIGKILL to master and workers at once, then a new server on the same port."""
        assert self._process is not None
        moment = time.time()
        processes.kill_group(self._process.pid)
        self._process.wait()
        self._start()
        self.kills.append((moment, time.time() - moment))

    def says(self, lines: int = 60) -> str:
        """The end of its log."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])

    def _start(self) -> None:
        environment = self._environment | {"HOLD_MINUTES": HOLD_MINUTES[len(self.kills) % len(HOLD_MINUTES)]}
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", self._application]
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=processes.dies_with_us(signal.SIGKILL),
            )  # fmt: skip
        deadline = time.monotonic() + HEALTHY_WITHIN
        while not self._is_healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self.says()}")
            time.sleep(0.02)

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()
