"""The business in the address: resolved once, so that views and `url_for` never mention the slug."""

from typing import Any

from flask import Blueprint, g

from blueprints import context
from queries.business import by_slug


def of_business(name: str, import_name: str, prefix: str = "/<slug>") -> Blueprint:
    """A blueprint under `/<slug>`, or under another prefix that holds the slug. On the business's own host the same
    routes answer without it (`hosts.py`)."""
    bp = Blueprint(name, import_name, url_prefix=prefix)
    bp.url_value_preprocessor(_resolve)
    bp.url_defaults(_fill_in)
    return bp


def _resolve(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.business = by_slug((values or {}).pop("slug"))


def _fill_in(endpoint: str, values: dict[str, Any]) -> None:
    if g.get("business"):
        values.setdefault("slug", g.business.slug)
    if context.fixed_language():
        values.setdefault("lang", context.fixed_language())
