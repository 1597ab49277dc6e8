"""The handle, the transaction, the tenant scope, and the differences between the two engines.

A statement on a tenant table runs inside `reading(business_id)` or `writing(business_id)`. PostgreSQL enforces it by
row-level security; on SQLite the handle itself refuses a statement that does not carry the tenant (`Unscoped`).
Work across tenants passes through a `door`, listed in `DOORS`.
"""

import contextlib
import datetime as dt
import random
import re
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import peewee
import psycopg2.extensions
from playhouse.pool import MaxConnectionsExceeded, PooledPostgresqlDatabase

from config import Settings
from errors import SlotTaken, Unavailable

APP_ROLE = "bookt_app"
FRESH = 1.0  # seconds that a connection may rest in the pool without being asked whether it lives
WRITE_PATIENCE = 8.0  # seconds a writer waits for its turn on SQLite before it answers 503

# Who may cross tenants, and on which tables; the policies of the migrations name the same doors.
DOORS = {
    "outbox": {"message"},  # jobs/delivery.py leases what is due, whoever it belongs to
    "housekeeping": {"idempotency"},  # jobs/housekeeping.py forgets what has served its time
    "accounts": {"membership"},  # queries/accounts.py lists the businesses of one user
}

handle: Any = peewee.DatabaseProxy()


class Unscoped(RuntimeError):
    """A statement reached a tenant's table without the tenant. Always a defect in the caller."""


class Nested(RuntimeError):
    """A scope was opened inside another tenant's, or a writing one inside a reading one."""


@dataclass(frozen=True, slots=True)
class Scope:
    business_id: uuid.UUID | None
    writes: bool
    door: str | None = None


_scope: ContextVar[Scope | None] = ContextVar("bookt_scope", default=None)


def tenant() -> uuid.UUID:
    """The business of the open scope. Raises Unscoped outside one."""
    scope = _scope.get()
    if scope is None or scope.business_id is None:
        raise Unscoped("no business is set: open reading(business_id) or writing(business_id)")
    return scope.business_id


@contextlib.contextmanager
def reading(business_id: uuid.UUID) -> Iterator[None]:
    """One consistent look at one business; joins an open scope of the same business."""
    with _scoped(Scope(business_id, writes=False)):
        yield


@contextlib.contextmanager
def writing(business_id: uuid.UUID) -> Iterator[None]:
    """One transaction of one business. The database's refusal of an overlap leaves as SlotTaken."""
    with _scoped(Scope(business_id, writes=True)):
        yield


@contextlib.contextmanager
def door(name: str) -> Iterator[None]:
    """A transaction across tenants, on the tables that DOORS gives this name."""
    with _scoped(Scope(None, writes=True, door=_known(name))):
        yield


@contextlib.contextmanager
def platform() -> Iterator[None]:
    """A transaction on the tables that belong to no business (rate counters, leases)."""
    with _scoped(Scope(None, writes=True)):
        yield


@contextlib.contextmanager
def looking() -> Iterator[None]:
    """Single look-ups on tables that belong to no tenant, without a transaction; joins an open scope."""
    with _domain_errors():
        yield


@contextlib.contextmanager
def _scoped(wanted: Scope) -> Iterator[None]:
    outer = _scope.get()
    if outer is not None:
        if (outer.business_id, outer.door) != (wanted.business_id, wanted.door) or (wanted.writes and not outer.writes):
            raise Nested(f"{wanted} inside {outer}")
        yield
        return
    token = _scope.set(wanted)
    try:
        with _domain_errors(), handle.obj.scope_transaction(wanted):
            yield
    finally:
        _scope.reset(token)


@contextlib.contextmanager
def _domain_errors() -> Iterator[None]:
    try:
        yield
    except peewee.IntegrityError as error:
        if handle.obj.is_claim_overlap(error):
            raise SlotTaken from None
        raise
    except (peewee.OperationalError, peewee.InterfaceError, MaxConnectionsExceeded) as error:
        raise Unavailable from error


def _known(name: str) -> str:
    if name not in DOORS:
        raise Unscoped(f"unknown door {name!r}")
    return name


def connect(settings: Settings) -> None:
    """Point the handle at the engine that the settings name. Opens no connection yet."""
    make = _postgresql if settings.engine == "postgresql" else _sqlite
    handle.initialize(make(settings))


def release() -> None:
    """Give the thread's connection back: to the pool on PostgreSQL; SQLite keeps its file open."""
    if isinstance(handle.obj, Postgresql) and not handle.obj.is_closed():
        handle.obj.close()


def disconnect() -> None:
    """Close every connection of this process: a child that it forks must open its own."""
    if isinstance(handle.obj, Postgresql):
        handle.obj.close_all()
    elif handle.obj is not None and not handle.obj.is_closed():
        handle.obj.close()


def is_sqlite() -> bool:
    return isinstance(handle.obj, Sqlite)


# --- the guard of the tenant scope ---------------------------------------------------------------------------------

