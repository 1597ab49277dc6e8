"""Who is signed in in this browser, or by this token. Flask-Login carries the session; the row in the database says
whether it still counts."""

from typing import Any, cast
from uuid import UUID

import flask_login
from flask import Flask, g, request, session
from flask_login import LoginManager, UserMixin

from actions import sessions
from actions.access import Actor
from blueprints import context
from config import Settings
from errors import NotFound
from lib.tokens import BadToken
from queries import accounts
from queries.accounts import SignedIn

IDLE = 12 * 3600  # seconds (ASVS 7.3.1); a browser that its owner calls their own may rest as long as the session lives
NOTED = 300  # seconds after which the cookie is told anew that it is used
FRESH = 10 * 60  # seconds that a login counts as fresh
API = "api"  # purpose of the tokens


class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """What Flask-Login carries: the session's id, never the user's."""

    def __init__(self, found: SignedIn) -> None:
        self.found = found

    def get_id(self) -> str:
        return str(self.found.session_id)


def init_app(app: Flask, settings: Settings) -> None:
    secure = settings.base_url.startswith("https:")
    app.config |= {
        "SESSION_COOKIE_NAME": "__Host-bookt" if secure else "bookt", "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True, "SESSION_COOKIE_SAMESITE": "Lax", "SESSION_COOKIE_PATH": "/",
        "SESSION_REFRESH_EACH_REQUEST": False, "PERMANENT_SESSION_LIFETIME": sessions.LIFE, "WTF_CSRF_TIME_LIMIT": None,
    }  # fmt: skip
    manager = LoginManager()
    manager.session_protection = None  # the row tells devices apart; an address changes under way
    manager.user_loader(_load)
    # Not `manager.init_app`: what it hangs on every answer, for the cookie "remember me" that we do not use, would look
    # into the session of pages that have none.
    app.login_manager = manager  # type: ignore[attr-defined]


def begin(user_id: UUID, *, stays: bool = False) -> None:
    """Sign in in this browser, under a new session; whatever it carried before is void. `stays`: the device is its
    owner's, so it may rest longer than IDLE."""
    end()
    session_id = sessions.begin(user_id, now=context.now(), agent=_agent(), network=context.visitor())
    found = accounts.signed_in(session_id, "browser", now=context.now())
    assert found is not None
    flask_login.login_user(Visitor(found))
    session.permanent, session["stays"], session["used"] = stays, stays, context.now()


def end() -> None:
    """Sign out of this browser; the session's row ends too."""
    found = current()
    if found is not None:
        sessions.end(found.user_id, found.session_id, now=context.now())
    flask_login.logout_user()
    session.clear()
    g.pop("signed_in", None)


def current() -> SignedIn | None:
    """The one whose browser this is, or whose API token was sent."""
    if "signed_in" not in g:
        user = flask_login.current_user
        g.signed_in = user.found if user.is_authenticated else None
    return cast(SignedIn | None, g.signed_in)


def fresh(found: SignedIn) -> bool:
    """Whether the login is recent enough for what a borrowed browser shall not do (ASVS 7.5.1)."""
    return context.now() - found.created_at < FRESH


def by_token() -> SignedIn | None:
    """The session of `Authorization: Bearer …`; cookies say nothing here."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        session_id = UUID(context.signer().read(API, token.strip()))
    except (BadToken, ValueError, TypeError, AttributeError):
        return None
    g.signed_in = accounts.signed_in(session_id, "api", now=context.now())
    return cast(SignedIn | None, g.signed_in)


def token(user_id: UUID, business_id: UUID) -> str:
    """A new API token: expiring, revocable, bound to one business."""
    session_id = sessions.begin(
        user_id, now=context.now(), agent=_agent(), network=context.visitor(), kind="api", business_id=business_id
    )
    return context.signer().sign(API, str(session_id))


def act(found: SignedIn) -> Actor:
    """Take part in the business of this request. Raises NotFound for who has no part in it, as if it were not there."""
    part = accounts.membership(context.business().id, found.user_id)
    if part is None:
        raise NotFound
    g.membership = part
    g.actor = Actor(
        context.business().id, found.user_id, found.name, cast(Any, part.role), part.resource_id, found.proved
    )
    return cast(Actor, g.actor)


def _load(session_id: str) -> Visitor | None:
    """What the cookie names, unless it has rested too long."""
    now, used = context.now(), session.get("used", 0)
    if now - used > (sessions.LIFE if session.get("stays") else IDLE):
        return None
    try:
        found = accounts.signed_in(UUID(session_id), "browser", now=now)
    except ValueError:
        return None
    if found is None:
        return None
    if now - used > NOTED and "X-Poll" not in request.headers:  # a page that asks by itself is nobody's use
        session["used"] = now
    return Visitor(found)


def _agent() -> str:
    return request.headers.get("User-Agent", "")
