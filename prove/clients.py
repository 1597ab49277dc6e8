"""Clients who book, hold, move and cancel over HTTP, and remember what they were told. Standard library only.

`python -m prove.clients ORDERS.json` prints one line of JSON per operation. Its `outcome` is `ok`, `refused`,
`unknown` (never answered, in spite of all repeats) or `unexpected` (an answer outside the documented ones).
"""

import http.client
import json
import random
import re
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
HELD = re.compile(r"/rdv/retenu/([^/?]+)$")
BOOKED = re.compile(r"/rdv/(AC-[A-Z0-9]{6})(?:\?|$)")
REFUSALS = {"create": {"SLOT_UNAVAILABLE"}, "move": {"SLOT_UNAVAILABLE"}, "cancel": set[str]()}
PATIENCE = 15.0  # seconds for one answer
LAST_ANSWER = 40.0  # seconds after the end in which unknown answers are still asked for


@dataclass
class Operation:
    """`mark` travels in the booking's message, so that a reader of the rows finds what this operation made."""

    client: int
    kind: str  # create, hold, move, cancel
    mark: str
    email: str
    code: str = ""
    start: str = ""  # local date and time that was asked for
    service: str = ""
    party: int = 1
    outcome: str = "unknown"
    detail: str = ""
    tries: int = 0
    slowest_ms: float = 0.0
    troubles: list[tuple[float, int]] = field(default_factory=list)  # moment and status of each 5xx


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        found = json.loads(self.body)
        return found if isinstance(found, dict) else {}

    def error(self) -> str:
        try:
            return str(self.json()["error"]["code"])
        except (ValueError, KeyError, TypeError):
            return ""


class Unanswered(Exception):
    """The server was gone for longer than a client can wait."""


class Ending(threading.Event):
    """Set by SIGTERM: nothing new is begun, what is under way is brought to its answer."""

    since = 0.0

    def come(self, *_: object) -> None:
        self.since = time.time()
        self.set()


over = Ending()


