"""The tenant scope, on both engines: what is forgotten shows nothing, what is foreign is refused, nothing leaks."""

import dataclasses
import datetime as dt
import random
import sqlite3
import uuid
from typing import Any

import peewee
import pytest

import db
from config import Settings
from db import Nested, Unscoped
from errors import SlotTaken, Unavailable
from lib.ids import uuid7
from models import Booking, Claim, Client, Idempotency, Message, Resource
from tests.cast import Cast, make_business
from tests.crowd import at_once, split


@pytest.fixture
def two(app: object) -> tuple[Cast, Cast]:
    """Two businesses with one booking each."""
    casts = make_business(), make_business()
    for cast in casts:
        cast.book()
    return casts


def raw(sql: str, *values: Any) -> list[Any]:
    return list(db.handle.execute_sql(sql.replace("?", db.handle.param), values).fetchall())


# --- a forgotten where ---------------------------------------------------------------------------------------------


def test_a_query_without_a_scope_raises(two: tuple[Cast, Cast]) -> None:
    for statement in (Booking.select, Booking.delete, lambda: Booking.update(name="x"), Client.find):
        with pytest.raises(Unscoped):
            statement()
    with pytest.raises(Unscoped):
        Client.insert(email="x@example.com", name="X").execute()


@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM booking", 'SELECT "code" FROM "booking" AS b', "SELECT 1 FROM client JOIN booking ON 1 = 1"],
)
def test_forgotten_where_returns_nothing(two: tuple[Cast, Cast], statement: str) -> None:
    """SQLite raises; PostgreSQL shows nothing without the tenant, and with it only its own."""
    with db.looking():
        if db.is_sqlite():
            with pytest.raises(Unscoped):
                raw(statement)
        else:
            assert raw(statement) == []
    with db.reading(two[0].id):
        if db.is_sqlite():
            with pytest.raises(Unscoped):
                raw(statement)
        else:
            assert len(raw(statement)) == 1


@pytest.mark.parametrize("statement", ["UPDATE booking SET name = 'x'", "DELETE FROM message"])
def test_a_forgotten_where_changes_no_other_tenant(two: tuple[Cast, Cast], statement: str) -> None:
    mine, other = two
    if db.is_sqlite():
        with pytest.raises(Unscoped), db.writing(mine.id):
            raw_change(statement)
    else:
        with db.writing(mine.id):
            raw_change(statement)
    with db.reading(other.id):
        assert [row.name for row in Booking.select()] == ["Jean Martin"]
        assert Message.select().count() == 2


def raw_change(sql: str) -> None:
    db.handle.execute_sql(sql)


def test_queries_everywhere_are_for_doors_alone(two: tuple[Cast, Cast]) -> None:
    with db.reading(two[0].id):
        if db.is_sqlite():
            with pytest.raises(Unscoped):
                list(Booking.everywhere().select())
        else:
            assert [row.business_id for row in Booking.everywhere().select()] == [two[0].id]


def test_a_door_opens_its_table_across_tenants_and_no_other(two: tuple[Cast, Cast]) -> None:
    with db.door("outbox"):
        seen = {row.business_id for row in Message.everywhere().select()}
        assert {two[0].id, two[1].id} <= seen
        if db.is_sqlite():
            with pytest.raises(Unscoped):
                list(Booking.everywhere().select())
        else:
            assert list(Booking.everywhere().select()) == []
            assert list(Idempotency.everywhere().select()) == []
    with pytest.raises(Unscoped), db.door("back"):
        pass
    with db.door("outbox"), pytest.raises(Unscoped):
        db.tenant()


def test_the_platform_s_transaction_sees_no_tenant(two: tuple[Cast, Cast]) -> None:
    with db.platform():
        if db.is_sqlite():
            with pytest.raises(Unscoped):
                raw("SELECT * FROM booking")
        else:
            assert raw("SELECT * FROM booking") == []


def test_a_row_for_another_tenant_is_refused(two: tuple[Cast, Cast]) -> None:
    mine, other = two
    with pytest.raises((Unscoped, peewee.ProgrammingError)), db.writing(mine.id):
        Client.insert(business_id=other.id, email="x@example.com", name="X").execute()
    with db.reading(other.id):
        assert Client.select().count() == 1


