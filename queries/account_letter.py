"""One mail about an account: what its reader sees. Links and codes are worked out here, at the last moment; the outbox
keeps the name of a row."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from jinja2 import Environment

import db
from lib import keys
from lib.links import Links
from models import Invitation, LoginLink, Membership, User
from queries import business
from queries.letter import Silent


@dataclass(frozen=True, slots=True)
class AccountLetter:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the templates get. `minutes` and `days` is how long the link lives; `business`, `role` and `by` belong to
    invitations and sign-ups."""

    recipient: str
    url: str = ""
    code: str = ""
    minutes: int = 0
    days: int = 0
    name: str = ""
    business: str = ""
    role: str = ""
    by: str = ""
    new_email: str = ""


def write(
    env: Environment, links: Links, *, template: str, recipient: str, locale: str, data: dict[str, Any], now: float,
    even_if_late: bool = False,
) -> AccountLetter:  # fmt: skip
    """Raises Silent when its link opens nothing any more; `even_if_late` writes it all the same. Words come from
    gettext: the caller has chosen the language."""
    told = TELLS[template](links, Told(recipient), data, None if even_if_late else now)
    own = env.get_template(f"mail/{template}.txt").make_module({"told": told, "role_name": env.globals["role_name"]})
    words: dict[str, Any] = {
        name: _line(getattr(own, name)) for name in ("subject", "heading", "lead", "button", "foot")
    }
    values = words | {"told": told, "lang": locale}
    return AccountLetter(
        words["subject"], env.get_template("mail/account.txt").render(values),
        env.get_template("mail/account.html").render(values),
    )  # fmt: skip


def _of_link(links: Links, told: Told, data: dict[str, Any], now: float | None) -> Told:
    with db.looking():
        row = LoginLink.get_or_none(LoginLink.id == UUID(data["link"]))
        user = User.get_or_none(User.id == row.user_id) if row and row.user_id else None
    if row is None:
        raise Silent("the link is forgotten")
    if now is not None and (row.used_at or row.expires_at.timestamp() <= now):
        raise Silent("the link is used, replaced or over")
    if user is None:
        return replace(told, url=links.sign_up())
    life = keys.LIFE[row.purpose]
    return replace(
        told, url=links.account(keys.token(links.signer, row.purpose, row.id)), code=keys.code(links.signer, row.id),
        minutes=life // 60, days=life // keys.DAY, name=user.name,
        business=_business_of(user.id) if row.purpose == "welcome" else "",
    )  # fmt: skip


def _business_of(user_id: UUID) -> str:
    with db.door("accounts"):
        row = Membership.everywhere().select(Membership.business_id).where(Membership.user_id == user_id).first()
    return business.by_id(row.business_id).name if row else ""


def _of_change(links: Links, told: Told, data: dict[str, Any], _now: float | None) -> Told:
    return replace(told, url=links.sign_in(), new_email=data["email"])


def _of_invitation(links: Links, told: Told, data: dict[str, Any], now: float | None) -> Told:
    business_id = UUID(data["business"])
    with db.reading(business_id):
        row = Invitation.find(id=UUID(data["invitation"]))
    if row is None:
        raise Silent("the invitation is forgotten")
    if now is not None and (row.accepted_at or row.revoked_at or row.expires_at.timestamp() <= now):
        raise Silent("the invitation is used, withdrawn or over")
    with db.looking():
        by = User.get_or_none(User.id == row.invited_by)
    return replace(
        told, url=links.invitation(keys.invitation_token(links.signer, business_id, row.id)),
        days=keys.INVITATION_LIFE // keys.DAY, business=business.by_id(business_id).name, role=row.role,
        by=by.name if by else "",
    )  # fmt: skip


TELLS: dict[str, Callable[[Links, Told, dict[str, Any], float | None], Told]] = {
    "account_login": _of_link, "account_welcome": _of_link, "account_unknown": _of_link,
    "account_email_change": _of_link, "account_email_changed": _of_change, "account_invitation": _of_invitation,
}  # fmt: skip


def _line(text: Any) -> str:
    """On one line; the no-break spaces of French stay."""
    return re.sub(r"[^\S\u00a0\u202f]+", " ", str(text)).strip()
