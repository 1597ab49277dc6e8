"""An invitation, as who opens its mail sees it. The link proves the address; it is no key to an account that exists."""

import flask
from flask import Blueprint, Response, session, url_for
from flask_babel import gettext

from actions import members as team
from actions.members import JoinInput, OtherAddress
from blueprints import accounts as accounts_pages
from blueprints import context, signed_in
from blueprints.answers import page
from blueprints.forms import Form, see_other
from blueprints.guards import form, public
from errors import Invalid, LinkExpired
from queries import accounts
from queries.accounts import SignedIn
from queries.business import by_id

bp = Blueprint("invitations", __name__)
bp.before_request(accounts_pages.speak)
bp.after_request(accounts_pages.kept_private)


@bp.get("/invitation/<token>")
@public("read")
def show(token: str) -> Response:
    return _page(token, Form({"name": ""}))


@bp.post("/invitation/<token>")
@public("login")
@form
def accept(token: str) -> Response:
    typed, found = Form.typed("name"), _known()
    try:
        row = team.invitation_of(token, now=context.now(), signer=context.signer())
        data = None if accounts.proved_user(row.email) else typed.read(JoinInput)
        joined = team.accept(
            token, now=context.now(), signer=context.signer(), locale=context.language(),
            signed_in_as=found.email if found else None, data=data,
        )  # fmt: skip
    except LinkExpired:
        return accounts_pages.expired()
    except (Invalid, OtherAddress) as error:
        return _page(token, typed, status=422 if isinstance(error, Invalid) else error.status)
    return _joined(joined, found)


def _joined(joined: team.Joined, found: SignedIn | None) -> Response:
    """A new account begins here; an old one is entered by its own door, since an invitation may be passed on."""
    home = url_for("today.show", slug=joined.business.slug)
    if joined.is_new:
        signed_in.begin(joined.user_id)
    elif found is None or found.user_id != joined.user_id:
        session["hint"] = accounts.account(joined.user_id).email
        home = url_for("accounts.sign_in", suite=context.signer().sign("next", home, timed=True))
    flask.flash(gettext("Vous faites partie de l’équipe de %(business)s.", business=joined.business.name))
    return see_other(home)


def _page(token: str, typed: Form, *, status: int = 200) -> Response:
    try:
        row = team.invitation_of(token, now=context.now(), signer=context.signer())
    except LinkExpired:
        return accounts_pages.expired()
    found = _known()
    return page(
        "accounts/invitation.html", status=status, form=typed, token=token, place=by_id(row.business_id), asked=row,
        other=found.email if found and found.email != row.email else "",
        is_known=accounts.proved_user(row.email) is not None,
    )  # fmt: skip


def _known() -> SignedIn | None:
    """Who is signed in under an address that is shown to be theirs."""
    found = signed_in.current()
    return found if found is not None and found.proved else None