_TABLE = re.compile(r'\b(?:from|join|into|update)\s+"?([a-z_]+)"?', re.IGNORECASE)
_checked: dict[str, tuple[frozenset[str], bool]] = {}
tenant_tables: set[str] = set()  # filled by models.TenantModel as its tables are declared


def _tenant_tables_in(sql: str) -> tuple[frozenset[str], bool]:
    """The tenant tables that a statement names, and whether it names the tenant column for each of them."""
    known = _checked.get(sql)
    if known is None:
        named = [t for t in _TABLE.findall(sql) if t in tenant_tables]
        known = frozenset(named), sql.count("business_id") >= len(named)
        if len(_checked) > 5_000:
            _checked.clear()
        _checked[sql] = known
    return known


def _guard(sql: str, params: Sequence[Any] | None) -> None:
    tables, names_tenant = _tenant_tables_in(sql)
    if not tables:
        return
    scope = _scope.get()
    if scope is not None and scope.door is not None and tables <= DOORS[scope.door]:
        return
    if scope is None or scope.business_id is None:
        raise Unscoped(f"no business is set for {', '.join(sorted(tables))}")
    if not names_tenant or scope.business_id.bytes not in (params or ()):
        raise Unscoped(f"the statement does not carry the business: {sql[:200]}")


# --- SQLite --------------------------------------------------------------------------------------------------------


class Sqlite(peewee.SqliteDatabase):
    """WAL, synchronous=FULL, foreign keys on. Writers wait for their turn: the threads of a process at a lock, so that
    only one of them asks the file; the processes by asking for BEGIN IMMEDIATE in short random steps, because SQLite's
    own busy handler lets some of them starve."""

    field_types = {**peewee.SqliteDatabase.field_types, "INSTANT": "INTEGER", "UUID16": "BLOB"}

    guarded = True  # the owner of the tables, while it migrates, is not

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._turn = threading.Lock()

    def execute_sql(self, sql: str, params: Sequence[Any] | None = None) -> Any:
        if self.guarded:
            _guard(sql, params)
        return super().execute_sql(sql, params)

    @contextlib.contextmanager
    def scope_transaction(self, scope: Scope) -> Iterator[None]:
        self.connect(reuse_if_open=True)
        with self._turn_to_write() if scope.writes else contextlib.nullcontext():
            if not scope.writes:
                self.connection().execute("BEGIN")
            self.push_transaction(peewee._transaction(self))
            try:
                yield
            except BaseException:
                self.pop_transaction()
                self._rollback()
                raise
            self.pop_transaction()
            try:
                self.connection().execute("COMMIT")
            except sqlite3.Error as error:
                self._rollback()
                raise Unavailable from error

    @contextlib.contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        deadline = time.monotonic() + WRITE_PATIENCE
        if not self._turn.acquire(timeout=WRITE_PATIENCE):
            raise Unavailable
        try:
            self._begin_immediate(deadline)
            yield
        finally:
            self._turn.release()

    def _begin_immediate(self, deadline: float) -> None:
        connection = self.connection()
        connection.execute("PRAGMA busy_timeout=0")
        try:
            while True:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    if "locked" not in str(error) or time.monotonic() > deadline:
                        raise Unavailable from error
                    time.sleep(random.uniform(0.0002, 0.001))  # spreads the waiters
        finally:
            connection.execute("PRAGMA busy_timeout=5000")

    def _rollback(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self.connection().in_transaction:
                self.connection().execute("ROLLBACK")

    def lock(self, keys: Sequence[uuid.UUID]) -> None:
        """BEGIN IMMEDIATE already lets one writer in at a time."""

    @staticmethod
    def is_claim_overlap(error: Exception) -> bool:
        text = str(error)
        return "claim_overlap" in text or "UNIQUE constraint failed: claim." in text


def _sqlite(settings: Settings) -> Sqlite:
    settings.data.mkdir(parents=True, exist_ok=True)
    pragmas = {
        "journal_mode": "wal",
        "synchronous": "full",
        "foreign_keys": 1,
        "cache_size": -16_000,
        "temp_store": "memory",
    }
    return Sqlite(str(settings.data / "bookt.sqlite3"), pragmas=pragmas, timeout=5, returning_clause=True)


# --- PostgreSQL ----------------------------------------------------------------------------------------------------


class Connection(psycopg2.extensions.connection):
    """Remembers that it has taken its role, and since when it rests in the pool."""

    is_ready = False
    rests_since = 0.0


class Postgresql(PooledPostgresqlDatabase):
    """The application's role owns nothing; the tenant is set inside each transaction and ends with it."""

    field_types = {**PooledPostgresqlDatabase.field_types, "INSTANT": "TIMESTAMPTZ", "UUID16": "UUID"}

    takes_role = True  # the owner of the tables, while it migrates, does not

    def _initialize_connection(self, connection: Any) -> None:
        """Once per connection. Before the first `migrate` there is no role yet: such a connection asks again."""
        if connection.is_ready:
            return
        with connection.cursor() as cursor:
            cursor.execute("SET TIME ZONE 'UTC'")
            if self.takes_role:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APP_ROLE,))
                if not cursor.fetchone():
                    return
                cursor.execute(f"SET ROLE {APP_ROLE}")
        connection.is_ready = True

    def _is_closed(self, connection: Any) -> bool:
        """Asked when a connection leaves the pool: one that was busy a moment ago is not asked whether it lives."""
        if time.monotonic() - connection.rests_since < FRESH:
            return bool(connection.closed)
        return bool(super()._is_closed(connection))

    def _can_reuse(self, connection: Any) -> bool:
        connection.rests_since = time.monotonic()
        return bool(super()._can_reuse(connection))

    @contextlib.contextmanager
    def scope_transaction(self, scope: Scope) -> Iterator[None]:
        with self._connection_of_thread():
            self._begin(scope)
            self.push_transaction(peewee._transaction(self))
            try:
                yield
            except BaseException:
                self.pop_transaction()
                with contextlib.suppress(peewee.DatabaseError, peewee.InterfaceError):
                    self.rollback()
                raise
            self.pop_transaction()
            self.commit()

    def _begin(self, scope: Scope) -> None:
        """The transaction and its tenant in one trip; both end together."""
        name, value = ("app.door", scope.door) if scope.door else ("app.business_id", scope.business_id)
        if value is None:
            self.begin()
        else:
            with peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # peewee keeps its own name for it
                self.cursor().execute("BEGIN; SELECT set_config(%s, %s, true)", (name, str(value)))

    @contextlib.contextmanager
    def _connection_of_thread(self) -> Iterator[None]:
        """A dead connection is dropped at once, so that the next scope starts on a fresh one."""
        self.connect(reuse_if_open=True)
        try:
            yield
        except (peewee.OperationalError, peewee.InterfaceError):
            with contextlib.suppress(Exception):
                self.manual_close()
            raise

    def lock(self, keys: Sequence[uuid.UUID]) -> None:
        """One waiting line per key, entered in the order given, which must be the same everywhere: idempotency key,
        client, resources ascending. The constraint stays the judge."""
        numbers = [int.from_bytes(key.bytes[8:], "big", signed=True) for key in keys]
        self.execute_sql("SELECT pg_advisory_xact_lock(k) FROM unnest(%s::bigint[]) AS k", (numbers,)).fetchall()

    @staticmethod
    def is_claim_overlap(error: Exception) -> bool:
        return "claim_no_overlap" in str(error) or '"claim_pkey"' in str(error)


