"""The business in the address: resolved once, so that views and `url_for` never mention the slug."""

from typing import Any

from flask import Blueprint, Flask, g, has_request_context

from blueprints import context
from errors import BusinessNotFound
from queries.business import by_slug


def of_business(name: str, import_name: str, prefix: str = "/<slug>", *, offline: bool = False) -> Blueprint:
    """A blueprint under `/<slug>`, or under another prefix that holds the slug. On the business's own host the same
    routes answer without it (`hosts.py`). `offline`: it answers also while the business has taken its site off line."""
    bp = Blueprint(name, import_name, url_prefix=prefix)
    bp.url_value_preprocessor(_resolve_any if offline else _resolve_public)
    bp.url_defaults(fill_in)
    return bp


def init_app(app: Flask) -> None:
    app.url_defaults(_keep_language)


def _resolve_any(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.business = by_slug((values or {}).pop("slug"))


def _resolve_public(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Off line, a business is as if it were not there (S1 `public`)."""
    found = by_slug((values or {}).pop("slug"))
    if not found.public:
        raise BusinessNotFound
    g.business = found


def fill_in(_endpoint: str, values: dict[str, Any]) -> None:
    if g.get("business"):
        values.setdefault("slug", g.business.slug)


def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
    """Every link, form and redirect of a page whose address fixes a language fixes it too."""
    if has_request_context() and context.fixed_language():
        values.setdefault("lang", context.fixed_language())
