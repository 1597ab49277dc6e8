"""The default run, for tests that look at it: the demo businesses in a database of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

import db
import migrations
from actions import demo
from bookt import create_app
from tests.cast import MONDAY_8, Clock
from tests.conftest import new_database


@contextmanager
def default_run(engine: str, folder: Path, clock: Clock) -> Iterator[Flask]:
    """An application on the demo as it stands at MONDAY_8; the handle goes back to where it was."""
    before = db.handle.obj
    with new_database(engine, folder) as settings:
        migrations.migrate(settings)
        app = create_app(settings, clock=clock)
        demo.load(now=MONDAY_8)
        yield app
        db.disconnect()
        if before is not None:
            db.handle.initialize(before)
