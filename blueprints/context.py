"""What a request is about: the moment, the visitor, the business, the settings."""

import hashlib
import hmac
from typing import cast

from flask import current_app, g, request

from actions.booking import Caps
from actions.limits import Rate
from config import Settings
from lib.hosts import network_of
from lib.tokens import Signer
from queries.business import BusinessCard
from queries.offer import Offer, load


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


def offer() -> Offer:
    return load(business())


def signer() -> Signer:
    return cast(Signer, current_app.extensions["bookt_signer"])


def visitor() -> str:
    """Who calls, as far as counting goes: the client's network, right behind the trusted proxies."""
    return network_of(request.remote_addr or "")


def visitor_mark() -> str:
    """The same, unreadable: what a hold keeps of its maker."""
    key = signer().sign("visitor", "").encode()
    return hmac.new(key, visitor().encode(), hashlib.sha256).hexdigest()[:16]


def caps() -> Caps:
    """The visitor's caps; RATE_LIMIT_WRITE=off lifts those on holds and open bookings."""
    chosen, lifted = settings(), Rate.parse(settings().rate_limit_write) is None
    return Caps(
        hold_seconds=chosen.hold_minutes * 60,
        max_holds=None if lifted else chosen.max_holds,
        max_open_bookings=None if lifted else chosen.max_open_bookings,
        code_tries=chosen.code_tries,
    )
