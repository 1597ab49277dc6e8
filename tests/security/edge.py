"""What the attacks share: the whole database as text, the routes with real values, a server on a socket of its own."""

import contextlib
import dataclasses
import datetime as dt
import logging
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

import db
from actions import booking, schedule, sessions
from actions.inputs import read
from bookt import create_app
from config import Settings
from lib.ids import uuid7
from lib.links import hold_token, manage_token
from models import Client, Invitation, Message, Resource, Specialization, Testimonial
from tests.cast import MONDAY_8, TUESDAY, Cast, Clock, add_service
from tests.showcase import add_picture
from tests.staff import member

ROOT = Path(__file__).resolve().parents[2]
COUNTERS = ("rate_counter",)  # how often someone called: the one thing that a GET may change


# --- the database, from outside ------------------------------------------------------------------------------------


def dump(settings: Settings, *, without: Iterable[str] = COUNTERS) -> dict[str, list[str]]:
    """Every row of every table as text, read past the application by its owner."""
    connection: Any
    if settings.engine == "sqlite":
        connection = sqlite3.connect(settings.data / "bookt.sqlite3")
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    else:
        connection = psycopg2.connect(settings.database_url)
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    with contextlib.closing(connection):
        cursor = connection.cursor()
        cursor.execute(names)
        tables = sorted({name for (name,) in cursor.fetchall()} - set(without))
        found: dict[str, list[str]] = {}
        row = "*" if settings.engine == "sqlite" else "t::text"
        for table in tables:
            cursor.execute(f'SELECT {row} FROM "{table}" t')
            found[table] = [repr(each) for each in cursor.fetchall()]
    return found


def changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, list[str]]:
    """The rows that are in one dump alone, by table; empty when nothing was written."""
    tables = before.keys() | after.keys()
    rows = {name: sorted(set(before.get(name, ())) ^ set(after.get(name, ()))) for name in tables}
    return {name: each for name, each in rows.items() if each}


@contextlib.contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that peewee sends meanwhile, without its values."""
    sent: list[str] = []
    with listening(lambda sql: sent.append(sql)):
        yield sent


@contextlib.contextmanager
def listening(hear: Callable[[str], object]) -> Iterator[None]:
    """Calls `hear` with each statement just before it is sent; what `hear` raises is what the driver raises."""

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if isinstance(record.msg, tuple):
                hear(str(record.msg[0]))

    logger, ear = logging.getLogger("peewee"), Ear()
    level, spreads = logger.level, logger.propagate
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(ear)
    try:
        yield
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)
        logger.propagate = spreads


# --- the application with other settings ---------------------------------------------------------------------------


@contextlib.contextmanager
def variant(settings: Settings, clock: Clock, **changes: Any) -> Iterator[Flask]:
    """A second application on the same database; the first one's handle is put back at the end."""
    before = db.handle.obj
    made = create_app(dataclasses.replace(settings, **changes), clock=clock)
    try:
        yield made
    finally:
        mine = db.handle.obj
        db.handle.initialize(before)
        if mine is not before:
            close = getattr(mine, "close_all", mine.close)
            close()


