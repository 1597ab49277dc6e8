"""People and what they may enter: signing up, showing that an address is theirs, passwords. Each public function is one
transaction.

A user is proved by a link or a code sent to the address. Until then anybody may have typed it: several users may name
it, and the first proof settles whose it is.
"""

import contextlib
import datetime as dt
import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import peewee
from pydantic import BeforeValidator, Field

import db
from actions import audit, limits, login_links
from actions import business as making
from actions.access import Actor, NotProved
from actions.inputs import Email, Input, Name, OptionalSlug, refuse
from actions.limits import Rate
from actions.login_links import Purpose, Used
from errors import AccountExists, BooktError, Invalid, LinkExpired, NotAllowed, Problem
from lib import passwords, slugs
from lib.ids import uuid7
from lib.languages import LANGUAGES
from lib.tokens import Signer
from models import LoginLink, Membership, Session, User

WRONG_PASSWORDS = Rate(20, 3600)  # for one address; then only a link opens it

ENTRIES: tuple[Purpose, ...] = ("login", "welcome")  # the purposes that let somebody in

FAULTS = {
    "short": "Choisissez au moins %(shortest)s caractères ; une phrase de quatre mots se retient bien.",
    "long": "Choisissez %(longest)s caractères au plus.",
    "common": "Ce mot de passe se devine vite. Choisissez-en un autre, par exemple une phrase de quatre mots.",
}


class AddressTaken(BooktError):
    """Told to who reads the mail of that address, and to nobody else."""

    status = 409
    code = "ADDRESS_TAKEN"
    message = "Un autre compte utilise déjà cette adresse e-mail. Connectez-vous avec elle, ou choisissez-en une autre."


class NotFresh(NotAllowed):
    code = "LOGIN_NOT_FRESH"
    message = "Reconnectez-vous d’abord : ce changement demande une connexion de moins de dix minutes."


def _language(value: Any) -> Any:
    return value if value in LANGUAGES else None


class SignUpInput(Input):
    """What is asked before there is an account: the business, the person, the e-mail. Without `slug` one is made from
    the name. `sector` is the name of a file in `sectors/`."""

    sector: str
    business_name: Name = Field(alias="businessName")
    name: Name
    email: Email
    slug: OptionalSlug = None


class ProfileInput(Input):
    name: Name
    locale: Annotated[str, BeforeValidator(_language)]


class AddressInput(Input):
    email: Email


@dataclass(frozen=True, slots=True)
class SignedUp:
    user_id: UUID
    business_id: UUID


@dataclass(frozen=True, slots=True)
class Opened:
    """Whom a link or a code has shown to be there."""

    user_id: UUID
    purpose: str


# --- signing up ------------------------------------------------------------------------------------------------------


def sign_up(
    data: SignUpInput, *, now: int, locale: str, signer: Signer, password: str | None = None, by_api: bool = False,
    capped: bool = True,
) -> SignedUp:  # fmt: skip
    """A user whose e-mail is not proved yet, and the business that is theirs, off line until the third step; a mail is
    on its way. Raises Invalid when the wanted slug is taken or reserved, or the password is a poor one; by the API also
    AccountExists."""
    kept = _hashed(password, data.email, data.name, data.business_name) if password is not None else None
    if by_api and _is_known(data.email):
        raise AccountExists
    told = login_links.may_write_to(data.email, now=now, capped=capped)
    for slug in [making.wanted_slug(data.slug)] if data.slug else slugs.attempts(data.business_name):
        try:
            return _sign_up(data, slug, now, locale, kept, by_api=by_api, signer=signer if told else None)
        except peewee.IntegrityError as error:
            if "slug" not in str(error):
                raise
    raise refuse("slug", "slug_taken")


def _sign_up(
    data: SignUpInput, slug: str, now: int, locale: str, password_hash: str | None, *, by_api: bool,
    signer: Signer | None,
) -> SignedUp:  # fmt: skip
    """Without `signer` no mail leaves. By the API there is no third step to wait for: the page is on line at once."""
    business_id, user_id, moment = uuid7(), uuid7(), _at(now)
    with db.writing(business_id):
        User.insert(
            id=user_id, email=data.email, name=data.name, locale=locale, password_hash=password_hash, created_at=moment
        ).execute()
        values: dict[str, Any] = {
            "slug": slug, "name": data.business_name, "sector": data.sector, "email": data.email, "locale": locale,
            "timezone": "Europe/Brussels", "public": by_api, "onboarding": [1, 2],
        }  # fmt: skip
        making.create(values, person=data.name, business_id=business_id)
        Membership.insert(user_id=user_id, role="owner", created_at=moment).execute()
        by = Actor(business_id, user_id, data.name, "owner", proved=False)
        audit.note(by, "business.created", business_id, now=now, sector=data.sector)
        if signer:
            browser = "" if by_api else own_mark(user_id)
            login_links.write("welcome", data.email, user_id, now=now, locale=locale, browser=browser, signer=signer)
    return SignedUp(user_id, business_id)


