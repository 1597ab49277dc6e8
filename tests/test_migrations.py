"""Numbered steps on both engines: from nothing and from before, alone and in a crowd, whole or not at all."""

import multiprocessing
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playhouse.schema_diff import diff_models

import db
import migrations
from config import Settings
from models import MODELS
from tests.conftest import new_database

STEPS = sorted(path.stem for path in migrations.FOLDER.glob("[0-9]*.py"))


@pytest.fixture
def empty(engine: str, tmp_path: Path) -> Iterator[Settings]:
    with new_database(engine, tmp_path) as settings:
        yield settings


class Owner:
    """The owner's connection; inside, the models' fields take the words of this engine."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __enter__(self) -> Any:
        self.before = db.handle.obj
        self.handle = db.owner(self.settings)
        db.handle.initialize(self.handle)
        self.handle.connect()
        return self.handle

    def __exit__(self, *_: object) -> None:
        self.handle.close()
        if hasattr(self.handle, "close_all"):
            self.handle.close_all()
        if self.before is not None:
            db.handle.initialize(self.before)


def test_from_an_empty_database_to_the_head(empty: Settings) -> None:
    assert migrations.migrate(empty) == STEPS
    assert migrations.migrate(empty) == []
    assert difference(empty) == []


def difference(settings: Settings) -> list[str]:
    """What the models and the database disagree on, but for the guard that no model can state."""
    with Owner(settings) as handle:
        return [
            line for line in str(diff_models(handle, MODELS)).splitlines() if "index claim.claim_no_overlap" not in line
        ]


def test_the_comparison_would_see_a_difference(empty: Settings) -> None:
    migrations.migrate(empty, target=STEPS[0])
    assert {"create table lease", "create table rate_counter"} < set(difference(empty))


def test_models_and_migrations_agree_column_by_column(empty: Settings, engine: str, tmp_path: Path) -> None:
    """Types, nullability, keys and indexes, against tables that peewee itself makes from the models."""
    migrations.migrate(empty)
    with Owner(empty) as handle:
        migrated = described(handle, engine)
    (tmp_path / "models").mkdir()
    with new_database(engine, tmp_path / "models") as scratch, Owner(scratch) as handle:
        handle.create_tables(MODELS)
        wanted = described(handle, engine)
    assert set(migrated) - {"schema_migration"} == set(wanted)
    for table, columns in wanted.items():
        assert migrated[table] == columns, table


def described(handle: Any, engine: str) -> dict[str, Any]:
    tables = [name for name in handle.get_tables() if name != "schema_migration"]
    return {
        table: {
            "columns": {c.name: (spelt(c.data_type, engine), c.null) for c in handle.get_columns(table)},
            "key": handle.get_primary_keys(table),
            "indexes": {
                (tuple(i.columns), i.unique) for i in handle.get_indexes(table)
                if not i.name.endswith("_pkey") and not i.name.startswith("sqlite_autoindex")
                and i.name != "claim_no_overlap"  # the guard of the promise: tests/test_db.py writes bad rows at it
            },
        }
        for table in tables
    }  # fmt: skip


def spelt(data_type: str, engine: str) -> str:
    """SQLite keeps the declared word: whole numbers and truth values have several there for one storage."""
    word = data_type.upper()
    same = {"SMALLINT": "INTEGER", "BOOLEAN": "INTEGER", "JSON": "TEXT", "JSONB": "TEXT"}
    return same.get(word, word) if engine == "sqlite" else word


def test_from_the_previous_step_with_its_data_kept(empty: Settings) -> None:
    assert migrations.migrate(empty, target=STEPS[0]) == STEPS[:1]
    with Owner(empty) as handle:
        key = db.id_value(db.uuid.uuid4())
        handle.execute_sql(
            f"""INSERT INTO business (id, slug, name, sector, headline, lead, timezone, locale, country, currency, plan,
                accent, email, street, postcode, town, access, step_minutes, tight_packing, notice_minutes, horizon_days,
                approves_by_hand, cancellation, client_limits, revision, created_at)
            VALUES ({handle.param}, 'avant', 'Avant', 'other', '', '', 'Europe/Brussels', 'fr', 'BE', 'EUR', 'starter',
                'petrole', 'a@example.com', '', '', '', '', 30, {handle.param}, 120, 90, {handle.param}, '{{}}', '{{}}', 1,
                {handle.param})""",
            (key, False, False, db.instant_value(db.dt.datetime(2026, 1, 1, tzinfo=db.dt.UTC))),
        )
    assert migrations.migrate(empty) == STEPS[1:]
    with Owner(empty) as handle:
        assert handle.execute_sql("SELECT slug FROM business").fetchall() == [("avant",)]
    assert difference(empty) == []


def test_an_unknown_step_is_named_and_nothing_is_done(empty: Settings) -> None:
    with pytest.raises(Exception, match="0099_missing"):
        migrations.migrate(empty, target="0099_missing")
    with Owner(empty) as handle:
        assert "business" not in handle.get_tables()


def test_three_processes_at_once_apply_each_step_once(empty: Settings) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        applied = pool.map(migrations.migrate, [empty] * 3)
    assert sorted(applied) == [[], [], STEPS]
    with Owner(empty) as handle:
        assert [name for (name,) in handle.execute_sql("SELECT name FROM schema_migration ORDER BY name")] == STEPS


def test_a_step_that_fails_leaves_nothing(empty: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "steps"
    shutil.copytree(migrations.FOLDER, folder)
    (folder / "0900_broken.py").write_text(
        "def up(migrator, db):\n"
        "    db.execute_sql('CREATE TABLE half (id INTEGER)')\n"
        "    db.execute_sql(\"UPDATE business SET name = 'changed'\")\n"
        "    raise RuntimeError('on purpose')\n"
    )
    monkeypatch.setattr(migrations, "FOLDER", folder)
    with pytest.raises(RuntimeError, match="on purpose"):
        migrations.migrate(empty)
    with Owner(empty) as handle:
        assert "half" not in handle.get_tables()
        assert [name for (name,) in handle.execute_sql("SELECT name FROM schema_migration ORDER BY name")] == STEPS
    (folder / "0900_broken.py").unlink()
    assert migrations.migrate(empty) == []


def test_steps_stand_alone() -> None:
    """Frozen tables: a step that imported a model would change with it."""
    for step in STEPS:
        source = (migrations.FOLDER / f"{step}.py").read_text()
        imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
        assert set(imports) <= {"import peewee", "import datetime as dt", "import json"}, step


def test_the_application_s_role_cannot_touch_the_history(empty: Settings, engine: str) -> None:
    migrations.migrate(empty)
    if engine == "sqlite":
        pytest.skip("SQLite has no roles")
    before = db.handle.obj
    db.connect(empty)
    try:
        with pytest.raises(Exception, match="permission denied"), db.looking():
            db.handle.execute_sql("DELETE FROM schema_migration")
        db.release()
        with pytest.raises(Exception, match="must be owner"), db.looking():
            db.handle.execute_sql("ALTER TABLE booking DISABLE ROW LEVEL SECURITY")
    finally:
        db.handle.obj.close_all()
        if before is not None:
            db.handle.initialize(before)