# --- the routes ----------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Places:
    """A business with one booking and one hold, and every address of the application filled in with them."""

    slug: str
    code: str
    email: str
    hold: str
    key: str
    proof: str
    message: str
    booking: str
    client: str
    resource: str
    member: str
    rows: dict[str, str]

    @classmethod
    def of(cls, app: Flask, cast: Cast, *, held_at: str = "11:00", booked_at: str = "09:00") -> "Places":
        signer = app.extensions["bookt_signer"]
        booked, held = cast.book(booked_at), cast.hold(held_at)
        details = read(booking.DetailsInput, {"name": booked.name, "email": booked.email, "message": "Sonnez"})
        booking.note_details(cast.business, UUID(held.id), details, now=MONDAY_8)
        return cls(
            cast.slug, booked.code, booked.email, hold_token(signer, cast.id, UUID(held.id)),
            manage_token(signer, cast.id, UUID(booked.id), booked.link_version),
            signer.sign("proof", [f"{booked.id}.{booked.link_version}"], timed=True), _message(cast, booked.id),
            booked.id, _client(cast), cast.offer.resources[0].slug, str(member(cast, "reception").user_id),
            _rows(cast),
        )  # fmt: skip

    @property
    def typed(self) -> dict[str, str]:
        """What a person would fill in, for every form at once."""
        return {
            "prestation": "diag", "avec": "peu-importe", "debut": "2027-01-13T10:00", "name": "Jean Martin",
            "email": self.email, "phone": "", "message": "", "code": self.code, "reason": "",
        }  # fmt: skip

    def proved(self, app: Flask, *, also: Iterable[str] = ()) -> FlaskClient:
        """The browser of the booking's client; `also` are the marks of further bookings."""
        signer, client = app.extensions["bookt_signer"], app.test_client()
        marks = [*signer.read("proof", self.proof, max_age=3_600), *also]
        client.set_cookie("bookt_proof", signer.sign("proof", marks, timed=True))
        return client

    @property
    def known(self) -> dict[str, str]:
        """A real value for each variable of an address."""
        slugs = {name: self.rows[name] for name in ("service", "resource")}
        rows = slugs | {f"{name}_id": key for name, key in self.rows.items()}
        return rows | {
            "slug": self.slug, "code": self.code, "token": self.hold, "filename": "app.css", "message_id": self.message,
            "booking_id": self.booking, "client_id": self.client, "user_id": self.member, "step": "3", "word": "temoignages",
        }  # fmt: skip

    def path(self, rule: Rule, **other: str) -> str:
        known = self.known | other
        unknown = rule.arguments - known.keys()
        assert not unknown, f"{rule.rule}: say in tests/security/edge.py what {unknown} may be"
        return re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda part: known[part[1]], rule.rule)

    def queries(self, rule: Rule) -> list[str]:
        """What the pages and the API read from an address, all of it together and none of it."""
        if "slug" not in rule.arguments:
            return [""]
        day = TUESDAY.isoformat()
        return [
            "",
            f"serviceId=diag&date={day}&code={self.code}&email={self.email}&resourceId=r1",
            f"prestation=diag&avec=r1&jour={day}&semaine={day}&debut={day}T10:00&retenu={self.hold}",
            f"cle={self.key}&prestation=diag&avec=peu-importe",
        ]


def routes(app: Flask, *methods: str) -> list[Rule]:
    """The rules that take one of these methods; static files aside."""
    return [
        rule for rule in app.url_map.iter_rules() if rule.endpoint != "static" and (rule.methods or set()) & {*methods}
    ]


def open_routes(app: Flask, *methods: str) -> list[Rule]:
    """Those that anyone may call: to a stranger all others are one door (`test_matrix`)."""
    return [rule for rule in routes(app, *methods) if guard_of(app, rule)[0] == "public"]


def guard_of(app: Flask, rule: Rule) -> tuple[str, str]:
    found: tuple[str, str] = getattr(app.view_functions[rule.endpoint], "guard", ("", ""))
    return found


def staff_rules(app: Flask, *methods: str) -> list[Rule]:
    """What asks for a role in a business: pages and staff API."""
    return [rule for rule in routes(app, *methods) if guard_of(app, rule)[0] == "needs"]


def is_api(rule: Rule) -> bool:
    return rule.rule.startswith("/api/")


def is_file(rule: Rule) -> bool:
    """A browser keeps it, or shows it in a page of its own making."""
    return rule.rule.endswith((".ics", ".vcf", ".png", ".xml", "<uuid:picture_id>"))


def text_of(answer: Any) -> str:
    """The body as text, a picture's too."""
    return str(answer.get_data().decode(errors="replace"))


def pages(app: Flask) -> list[Rule]:
    """The addresses that a browser shows: every GET that is not the JSON API's."""
    data = ("platform_api.document", "platform.health")
    return [
        rule for rule in routes(app, "GET")
        if rule.endpoint not in data and rule.endpoint.partition(".")[0] not in ("api", "public_api")
    ]  # fmt: skip


def _message(cast: Cast, booking_id: str) -> str:
    """The client's mail of a booking."""
    with db.reading(cast.id):
        found = Message.find(booking_id=UUID(booking_id), template="client_confirmed")
        assert found is not None
        return str(found.id)


