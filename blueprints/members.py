"""The pages of who works in a business, under `/pro/<slug>`: signed in, and with a part in it."""

from typing import Any, cast

from flask import Blueprint, Flask, Response, g, request, url_for

from actions.access import Actor
from blueprints import context, signed_in
from blueprints.tenant import by_any_slug, fill_in, refuse_former
from errors import BusinessNotFound, NotFound


class SignInFirst(Exception):
    """Nobody is signed in: first the door, then on to the page that was asked."""


def init_app(app: Flask) -> None:
    app.register_error_handler(SignInFirst, _to_the_door)


def of_members(name: str, import_name: str, path: str = "") -> Blueprint:
    """A blueprint under `/pro/<slug>` + `path`. Its views know `context.business()` and `actor()`; links between such
    blueprints need no slug."""
    bp = Blueprint(name, import_name, url_prefix=f"/pro/<slug>{path}")
    bp.url_value_preprocessor(_enter)
    bp.url_defaults(fill_in)
    bp.after_request(kept_private)
    return bp


def actor() -> Actor:
    return cast(Actor, g.actor)


def kept_private(answer: Response) -> Response:
    """Clients' names stay out of every cache."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def demand_sign_in() -> None:
    if signed_in.current() is None:
        raise SignInFirst


def _enter(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Signed in first, so that a stranger learns nothing of which businesses there are; and who has no part in one gets
    the page, word for word, of one that does not exist."""
    slug = (values or {}).pop("slug")
    demand_sign_in()
    found = signed_in.current()
    assert found is not None
    if context.fixed_language() is None:
        g.language = found.locale
    g.business = by_any_slug(slug)
    try:
        signed_in.act(found)
    except NotFound:
        del g.business
        raise BusinessNotFound from None
    refuse_former(g.business, slug)


def _to_the_door(_: SignInFirst) -> Response:
    """The way back is signed, and only pages that are read have one. htmx follows by loading the door whole."""
    way = request.full_path.removesuffix("?") if request.method == "GET" else ""
    after = context.signer().sign("next", way, timed=True) if way else None
    door = url_for("accounts.sign_in", suite=after)
    if request.headers.get("HX-Request") == "true":
        return Response(status=401, headers={"HX-Redirect": door})
    return Response(status=303, headers={"Location": door, "Cache-Control": "no-store"})