def _postgresql(settings: Settings, url: str | None = None) -> Postgresql:
    parts = urlsplit(url or settings.database_url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if parts.hostname:
        options |= {"host": parts.hostname, "port": parts.port or 5432}
    if parts.username:
        options |= {"user": unquote(parts.username), "password": unquote(parts.password or "")}
    name = unquote(parts.path.lstrip("/"))
    return Postgresql(
        name,
        connection_factory=Connection,
        max_connections=settings.database_pool,
        stale_timeout=300,
        timeout=10,
        connect_timeout=5,
        **options,
    )


def owner(settings: Settings) -> Any:
    """A second handle for `migrate`: the owner of the tables, with no tenant and no application role."""
    if settings.engine == "sqlite":
        file = _sqlite(settings)
        file.guarded = False
        return file
    server = _postgresql(settings, settings.database_owner_url or settings.database_url)
    server.takes_role = False
    return server


# --- column types --------------------------------------------------------------------------------------------------


class UuidField(peewee.Field):
    """16 bytes on SQLite, uuid on PostgreSQL; uuid.UUID in Python."""

    field_type = "UUID16"

    def db_value(self, value: Any) -> Any:
        if value is None:
            return None
        value = value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
        return value.bytes if is_sqlite() else str(value)

    def python_value(self, value: Any) -> Any:
        return as_uuid(value)


class InstantField(peewee.Field):
    """UTC milliseconds on SQLite, timestamptz on PostgreSQL; in Python an aware UTC datetime, cut to the ms."""

    field_type = "INSTANT"

    def db_value(self, value: Any) -> Any:
        return None if value is None else instant_value(value)

    def python_value(self, value: Any) -> Any:
        return as_instant(value)


def instant_value(value: dt.datetime) -> Any:
    """An aware datetime as the engine stores it; for statements written by hand."""
    whole = value.astimezone(dt.UTC).replace(microsecond=value.microsecond // 1000 * 1000)
    return round(whole.timestamp() * 1000) if is_sqlite() else whole


def as_instant(value: Any) -> dt.datetime | None:
    if value is None or isinstance(value, dt.datetime):
        return value
    return dt.datetime.fromtimestamp(value / 1000, dt.UTC)


def id_value(value: uuid.UUID) -> Any:
    """A key as the engine stores it; for statements written by hand."""
    return value.bytes if is_sqlite() else str(value)


def as_uuid(value: Any) -> Any:
    """A key as the engine gives it, as uuid.UUID; None stays None."""
    if value is None or isinstance(value, uuid.UUID):
        return value
    return uuid.UUID(bytes=bytes(value)) if isinstance(value, bytes | memoryview) else uuid.UUID(value)
