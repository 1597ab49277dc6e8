"""Who may pass: every route declares its guard, and a route without one answers nothing.

`@public("read")` counts the caller against RATE_LIMIT_READ, `"write"`, `"lookup"`, `"login"` and `"signup"` against
theirs. Forms of the public pages carry a signed token instead of a cookie (`form_token`), and a foreign Origin is
refused. `@needs("services.write")` asks the table of `actions/access.py` for who works in the business, `@signed_in`
only that someone is signed in; their forms carry Flask-WTF's token, which lives in the session (`csrf_token`).
"""

import math
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from flask import Flask, current_app, g, request
from flask_wtf.csrf import generate_csrf, validate_csrf  # type: ignore[import-untyped]  # has no types
from wtforms import ValidationError  # type: ignore[import-untyped]  # has no types

from actions.access import MAY, may
from actions.limits import Rate, hit, spent, take
from blueprints import context, members
from blueprints import signed_in as signed
from errors import Invalid, NotAllowed, RateLimited
from lib.tokens import BadToken

View = TypeVar("View", bound=Callable[..., Any])
Kind = Literal["read", "write", "lookup", "login", "signup", "none"]

SAFE = ("GET", "HEAD", "OPTIONS")
FORM_AROUND_FILE = 20_000  # bytes: the other fields of its form, and the boundaries
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


def needs(action: str) -> Callable[[View], View]:
    """Who works in the business of the address, with a role that may do this (`actions.access.MAY`)."""
    assert action in MAY, action

    def mark(view: View) -> View:
        view.guard = ("needs", action)  # type: ignore[attr-defined]
        return view

    return mark


def signed_in(view: View) -> View:
    """Anyone who is signed in."""
    view.guard = ("signed in", "")  # type: ignore[attr-defined]
    return view


def capability(kind: str) -> Callable[[View], View]:
    """Who has entered the blueprint by a key, a session or a token of the API: the blueprint lets them in, and says by
    `g.by_link` that it was the key alone."""

    def mark(view: View) -> View:
        view.guard = ("capability", kind)  # type: ignore[attr-defined]
        return view

    return mark


def form(view: View) -> View:
    """Besides its guard: the body must carry this site's form token, and may not come from another site."""
    view.form = True  # type: ignore[attr-defined]
    return view


def takes_files(largest: int) -> Callable[[View], View]:
    """Besides its guard: the body may hold a file of so many bytes, whatever MAX_BODY_BYTES says of other bodies. Read
    only once the caller is known to work here."""

    def mark(view: View) -> View:
        view.largest_body = largest + FORM_AROUND_FILE  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    app.before_request(_permit)
    app.jinja_env.globals |= {"form_token": form_token, "csrf_token": generate_csrf, "may": _may}


def form_token() -> str:
    """Goes into every form that changes something; bound to the business, valid for a day, needs no cookie."""
    return context.signer().sign("form", _form_subject(), timed=True)


def _may(action: str) -> bool:
    """For templates: what the actor of the page may not do is not offered."""
    return may(members.actor(), action)


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
    if hasattr(view, "largest_body"):
        request.max_content_length = view.largest_body
    if getattr(view, "form", False) and request.method not in SAFE:
        _own_origin()
        _own_form()
    PERMITS[guard[0]](guard[1])


def _permit_signed_in(_: str) -> None:
    members.demand_sign_in()
    _own_session()


def _permit_needed(action: str) -> None:
    if not may(members.actor(), action):
        raise NotAllowed
    _own_session()


def _permit_capability(_: str) -> None:
    """Forms prove where they come from in the way of who sends them: the key's holder has no session to borrow."""
    if not g.get("by_link"):
        _own_session()
        return
    count("read" if request.method in SAFE else "write")
    if request.method not in SAFE:
        _own_origin()
        _own_form()


def _own_session() -> None:
    """A browser's session lends itself to no other site: what changes something carries the session's token. Who sends
    an API token has shown that no cookie speaks for them."""
    found = signed.current()
    if request.method in SAFE or (found is not None and found.kind == "api"):
        return
    _own_origin()
    try:
        validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRFToken"))
    except ValidationError:
        raise StaleForm from None


PERMITS: dict[str, Callable[[Any], None]] = {
    "public": lambda kind: count(kind), "needs": _permit_needed, "signed in": _permit_signed_in,
    "capability": _permit_capability,
}  # fmt: skip


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
