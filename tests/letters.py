"""The mails about accounts as their readers get them: the newest to an address, with its link and its code."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import force_locale

from lib.links import Links
from models import AccountMessage
from queries import account_letter
from tests.pages import plain


@dataclass(frozen=True)
class Read:
    """`path` is the link without its host; `code` empty where the mail has none."""

    template: str
    subject: str
    text: str
    html: str
    path: str
    code: str

    @property
    def token(self) -> str:
        return self.path.rpartition("/")[2]


def letters_to(app: Flask, email: str) -> list[Read]:
    """The oldest first."""
    rows = AccountMessage.select().where(AccountMessage.recipient == email).order_by(AccountMessage.id)
    return [_read(app, row) for row in rows]


def letter_to(app: Flask, email: str) -> Read:
    return letters_to(app, email)[-1]


def _read(app: Flask, row: AccountMessage) -> Read:
    links = Links(app.extensions["bookt_settings"].base_url, app.extensions["bookt_signer"])
    with app.app_context(), force_locale(row.locale):
        written = account_letter.write(
            app.jinja_env, links, template=row.template, recipient=row.recipient, locale=row.locale, data=row.data,
            now=0, even_if_late=True,
        )  # fmt: skip
    link, code = re.search(r"https?://\S+", written.text), re.search(r"(?m)^\d{6}$", written.text)
    path = urlsplit(link[0]).path if link else ""
    return Read(row.template, plain(written.subject), plain(written.text), written.html, path, code[0] if code else "")
