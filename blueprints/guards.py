"""Who may pass: every route declares its guard, and a route without one answers nothing.

`@public("read")` counts the caller against RATE_LIMIT_READ, `"write"` and `"lookup"` against theirs. Forms of the
public pages carry a signed token instead of a cookie (`form_token`), and a foreign Origin is refused.
"""

import math
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from flask import Flask, current_app, g, request

from actions.limits import Rate, hit, spent, take
from blueprints import context
from errors import Invalid, NotAllowed, RateLimited
from lib.tokens import BadToken

View = TypeVar("View", bound=Callable[..., Any])
Kind = Literal["read", "write", "lookup", "none"]

FORM_AGE = 24 * 3600
READ_SHARE = 20  # a process takes 1/20 of the read allowance at a time, and asks the database only then
_allowances: dict[str, tuple[int, float]] = {}


class ForeignForm(NotAllowed):
    code = "FOREIGN_ORIGIN"
    message = "Cette demande vient d’un autre site. Ouvrez la page et recommencez."


class StaleForm(Invalid):
    code = "INVALID_FORM"
    message = "Ce formulaire n’est plus valable. Rechargez la page et recommencez."


def public(limit: Kind) -> Callable[[View], View]:
    """Anyone may call; `limit` names the rate that counts the call."""

    def mark(view: View) -> View:
        view.guard = ("public", limit)  # type: ignore[attr-defined]
        return view

    return mark


def form(view: View) -> View:
    """Besides its guard: the body must carry this site's form token, and may not come from another site."""
    view.form = True  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    app.before_request(_permit)
    app.jinja_env.globals["form_token"] = form_token


def form_token() -> str:
    """Goes into every form that changes something; bound to the business, valid for a day, needs no cookie."""
    return context.signer().sign("form", _form_subject(), timed=True)


def count(limit: Kind, *, cost: int = 1) -> None:
    """Count the caller against a rate. Raises RateLimited."""
    rate = None if limit == "none" else Rate.parse(getattr(context.settings(), f"rate_limit_{limit}"))
    if rate is None:
        return
    key = f"{limit}:{context.visitor()}"
    wait = _read_allowance(key, rate) if limit == "read" else hit(key, rate, now=context.now(), cost=cost)
    if wait is not None:
        raise RateLimited(wait)


def refuse_spent(limit: Kind) -> None:
    """Refuse a caller who has nothing left of a rate, without counting this call. Raises RateLimited."""
    rate = None if limit == "none" else Rate.parse(getattr(context.settings(), f"rate_limit_{limit}"))
    wait = None if rate is None else spent(f"{limit}:{context.visitor()}", rate, now=context.now())
    if wait is not None:
        raise RateLimited(wait)


def _permit() -> None:
    if request.endpoint is None or request.endpoint == "static":
        return
    view = current_app.view_functions[request.endpoint]
    guard = getattr(view, "guard", None)
    if guard is None:
        raise NotAllowed
    if getattr(view, "form", False) and request.method not in ("GET", "HEAD"):
        _own_origin()
        _own_form()
    count(guard[1])


def _own_origin() -> None:
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        raise ForeignForm
    ours = {f"{scheme}://{request.host.lower()}" for scheme in ("http", "https")}
    if origin is not None and origin != "null" and origin.lower() not in ours:
        raise ForeignForm
    if origin == "null" and site is None:
        raise ForeignForm


def _own_form() -> None:
    try:
        subject = context.signer().read("form", request.form.get("form_token", ""), max_age=FORM_AGE)
    except BadToken:
        raise StaleForm from None
    if subject != _form_subject():
        raise StaleForm


def _form_subject() -> str:
    return str(g.business.id) if "business" in g else "platform"


def _read_allowance(key: str, rate: Rate) -> int | None:
    """Reads are counted in shares: one statement for a share of the allowance, none for each page in it. A share
    serves until its window ends, however slowly it is used; the total over all processes never exceeds the rate."""
    moment = context.now()
    left, until = _allowances.get(key, (0, 0.0))
    if left > 0 and moment < until:
        _allowances[key] = left - 1, until
        return None
    share = max(1, rate.amount // READ_SHARE)
    allowed, ends_at = take(key, rate, now=moment, cost=share)
    if not allowed:
        return max(1, math.ceil(ends_at - moment))
    if len(_allowances) > 10_000:
        _allowances.clear()
    _allowances[key] = share - 1, ends_at
    return None