def test_the_id_of_another_tenant_s_row_finds_nothing(two: tuple[Cast, Cast]) -> None:
    mine, other = two
    with db.reading(other.id):
        theirs = Booking.select().first().id
    with db.writing(mine.id):
        assert Booking.find(id=theirs) is None
        assert Booking.update(name="x").where(Booking.id == theirs).execute() == 0
        assert Booking.delete().where(Booking.id == theirs).execute() == 0


# --- scopes --------------------------------------------------------------------------------------------------------


def test_tenants_never_nest(two: tuple[Cast, Cast]) -> None:
    mine, other = two
    for outer in (db.reading, db.writing):
        for inner in (db.reading, db.writing):
            with outer(mine.id), pytest.raises(Nested), inner(other.id):
                pass
        for crossing in (db.platform, lambda: db.door("outbox")):
            with outer(mine.id), pytest.raises(Nested), crossing():
                pass
    with db.reading(mine.id), pytest.raises(Nested), db.writing(mine.id):
        pass
    with db.writing(mine.id), db.reading(mine.id), db.writing(mine.id):
        assert db.tenant() == mine.id
    with pytest.raises(Unscoped):
        db.tenant()


def test_what_fails_inside_a_joined_scope_takes_all_back(two: tuple[Cast, Cast]) -> None:
    mine = two[0]

    def half_done() -> None:
        with db.writing(mine.id):
            Client.insert(email="x@example.com", name="X").execute()
            with db.writing(mine.id):
                Client.insert(email="y@example.com", name="Y").execute()
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    with db.reading(mine.id):
        assert Client.select().count() == 1


def test_one_reading_is_one_look(two: tuple[Cast, Cast]) -> None:
    """SQLite: a snapshot. PostgreSQL reads what is committed by each statement; the promise is the claims' alone."""
    mine = two[0]
    with db.reading(mine.id):
        before = Booking.select().count()
        (booked,) = at_once(lambda: mine.book("11:00"))
        assert booked.status == "confirmed"
        after = Booking.select().count()
    assert (before, after) == ((1, 1) if db.is_sqlite() else (1, 2))


# --- leaks ---------------------------------------------------------------------------------------------------------


def test_nothing_leaks_between_threads_and_pooled_connections(two: tuple[Cast, Cast]) -> None:
    """8 threads, 1,200 transactions, two tenants in random turns on connections that pass from hand to hand."""
    codes = {}
    for cast in two:
        with db.reading(cast.id):
            codes[cast.id] = {row.code for row in Booking.select()}

    def visit(number: int) -> int:
        chance = random.Random(number)
        for turn in range(150):
            cast = chance.choice(two)
            try:
                with (db.reading if turn % 3 else db.writing)(cast.id):
                    assert {row.code for row in Booking.select()} == codes[cast.id]
                    if not db.is_sqlite():
                        assert {code for (code,) in raw("SELECT code FROM booking")} == codes[cast.id]
                    if turn % 10 == 9:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                pass
            if not db.is_sqlite():
                with db.looking():
                    assert raw("SELECT code FROM booking") == []
            db.release()
        return 150

    done, failed = split(at_once(*[lambda n=n: visit(n) for n in range(8)]))
    assert failed == []
    assert sum(done) == 1_200


def test_a_scope_of_one_thread_is_none_of_another_s(two: tuple[Cast, Cast]) -> None:
    with db.reading(two[0].id):
        (found,) = at_once(db.tenant)
    assert isinstance(found, Unscoped)


# --- the claim guard -----------------------------------------------------------------------------------------------


def instant(hour: float) -> dt.datetime:
    return dt.datetime(2027, 3, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hour)


@pytest.fixture
def claimed(app: object) -> tuple[Cast, Booking, uuid.UUID]:
    """A business with a claim from 10 to 11 on its first resource."""
    cast = make_business()
    cast.book()
    with db.writing(cast.id):
        row = Booking.select().first()
        resource = Resource.select().order_by(Resource.position).first().id
        Claim.delete().execute()
    put(cast, row, resource, 10, 11)
    return cast, row, resource


def put(cast: Cast, row: Booking, resource: uuid.UUID, start: float, end: float, *, unit: int = 0) -> None:
    with db.writing(cast.id):
        Claim.insert(
            resource_id=resource, unit=unit, starts_at=instant(start), ends_at=instant(end), booking_id=row.id
        ).execute()


