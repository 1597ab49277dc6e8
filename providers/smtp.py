"""Mail over SMTP, through the server that the settings name.

SMTP knows no repeat: a connection that breaks between the last dot and the server's answer leaves both possible, and
the mail is sent again with the same Message-ID.
"""

import contextlib
import smtplib
import ssl
import time
from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any

from config import Settings
from providers.mail import Deferred, Mail, Refused, Unreachable, written

CONNECT_SECONDS = 10.0
CONVERSATION_SECONDS = 20.0  # well inside the lease of a message


class Smtp:
    def __init__(
        self, settings: Settings, *, patience: float = CONVERSATION_SECONDS, tls: ssl.SSLContext | None = None
    ):
        self._settings = settings
        self._patience = patience
        self._tls = tls or ssl.create_default_context()

    def send(self, mail: Mail) -> None:
        """One connection, one mail. Raises Refused, Deferred or Unreachable."""
        message = written(mail)
        sender, recipient = parseaddr(message["From"])[1], parseaddr(message["To"])[1]
        try:
            with self._connection() as connection:
                connection.send_message(message, sender, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            raise _judged(*error.recipients[recipient]) from None
        except smtplib.SMTPSenderRefused as error:
            raise Unreachable(f"sender refused: {_text(error.smtp_code, error.smtp_error)}") from None
        except smtplib.SMTPDataError as error:
            raise _judged(error.smtp_code, error.smtp_error) from None
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from None

    @contextlib.contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        connection = self._connect()
        try:
            if self._settings.smtp_security == "starttls":
                connection.starttls(context=self._tls)
            if self._settings.smtp_user:
                connection.login(self._settings.smtp_user, self._settings.smtp_password)
            yield connection
            # What comes after the server has accepted changes nothing any more.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.quit()
        finally:
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        host, port, until = self._settings.smtp_host, self._settings.smtp_port, time.monotonic() + self._patience
        first = min(CONNECT_SECONDS, self._patience)
        if self._settings.smtp_security == "tls":
            return _BoundTls(until, host, port, timeout=first, context=self._tls)
        return _Bound(until, host, port, timeout=first)


class _Bound(smtplib.SMTP):
    """A conversation that ends by its deadline: each answer may take only what is left."""

    def __init__(self, until: float, *args: Any, **options: Any) -> None:
        self._until = until
        super().__init__(*args, **options)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is not None:
            self.sock.settimeout(max(0.01, self._until - time.monotonic()))
        return super().getreply()


class _BoundTls(_Bound, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


def _judged(code: int, answer: bytes | str) -> Exception:
    """RFC 5321, 4.2.1: 4yz may pass later, 5yz never; 421 closes the door to everybody."""
    if code == 421:
        return Unreachable(_text(code, answer))
    return Deferred(_text(code, answer)) if code < 500 else Refused(_text(code, answer))


def _text(code: int, answer: bytes | str) -> str:
    return f"{code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"[:500]
