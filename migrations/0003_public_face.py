"""What a business shows of itself: texts in several languages, legal identity, pictures, and the pages that may frame
its booking. Every change of it raises the business's revision, as a change of the offer does."""

import peewee

COLUMNS = """
ALTER TABLE business ADD COLUMN bio TEXT NOT NULL DEFAULT '';
ALTER TABLE business ADD COLUMN seo_title TEXT NOT NULL DEFAULT '';
ALTER TABLE business ADD COLUMN seo_description TEXT NOT NULL DEFAULT '';
ALTER TABLE business ADD COLUMN identity {json} NOT NULL DEFAULT '{{}}';
ALTER TABLE business ADD COLUMN form_fields {json};
ALTER TABLE business ADD COLUMN frame_ancestors {json} NOT NULL DEFAULT '[]';
ALTER TABLE business ADD COLUMN translations {json} NOT NULL DEFAULT '{{}}';
ALTER TABLE service ADD COLUMN translations {json} NOT NULL DEFAULT '{{}}';
ALTER TABLE resource ADD COLUMN languages {json} NOT NULL DEFAULT '[]';
ALTER TABLE resource ADD COLUMN translations {json} NOT NULL DEFAULT '{{}}';
"""

TABLES = """
CREATE TABLE specialization (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, name TEXT NOT NULL,
    position {small} NOT NULL, translations {json} NOT NULL, PRIMARY KEY (business_id, id)
){end};
CREATE TABLE business_value (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    position {small} NOT NULL, translations {json} NOT NULL, PRIMARY KEY (business_id, id)
){end};
CREATE TABLE testimonial (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, author TEXT NOT NULL, text TEXT NOT NULL,
    position {small} NOT NULL, translations {json} NOT NULL, PRIMARY KEY (business_id, id)
){end};
CREATE TABLE question (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, question TEXT NOT NULL,
    answer TEXT NOT NULL, position {small} NOT NULL, translations {json} NOT NULL, PRIMARY KEY (business_id, id)
){end};
CREATE TABLE menu_item (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, section TEXT NOT NULL, name TEXT NOT NULL,
    description TEXT NOT NULL, price_cents INTEGER CHECK (price_cents >= 0), position {small} NOT NULL,
    translations {json} NOT NULL, PRIMARY KEY (business_id, id)
){end};
CREATE TABLE picture (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('logo', 'photo', 'portrait')), resource_id {uuid}, media_type TEXT NOT NULL,
    width INTEGER NOT NULL CHECK (width > 0), height INTEGER NOT NULL CHECK (height > 0), alt TEXT NOT NULL,
    data {blob} NOT NULL, translations {json} NOT NULL, PRIMARY KEY (business_id, id),
    FOREIGN KEY (business_id, resource_id) REFERENCES resource (business_id, id) ON DELETE CASCADE,
    CHECK ((kind = 'portrait') = (resource_id IS NOT NULL))
){end};
"""

SHOWN = ("specialization", "business_value", "testimonial", "question", "menu_item", "picture")
WORDS = {
    "sqlite": {"uuid": "BLOB", "small": "INTEGER", "json": "TEXT", "blob": "BLOB", "end": " WITHOUT ROWID"},
    "postgresql": {"uuid": "UUID", "small": "SMALLINT", "json": "JSONB", "blob": "BYTEA", "end": ""},
}


def up(migrator, db):
    engine = "sqlite" if isinstance(db, peewee.SqliteDatabase) else "postgresql"
    for statement in (COLUMNS + TABLES).format(**WORDS[engine]).split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
    for table in SHOWN:
        for statement in sqlite_guards(table) if engine == "sqlite" else postgresql_guards(table):
            db.execute_sql(statement)


def sqlite_guards(table):
    for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        yield f"""
        CREATE TRIGGER {table}_revision_{event.lower()} AFTER {event} ON {table} BEGIN
            UPDATE business SET revision = revision + 1 WHERE id = {row}.business_id;
        END"""


def postgresql_guards(table):
    own = "business_id = nullif(current_setting('app.business_id', true), '')::uuid"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY tenant ON {table} USING ({own}) WITH CHECK ({own})"
    yield f"""
    CREATE TRIGGER {table}_revision AFTER INSERT OR UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION raise_revision()"""
