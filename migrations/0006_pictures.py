"""A picture waits to be shown until the draft that it belongs to is published."""

import peewee


def up(migrator, db):
    kind, no = ("INTEGER", "0") if isinstance(db, peewee.SqliteDatabase) else ("BOOLEAN", "FALSE")
    db.execute_sql(f"ALTER TABLE picture ADD COLUMN waiting {kind} NOT NULL DEFAULT {no}")
