"""The business in the address: resolved once, so that views and `url_for` never mention the slug."""

from typing import Any

from flask import Blueprint, Flask, g, has_request_context

from blueprints import context
from queries.business import by_slug


def of_business(name: str, import_name: str, prefix: str = "/<slug>") -> Blueprint:
    """A blueprint under `/<slug>`, or under another prefix that holds the slug. On the business's own host the same
    routes answer without it (`hosts.py`)."""
    bp = Blueprint(name, import_name, url_prefix=prefix)
    bp.url_value_preprocessor(_resolve)
    bp.url_defaults(_fill_in)
    return bp


def init_app(app: Flask) -> None:
    app.url_defaults(_keep_language)


def _resolve(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.business = by_slug((values or {}).pop("slug"))


def _fill_in(endpoint: str, values: dict[str, Any]) -> None:
    if g.get("business"):
        values.setdefault("slug", g.business.slug)


def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
    """Every link, form and redirect of a page whose address fixes a language fixes it too."""
    if has_request_context() and context.fixed_language():
        values.setdefault("lang", context.fixed_language())
