"""The platform's own `/api/…`: the description of the API; everything else asks for a bearer token, which says whose
business it is about."""

from typing import Any

from flask import Blueprint, Response, current_app, g, request

from blueprints import signed_in
from blueprints.answers import json_answer, page
from blueprints.api import openapi
from blueprints.guards import public
from errors import NotAllowed, NotFound, Unauthorized
from queries.business import by_id

bp = Blueprint("platform_api", __name__, url_prefix="/api")

OPEN = ("/api/openapi.json", "/api/docs")
OPEN_PREFIXES = ("/api/public/", "/api/auth/")


@bp.app_url_value_preprocessor
def _only_with_a_token(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Decided by path and token alone, before anything is looked up: a stranger learns nothing of what is behind,
    whatever the method, the id or the body."""
    private = request.path == "/api" or request.path.startswith("/api/")
    is_open = request.path in OPEN or request.path.startswith(OPEN_PREFIXES)
    on_own_host = "bookt.slug" in request.environ
    if private and (on_own_host or not is_open) and not request.environ.get("bookt.strange"):
        _enter(request.environ.get("bookt.slug"))


def _enter(host_of: str | None) -> None:
    """The token's business, with the role that its user has there at this moment. On a business's own host
    (`host_of`: its slug) the token of another business is as good as none."""
    found = signed_in.by_token()
    if found is None or found.business_id is None:
        raise Unauthorized
    named = by_id(found.business_id)
    if host_of is not None and named.slug != host_of:
        raise Unauthorized
    g.business = named
    try:
        signed_in.act(found)
    except NotFound:
        raise NotAllowed from None


@bp.get("/openapi.json")
@public("read")
def document() -> Response:
    return json_answer(openapi.document(current_app))


@bp.get("/docs")
@public("read")
def docs() -> Response:
    return page("api/docs.html", chapters=openapi.chapters(current_app), document=openapi.document(current_app))
