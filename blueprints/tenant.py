"""The business in the address: resolved once, so that views and `url_for` never mention the slug. An address that it
had before leads to the present one for ever: it may be printed on a wall."""

from typing import Any

from flask import Blueprint, Flask, Response, g, has_request_context, request, url_for

from blueprints import context
from errors import BusinessNotFound
from queries.business import BusinessCard, by_former_slug, by_slug


class Moved(Exception):
    """The address is an old one of `business`, and the one who asks may know."""

    def __init__(self, business: BusinessCard) -> None:
        self.business = business


def of_business(name: str, import_name: str, prefix: str = "/<slug>", *, offline: bool = False) -> Blueprint:
    """A blueprint under `/<slug>`, or under another prefix that holds the slug. On the business's own host the same
    routes answer without it (`hosts.py`). `offline`: it answers also while the business has taken its site off line."""
    bp = Blueprint(name, import_name, url_prefix=prefix)
    bp.url_value_preprocessor(_resolve_any if offline else _resolve_public)
    bp.url_defaults(fill_in)
    return bp


def init_app(app: Flask) -> None:
    app.url_defaults(_keep_language)
    app.register_error_handler(Moved, _to_the_present_address)


def _resolve_any(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    slug = (values or {}).pop("slug")
    g.business = found = by_any_slug(slug)
    refuse_former(found, slug)


def _resolve_public(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Off line, a business is as if it were not there (S1 `public`), by whatever address."""
    slug = (values or {}).pop("slug")
    found = by_any_slug(slug)
    if not found.public:
        raise BusinessNotFound
    refuse_former(found, slug)
    g.business = found


def by_any_slug(slug: str) -> BusinessCard:
    """By the present slug or by an earlier one. Raises BusinessNotFound."""
    try:
        return by_slug(slug)
    except BusinessNotFound:
        return by_former_slug(slug)


def refuse_former(found: BusinessCard, slug: str) -> None:
    """Raises Moved: called once it is known that the caller may see the business."""
    if found.slug != slug:
        raise Moved(found)


def _to_the_present_address(moved: Moved) -> Response:
    """The same page or call under the present name. No cache keeps it: the business may take its old name back."""
    path = url_for(request.endpoint or "", **(request.view_args or {}) | {"slug": moved.business.slug})
    query = request.query_string.decode("ascii", "replace")
    target = path.partition("?")[0] + (f"?{query}" if query else "")
    status = 301 if request.method in ("GET", "HEAD") else 308  # 308 keeps method and body (RFC 9110, 15.4.9)
    return Response(status=status, headers={"Location": target, "Cache-Control": "no-cache"})


def fill_in(_endpoint: str, values: dict[str, Any]) -> None:
    if g.get("business"):
        values.setdefault("slug", g.business.slug)


def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
    """Every link, form and redirect of a page whose address fixes a language fixes it too."""
    if has_request_context() and context.fixed_language():
        values.setdefault("lang", context.fixed_language())
