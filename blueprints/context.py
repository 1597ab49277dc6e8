"""What a request is about: the moment, the visitor, the business, the settings."""

import hashlib
import hmac
from typing import Any, cast

from flask import current_app, g, has_request_context, request

from actions.booking import Caps
from actions.limits import Rate
from config import Settings
from lib.hosts import network_of
from lib.languages import LANGUAGES, best
from lib.origins import origins
from lib.tokens import Signer
from queries.business import BusinessCard
from queries.content import Content
from queries.content import load as load_content
from queries.offer import Offer, load

FRAMED = "embed"  # the name under which the booking's pages answer inside other sites' frames


def settings() -> Settings:
    return cast(Settings, current_app.extensions["bookt_settings"])


def now() -> int:
    """UTC epoch seconds, asked once per request so that one answer knows one moment."""
    if "now" not in g:
        g.now = int(current_app.extensions["bookt_clock"]())
    return cast(int, g.now)


def business() -> BusinessCard:
    """The business of the address, resolved once by its blueprint."""
    return cast(BusinessCard, g.business)


def framed() -> tuple[str, ...] | None:
    """The origins that may show this answer in a frame of theirs; None where no frame may, the booking's twin aside."""
    if not has_request_context() or request.blueprint != FRAMED:
        return None
    return origins(business().frame_ancestors) if "business" in g else ()


def offer() -> Offer:
    return cast(Offer, g.offer) if "offer" in g else load(business())


def content() -> Content:
    return cast(Content, g.content) if "content" in g else load_content(business())


def preview(card: BusinessCard, shown: Content) -> None:
    """From here on this request speaks of the business as its draft has it. What is kept by revision stays that of what
    is published: it is read before."""
    g.offer, g.content, g.business = offer(), shown, card


def previews() -> bool:
    return "content" in g


def language() -> str:
    """Of the answer: the one that `?lang=` fixes, else the visitor's best, else the business's. A mail, written outside
    a request, has its own by `force_locale`."""
    if not has_request_context():
        return LANGUAGES[0]
    if "language" not in g:
        found = g.get("business")
        g.language = fixed_language() or best(request.accept_languages, found.locale if found else LANGUAGES[0])
    return cast(str, g.language)


def fixed_language() -> str | None:
    """The language that the address itself asks for; every link of the page keeps it."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else None


def signer() -> Signer:
    return cast(Signer, current_app.extensions["bookt_signer"])


def visitor() -> str:
    """Who calls, as far as counting goes: the client's network, right behind the trusted proxies."""
    return network_of(request.remote_addr or "")


def visitor_mark() -> str:
    """The same, unreadable: what a hold keeps of its maker."""
    key = signer().sign("visitor", "").encode()
    return hmac.new(key, visitor().encode(), hashlib.sha256).hexdigest()[:16]


def capped() -> bool:
    """Whether an address has its share of mails and of wrong passwords; RATE_LIMIT_LOGIN=off lifts both."""
    return Rate.parse(settings().rate_limit_login) is not None


def mailing() -> dict[str, Any]:
    """What an action needs that sends a key by mail: who signs it, and whether the address's share counts."""
    return {"signer": signer(), "capped": capped()}


def caps() -> Caps:
    """The visitor's caps; RATE_LIMIT_WRITE=off lifts those on holds and open bookings."""
    chosen, lifted = settings(), Rate.parse(settings().rate_limit_write) is None
    return Caps(
        hold_seconds=chosen.hold_minutes * 60,
        max_holds=None if lifted else chosen.max_holds,
        max_open_bookings=None if lifted else chosen.max_open_bookings,
        code_tries=chosen.code_tries,
    )