def _is_known(email: str) -> bool:
    with db.looking():
        return bool(User.select().where(User.email == email).exists())


def own_mark(user_id: UUID) -> str:
    """The mark of every browser in which this user is signed in: there a code that proves the address will do."""
    return f"user {user_id}"


# --- showing whose an address is -------------------------------------------------------------------------------------


def ask_login(
    email: str, *, now: int, locale: str, browser: str, signer: Signer, capped: bool = True
) -> None:  # fmt: skip
    """A mail with a link and a code to an address, or one that says that nobody has it; the same work for both."""
    with db.looking():
        found = _user_of(email)
    user_id, language = (found.id, found.locale) if found else (None, locale)
    login_links.issue(
        "login", email, user_id, now=now, locale=language, browser=browser, signer=signer, capped=capped
    )  # fmt: skip


def ask_welcome(user_id: UUID, *, now: int, signer: Signer, capped: bool = True) -> None:
    """The sign-up's mail once more; nothing for who has shown their address already."""
    with db.looking():
        user = User.get_by_id(user_id)
    if user.verified_at is None:
        login_links.issue(
            "welcome", user.email, user_id, now=now, locale=user.locale, browser=own_mark(user_id), signer=signer,
            capped=capped,
        )  # fmt: skip


def ask_address(
    user_id: UUID, data: AddressInput, *, now: int, is_fresh: bool, signer: Signer, capped: bool = True
) -> None:  # fmt: skip
    """A link to the new address, which changes it. Raises NotFresh, NotProved."""
    with db.looking():
        user = User.get_by_id(user_id)
    _demand_settled(user, is_fresh)
    login_links.issue(
        "email", data.email, user_id, now=now, locale=user.locale, browser="", signer=signer, capped=capped
    )  # fmt: skip


def open_link(token: str, *, now: int, signer: Signer) -> Opened:
    """Use a link: of forty at once one succeeds. Raises LinkExpired, AddressTaken."""
    return _open(login_links.by_token(token, now=now, signer=signer), now)


def open_login(token: str, *, now: int, signer: Signer) -> Opened:
    """Use a link that lets somebody in; one that changes an address is none. Raises LinkExpired."""
    row = login_links.by_token(token, now=now, signer=signer)
    if row.purpose not in ENTRIES:
        raise LinkExpired
    return _open(row, now)


def open_code(email: str, code: str, *, browser: str, now: int, signer: Signer) -> Opened:
    """Use the code of a mail, in the browser that asked for it (empty: the API). Raises LinkExpired."""
    row = login_links.by_code(ENTRIES, email, code, browser=browser, now=now, signer=signer)
    return _open(row, now)


def _open(row: LoginLink, now: int) -> Opened:
    """Two who prove one address at the same moment meet at its index: the second looks again."""
    try:
        return _open_once(row, now)
    except peewee.IntegrityError:
        return _open_once(row, now)


def _open_once(row: LoginLink, now: int) -> Opened:
    with _scope(row):
        used = login_links.use(row.purpose, row.id, now=now)
        return Opened(MEANS[used.purpose](used, now), used.purpose)


def _scope(row: LoginLink) -> AbstractContextManager[None]:
    """A sign-up's link may hand its business over, and so works inside it."""
    business_id = _only_business(row.user_id) if row.purpose == "welcome" else None
    return db.writing(business_id) if business_id else db.platform()


def _only_business(user_id: UUID) -> UUID | None:
    """Who is not proved has the business of the sign-up and no other: invitations need proof."""
    with db.door("accounts"):
        row = Membership.everywhere().select(Membership.business_id).where(Membership.user_id == user_id).first()
    return row.business_id if row else None


def _log_in(used: Used, now: int) -> UUID:
    """Whoever made this account before its address was shown may have been somebody else: their sessions end, and the
    password that they chose is void."""
    user = _user_of(used.email)
    if user is None:
        raise LinkExpired
    if user.verified_at is None:
        User.update(verified_at=_at(now), password_hash=None).where(User.id == user.id).execute()
        _end_sessions(user.id, now)
        login_links.void(user.id, now=now, purpose="welcome")
    return UUID(str(user.id))


