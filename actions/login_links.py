"""Links and codes by mail that open an account: asked for, and used once. Asking does the same whether or not anybody
has the address; only the mail differs."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid4

import db
from actions import limits
from actions.limits import Rate
from errors import LinkExpired
from lib import keys
from lib.tokens import Signer
from models import AccountMessage, LoginLink

Purpose = Literal["login", "welcome", "email"]

MAILS = Rate(5, 3600)  # to one address; more are silently not sent, and the last link stays good
TRIES = 5  # of one code
DAY = 24 * 3600
MAIL_KEPT = 30 * DAY


@dataclass(frozen=True, slots=True)
class Used:
    """A link that has just been used."""

    purpose: str
    email: str
    user_id: UUID


def issue(
    purpose: Purpose, email: str, user_id: UUID | None, *, now: int, locale: str, browser: str, signer: Signer,
    capped: bool = True,
) -> None:  # fmt: skip
    """A link and its mail in one transaction, the ones before it void. `user_id` None: nobody has this address, and the
    mail says so. `browser`: the mark of the browser that asked, where alone the code will do; empty: the API asked.
    `capped` false lifts the address's share of mails."""
    if may_write_to(email, now=now, capped=capped):
        with db.platform():
            write(purpose, email, user_id, now=now, locale=locale, browser=browser, signer=signer)


def may_write_to(email: str, *, now: int, capped: bool = True) -> bool:
    """Whether the address has not had its share of mails; counts this one."""
    return not capped or limits.hit(f"mails:{_hidden(email)}", MAILS, now=now) is None


def write(
    purpose: Purpose, email: str, user_id: UUID | None, *, now: int, locale: str, browser: str, signer: Signer
) -> None:
    """The rows of `issue`, inside the caller's transaction."""
    link_id, moment = uuid4(), _at(now)
    # A sign-up's link speaks for that sign-up alone: who types the same address elsewhere voids no other's.
    before = LoginLink.email == email if purpose == "login" else LoginLink.user_id == user_id
    LoginLink.update(used_at=moment).where(before, LoginLink.purpose == purpose, LoginLink.used_at.is_null()).execute()
    LoginLink.insert(
        id=link_id, hash=keys.link_hash(signer, purpose, link_id), purpose=purpose, email=email, user_id=user_id,
        browser=keys.browser_hash(browser) if browser else "", created_at=moment,
        expires_at=_at(now + keys.LIFE[purpose]),
    ).execute()  # fmt: skip
    template = {"login": "account_login", "welcome": "account_welcome", "email": "account_email_change"}[purpose]
    told = template if user_id or purpose != "login" else "account_unknown"
    tell(told, email, {"link": str(link_id)}, key=str(link_id), now=now, locale=locale)


def tell(template: str, email: str, data: dict[str, Any], *, key: str, now: int, locale: str) -> None:
    """A mail about an account, inside the caller's transaction; `data` names rows and is no secret."""
    AccountMessage.insert(
        template=template, recipient=email, locale=locale, data=data, due_at=_at(now), dedupe_key=f"{template}:{key}"
    ).execute()


def use(purpose: str, link_id: UUID, *, now: int) -> Used:
    """Inside the caller's transaction: one statement decides who was first. Raises LinkExpired."""
    mine = (LoginLink.id == link_id) & (LoginLink.purpose == purpose)
    free = LoginLink.used_at.is_null() & (LoginLink.expires_at > _at(now)) & LoginLink.user_id.is_null(False)
    if not LoginLink.update(used_at=_at(now)).where(mine, free).execute():
        raise LinkExpired
    row = LoginLink.get_by_id(link_id)
    return Used(row.purpose, row.email, row.user_id)


def void(user_id: UUID, *, now: int, purpose: Purpose | None = None) -> None:
    """Inside the caller's transaction: none of a user's links opens anything any more."""
    LoginLink.update(used_at=_at(now)).where(
        LoginLink.user_id == user_id, LoginLink.used_at.is_null(),
        LoginLink.purpose == purpose if purpose else True,
    ).execute()  # fmt: skip


def by_token(token: str, *, now: int, signer: Signer) -> LoginLink:
    """The live row of a link, unchanged. Raises LinkExpired for one that is forged, used, old or replaced."""
    try:
        key = keys.read(signer, token)
    except ValueError:
        raise LinkExpired from None
    with db.looking():
        row = LoginLink.get_or_none(id=key.id, hash=key.hash, purpose=key.purpose)
    if row is None or row.used_at or row.expires_at <= _at(now) or row.user_id is None:
        raise LinkExpired
    return row


def by_code(
    purposes: tuple[Purpose, ...], email: str, code: str, *, browser: str, now: int, signer: Signer
) -> LoginLink:  # fmt: skip
    """The live row whose code this is; a try is counted before it is judged. Raises LinkExpired for a wrong code, one
    that was tried too often, or another browser's."""
    rows = _tried(purposes, email, keys.browser_hash(browser) if browser else "", now)
    right = [row for row in rows if keys.same_code(code, keys.code(signer, row.id)) and row.user_id is not None]
    if not right:
        raise LinkExpired
    return right[0]


def _tried(purposes: tuple[Purpose, ...], email: str, browser_hash: str, now: int) -> list[LoginLink]:
    """The links whose codes may be tried from here, this try counted: one statement, whatever there is."""
    asked = (LoginLink.email == email) & LoginLink.purpose.in_(purposes) & (LoginLink.browser == browser_hash)
    open_still = LoginLink.used_at.is_null() & (LoginLink.expires_at > _at(now)) & (LoginLink.tries < TRIES)
    with db.platform():
        return list(LoginLink.update(tries=LoginLink.tries + 1).where(asked, open_still).returning(LoginLink).execute())


def forget(*, now: int) -> int:
    """Drop the links that expired a day ago and the mails that were settled a month ago; returns how many."""
    with db.platform():
        links: int = LoginLink.delete().where(LoginLink.expires_at <= _at(now - DAY)).execute()
        settled = (AccountMessage.state != "due") & (AccountMessage.due_at <= _at(now - MAIL_KEPT))
        mails: int = AccountMessage.delete().where(settled).execute()
    return links + mails


def _hidden(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()


def _at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
