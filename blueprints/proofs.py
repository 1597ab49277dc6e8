"""A browser's proof that it is the client's: set by the booking itself, or by the right e-mail, once per browser.

One signed cookie lists the bookings it opens, each with the version of its links, so that a new link voids it.
"""

from flask import Response, request

from blueprints import context
from lib.tokens import BadToken
from queries.booking import BookingCard

AGE = 180 * 24 * 3600
KEPT = 12


def holds(card: BookingCard) -> bool:
    return _mark(card) in _marks()


def any_given() -> bool:
    return _name() in request.cookies


def give(answer: Response, card: BookingCard) -> Response:
    """Adds a booking to the browser's proof."""
    marks = [_mark(card), *(mark for mark in _marks() if mark != _mark(card))][:KEPT]
    value = context.signer().sign("proof", marks, timed=True)
    secure = _is_secure()
    answer.set_cookie(_name(), value, max_age=AGE, httponly=True, secure=secure, samesite="Lax", path="/")
    return answer


def private(answer: Response) -> Response:
    """The headers of a page whose address is a key, or that shows what only its client may see."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _marks() -> list[str]:
    try:
        found = context.signer().read("proof", request.cookies.get(_name(), ""), max_age=AGE)
    except BadToken:
        return []
    return [str(mark) for mark in found] if isinstance(found, list) else []


def _mark(card: BookingCard) -> str:
    return f"{card.id}.{card.link_version}"


def _is_secure() -> bool:
    return context.settings().base_url.startswith("https:")


def _name() -> str:
    return "__Host-bookt_proof" if _is_secure() else "bookt_proof"
