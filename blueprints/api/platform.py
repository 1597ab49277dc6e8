"""The platform's own `/api/…`: the description of the API; everything else asks for a bearer token."""

from typing import Any

from flask import Blueprint, Response, current_app, request

from blueprints.answers import json_answer, page
from blueprints.api import openapi
from blueprints.guards import public
from errors import Unauthorized

bp = Blueprint("platform_api", __name__, url_prefix="/api")

OPEN = ("/api/openapi.json", "/api/docs")
PUBLIC_PREFIX = "/api/public/"


@bp.app_url_value_preprocessor
def _only_with_a_token(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Decided by the path alone, before anything is looked up: a stranger learns nothing of what is behind,
    whatever the method, the id or the body. No token opens the staff's API yet."""
    private = request.path == "/api" or request.path.startswith("/api/")
    is_open = request.path in OPEN or request.path.startswith(PUBLIC_PREFIX)
    if private and not is_open and not request.environ.get("bookt.strange"):
        raise Unauthorized


@bp.get("/openapi.json")
@public("read")
def document() -> Response:
    return json_answer(openapi.document(current_app))


@bp.get("/docs")
@public("read")
def docs() -> Response:
    return page("api/docs.html", chapters=openapi.chapters(current_app), document=openapi.document(current_app))