def _welcome(used: Used, now: int) -> UUID:
    """The address agrees to exactly this sign-up. Where it has an account already, the new business becomes that
    account's, and what was made for the sign-up ends."""
    owner = User.get_or_none(User.email == used.email, User.verified_at.is_null(False))
    if owner is None:
        User.update(verified_at=_at(now)).where(User.id == used.user_id).execute()
        return used.user_id
    if owner.id != used.user_id:
        _hand_over(used.user_id, owner, now)
    return UUID(str(owner.id))


def _hand_over(provisional: UUID, owner: Any, now: int) -> None:
    with contextlib.suppress(db.Unscoped):  # a sign-up without a business has nothing to hand over
        Membership.update(user_id=owner.id).where(Membership.user_id == provisional).execute()
        audit.note(Actor(db.tenant(), owner.id, owner.name, "owner"), "business.handed_over", owner.id, now=now)
    User.delete().where(User.id == provisional).execute()  # with its sessions and links


def _change_address(used: Used, now: int) -> UUID:
    user = User.get_by_id(used.user_id)
    if User.select().where(User.email == used.email, User.verified_at.is_null(False)).exists():
        raise AddressTaken
    User.update(email=used.email).where(User.id == user.id).execute()
    login_links.void(user.id, now=now)
    login_links.tell(
        "account_email_changed", user.email, {"email": used.email}, key=f"{user.id}:{now}", now=now, locale=user.locale
    )
    return used.user_id


MEANS: dict[str, Callable[[Used, int], UUID]] = {"login": _log_in, "welcome": _welcome, "email": _change_address}


def _user_of(email: str) -> Any:
    """The proved user of an address, else the newest who names it."""
    found = User.select().where(User.email == email)
    return found.order_by(User.verified_at.is_null(), User.created_at.desc(), User.id.desc()).first()


def _end_sessions(user_id: UUID, now: int) -> None:
    Session.update(ended_at=_at(now)).where(Session.user_id == user_id, Session.ended_at.is_null()).execute()


# --- passwords -------------------------------------------------------------------------------------------------------


def by_password(email: str, password: str, *, now: int, capped: bool = True) -> UUID | None:
    """Whose address and password these are; None for anything else, after the same work. `capped`: too many wrong ones
    within an hour close this way."""
    key = f"password:{hashlib.sha256(email.encode()).hexdigest()}"
    braked = limits.spent(key, WRONG_PASSWORDS, now=now) is not None
    with db.looking():
        user = _with_password(email)
    right = passwords.matches(user.password_hash if user else None, password)
    if user is None or not right or (braked and capped):
        limits.hit(key, WRONG_PASSWORDS, now=now)
        return None
    if passwords.is_outdated(user.password_hash):
        with db.platform():
            User.update(password_hash=passwords.hashed(password)).where(User.id == user.id).execute()
    return UUID(str(user.id))


def set_password(user_id: UUID, password: str, *, is_fresh: bool) -> None:
    """A first password, or another. Raises Invalid for a poor one, NotFresh, NotProved."""
    with db.looking():
        user = User.get_by_id(user_id)
    _demand_settled(user, is_fresh)
    kept = _hashed(password, user.email, user.name)
    with db.platform():
        User.update(password_hash=kept).where(User.id == user_id).execute()


def remove_password(user_id: UUID, *, is_fresh: bool) -> None:
    """From now on a link by mail is the only way in. Raises NotFresh."""
    if not is_fresh:
        raise NotFresh
    with db.platform():
        User.update(password_hash=None).where(User.id == user_id).execute()


def _with_password(email: str) -> Any:
    """The proved user of an address, else the newest sign-up with a password."""
    usable = User.verified_at.is_null(False) | User.password_hash.is_null(False)
    found = User.select().where(User.email == email, usable)
    return found.order_by(User.verified_at.is_null(), User.created_at.desc(), User.id.desc()).first()


def _hashed(password: str, *about: str) -> str:
    kind = passwords.fault(password, about=about)
    if kind:
        values = {"shortest": passwords.SHORTEST, "longest": passwords.LONGEST}
        raise Invalid({"password": Problem("INVALID_PASSWORD", FAULTS[kind], **values)})
    return passwords.hashed(password)


def _demand_settled(user: Any, is_fresh: bool) -> None:
    if user.verified_at is None:
        raise NotProved
    if not is_fresh:
        raise NotFresh


# --- the person ------------------------------------------------------------------------------------------------------


def change_profile(user_id: UUID, data: ProfileInput) -> None:
    """Name and language."""
    with db.platform():
        User.update(name=data.name, locale=data.locale).where(User.id == user_id).execute()


def _at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
