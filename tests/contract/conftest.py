"""What the contract's tests share: a caller that speaks JSON to one business, on the clock of the tests."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import db
from bookt import create_app
from config import Settings
from models import TENANT_MODELS, Business
from tests.cast import Cast, Clock, body


class Api:
    """Calls under `/{slug}/api`, or under another mount."""

    def __init__(self, client: FlaskClient, mount: str) -> None:
        self.client, self.mount = client, mount

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(self.mount + path, query_string=query)

    def post(self, path: str, data: Any, **headers: str) -> TestResponse:
        raw = data if isinstance(data, bytes) else json.dumps(data).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(self.mount + path, data=raw, headers=named, content_type="application/json")

    def book(self, time: str = "09:00", **more: Any) -> str:
        """The code of a new booking."""
        answer = self.post("/bookings", body(time, **more))
        assert answer.status_code == 201, answer.text
        return str(answer.json["booking"]["publicCode"])

    def slots(self, date: str = "2027-01-12", service: str = "diag", **more: Any) -> list[dict[str, Any]]:
        return list(self.get("/availability", serviceId=service, date=date, **more).json["slots"])


@pytest.fixture
def api(client: FlaskClient, cast: Cast) -> Api:
    return Api(client, f"/{cast.slug}/api")


@pytest.fixture
def make_app(settings: Settings, clock: Clock) -> Callable[..., Flask]:
    """Another instance on the same database, with settings of its own."""
    return lambda **changes: create_app(dataclasses.replace(settings, **changes), clock=clock)


def error_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]["code"]


def rows(*casts: Cast) -> dict[str, int]:
    """How many rows each table holds of these businesses."""
    counted = {"business": Business.select().count()}
    for cast in casts:
        with db.reading(cast.id):
            counted |= {f"{model.__name__} {cast.slug}": model.select().count() for model in TENANT_MODELS}
    return counted