def _rows(cast: Cast) -> dict[str, str]:
    """One row of each kind that an address may name."""
    resource_id, moment = cast.offer.resources[0].id, dt.datetime.fromtimestamp(MONDAY_8, dt.UTC)
    block = schedule.block(
        cast.business, resource_id, starts_at=moment, ends_at=moment + dt.timedelta(minutes=30), summary="x",
        now=MONDAY_8,
    )  # fmt: skip
    session = sessions.begin(_user(cast), now=MONDAY_8, agent="x", network="x")
    with db.writing(cast.id):
        testimonial, specialization, invitation = uuid7(), uuid7(), uuid7()
        Testimonial.insert(id=testimonial, author="Nadia B.", text="On m’a écoutée.").execute()
        Specialization.insert(id=specialization, name="Dos").execute()
        Invitation.insert(
            id=invitation, hash=str(invitation), email=f"{invitation}@example.com", role="reception",
            expires_at=moment + dt.timedelta(days=7),
        ).execute()  # fmt: skip
        picture = add_picture("photo")
        slug = f"s-{invitation.hex[-12:]}"  # of this business alone
        add_service(slug, [resource_id])
        Resource.insert(slug=slug, name="Box", kind="room").execute()
    found = {
        "block": block, "session": session, "testimonial": testimonial, "specialization": specialization,
        "invitation": invitation, "picture": picture, "line": testimonial,
    }  # fmt: skip
    return {name: str(key) for name, key in found.items()} | {"service": slug, "resource": slug}


def _user(cast: Cast) -> UUID:
    found = member(cast, "read_only").user_id
    assert found is not None
    return found


def _client(cast: Cast) -> str:
    with db.reading(cast.id):
        return str(Client.select().first().id)


def forms(app: Flask) -> list[Rule]:
    """The routes that take a form of a business's public pages."""
    return [rule for rule in all_forms(app) if "slug" in rule.arguments]


def all_forms(app: Flask) -> list[Rule]:
    """With those of the platform: its door, and the first steps of who is new."""
    return [rule for rule in routes(app, "POST") if getattr(app.view_functions[rule.endpoint], "form", False)]


def token_for(app: Flask, rule: Rule, cast: Cast) -> str:
    """The form token that this route wants: the business's, or the platform's."""
    return form_token(app, cast.id if "slug" in rule.arguments else None)


def form_token(app: Flask, business_id: UUID | None) -> str:
    return str(app.extensions["bookt_signer"].sign("form", str(business_id or "platform"), timed=True))


# --- a server of its own -------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Server:
    """`log` is everything that the process has written."""

    port: int
    pid: int
    written: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.written.read_text(errors="replace")

    def ask(self, request: bytes, *, timeout: float = 20) -> tuple[int, str]:
        """Send these very bytes; the status (0: cut off without one) and the whole answer."""
        try:
            line = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        except ConnectionRefusedError:
            raise AssertionError(f"the server is gone; it wrote: {self.log[-2_000:]}") from None
        with line:
            # a server that has seen enough answers and hangs up before it has read everything
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                line.sendall(request)
            answer = b""
            with contextlib.suppress(ConnectionResetError, TimeoutError):
                while part := line.recv(65_536):
                    answer += part
                    if _is_whole(answer):
                        break
        text = answer.decode(errors="replace")
        found = re.match(r"HTTP/1\.[01] (\d{3})", text)
        return int(found[1]) if found else 0, text

    def get(self, path: str, *headers: str) -> tuple[int, str]:
        more = "".join(f"{line}\r\n" for line in headers)
        return self.ask(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n{more}\r\n".encode()
        )

    def memory(self) -> int:
        """Bytes that the process and its children hold now."""
        return sum(_resident(pid) for pid in (self.pid, *_children(self.pid)))


@contextlib.contextmanager
def serving(settings: Settings, folder: Path, **changes: Any) -> Iterator[Server]:
    """`bookt.py serve` in a process of its own, on a free port, until the block ends."""
    port = free_port()
    chosen = dataclasses.replace(settings, host="127.0.0.1", port=port, **changes)
    written = folder / f"server-{port}.log"
    with open(written, "wb") as out:
        process = subprocess.Popen(
            [sys.executable, "bookt.py", "serve"], cwd=ROOT, env=_environment(chosen), stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    server = Server(port, process.pid, written)
    try:
        _await(server, process)
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await(server: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, AssertionError):
            if server.get("/health")[0] == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"the server does not come up: {server.log}")


def _is_whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return bool(found and length and len(body) >= int(length[1]))


def _environment(settings: Settings) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {f.name.upper(): getattr(settings, f.name) for f in dataclasses.fields(settings)}
    words = {
        name: ("on" if value else "off") if isinstance(value, bool) else str(value) for name, value in given.items()
    }
    return kept | words | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _children(pid: int) -> list[int]:
    try:
        direct = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [each for child in direct for each in (child, *_children(child))]


def _resident(pid: int) -> int:
    try:
        return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) * 1024
    except (OSError, IndexError):
        return 0
