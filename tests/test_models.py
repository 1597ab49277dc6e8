"""The tables: what they refuse whatever the code above them does, and the revision that they raise."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import peewee
import pytest

import db
from actions import schedule
from config import Settings
from lib.ids import uuid7
from models import (
    MODELS,
    TENANT_MODELS,
    Booking,
    BreakRule,
    Business,
    Invitation,
    Membership,
    Message,
    OpeningRule,
    Picture,
    Resource,
    ScheduleException,
    Service,
    ServiceResource,
    User,
)
from tests.cast import MONDAY_8, Cast, make_business

TENANT_TABLES = {model._meta.table_name for model in TENANT_MODELS}
NOON = dt.datetime(2027, 1, 14, 12, tzinfo=dt.UTC)


@pytest.fixture
def owner(app: object, settings: Settings) -> Iterator[Any]:
    """The owner of the tables: no tenant scope stands between a test and the constraints."""
    handle = db.owner(settings)
    handle.connect()
    yield handle
    handle.close()


def full_business() -> Cast:
    """A business with a row in every tenant table that points at another."""
    cast = make_business()
    cast.book()
    with db.writing(cast.id):
        resource = Resource.select().first().id
        OpeningRule.insert(resource_id=resource, day_of_week=6, start_minutes=0, end_minutes=60).execute()
        BreakRule.insert(resource_id=resource, day_of_week=6, start_minutes=0, end_minutes=30).execute()
        ScheduleException.insert(resource_id=resource, date=dt.date(2027, 5, 1), kind="closure").execute()
        Picture.insert(
            kind="portrait", resource_id=resource, media_type="image/webp", width=1, height=1, data=b"-"
        ).execute()
        user = User(email="pro@example.com", name="Pro")
        user.save(force_insert=True)
        Membership.insert(user_id=user.id, role="practitioner", resource_id=resource).execute()
        Invitation.insert(
            hash="-", email="new@example.com", role="practitioner", resource_id=resource, expires_at=NOON
        ).execute()
    schedule.block(
        cast.business, resource, starts_at=NOON, ends_at=NOON + dt.timedelta(hours=1), summary="", now=MONDAY_8
    )
    return cast


# What a door looks through, whoever it belongs to.
ACROSS = {"message_due", "membership_user_id"}

# --- foreign keys --------------------------------------------------------------------------------------------------


def foreign_keys(owner: Any) -> list[tuple[str, tuple[str, ...], str, tuple[str, ...]]]:
    """(table, columns, table pointed at, its columns) of every foreign key, from the catalogue."""
    if isinstance(owner, db.Sqlite):
        found = []
        for table in sorted(TENANT_TABLES):
            keys: dict[int, list[tuple[Any, ...]]] = {}
            for row in owner.execute_sql(f"PRAGMA foreign_key_list({table})").fetchall():
                keys.setdefault(row[0], []).append(row)
            for rows in keys.values():
                rows.sort(key=lambda row: row[1])
                found.append((table, tuple(r[3] for r in rows), rows[0][2], tuple(r[4] for r in rows)))
        return found
    rows = owner.execute_sql("""
        SELECT conrelid::regclass::text, confrelid::regclass::text,
            (SELECT array_agg(attname::text ORDER BY n) FROM unnest(conkey) WITH ORDINALITY k(a, n)
                JOIN pg_attribute ON attrelid = conrelid AND attnum = a),
            (SELECT array_agg(attname::text ORDER BY n) FROM unnest(confkey) WITH ORDINALITY k(a, n)
                JOIN pg_attribute ON attrelid = confrelid AND attnum = a)
        FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace""").fetchall()
    keys_of_all = [(table, tuple(columns), to, tuple(theirs)) for table, to, columns, theirs in rows]
    return [key for key in keys_of_all if key[0] in TENANT_TABLES]


def test_every_foreign_key_between_tenant_tables_carries_the_tenant(owner: Any) -> None:
    keys = foreign_keys(owner)
    between = [key for key in keys if key[2] in TENANT_TABLES]
    assert len(between) >= 12
    for _, columns, _, theirs in between:
        assert columns[0] == theirs[0] == "business_id"
        assert theirs[1:] == ("id",)
    assert {key[0] for key in keys} == TENANT_TABLES  # each table is tied to its business, or to a row that is


def test_every_column_that_names_a_row_is_tied_to_it(owner: Any) -> None:
    tied = {
        (table, column) for table, columns, _, _ in foreign_keys(owner) for column in columns if column != "business_id"
    }
    named = {
        (model._meta.table_name, field.column_name)
        for model in TENANT_MODELS for field in model._meta.sorted_fields
        if field.column_name.endswith("_id") and field.column_name != "business_id"
    }  # fmt: skip
    assert tied == named


def test_a_foreign_key_cannot_point_at_another_tenant_s_row(owner: Any) -> None:
    mine, other = full_business(), full_business()
    mark = owner.param
    tried = 0
    for table, columns, to, _ in foreign_keys(owner):
        if to not in TENANT_TABLES:
            continue
        (column,) = columns[1:]
        theirs = owner.execute_sql(
            f"SELECT id FROM {to} WHERE business_id = {mark}", (db.id_value(other.id),)
        ).fetchone()
        assert theirs is not None, to
        change = f"UPDATE {table} SET {column} = {mark} WHERE business_id = {mark} AND {column} IS NOT NULL"
        with pytest.raises(peewee.IntegrityError), owner.atomic():  # no row to change would raise nothing, and fail
            owner.execute_sql(change, (theirs[0], db.id_value(mine.id)))
        tried += 1
    assert tried >= 12


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.table_name)
def test_the_tenant_comes_first_in_every_key_and_index(model: Any, owner: Any) -> None:
    table = model._meta.table_name
    assert owner.get_primary_keys(table)[0] == "business_id"
    for index in owner.get_indexes(table):
        assert index.columns[0] == "business_id" or index.name in ACROSS, index.name


# --- values that no row may have -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Booking, {"status": "lost"}),
        (Booking, {"party_size": 0}),
        (Booking, {"ends_at": NOON - dt.timedelta(days=30)}),
        (Booking, {"payment_status": "stolen"}),
        (Booking, {"status": "held", "held_until": None}),
        (Service, {"duration_minutes": 0}),
        (Service, {"price_cents": -1}),
        (Service, {"deposit_bp": 10_001}),
        (Service, {"capacity": 0}),
        (Service, {"buffer_after": -1}),
        (Service, {"step_minutes": 0}),
        (Resource, {"units": 0}),
        (Resource, {"slug": None}),
        (OpeningRule, {"day_of_week": 7}),
        (OpeningRule, {"start_minutes": 1440}),
        (OpeningRule, {"end_minutes": 2881}),
        (BreakRule, {"end_minutes": 0}),
        (ScheduleException, {"kind": "party"}),
        (Message, {"state": "lost"}),
        (Picture, {"kind": "banner"}),
        (Picture, {"kind": "logo"}),
    ],
    ids=lambda value: value._meta.table_name if isinstance(value, type) else str(value),
)
def test_the_database_refuses_what_makes_no_sense(model: Any, values: dict[str, Any], app: object) -> None:
    cast = full_business()
    with pytest.raises(peewee.IntegrityError), db.writing(cast.id):
        model.update(**values).execute()


@pytest.mark.parametrize("values", [{"step_minutes": 0}, {"notice_minutes": -1}, {"horizon_days": -1}])
def test_a_business_without_sense_is_refused(values: dict[str, int], cast: Cast) -> None:
    with pytest.raises(peewee.IntegrityError), db.writing(cast.id):
        Business.update(**values).where(Business.id == cast.id).execute()


def test_slugs_codes_and_addresses_are_unique_within_a_business_and_free_in_another(app: object) -> None:
    mine, other = full_business(), full_business()
    with db.reading(mine.id):
        code = Booking.select().first().code
    with db.writing(other.id):
        Booking.update(code=code).execute()  # another business may use the same
    with pytest.raises(peewee.IntegrityError), db.writing(mine.id):
        Resource.update(slug="r1").execute()
    with pytest.raises(peewee.IntegrityError), db.writing(other.id):
        Business.update(slug=mine.slug).where(Business.id == other.id).execute()


# --- the revision --------------------------------------------------------------------------------------------------


def a_row(model: type) -> dict[str, Any]:
    resource, service = Resource.select().first().id, Service.select().first().id
    return {
        Resource: {"slug": "neuf", "name": "Neuf"},
        Service: {"slug": "neuf", "name": "Neuf", "duration_minutes": 30, "price_cents": 0},
        ServiceResource: {"service_id": service, "resource_id": resource},
        OpeningRule: {"day_of_week": 0, "start_minutes": 0, "end_minutes": 60},
        BreakRule: {"day_of_week": 0, "start_minutes": 0, "end_minutes": 60},
        ScheduleException: {"date": dt.date(2027, 5, 1), "kind": "closure", "resource_id": resource},
    }[model]


CHANGES: dict[Any, dict[str, Any]] = {
    Resource: {"name": "Autre"}, Service: {"name": "Autre"}, OpeningRule: {"end_minutes": 1200}, BreakRule: {"end_minutes": 1200},
    ScheduleException: {"label": "Fête"},
}  # fmt: skip


@pytest.mark.parametrize(
    "model",
    [Resource, Service, ServiceResource, OpeningRule, BreakRule, ScheduleException],
    ids=lambda m: m._meta.table_name,
)
def test_each_change_of_the_offer_raises_the_revision_and_no_other_business_s(model: Any, app: object) -> None:
    cast, other = make_business(), make_business()
    elsewhere = other.business.revision

    def raised_by(change: Any) -> bool:
        before = cast.business.revision
        with db.writing(cast.id):
            change()
        return cast.business.revision > before

    if model is ServiceResource:
        assert raised_by(lambda: ServiceResource.delete().execute())
        resource = make_resource(cast)
        assert raised_by(lambda: ServiceResource.insert(**a_row(model)).execute())
        assert raised_by(lambda: ServiceResource.update(resource_id=resource).execute())
    else:
        assert raised_by(lambda: model.insert(**a_row(model)).execute())
        assert raised_by(lambda: model.update(**CHANGES[model]).execute())
        assert raised_by(lambda: (ServiceResource.delete().execute(), model.delete().execute()))
    assert other.business.revision == elsewhere


def make_resource(cast: Cast) -> Any:
    key = uuid7()
    with db.writing(cast.id):
        Resource.insert(id=key, slug=f"x{key.hex[:6]}", name="X").execute()
    return key


def test_a_change_of_the_business_raises_its_revision_and_a_booking_does_not(cast: Cast) -> None:
    before = cast.business.revision
    cast.book()
    assert cast.business.revision == before
    with db.writing(cast.id):
        Business.update(step_minutes=15).where(Business.id == cast.id).execute()
    assert cast.business.revision == before + 1
    assert cast.offer.service("diag").rules.step == 15


def test_every_model_is_listed() -> None:
    listed = set(MODELS)
    assert {model for model in all_models() if model.__module__ == "models"} - listed == set()
    assert listed >= set(TENANT_MODELS)


def all_models() -> Iterator[Any]:
    from models import Base, TenantModel, WeeklyRule

    todo = list(Base.__subclasses__())
    while todo:
        model = todo.pop()
        todo += model.__subclasses__()
        if model not in (TenantModel, WeeklyRule):
            yield model