@pytest.mark.parametrize(
    ("start", "end"), [(10, 11), (10, 10.5), (10.25, 10.5), (9, 12), (9.5, 10.01), (10.99, 12), (10, 12)]
)
def test_a_claim_that_meets_another_is_refused(
    claimed: tuple[Cast, Booking, uuid.UUID], start: float, end: float
) -> None:
    with pytest.raises(SlotTaken):
        put(*claimed, start, end)
    with db.reading(claimed[0].id):
        assert Claim.select().count() == 1


@pytest.mark.parametrize(("start", "end"), [(9, 10), (11, 12), (8, 9)])
def test_touching_claims_do_not_meet(claimed: tuple[Cast, Booking, uuid.UUID], start: float, end: float) -> None:
    put(*claimed, start, end)
    with db.reading(claimed[0].id):
        assert Claim.select().count() == 2


def test_another_lane_resource_or_business_is_another_place(claimed: tuple[Cast, Booking, uuid.UUID]) -> None:
    cast, row, resource = claimed
    put(cast, row, resource, 10, 11, unit=1)
    with db.reading(cast.id):
        second = Resource.select().where(Resource.id != resource).first().id
    put(cast, row, second, 10, 11)
    with db.reading(cast.id):
        assert Claim.select().count() == 3


@pytest.mark.parametrize("values", [{"starts_at": 10.5}, {"starts_at": 10.9, "ends_at": 11.5}, {"unit": 0}])
def test_a_claim_cannot_be_moved_onto_another(
    claimed: tuple[Cast, Booking, uuid.UUID], values: dict[str, float]
) -> None:
    cast, row, resource = claimed
    lane = 1 if "unit" in values else 0
    begin, end = (10.2, 10.8) if lane else (12, 13)
    put(cast, row, resource, begin, end, unit=lane)
    change = {name: value if name == "unit" else instant(value) for name, value in values.items()}
    with pytest.raises(SlotTaken), db.writing(cast.id):
        Claim.update(**change).where(Claim.starts_at == instant(begin)).execute()


def test_a_claim_can_grow_and_shrink_where_nothing_is(claimed: tuple[Cast, Booking, uuid.UUID]) -> None:
    cast, row, resource = claimed
    put(cast, row, resource, 12, 13)
    with db.writing(cast.id):
        Claim.update(ends_at=instant(12)).where(Claim.starts_at == instant(10)).execute()
        Claim.update(starts_at=instant(10.5)).where(Claim.starts_at == instant(10)).execute()
    with pytest.raises(SlotTaken), db.writing(cast.id):
        Claim.update(ends_at=instant(12.1)).where(Claim.starts_at == instant(10.5)).execute()


@pytest.mark.parametrize("values", [{"ends_at": instant(9)}, {"unit": -1}, {"booking_id": None}])
def test_a_claim_is_whole(claimed: tuple[Cast, Booking, uuid.UUID], values: dict[str, Any]) -> None:
    cast, row, resource = claimed
    good = {"resource_id": resource, "unit": 0, "starts_at": instant(14), "ends_at": instant(15), "booking_id": row.id}
    with pytest.raises(peewee.IntegrityError), db.writing(cast.id):
        Claim.insert(**good | values).execute()


# --- the catalogue of PostgreSQL -----------------------------------------------------------------------------------


