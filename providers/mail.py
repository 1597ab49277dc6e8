"""What a mail is, and what sending one may come to."""

import hashlib
import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Literal, Protocol

from config import Settings

SPECIAL = re.compile(r'[<>()\[\]:;@\\,"=?]')  # RFC 5322, 3.2.3, and the marks of RFC 2047
NAME_LENGTH = 60

CalendarMethod = Literal["PUBLISH", "REQUEST", "CANCEL"]


class Deferred(Exception):
    """This mail not now; perhaps later."""


class Unreachable(Deferred):
    """No mail gets through at present: the server is away, silent, or turns us away."""


class Refused(Exception):
    """This mail never: its recipient or its content is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """`sender` is the address of MAIL_FROM, `sender_name` whom it speaks for; `key` tells mails apart for ever."""

    sender: str
    sender_name: str
    reply_to: str
    recipient: str
    subject: str
    text: str
    html: str
    key: str
    calendar: bytes | None = None
    calendar_method: CalendarMethod = "PUBLISH"


class Mailer(Protocol):
    def send(self, mail: Mail) -> None:
        """Returns when the mail is accepted. Raises Refused, Deferred or Unreachable."""


class Kept:
    """No server: the mail stays in the outbox, where /dev/mails shows it."""

    def send(self, mail: Mail) -> None:
        written(mail)


def chosen(settings: Settings) -> Mailer:
    if not settings.smtp_host:
        return Kept()
    from providers.smtp import Smtp

    return Smtp(settings)


def written(mail: Mail) -> EmailMessage:
    """The mail as it travels: text, HTML and calendar as alternatives, the calendar as a file too (RFC 6047).
    Raises Refused when a header cannot be written (a line break in a name or an address)."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(_name(mail.sender_name), addr_spec=mail.sender)
        message["To"] = _ascii(mail.recipient)
        message["Reply-To"] = _ascii(mail.reply_to)
        message["Subject"] = _unencoded(mail.subject)
        message["Message-ID"] = message_id(mail)
        message["Auto-Submitted"] = "auto-generated"
    except ValueError as error:
        raise Refused(f"header: {error}") from None
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    if mail.calendar is not None:
        _add_calendar(message, mail)
    return message


def message_id(mail: Mail) -> str:
    """The same for every try of one mail, so that a reader's program may show a repeat once."""
    digest = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    return f"<{digest}@{mail.sender.rpartition('@')[2]}>"


def _name(text: str) -> str:
    """A display name without the signs that, once the header is folded, some reader takes for a second address.
    Raises ValueError for a line break."""
    if "\r" in text or "\n" in text:
        raise ValueError("a line break in a name")
    return " ".join(SPECIAL.sub(" ", text).split())[:NAME_LENGTH]


def _unencoded(words: str) -> str:
    """Typed words that look like an encoded word (RFC 2047) are decoded by EmailMessage, line breaks and all, and so
    could write headers of their own."""
    return words.replace("=?", "= ?")


def _ascii(address: str) -> str:
    """An international domain as its punycode. Raises ValueError for what is no single address."""
    strange = any(ord(char) < 33 or char in '<>,;:"()\x7f' for char in address)
    if strange or "@" not in address or parseaddr(address)[1] != address:
        raise ValueError(f"not one address: {address!r}")
    local, _, domain = address.rpartition("@")
    local.encode("ascii")  # SMTPUTF8 (RFC 6531) is asked of no server
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"


def _add_calendar(message: EmailMessage, mail: Mail) -> None:
    assert mail.calendar is not None
    method = {"method": mail.calendar_method}
    message.add_alternative(mail.calendar.decode(), subtype="calendar", cte="base64", params=method)
    message.add_attachment(mail.calendar, maintype="application", subtype="ics", filename="rendez-vous.ics")