class Client:
    """One person in a thread of his own, with a kept connection and the bookings that are his."""

    def __init__(self, number: int, orders: dict[str, Any], log: Callable[[Operation], None]) -> None:
        self.number, self.orders, self.log = number, orders, log
        self.chance = random.Random(f"{orders['seed']}:{number}")
        self.email = f"client{number}@example.com"
        self.bookings: dict[str, str] = {}  # code → date of its visit
        self.form_token = ""
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        acts = (self._create, self._hold, self._move, self._cancel)
        while not over.is_set():
            act = self.chance.choices(acts, (35, 20, 15, 30))[0]
            if act in (self._create, self._hold) or self.bookings:
                act()

    # --- operations ------------------------------------------------------------------------------------------------

    def _create(self) -> None:
        wish, operation = self._wish("create")
        body = {
            "serviceId": wish["service"], "date": wish["date"], "time": operation.start[11:],
            "partySize": operation.party, "message": operation.mark,
            "customer": {"name": f"Client {self.number}", "email": self.email}, "notifications": {"email": True},
        }  # fmt: skip
        answer = self._settle(operation, "bookings", body, ok=201)
        if answer and operation.outcome == "ok":
            operation.code = answer.json()["booking"]["publicCode"]
            self.bookings[operation.code] = wish["date"]
            if self.chance.random() < 0.25:
                self._repeat(operation, body)
        self.log(operation)

    def _repeat(self, operation: Operation, body: dict[str, Any]) -> None:
        """The same once more, as a client does who missed the answer."""
        again = Operation(self.number, "repeat", operation.mark, self.email, start=operation.start)
        answer = self._settle(again, "bookings", body, ok=201)
        if answer and again.outcome == "ok":
            again.code = answer.json()["booking"]["publicCode"]
        self.log(again)

    def _move(self) -> None:
        code = self.chance.choice(list(self.bookings))
        wish, operation = self._wish("move")
        operation.code = code
        body = {"email": self.email, "newDate": wish["date"], "newTime": operation.start[11:]}
        self._settle(operation, f"bookings/{code}/reschedule", body, ok=200)
        self.log(operation)

    def _cancel(self) -> None:
        code = self.chance.choice(list(self.bookings))
        operation = Operation(self.number, "cancel", uuid.uuid4().hex, self.email, code)
        self._settle(operation, f"bookings/{code}/cancel", {"email": self.email}, ok=200)
        del self.bookings[code]
        self.log(operation)

    def _hold(self) -> None:
        """Through the pages: choose a time, leave one's details, check where a deposit is asked."""
        wish, operation = self._wish("hold")
        try:
            self._hold_by_forms(wish, operation)
        except Unanswered:
            operation.detail = "no answer"
        self.log(operation)

    def _hold_by_forms(self, wish: dict[str, Any], operation: Operation) -> None:
        page = f"/{self.orders['slug']}/rdv"
        if not self.form_token:
            found = TOKEN.search(
                self._ask(operation, "GET", f"{page}?prestation={wish['service']}&avec=peu-importe").body.decode()
            )
            self.form_token = found[1] if found else ""
        wanted = {
            "prestation": wish["service"],
            "avec": "peu-importe",
            "personnes": operation.party,
            "debut": operation.start,
        }
        held = self._ask(operation, "POST", page, form=wanted)
        token = HELD.search(held.headers.get("location", ""))
        if token is None:
            return self._told(operation, held)
        typed = {"name": f"Client {self.number}", "email": self.email, "message": operation.mark}
        if self.chance.random() < 0.2:
            given_back = self._ask(operation, "POST", f"{page}/retenu/{token[1]}/liberation", form={})
            operation.kind = "release"
            return self._told(operation, given_back)
        answer = self._ask(operation, "POST", f"{page}/retenu/{token[1]}", form=typed)
        if wish["deposit"] and answer.headers.get("location", "").endswith("/verification"):
            answer = self._ask(operation, "POST", f"{page}/retenu/{token[1]}/verification", form={})
        self._told(operation, answer)
        if operation.code:
            self.bookings[operation.code] = wish["date"]
        return None

    def _told(self, operation: Operation, answer: Answer) -> None:
        code = BOOKED.search(answer.headers.get("location", ""))
        if answer.status == 303:
            operation.outcome, operation.code = "ok", code[1] if code else ""
            if operation.kind == "hold" and not code:
                # The page of a hold that ran out while its details were kept: nothing was booked, nothing promised.
                operation.outcome, operation.detail = "refused", "ran out"
        elif answer.status == 409:
            operation.outcome, operation.detail = "refused", "lost"
        else:
            operation.outcome, operation.detail = "unexpected", f"{answer.status} {answer.body[:200]!r}"

    def _wish(self, kind: str) -> tuple[dict[str, Any], Operation]:
        wish = self.chance.choice(self.orders["wishes"])
        party = self.chance.randint(1, wish["parties"])
        start = f"{wish['date']}T{self.chance.choice(wish['times'])}"
        mark = uuid.UUID(int=self.chance.getrandbits(128)).hex
        return wish, Operation(self.number, kind, mark, self.email, start=start, service=wish["service"], party=party)

    # --- answers ---------------------------------------------------------------------------------------------------

    def _settle(self, operation: Operation, path: str, body: dict[str, Any], *, ok: int) -> Answer | None:
        """Ask with an Idempotency-Key until an answer comes, and judge it."""
        key = f"{operation.kind if operation.kind != 'repeat' else 'create'}-{operation.mark}"
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if self.chance.random() < 0.08:
            self._hang_up(f"/{self.orders['slug']}/api/{path}", headers, json.dumps(body))
        try:
            answer = self._ask(operation, "POST", f"/{self.orders['slug']}/api/{path}", json.dumps(body), headers)
        except Unanswered:
            operation.detail = "no answer"
            return None
        if answer.status == ok:
            operation.outcome = "ok"
        elif answer.status == 409 and answer.error() in REFUSALS.get(operation.kind, {"SLOT_UNAVAILABLE"}):
            operation.outcome, operation.detail = "refused", answer.error()
        else:
            operation.outcome, operation.detail = "unexpected", f"{answer.status} {answer.body[:200]!r}"
        return answer

    def _ask(
        self, operation: Operation, method: str, path: str, body: str | None = None,
        headers: dict[str, str] | None = None, *, form: dict[str, Any] | None = None,
    ) -> Answer:  # fmt: skip
        """Repeat what got no answer, or a 5xx, until it gets another. Raises Unanswered."""
        while not (over.is_set() and time.time() > over.since + LAST_ANSWER):
            operation.tries += 1
            if form is not None:
                body = urlencode(form | {"form_token": self.form_token})
                headers = {"Content-Type": "application/x-www-form-urlencoded"}
            begun = time.monotonic()
            answer = self._once(method, path, body, headers or {})
            if answer is not None:
                operation.slowest_ms = max(operation.slowest_ms, (time.monotonic() - begun) * 1000)
                if answer.status < 500:
                    return answer
                operation.troubles.append((time.time(), answer.status))
            time.sleep(self.chance.uniform(0.02, 0.1))
        raise Unanswered

    def _once(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer | None:
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.request(method, path, body, headers)
            found = self._connection.getresponse()
            return Answer(found.status, {name.lower(): value for name, value in found.getheaders()}, found.read())
        except (OSError, http.client.HTTPException):
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            return None

    def _hang_up(self, path: str, headers: dict[str, str], body: str) -> None:
        """Send it and go away before the answer."""
        connection = self._connect()
        try:
            connection.request("POST", path, body, headers)
            time.sleep(self.chance.uniform(0, 0.01))
        except OSError:
            pass
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.orders["port"], timeout=PATIENCE)


def main(orders: dict[str, Any]) -> None:
    lock = threading.Lock()
    signal.signal(signal.SIGTERM, over.come)
    Path(orders["ready"]).touch()

    def log(operation: Operation) -> None:
        with lock:
            sys.stdout.write(json.dumps(asdict(operation)) + "\n")

    threads = [threading.Thread(target=Client(n, orders, log).run) for n in orders["clients"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        main(json.load(file))
