"""Every setting of Bookt: typed, read from the environment, each with its default and one line of meaning.

The README's table is generated from this file (`python bookt.py settings`).
"""

import os
import secrets
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, Self

from lib import rates

DAY_SECONDS = 86_400
WORDS = {
    "bookt_env": ("development", "production"),
    "smtp_security": ("starttls", "tls", "off"),
    "log_level": ("DEBUG", "INFO", "WARNING", "ERROR"),
}

RATES = ("rate_limit_lookup", "rate_limit_read", "rate_limit_write", "rate_limit_login", "rate_limit_signup")


class SettingsError(Exception):
    """A setting that is missing or cannot be read; its text names the variable and the repair."""


def setting(default: Any, meaning: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"meaning": meaning, "secret": secret})


@dataclass(frozen=True)
class Settings:
    bookt_env: str = setting("development", "`production` demands SECRET_KEY and PUBLIC_URL, and closes /dev")
    host: str = setting("127.0.0.1", "address to listen on")
    port: int = setting(8000, "port to listen on")
    bookt_data: str = setting("var", "folder of the SQLite file, the uploads and the secret key; made when missing")
    database_url: str = setting("", "`postgresql://…` switches the engine; empty: SQLite in BOOKT_DATA", secret=True)
    database_owner_url: str = setting("", "used by `migrate` alone, when DATABASE_URL may not own tables", secret=True)
    database_pool: int = setting(40, "PostgreSQL connections a process keeps at most")
    secret_key: str = setting("", "signs links and forms; empty: made once in BOOKT_DATA", secret=True)
    public_url: str = setting("", "address that links in mails begin with; empty: http://HOST:PORT")
    trusted_hosts: str = setting("", "further host names to answer for, comma-separated")
    trusted_proxies: int = setting(0, "reverse proxies in front of the application")
    rate_limit_lookup: str = setting("10/minute", "booking look-ups, and wrong code + e-mail pairs, per address")
    rate_limit_read: str = setting("600/minute", "public pages and JSON reads per address")
    rate_limit_write: str = setting("60/minute", "holds, bookings, moves per address; `off` also lifts the next caps")
    rate_limit_login: str = setting(
        "10/minute", "logins, links and codes asked for or tried, per address; `off` also lifts the caps per e-mail"
    )
    rate_limit_signup: str = setting("20/hour", "accounts made per address")
    max_holds: int = setting(6, "live holds per address and business")
    max_open_bookings: int = setting(10, "coming bookings per e-mail and business")
    code_tries: int = setting(5, "wrong e-mails per hour and booking code before the code is silent")
    hold_minutes: int = setting(10, "how long a chosen time is kept; it can be extended once")
    max_body_bytes: int = setting(1_000_000, "largest request body")
    smtp_host: str = setting("", "mail server; empty: mails are kept and read at /dev/mails")
    smtp_port: int = setting(587, "port of the mail server")
    smtp_user: str = setting("", "login at the mail server")
    smtp_password: str = setting("", "password at the mail server", secret=True)
    smtp_security: str = setting("starttls", "`starttls`, `tls` or `off`")
    mail_from: str = setting("Bookt <rdv@bookt.localhost>", "sender of the mails")
    scheduler: bool = setting(True, "run the delivery and housekeeping jobs inside this process")
    demo: bool = setting(True, "load the demo businesses when the database is empty; never in production")
    workers: int = setting(2, "gunicorn processes in production")
    threads: int = setting(32, "gunicorn threads per process")
    log_level: str = setting("INFO", "DEBUG, INFO, WARNING or ERROR")

    @classmethod
    def from_environment(cls, environment: dict[str, str] | None = None) -> Self:
        """Raises SettingsError, naming the variable, when a value cannot be read or is missing in production."""
        env = dict(os.environ if environment is None else environment)
        given = {
            f.name: _read(f.name.upper(), env[f.name.upper()], f.type) for f in fields(cls) if env.get(f.name.upper())
        }
        settings = cls(**given)
        _check_words(settings)
        _check_production(settings)
        return settings

    @property
    def production(self) -> bool:
        return self.bookt_env == "production"

    @property
    def data(self) -> Path:
        return Path(self.bookt_data)

    @property
    def engine(self) -> Literal["sqlite", "postgresql"]:
        return "postgresql" if self.database_url.startswith(("postgresql:", "postgres:")) else "sqlite"

    @property
    def base_url(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def signing_key(self) -> str:
        """SECRET_KEY, else the key kept in BOOKT_DATA, made there once (mode 0600, safe when processes race)."""
        if self.secret_key:
            return self.secret_key
        self.data.mkdir(parents=True, exist_ok=True)
        path = self.data / "secret_key"
        if not path.exists():
            draft = path.with_name(f"secret_key.{secrets.token_hex(8)}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text()

    def __repr__(self) -> str:
        shown = ((f, getattr(self, f.name)) for f in fields(self))
        return "Settings(" + ", ".join(f"{f.name}={_masked(f, value)!r}" for f, value in shown) + ")"


def markdown_table() -> str:
    """The configuration table of the README, one row per setting."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for f in fields(Settings):
        default = "on" if f.default is True else f.default
        rows.append(f"| `{f.name.upper()}` | {f'`{default}`' if default != '' else ''} | {f.metadata['meaning']} |")
    return "\n".join(rows) + "\n"


def _read(name: str, text: str, kind: Any) -> Any:
    if kind is bool:
        if text.lower() not in {"1", "true", "on", "yes", "0", "false", "off", "no"}:
            raise SettingsError(f"{name} takes on or off, not {text!r}")
        return text.lower() in {"1", "true", "on", "yes"}
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise SettingsError(f"{name} takes a whole number, not {text!r}") from None
    return text.strip()


def _check_words(settings: Settings) -> None:
    """A word that nothing understands would otherwise be taken for its default, or fail at the first request."""
    for name, words in WORDS.items():
        if getattr(settings, name) not in words:
            raise SettingsError(f"{name.upper()} takes {' or '.join(words)}, not {getattr(settings, name)!r}")
    for name in RATES:
        try:
            rates.parse(getattr(settings, name))
        except ValueError:
            raise SettingsError(f"{name.upper()} takes off or a rate such as 10/minute") from None
    for name in ("database_url", "database_owner_url"):
        if getattr(settings, name) and not getattr(settings, name).startswith(("postgresql://", "postgres://")):
            raise SettingsError(f"{name.upper()} takes postgresql://…, or nothing for SQLite")
    if not 0 < settings.port < 65_536:
        raise SettingsError(f"PORT takes 1 to 65535, not {settings.port}")
    if settings.public_url and not settings.public_url.startswith(("https://", "http://")):
        raise SettingsError(f"PUBLIC_URL begins with https:// or http://, unlike {settings.public_url!r}")


def _check_production(settings: Settings) -> None:
    if not settings.production:
        return
    missing = [name for name in ("SECRET_KEY", "PUBLIC_URL") if not getattr(settings, name.lower())]
    if missing:
        raise SettingsError(f"BOOKT_ENV=production needs {' and '.join(missing)}")
    if len(settings.secret_key) < 32:
        raise SettingsError("SECRET_KEY needs 32 characters or more")


def _masked(f: Any, value: Any) -> Any:
    return "***" if f.metadata["secret"] and value else value