def test_every_tenant_table_forces_its_policy_and_the_role_owns_nothing(app: object) -> None:
    if db.is_sqlite():
        pytest.skip("SQLite has no roles: there the handle itself refuses (test_forgotten_where_returns_nothing)")
    from models import TENANT_MODELS

    with db.looking():
        forced = {
            name
            for (name,) in raw(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity"
            )
        }
        governed = {name for (name,) in raw("SELECT DISTINCT tablename FROM pg_policies WHERE schemaname = 'public'")}
        with_tenant = {
            name
            for (name,) in raw(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'business_id'"
            )
        } - {"session", "kept_slug"}  # of users and of the platform; fmt: skip
        (role,) = raw(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        owned = raw(
            "SELECT relname FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
        )
        truncating = raw(
            "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = current_user AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')"
        )
    tables = {model._meta.table_name for model in TENANT_MODELS}
    assert with_tenant == tables
    assert forced == governed == tables | {"business"}
    assert role == (False, False, False, False)
    assert owned == truncating == []


def test_a_business_s_own_row_is_public_to_read_and_its_own_to_write(two: tuple[Cast, Cast]) -> None:
    from models import Business

    mine, other = two
    if not db.is_sqlite():
        with db.writing(mine.id):
            assert Business.update(name="Volé").where(Business.id == other.id).execute() == 0
    with db.looking():
        assert {row.name for row in Business.select().where(Business.id.in_([mine.id, other.id]))} == {
            "Cabinet d’essai"
        }


# --- when the database does not answer -----------------------------------------------------------------------------


def test_a_writer_who_waits_too_long_is_told_so(
    two: tuple[Cast, Cast], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not db.is_sqlite():
        pytest.skip("PostgreSQL lets writers in side by side")
    monkeypatch.setattr(db, "WRITE_PATIENCE", 0.05)
    other = sqlite3.connect(settings.data / "bookt.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(Unavailable):
            two[0].book("11:00")
    finally:
        other.close()
    assert two[0].book("11:00").status == "confirmed"


def test_a_pool_with_no_connection_left_is_told_so(two: tuple[Cast, Cast], settings: Settings) -> None:
    if db.is_sqlite():
        pytest.skip("SQLite has no pool")
    ours = db.handle.obj
    db.release()
    db.connect(dataclasses.replace(settings, database_pool=1))
    db.handle.obj._wait_timeout = 0.1
    try:
        with db.reading(two[0].id):
            (found,) = at_once(lambda: two[1].book("11:00"))
        assert isinstance(found, Unavailable)
    finally:
        db.handle.obj.close_all()
        db.handle.initialize(ours)


def test_a_lost_connection_is_told_and_the_next_one_is_fresh(two: tuple[Cast, Cast]) -> None:
    if db.is_sqlite():
        pytest.skip("SQLite has no connection to lose")
    mine = two[0]

    def write() -> None:
        with db.writing(mine.id):
            Client.insert(email="x@example.com", name="X").execute()
            cut_off()
            Client.select().count()

    def look() -> None:
        with db.looking():
            cut_off()
            raw("SELECT 1")

    with pytest.raises(Unavailable):
        write()
    with db.reading(mine.id):
        assert Client.select().count() == 1
    with pytest.raises(Unavailable):
        look()
    db.release()
    assert mine.book("11:00").status == "confirmed"


def cut_off() -> None:
    """End this thread's connection from the server's side, as its restart does."""
    import os

    import psycopg2

    (pid,) = raw("SELECT pg_backend_pid()")[0]
    connection = psycopg2.connect(os.environ["BOOKT_TEST_POSTGRES"])
    connection.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    connection.close()


def test_after_disconnecting_a_process_starts_anew(two: tuple[Cast, Cast]) -> None:
    db.disconnect()
    assert two[0].book("11:00").status == "confirmed"
    db.disconnect()
    db.disconnect()


# --- values --------------------------------------------------------------------------------------------------------


def test_instants_keep_their_millisecond_and_come_back_in_utc(two: tuple[Cast, Cast]) -> None:
    paris = dt.timezone(dt.timedelta(hours=2))
    moment = dt.datetime(2027, 6, 1, 10, 30, 0, 123_987, tzinfo=paris)
    with db.writing(two[0].id):
        Booking.update(created_at=moment, held_until=None).execute()
        row = Booking.select().first()
    assert row.created_at == dt.datetime(2027, 6, 1, 8, 30, 0, 123_000, tzinfo=dt.UTC)
    assert row.created_at.utcoffset() == dt.timedelta()
    assert row.held_until is None


def test_keys_are_uuids_in_every_spelling(two: tuple[Cast, Cast]) -> None:
    key = uuid7()
    with db.reading(two[0].id):
        row = Booking.select().first()
        assert isinstance(row.id, uuid.UUID)
        assert Booking.find(id=str(row.id)).code == row.code
        assert Booking.find(id=key) is None
    assert db.as_uuid(key.bytes) == db.as_uuid(memoryview(key.bytes)) == db.as_uuid(str(key)) == db.as_uuid(key) == key
    assert db.as_uuid(None) is None


def test_two_claims_of_one_start_are_an_overlap_too(two: tuple[Cast, Cast]) -> None:
    """There the primary key speaks before the guard does."""
    with db.reading(two[0].id):
        claim = Claim.select().first()
    again = dict(claim.__data__)
    with pytest.raises(SlotTaken), db.writing(two[0].id):
        Claim.insert(**again).execute()
