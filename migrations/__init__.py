"""Numbered forward steps, the same files for both engines; one transaction each, one runner at a time."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playhouse.migrations import Runner

import db
from config import Settings

FOLDER = Path(__file__).parent
LOCK_KEY = 0x626F6F6B74  # "bookt"


def migrate(settings: Settings, *, target: str | None = None) -> list[str]:
    """Apply what is pending, up to `target` when given; returns the names applied. Safe when processes race."""
    with alone(settings) as handle:
        if settings.engine == "postgresql":
            _create_role(handle)
        applied: list[str] = Runner(handle, str(FOLDER)).up(target)
        if settings.engine == "postgresql":
            _grant(handle)
    return applied


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[Any]:
    """The owner's handle, for one process at a time: the next one waits."""
    with contextlib.closing(db.owner(settings)) as handle:
        handle.connect(reuse_if_open=True)
        with _turn_on_server(handle) if settings.engine == "postgresql" else _turn_on_file(settings):
            yield handle


@contextlib.contextmanager
def _turn_on_server(handle: Any) -> Iterator[None]:
    handle.execute_sql("SELECT pg_advisory_lock(%s)", (LOCK_KEY,))
    try:
        yield
    finally:
        handle.execute_sql("SELECT pg_advisory_unlock(%s)", (LOCK_KEY,))


@contextlib.contextmanager
def _turn_on_file(settings: Settings) -> Iterator[None]:
    lock = os.open(settings.data / "migrate.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _create_role(handle: Any) -> None:
    """The role that requests run under: it owns nothing and cannot pass row-level security. Roles belong to the
    whole cluster, so another database may be creating it at this very moment."""
    handle.execute_sql(
        f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{db.APP_ROLE}') THEN
                CREATE ROLE {db.APP_ROLE} NOLOGIN NOBYPASSRLS;
            END IF;
            IF NOT pg_has_role(session_user, '{db.APP_ROLE}', 'MEMBER') THEN
                EXECUTE format('GRANT {db.APP_ROLE} TO %%I', session_user);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$"""
    )


def _grant(handle: Any) -> None:
    handle.execute_sql(f"GRANT USAGE ON SCHEMA public TO {db.APP_ROLE}")
    handle.execute_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {db.APP_ROLE}")
    handle.execute_sql(f"REVOKE ALL ON schema_migration FROM {db.APP_ROLE}")
    handle.execute_sql(f"GRANT SELECT ON schema_migration TO {db.APP_ROLE}")
