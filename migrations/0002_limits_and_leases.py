"""What the processes share beside the businesses: how often an address called, and who runs a job."""

import peewee

TABLES = """
CREATE TABLE rate_counter (key TEXT NOT NULL PRIMARY KEY, used INTEGER NOT NULL, ends_at {instant} NOT NULL){end};
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, until {instant} NOT NULL, epoch INTEGER NOT NULL
){end};
"""


def up(migrator, db):
    sqlite = isinstance(db, peewee.SqliteDatabase)
    words = {"instant": "INTEGER", "end": " WITHOUT ROWID"} if sqlite else {"instant": "TIMESTAMPTZ", "end": ""}
    for statement in TABLES.format(**words).split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
