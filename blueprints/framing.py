"""Pages of ours inside pages of ours: a preview beside the form that changes what it shows."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, has_request_context, request

View = TypeVar("View", bound=Callable[..., Any])


def shows_ours(view: View) -> View:
    """The page of this view holds frames with pages of this very host, and no others."""
    view.shows_ours = True  # type: ignore[attr-defined]
    return view


def shown_by_us(view: View) -> View:
    """The page of this view may stand in a frame of this very host, and of no other."""
    view.shown_by_us = True  # type: ignore[attr-defined]
    return view


def frames_ours() -> bool:
    return _has("shows_ours")


def framed_by_us() -> tuple[str, ...]:
    """The sources for `frame-ancestors`; none where no page of ours shows this one."""
    return ("'self'",) if _has("shown_by_us") else ()


def _has(mark: str) -> bool:
    if not has_request_context() or request.endpoint is None:
        return False
    return getattr(current_app.view_functions.get(request.endpoint), mark, False) is True
