"""The product and the bare applications behind the server that is shipped: gunicorn with `deploy/gunicorn.conf.py`."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.load import Broken
from bench.workload import NOW
from config import Settings
from tools import processes
from tools.postgres import free_port

ROOT = Path(__file__).parents[1]
STARTS_WITHIN = 30  # seconds
_CONFIG = {"bench.serve": "deploy/gunicorn.conf.py", "bench.bare": "bench/bare_server.py"}
KEY = "a key of the bench alone, as long as asked"


def product() -> Any:
    """What gunicorn serves: the application on the environment's settings, at the workload's moment."""
    from bookt import create_app

    return create_app(Settings.from_environment(), clock=lambda: NOW)


class Server:
    """A gunicorn of one application on a free port, pinned to `core`; stopped at the end of the `with` block."""

    def __init__(
        self,
        application: str,
        settings: Settings,
        *,
        workers: int = 1,
        core: int | None = None,
        scheduler: bool = False,
    ) -> None:
        self.port = free_port()
        self._environment = _environment(settings, self.port, scheduler)
        self._command = [
            sys.executable, "-m", "gunicorn", "--config", _CONFIG[application.partition(":")[0]],
            "--bind", f"127.0.0.1:{self.port}", "--workers", str(workers), "--max-requests", "0",
            "--log-level", "error", f"{application}()",
        ]  # fmt: skip
        self._core = core
        self._process: subprocess.Popen[bytes] | None = None
        self._log: Any = None
        self.began = 0.0

    def __enter__(self) -> "Server":
        """Started; `wait` until it answers."""
        self.begin()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._process is not None:
            processes.stop(self._process, signal.SIGKILL)  # nothing of it is kept, and a polite end takes a second
            self._process = None
            self._log.close()

    def begin(self) -> None:
        """Start; `began` is the moment before it (perf_counter)."""
        self._log = open(Path(self._environment["BOOKT_DATA"]) / f"server-{self.port}.log", "wb")  # noqa: SIM115
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log,
            start_new_session=True, preexec_fn=_prepared(self._core),
        )  # fmt: skip

    def wait(self, path: str | None = None) -> None:
        """Until it answers anything or, with `path`, until that answers 200."""
        deadline = time.perf_counter() + STARTS_WITHIN
        while time.perf_counter() < deadline:
            with contextlib.suppress(OSError):
                if _answers(self.port, path):
                    return
            if self._process is not None and self._process.poll() is not None:
                break
            time.sleep(0.002)
        raise Broken(f"{self._command[-1]} does not answer:\n{self.log()}")

    def workers(self) -> list[int]:
        """Process ids of the workers (Linux)."""
        assert self._process
        pid = self._process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def log(self) -> str:
        return Path(self._log.name).read_text(errors="replace")[-3_000:]


def cores() -> tuple[int | None, int | None]:
    """One core for the server and one for the load, when there are two and they can be chosen."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    have = sorted(os.sched_getaffinity(0))
    return (have[0], have[1]) if len(have) > 1 else (None, None)


def _environment(settings: Settings, port: int, scheduler: bool) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")}
    return kept | {
        "BOOKT_ENV": "production", "SECRET_KEY": KEY, "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "BOOKT_DATA": settings.bookt_data, "DATABASE_URL": settings.database_url, "DEMO": "off",
        "SCHEDULER": "on" if scheduler else "off", "LOG_LEVEL": "ERROR",
        "RATE_LIMIT_LOOKUP": "off", "RATE_LIMIT_READ": "off", "RATE_LIMIT_WRITE": "off",
    }  # fmt: skip


def _prepared(core: int | None) -> Callable[[], None]:
    dies_with_us = processes.dies_with_us(signal.SIGTERM)

    def prepare() -> None:
        dies_with_us()
        if core is not None:
            os.sched_setaffinity(0, {core})

    return prepare


def _answers(port: int, path: str | None) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=STARTS_WITHIN) as connection:
        connection.sendall(f"GET {path or '/'} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        status = connection.recv(12)
        return status.endswith(b" 200") if path else status.startswith(b"HTTP/1.1 ")
