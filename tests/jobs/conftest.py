"""The queue of messages is shared by all businesses: here nothing of another test waits in it."""

from collections.abc import Iterator

import pytest
from flask import Flask

import db
from models import AccountMessage, Message


@pytest.fixture(autouse=True)
def _empty_outbox(app: Flask) -> Iterator[None]:
    _clear()
    yield
    _clear()


def _clear() -> None:
    with db.door("outbox"):
        Message.everywhere().delete().execute()
    with db.platform():
        AccountMessage.delete().execute()
