"""Mail against real SMTP servers in this process: good ones, and ones that refuse, hang or drop the line."""

import dataclasses
import email
import email.policy
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import pytest
import vobject
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from config import Settings
from providers.mail import Deferred, Kept, Mail, Refused, Unreachable, chosen
from providers.smtp import Smtp

ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//FR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
MAIL = Mail(
    sender="rdv@bookt.localhost", sender_name="Cabinet Delvaux – Élise", reply_to="bonjour@cabinet-delvaux.example",
    recipient="jean@example.com", subject="Confirmé : mar. 24 nov. à 10:20, Cabinet Delvaux", text="Bonjour é\n" * 3,
    html="<p>Bonjour é" + " long" * 400 + "</p>", key="business:AC-7K2M9P:client_confirmed:0", calendar=ICS,
    calendar_method="REQUEST",
)  # fmt: skip


class Inbox:
    """What an SMTP server got; `answers` are given instead of acceptance, by the step of the conversation."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []
        self.answers: dict[str, str] = {}

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802 - the name that aiosmtpd calls
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802 - the name that aiosmtpd calls
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.envelopes.append(envelope)
        return "250 OK"

    def message(self) -> EmailMessage:
        (envelope,) = self.envelopes
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def serve(inbox: Inbox) -> Iterator[Callable[..., Settings]]:
    """Start a server for the inbox; gives the settings that reach it."""
    running: list[Controller] = []

    def start(security: str = "off", **options: Any) -> Settings:
        controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        running.append(controller)
        return settings_for(controller.port, security)

    yield start
    for controller in running:
        controller.stop()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def settings_for(port: int, security: str = "off", **values: Any) -> Settings:
    plain = Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_security=security)
    return dataclasses.replace(plain, **values)


def test_a_mail_arrives_whole(inbox: Inbox, serve: Callable[..., Settings]) -> None:
    Smtp(serve()).send(MAIL)
    (envelope,) = inbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("rdv@bookt.localhost", ["jean@example.com"])
    got = inbox.message()
    assert got["Subject"] == MAIL.subject
    assert got["From"] == "Cabinet Delvaux – Élise <rdv@bookt.localhost>"
    assert got["Reply-To"] == "bonjour@cabinet-delvaux.example"
    assert got["Auto-Submitted"] == "auto-generated"
    kinds = [part.get_content_type() for part in got.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
    text, html, calendar, attached = [part for part in got.walk() if not part.is_multipart()]
    assert text.get_content().split() == MAIL.text.split()
    assert html.get_content().strip() == MAIL.html
    assert calendar.get_param("method") == "REQUEST"
    assert vobject.readOne(calendar.get_content()).method.value == "REQUEST"
    assert attached.get_content() == ICS
    assert attached.get_filename() == "rendez-vous.ics"
    assert max(len(line) for line in envelope.content.split(b"\r\n")) <= 998


def test_the_message_id_is_the_key_s_for_every_try(inbox: Inbox, serve: Callable[..., Settings]) -> None:
    smtp = Smtp(serve())
    for mail in (MAIL, MAIL, dataclasses.replace(MAIL, key="another")):
        smtp.send(mail)
    first, second, other = (email.message_from_bytes(each.content)["Message-ID"] for each in inbox.envelopes)
    assert first == second != other
    assert first.endswith("@bookt.localhost>")


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("field", ["subject", "sender_name", "reply_to", "recipient"])
def test_a_line_break_in_a_header_sends_nothing(
    inbox: Inbox, serve: Callable[..., Settings], field: str, break_: str
) -> None:
    with pytest.raises(Refused):
        Smtp(serve()).send(dataclasses.replace(MAIL, **{field: f"a@b.example{break_}Bcc: evil@example.com"}))
    assert inbox.envelopes == []


@pytest.mark.parametrize(
    "address", ["a@b.example,evil@example.com", "<evil@example.com>", "a b@example.com", "é@example.com", "nobody", ""]
)
def test_only_one_plain_address_is_a_recipient(inbox: Inbox, serve: Callable[..., Settings], address: str) -> None:
    with pytest.raises(Refused):
        Smtp(serve()).send(dataclasses.replace(MAIL, recipient=address))
    assert inbox.envelopes == []


@pytest.mark.parametrize(
    "name",
    [
        'Léa "la" <evil@example.com>, Cie; \\', 'Lea "la" <evil@example.com>, Cie; \\', "Cabinet, evil@example.com",
        "Maître Élodie Ångström-Dupont-de-la-Fontaine, avocate au barreau de Bruxelles, <evil@example.com>, associés",
        "Maitre Elodie Angstrom-Dupont-de-la-Fontaine, avocate au barreau de Bruxelles, <evil@example.com>, associes",
        "=?utf-8?q?evil=40example=2Ecom?=", "",
    ],
)  # fmt: skip
def test_a_name_never_becomes_an_address(inbox: Inbox, serve: Callable[..., Settings], name: str) -> None:
    Smtp(serve()).send(dataclasses.replace(MAIL, sender_name=name))
    (address,) = inbox.message()["From"].addresses
    assert address.addr_spec == "rdv@bookt.localhost"
    assert getaddresses([email.message_from_bytes(inbox.envelopes[0].content)["From"]])[0][1] == "rdv@bookt.localhost"
    assert address.display_name.split()[:1] == name.replace(",", "").split()[:1] or "=?" in name


def test_an_international_domain_travels_as_punycode(inbox: Inbox, serve: Callable[..., Settings]) -> None:
    Smtp(serve()).send(dataclasses.replace(MAIL, recipient="jean@bücher.example"))
    assert inbox.envelopes[0].rcpt_tos == ["jean@xn--bcher-kva.example"]


@pytest.mark.parametrize(
    ("step", "answer", "error"),
    [
        ("RCPT", "550 5.1.1 no such mailbox", Refused),
        ("RCPT", "450 4.2.1 greylisted", Deferred),
        ("DATA", "554 5.6.0 content refused", Refused),
        ("DATA", "451 4.3.0 try later", Deferred),
        ("RCPT", "421 4.3.2 closing", Unreachable),
        ("DATA", "421 4.3.2 closing", Unreachable),
        ("MAIL", "550 5.7.1 not your domain", Unreachable),
    ],
)
def test_what_the_server_says_decides(
    inbox: Inbox, serve: Callable[..., Settings], step: str, answer: str, error: type[Exception]
) -> None:
    inbox.answers[step] = answer
    with pytest.raises(error, match=answer[:3]) as raised:
        Smtp(serve()).send(MAIL)
    assert raised.type is error


def test_login_and_starttls(inbox: Inbox, serve: Callable[..., Settings], tmp_path: Path) -> None:
    server, client = certificate(tmp_path)
    seen: list[Any] = []

    def authenticate(*given: Any) -> AuthResult:
        seen.append(given[-1])
        return AuthResult(success=given[-1] == LoginPassword(b"bookt", b"s3cret"), handled=False)

    settings = serve(
        "starttls", tls_context=server, require_starttls=True, authenticator=authenticate, auth_required=True
    )  # fmt: skip
    right = dataclasses.replace(settings, smtp_host="localhost", smtp_user="bookt", smtp_password="s3cret")
    Smtp(right, tls=client).send(MAIL)
    assert len(inbox.envelopes) == 1
    with pytest.raises(Unreachable, match="535"):
        Smtp(dataclasses.replace(right, smtp_password="wrong"), tls=client).send(MAIL)
    assert LoginPassword(b"bookt", b"wrong") in seen
    assert len(inbox.envelopes) == 1


def test_tls_from_the_first_byte(inbox: Inbox, serve: Callable[..., Settings], tmp_path: Path) -> None:
    server, client = certificate(tmp_path)
    settings = dataclasses.replace(serve("tls", ssl_context=server), smtp_host="localhost")
    Smtp(settings, tls=client).send(MAIL)
    assert len(inbox.envelopes) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_unknown_certificate_gets_no_mail(
    inbox: Inbox, serve: Callable[..., Settings], tmp_path: Path, security: str
) -> None:
    server, _ = certificate(tmp_path)
    options = {"starttls": {"tls_context": server}, "tls": {"ssl_context": server}}[security]
    settings = dataclasses.replace(serve(security, **options), smtp_host="localhost")
    with pytest.raises(Unreachable, match=r"(?i)certificate"):
        Smtp(settings).send(MAIL)
    assert inbox.envelopes == []


def test_a_server_without_starttls_gets_no_mail_in_clear(inbox: Inbox, serve: Callable[..., Settings]) -> None:
    with pytest.raises(Unreachable, match=r"(?i)starttls"):
        Smtp(serve("starttls")).send(MAIL)
    assert inbox.envelopes == []


def test_nobody_listens() -> None:
    with pytest.raises(Unreachable):
        Smtp(settings_for(free_port())).send(MAIL)


def test_a_server_that_says_nothing_is_left_in_time() -> None:
    with peer(lambda line: None) as port:
        begun = time.monotonic()
        with pytest.raises(Unreachable):
            Smtp(settings_for(port), patience=0.5).send(MAIL)
        assert time.monotonic() - begun < 2


def test_a_server_that_answers_slowly_at_each_step_is_left_in_time() -> None:
    def slow(line: bytes | None) -> bytes:
        time.sleep(0.2)
        return b"220 hello\r\n" if line is None else b"250 ok\r\n"

    with peer(slow) as port:
        begun = time.monotonic()
        with pytest.raises(Unreachable):
            Smtp(settings_for(port), patience=0.5).send(MAIL)
        assert time.monotonic() - begun < 2


def test_a_line_that_drops_before_acceptance_means_later() -> None:
    with peer(conversation(after_data=None)) as port, pytest.raises(Unreachable):
        Smtp(settings_for(port)).send(MAIL)


def test_a_line_that_drops_after_acceptance_means_sent() -> None:
    heard: list[bytes] = []
    with peer(conversation(after_data=b"250 queued\r\n"), heard=heard) as port:
        Smtp(settings_for(port)).send(MAIL)
    assert b".\r\n" in heard


def test_without_a_server_mails_are_kept_but_judged() -> None:
    mailer = chosen(Settings())
    assert isinstance(mailer, Kept)
    mailer.send(MAIL)
    with pytest.raises(Refused):
        mailer.send(dataclasses.replace(MAIL, recipient="a\r\nb@example.com"))
    assert isinstance(chosen(Settings(smtp_host="mail.example")), Smtp)


class peer:  # noqa: N801 - reads as a function
    """A server of one connection: `answer(line)` gives the bytes to send (None for the greeting's line); an answer of
    None stays silent until the client leaves, b"" drops the line."""

    def __init__(self, answer: Callable[[bytes | None], bytes | None], heard: list[bytes] | None = None) -> None:
        self.answer, self.heard = answer, heard if heard is not None else []

    def __enter__(self) -> int:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._talk)
        self.thread.start()
        return int(self.socket.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self.thread.join(5)
        self.socket.close()
        assert not self.thread.is_alive()

    def _talk(self) -> None:
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rb") as lines:
            line: bytes | None = None
            try:
                while True:
                    reply = self.answer(line)
                    if reply == b"":
                        return
                    if reply is not None:
                        connection.sendall(reply)
                    line = lines.readline()
                    self.heard.append(line)
                    if not line:
                        return
            except OSError:
                return


def conversation(after_data: bytes | None) -> Callable[[bytes | None], bytes | None]:
    """A server that goes along until the mail is there, answers `after_data` (None: not at all) and drops the line."""
    state = {"data": False, "done": False}

    def answer(line: bytes | None) -> bytes | None:
        if state["done"]:
            return b""
        if line is None:
            return b"220 hello\r\n"
        if state["data"]:
            if line != b".\r\n":
                return None
            state["done"] = True
            return after_data or b""
        if line.upper().startswith(b"DATA"):
            state["data"] = True
            return b"354 go on\r\n"
        return b"250 ok\r\n"

    return answer


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for `localhost` that only the returned client trusts; wants the command `openssl`."""
    made, key = str(folder / "cert.pem"), str(folder / "key.pem")
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    subprocess.run([*request, *names, "-out", made, "-keyout", key], check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made, key)
    return server, ssl.create_default_context(cafile=made)
