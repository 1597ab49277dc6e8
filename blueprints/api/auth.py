"""Tokens of the API: an account and its business made, a password or a mail turned into a token (S0). Nothing here
reads or sets a cookie."""

from typing import Annotated, TypedDict, cast
from uuid import UUID

from flask import Blueprint, Response
from pydantic import BeforeValidator, Field

import sectors
from actions import accounts as people
from actions.access import Role
from actions.accounts import SignUpInput
from actions.inputs import Email, Input, Name, OptionalEmail, OptionalName, OptionalSlug, refuse
from blueprints import context, signed_in
from blueprints.answers import json_answer
from blueprints.api import contract
from blueprints.api.contract import operation
from blueprints.api.shapes import Words
from blueprints.guards import public
from errors import AccountExists, LinkExpired, NotAllowed, Unauthorized
from queries import accounts
from queries.accounts import Workplace

bp = Blueprint("auth_api", __name__, url_prefix="/api/auth")


class WrongLogin(Unauthorized):
    """The same for an unknown address and for a wrong password of any length."""

    code = "INVALID_LOGIN"
    message = "E-mail ou mot de passe incorrect."


class WrongLink(Unauthorized):
    code = "INVALID_LINK"
    message = "Ce lien ou ce code n’est plus valable. Demandez-en un nouveau."


class NoBusiness(NotAllowed):
    code = "NO_BUSINESS"
    message = "Ce compte ne fait pas partie de cet établissement."


def _sector(value: object) -> object:
    """A file's name, or one of its other names (S0: comptable, avocat, médecin, dentiste, kiné, autre)."""
    found = sectors.named(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("no sector")
    return found.id


class AccountInput(Input):
    """S0's sign-up. `name` is the person's, by default the business's."""

    email: Email
    password: str | None = None
    business_name: Name = Field(alias="businessName")
    sector: Annotated[str, BeforeValidator(_sector)]
    name: OptionalName = None


class LoginInput(Input):
    """Without `password` a mail is sent. `business`: the slug of one of several."""

    email: Email
    password: str | None = None
    business: OptionalSlug = None


class VerifyInput(Input):
    """`token` of the mail's link, or `email` and `code`."""

    token: str | None = None
    email: OptionalEmail = None
    code: str | None = None
    business: OptionalSlug = None


class UserAnswer(TypedDict):
    """Who signs in; `proved`: the address has been shown to be theirs."""

    id: str
    email: str
    name: str
    locale: str
    proved: bool


class OwnBusiness(TypedDict):
    """The business that a token is bound to."""

    id: str
    slug: str
    name: str
    sector: str


class Me(TypedDict):
    """Whose token it is, where, and in which role at this moment."""

    user: UserAnswer
    business: OwnBusiness
    role: Role


class TokenAnswer(Me):
    """`token` goes into `Authorization: Bearer …`; it lives 30 days and can be ended in the account's settings."""

    token: str


class MailSent(TypedDict):
    """A link and a code are on their way, if the address has an account."""

    sent: Annotated[bool, Words(const=True)]


@bp.after_request
def _never_kept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@bp.post("/signup")
@public("signup")
@operation("Create account and business", TokenAnswer, status=201, body=AccountInput, errors=(AccountExists,))
def sign_up() -> Response:
    data = contract.body(AccountInput)
    asked = SignUpInput(
        sector=data.sector, business_name=data.business_name, name=data.name or data.business_name, email=data.email
    )
    made = people.sign_up(
        asked, now=context.now(), locale=context.language(), password=data.password, by_api=True, **context.mailing()
    )  # fmt: skip
    return _token(made.user_id, None, 201)


@bp.post("/login")
@public("login")
@operation(
    "Sign in by password, or ask for a mail", TokenAnswer, body=LoginInput, accepted=MailSent,
    errors=(WrongLogin, NoBusiness),
)  # fmt: skip
def log_in() -> Response:
    data = contract.body(LoginInput)
    if data.password is None:
        people.ask_login(data.email, now=context.now(), locale=context.language(), browser="", **context.mailing())
        return json_answer(MailSent(sent=True), 202)
    user_id = people.by_password(data.email, data.password, now=context.now(), capped=context.capped())
    if user_id is None:
        raise WrongLogin
    return _token(user_id, data.business)


@bp.post("/verify")
@public("login")
@operation("Turn a mail's link or code into a token", TokenAnswer, body=VerifyInput, errors=(WrongLink, NoBusiness))
def verify() -> Response:
    data = contract.body(VerifyInput)
    try:
        user_id = _verified(data)
    except LinkExpired:
        raise WrongLink from None
    return _token(user_id, data.business)


def _verified(data: VerifyInput) -> UUID:
    if data.token is not None:
        return people.open_login(data.token, now=context.now(), signer=context.signer()).user_id
    if data.email is None or data.code is None:
        raise refuse("token", "missing")
    code = data.code.strip()
    return people.open_code(data.email, code, browser="", now=context.now(), signer=context.signer()).user_id


@bp.get("/me")
@public("read")
@operation("Whose token this is", Me, bearer=True, errors=(NoBusiness,))
def me() -> Response:
    found = signed_in.by_token()
    if found is None or found.business_id is None:
        raise Unauthorized
    place = next((each for each in accounts.workplaces(found.user_id) if each.business.id == found.business_id), None)
    if place is None:
        raise NoBusiness
    return json_answer(_me(found.user_id, place))


def _token(user_id: UUID, slug: str | None, status: int = 200) -> Response:
    """Bound to the business asked for, else to the first by name."""
    places = accounts.workplaces(user_id)
    place = next((each for each in places if slug in (None, each.business.slug)), None)
    if place is None:
        raise NoBusiness
    token = signed_in.token(user_id, place.business.id)
    return json_answer(TokenAnswer(token=token, **_me(user_id, place)), status)


def _me(user_id: UUID, place: Workplace) -> Me:
    person, card = accounts.account(user_id), place.business
    user = UserAnswer(
        id=str(person.id), email=person.email, name=person.name, locale=person.locale, proved=person.proved
    )
    business = OwnBusiness(id=str(card.id), slug=card.slug, name=card.name, sector=card.sector)
    return Me(user=user, business=business, role=cast(Role, place.role))
