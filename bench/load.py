"""The load: requests made beforehand, raw sockets kept open, answers read by Content-Length.

It runs as a process of its own (`python -m bench.load`: one job per line in, one result per line out), so that what it
costs stands on the other core. `Load` is the side that gives the jobs.
"""

import json
import os
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

PATIENCE = 30  # seconds for one answer


class Broken(Exception):
    """The product did something wrong while it was measured; the run fails."""


@dataclass
class Result:
    """Latencies in milliseconds in the order of the answers; `bodies` of the last answer only."""

    latencies: list[float]
    seconds: float
    statuses: dict[str, int]
    body: str = ""
    p50: float = field(init=False)
    per_second: float = field(init=False)

    def __post_init__(self) -> None:
        self.p50 = statistics.median(self.latencies)
        self.per_second = len(self.latencies) / self.seconds

    @property
    def slowest(self) -> float:
        return max(self.latencies)

    def only(self, *statuses: int) -> Self:
        """Raises Broken when another status came."""
        strange = {s: n for s, n in self.statuses.items() if int(s) not in statuses}
        if strange:
            raise Broken(f"answers {strange} instead of {statuses}; the last: {self.body[:300]}")
        return self


class Load:
    """The load process, pinned to a core when there is one for it."""

    def __init__(self, core: int | None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[1],
        )  # fmt: skip
        if core is not None:
            os.sched_setaffinity(self._process.pid, {core})

    def closed(self, port: int, requests: Sequence[bytes], *, connections: int = 1, seconds: float = 0) -> Result:
        """Each connection asks again as soon as it is answered: for so long, in turns, or once through `requests`."""
        return self._run(port, requests, mode="closed", connections=connections, seconds=seconds)

    def burst(self, port: int, requests: Sequence[bytes]) -> Result:
        """All at the same moment, each on its own connection, open beforehand."""
        return self._run(port, requests, mode="burst", connections=len(requests))

    def paced(self, port: int, requests: Sequence[bytes], *, connections: int, rate: float) -> Result:
        """`rate` a second whatever comes back; a latency counts from the moment its request was due."""
        return self._run(port, requests, mode="paced", connections=connections, rate=rate)

    def stop(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(5)

    def _run(self, port: int, requests: Sequence[bytes], **job: Any) -> Result:
        assert self._process.stdin
        assert self._process.stdout
        line = json.dumps({"port": port, "requests": [each.decode("latin-1") for each in requests], **job})
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"error": "the load process ended"}')
        if "error" in answer:
            raise Broken(answer["error"])
        return Result(**answer)


def get(path: str, *, cookie: str = "") -> bytes:
    more = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n{more}\r\n".encode()


def post(path: str, data: dict[str, Any]) -> bytes:
    body = json.dumps(data, ensure_ascii=False).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


# --- the process ---------------------------------------------------------------------------------------------------


def main() -> None:
    for line in sys.stdin:
        job = json.loads(line)
        try:
            answer = run(job)
        except (OSError, ValueError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def run(job: dict[str, Any]) -> dict[str, Any]:
    requests = [text.encode("latin-1") for text in job["requests"]]
    run = _Run([_Connection(job["port"]) for _ in range(job["connections"])], requests)
    try:
        if job["mode"] == "burst":
            run.burst()
        elif job["mode"] == "paced":
            run.paced(job["rate"])
        elif job["connections"] == 1:
            run.alone(job["seconds"])
        else:
            run.together(job["seconds"])
    finally:
        run.close()
    return {
        "latencies": [round(each, 4) for each in run.latencies], "seconds": run.seconds,
        "statuses": dict(run.statuses), "body": run.body.decode("utf-8", "replace"),
    }  # fmt: skip


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self._buffer = b""

    def send(self, request: bytes, due: float | None = None) -> None:
        self.sent_at = time.perf_counter() if due is None else due
        self._buffer = b""
        self.socket.sendall(request)

    def receive(self) -> tuple[str, bytes] | None:
        """Status and body once the answer is whole."""
        part = self.socket.recv(262_144)
        if not part:
            raise ValueError("the server closed a connection in the middle of an answer")
        self._buffer += part
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return None
        length = _length(head)
        return (head[9:12].decode(), body) if len(body) >= length else None


class _Run:
    def __init__(self, connections: list[_Connection], requests: list[bytes]) -> None:
        self.connections, self.requests = connections, requests
        self.latencies: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.body, self.seconds = b"", 0.0
        self._selector = selectors.DefaultSelector()
        for each in connections:
            self._selector.register(each.socket, selectors.EVENT_READ, each)

    def alone(self, seconds: float) -> None:
        (connection,), at = self.connections, 0
        began = time.perf_counter()
        while time.perf_counter() - began < seconds if seconds else at < len(self.requests):
            connection.send(self.requests[at % len(self.requests)])
            at += 1
            while (answer := connection.receive()) is None:
                pass
            self._note(connection, answer)
        self.seconds = time.perf_counter() - began

    def together(self, seconds: float) -> None:
        began, at = time.perf_counter(), 0
        busy = 0
        for connection in self.connections[: len(self.requests)] if not seconds else self.connections:
            connection.send(self.requests[at % len(self.requests)])
            at, busy = at + 1, busy + 1
        while busy:
            for connection in self._answered(PATIENCE):
                if time.perf_counter() - began < seconds if seconds else at < len(self.requests):
                    connection.send(self.requests[at % len(self.requests)])
                    at += 1
                else:
                    busy -= 1
        self.seconds = time.perf_counter() - began

    def burst(self) -> None:
        began = time.perf_counter()
        for connection, request in zip(self.connections, self.requests, strict=True):
            connection.send(request)
        busy = len(self.connections)
        while busy:
            busy -= len(self._answered(PATIENCE))
        self.seconds = time.perf_counter() - began

    def paced(self, rate: float) -> None:
        began, free, busy = time.perf_counter(), deque(self.connections), 0
        due = deque((began + n / rate, request) for n, request in enumerate(self.requests))
        while due or busy:
            while due and free and due[0][0] <= time.perf_counter():
                moment, request = due.popleft()
                free.popleft().send(request, moment)
                busy += 1
            wait = max(0.0, due[0][0] - time.perf_counter()) if due and free else PATIENCE
            answered = self._answered(wait)
            free.extend(answered)
            busy -= len(answered)
        self.seconds = time.perf_counter() - began

    def close(self) -> None:
        self._selector.close()
        for each in self.connections:
            each.socket.close()

    def _answered(self, wait: float) -> list[_Connection]:
        events = self._selector.select(wait)
        if not events and wait >= PATIENCE:
            raise ValueError(f"no answer in {PATIENCE} s")
        whole = []
        for selected, _ in events:
            connection: _Connection = selected.data
            answer = connection.receive()
            if answer is not None:
                self._note(connection, answer)
                whole.append(connection)
        return whole

    def _note(self, connection: _Connection, answer: tuple[str, bytes]) -> None:
        self.latencies.append((time.perf_counter() - connection.sent_at) * 1000)
        self.statuses[answer[0]] += 1
        self.body = answer[1]


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("an answer without Content-Length")


if __name__ == "__main__":
    main()
