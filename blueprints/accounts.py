"""The door: signing in and out, and which business to enter."""

from flask import Blueprint, Response, url_for

from blueprints import members, signed_in
from blueprints.answers import page
from blueprints.forms import see_other
from blueprints.guards import public
from blueprints.guards import signed_in as any_user
from queries import accounts

bp = Blueprint("accounts", __name__)
bp.after_request(members.kept_private)


@bp.get("/connexion")
@public("read")
def sign_in() -> Response:
    return page("accounts/sign_in.html")


@bp.get("/pro")
@any_user
def workplaces() -> Response:
    found = signed_in.current()
    assert found is not None
    places = accounts.workplaces(found.user_id)
    if len(places) == 1:
        return see_other(url_for("today.show", slug=places[0].business.slug))
    return page("accounts/workplaces.html", workplaces=places)


@bp.post("/deconnexion")
@any_user
def sign_out() -> Response:
    signed_in.end()
    return see_other(url_for("accounts.sign_in"))
