"""The people who work in a business of the tests: each role with a browser and an API token of its own."""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]  # has no types

import db
from actions import sessions
from actions.access import Actor
from lib.ids import uuid7
from models import Membership, User
from tests.cast import MONDAY_8, Cast


def member(cast: Cast, role: str = "owner", *, resource_id: UUID | None = None, proved: bool = True) -> Actor:
    """A new user with this role."""
    user_id, tag = uuid7(), secrets.token_hex(5)
    moment = dt.datetime.fromtimestamp(MONDAY_8, dt.UTC)
    with db.writing(cast.id):
        User.insert(
            id=user_id, email=f"{role}-{tag}@example.com", name=f"Personne {role}",
            verified_at=moment if proved else None,
        ).execute()  # fmt: skip
        Membership.insert(user_id=user_id, role=role, resource_id=resource_id).execute()
    return Actor(cast.id, user_id, f"Personne {role}", role, resource_id, proved)  # type: ignore[arg-type]  # a word


@dataclass
class Staff:
    """A signed-in browser: its forms carry the session's token."""

    client: FlaskClient
    slug: str
    csrf: str

    @property
    def cookie(self) -> str:
        """The session as a real browser carries it (`context.add_cookies`)."""
        found = self.client.get_cookie("bookt")
        assert found is not None
        return str(found.value)

    def path(self, path: str) -> str:
        return f"/pro/{self.slug}{path}"

    def get(self, path: str = "", **more: Any) -> Any:
        return self.client.get(self.path(path), **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        return self.client.post(self.path(path), data={"csrf_token": self.csrf} | (data or {}), **more)


def staff(app: Flask, cast: Cast, role: str = "owner", *, now: int = MONDAY_8, **more: Any) -> Staff:
    """A browser in which a new member with this role is signed in."""
    return browser_of(app, cast, member(cast, role, **more), now=now)


def browser_of(app: Flask, cast: Cast, actor: Actor, *, now: int = MONDAY_8) -> Staff:
    assert actor.user_id is not None
    with app.test_request_context():
        from flask import session

        csrf = generate_csrf()
        raw = session["csrf_token"]
    return Staff(browser_with(app, actor.user_id, now=now, csrf_token=raw), cast.slug, csrf)


def browser_with(app: Flask, user_id: UUID, *, now: int = MONDAY_8, **more: str) -> FlaskClient:
    """A browser in which a user is signed in, whatever their businesses."""
    session_id = sessions.begin(user_id, now=now, agent="tests", network="127.0.0.1")
    client = app.test_client()
    with client.session_transaction() as kept:
        kept.update({"_user_id": str(session_id), "used": now} | more)
    return client


@dataclass
class Api:
    """A caller of the staff API with a bearer token."""

    client: FlaskClient
    token: str

    def open(self, path: str, method: str = "GET", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        return self.client.open(f"/api{path}", method=method, headers=headers, **more)


def api(app: Flask, cast: Cast, role: str = "owner", *, now: int = MONDAY_8, **more: Any) -> Api:
    return api_of(app, cast, member(cast, role, **more), now=now)


def api_of(app: Flask, cast: Cast, actor: Actor, *, now: int = MONDAY_8) -> Api:
    assert actor.user_id is not None
    session_id = sessions.begin(
        actor.user_id, now=now, agent="tests", network="127.0.0.1", kind="api", business_id=cast.id
    )
    return Api(app.test_client(), app.extensions["bookt_signer"].sign("api", str(session_id)))
