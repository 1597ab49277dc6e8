"""Businesses, what they offer, and the bookings, with the guards that keep the promise: claims never overlap, a row
belongs to one business, and every change of the offer raises the business's revision."""

import peewee

TABLES = """
CREATE TABLE business (
    id {uuid} NOT NULL PRIMARY KEY, slug TEXT NOT NULL, domain TEXT, name TEXT NOT NULL, sector TEXT NOT NULL,
    headline TEXT NOT NULL, lead TEXT NOT NULL, timezone TEXT NOT NULL, locale TEXT NOT NULL, country TEXT NOT NULL,
    currency TEXT NOT NULL, plan TEXT NOT NULL, accent TEXT NOT NULL, email TEXT NOT NULL, phone TEXT,
    street TEXT NOT NULL, postcode TEXT NOT NULL, town TEXT NOT NULL, access TEXT NOT NULL,
    step_minutes {small} NOT NULL CHECK (step_minutes > 0), tight_packing {bool} NOT NULL,
    notice_minutes INTEGER NOT NULL CHECK (notice_minutes >= 0),
    horizon_days {small} NOT NULL CHECK (horizon_days >= 0), approves_by_hand {bool} NOT NULL,
    cancellation {json} NOT NULL, client_limits {json} NOT NULL, revision INTEGER NOT NULL,
    created_at {instant} NOT NULL
){end};
CREATE UNIQUE INDEX business_slug ON business (slug);
CREATE UNIQUE INDEX business_domain ON business (domain);

CREATE TABLE resource (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, slug TEXT NOT NULL, name TEXT NOT NULL,
    kind TEXT NOT NULL, title TEXT NOT NULL, bio TEXT NOT NULL, position {small} NOT NULL,
    units {small} NOT NULL CHECK (units > 0), min_seats {small} NOT NULL, seats {small}, join_group TEXT,
    limits {json} NOT NULL, active {bool} NOT NULL, PRIMARY KEY (business_id, id)
){end};
CREATE UNIQUE INDEX resource_slug ON resource (business_id, slug);

CREATE TABLE service (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, slug TEXT NOT NULL, name TEXT NOT NULL,
    description TEXT NOT NULL, duration_minutes {small} NOT NULL CHECK (duration_minutes > 0),
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
    deposit_bp {small} NOT NULL CHECK (deposit_bp BETWEEN 0 AND 10000),
    step_minutes {small} CHECK (step_minutes > 0), buffer_before {small} NOT NULL CHECK (buffer_before >= 0),
    buffer_after {small} NOT NULL CHECK (buffer_after >= 0), notice_minutes INTEGER, horizon_days {small},
    capacity {small} NOT NULL CHECK (capacity > 0), turn_minutes {json} NOT NULL, limits {json} NOT NULL,
    place TEXT NOT NULL, form_fields {json} NOT NULL, cancellation {json}, position {small} NOT NULL,
    active {bool} NOT NULL, PRIMARY KEY (business_id, id)
){end};
CREATE UNIQUE INDEX service_slug ON service (business_id, slug);

CREATE TABLE service_resource (
    business_id {uuid} NOT NULL, service_id {uuid} NOT NULL, resource_id {uuid} NOT NULL,
    PRIMARY KEY (business_id, service_id, resource_id),
    FOREIGN KEY (business_id, service_id) REFERENCES service (business_id, id) ON DELETE CASCADE,
    FOREIGN KEY (business_id, resource_id) REFERENCES resource (business_id, id) ON DELETE CASCADE
){end};

CREATE TABLE opening_rule (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, resource_id {uuid},
    day_of_week {small} NOT NULL CHECK (day_of_week BETWEEN 0 AND 6),
    start_minutes {small} NOT NULL CHECK (start_minutes BETWEEN 0 AND 1439),
    end_minutes {small} NOT NULL CHECK (end_minutes > start_minutes AND end_minutes <= 2880),
    PRIMARY KEY (business_id, id),
    FOREIGN KEY (business_id, resource_id) REFERENCES resource (business_id, id) ON DELETE CASCADE
){end};

CREATE TABLE break_rule (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, resource_id {uuid},
    day_of_week {small} NOT NULL CHECK (day_of_week BETWEEN 0 AND 6),
    start_minutes {small} NOT NULL CHECK (start_minutes BETWEEN 0 AND 2879),
    end_minutes {small} NOT NULL CHECK (end_minutes > start_minutes AND end_minutes <= 2880),
    PRIMARY KEY (business_id, id),
    FOREIGN KEY (business_id, resource_id) REFERENCES resource (business_id, id) ON DELETE CASCADE
){end};

CREATE TABLE schedule_exception (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, resource_id {uuid}, date DATE NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('closure', 'override', 'holiday')), ranges {json} NOT NULL,
    label TEXT NOT NULL, PRIMARY KEY (business_id, id),
    FOREIGN KEY (business_id, resource_id) REFERENCES resource (business_id, id) ON DELETE CASCADE
){end};
CREATE INDEX schedule_exception_date ON schedule_exception (business_id, date);

CREATE TABLE client (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, email TEXT NOT NULL, name TEXT NOT NULL,
    phone TEXT, notes TEXT NOT NULL, vip {bool} NOT NULL, created_at {instant} NOT NULL,
    PRIMARY KEY (business_id, id)
){end};
CREATE UNIQUE INDEX client_email ON client (business_id, email);

CREATE TABLE booking (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, code TEXT NOT NULL,
    service_id {uuid} NOT NULL, client_id {uuid}, status TEXT NOT NULL CHECK (status IN (
        'held', 'lapsed', 'pending', 'declined', 'confirmed', 'rescheduled', 'cancelled', 'arrived', 'seated',
        'completed', 'no_show')),
    starts_at {instant} NOT NULL, ends_at {instant} NOT NULL CHECK (ends_at > starts_at),
    party_size {small} NOT NULL CHECK (party_size > 0), any_resource {bool} NOT NULL, source TEXT NOT NULL,
    name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT, notify_email {bool} NOT NULL, notify_sms {bool} NOT NULL,
    message TEXT NOT NULL, answers {json}, locale TEXT NOT NULL, price_cents INTEGER NOT NULL,
    deposit_cents INTEGER NOT NULL, deposit_bp {small} NOT NULL, payment_status TEXT NOT NULL CHECK (payment_status IN
        ('pending', 'authorized', 'captured', 'refunded', 'failed')),
    refund_cents INTEGER, cancel_reason TEXT, sequence {small} NOT NULL, link_version {small} NOT NULL,
    held_until {instant}, held_by TEXT, extended {bool} NOT NULL, created_at {instant} NOT NULL,
    updated_at {instant} NOT NULL, PRIMARY KEY (business_id, id),
    FOREIGN KEY (business_id, service_id) REFERENCES service (business_id, id),
    FOREIGN KEY (business_id, client_id) REFERENCES client (business_id, id),
    CHECK (status <> 'held' OR held_until IS NOT NULL)
){end};
CREATE UNIQUE INDEX booking_code ON booking (business_id, code);
CREATE INDEX booking_starts_at ON booking (business_id, starts_at);
CREATE INDEX booking_email ON booking (business_id, email, starts_at);

CREATE TABLE busy_block (
    business_id {uuid} NOT NULL, id {uuid} NOT NULL, resource_id {uuid} NOT NULL, starts_at {instant} NOT NULL,
    ends_at {instant} NOT NULL CHECK (ends_at > starts_at), provider TEXT NOT NULL, summary TEXT NOT NULL, uid TEXT,
    PRIMARY KEY (business_id, id),
    FOREIGN KEY (business_id, resource_id) REFERENCES resource (business_id, id) ON DELETE CASCADE
){end};
CREATE INDEX busy_block_starts_at ON busy_block (business_id, resource_id, starts_at);

CREATE TABLE claim (
    business_id {uuid} NOT NULL, resource_id {uuid} NOT NULL, unit {small} NOT NULL CHECK (unit >= 0),
    starts_at {instant} NOT NULL, ends_at {instant} NOT NULL CHECK (ends_at > starts_at), booking_id {uuid},
    block_id {uuid}, PRIMARY KEY (business_id, resource_id, unit, starts_at),
    FOREIGN KEY (business_id, resource_id) REFERENCES resource (business_id, id),
    FOREIGN KEY (business_id, booking_id) REFERENCES booking (business_id, id) ON DELETE CASCADE,
    FOREIGN KEY (business_id, block_id) REFERENCES busy_block (business_id, id) ON DELETE CASCADE,
    CHECK ((booking_id IS NULL) <> (block_id IS NULL))
){end};
CREATE INDEX claim_booking ON claim (business_id, booking_id);

CREATE TABLE message (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, booking_id {uuid}, channel TEXT NOT NULL,
    template TEXT NOT NULL, recipient TEXT NOT NULL, locale TEXT NOT NULL, data {json} NOT NULL,
    dedupe_key TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('due', 'sent', 'dead', 'dropped')),
    due_at {instant} NOT NULL, attempts {small} NOT NULL, claimed_until {instant}, lease {uuid}, sent_at {instant},
    error TEXT, PRIMARY KEY (business_id, id),
    FOREIGN KEY (business_id, booking_id) REFERENCES booking (business_id, id) ON DELETE CASCADE
){end};
CREATE UNIQUE INDEX message_dedupe_key ON message (business_id, dedupe_key);
CREATE INDEX message_booking ON message (business_id, booking_id);
CREATE INDEX message_due ON message (due_at) WHERE state = 'due';

CREATE TABLE idempotency (
    business_id {uuid} NOT NULL REFERENCES business (id), key_hash TEXT NOT NULL, body_hash TEXT NOT NULL,
    status {small} NOT NULL, answer TEXT NOT NULL, created_at {instant} NOT NULL,
    PRIMARY KEY (business_id, key_hash)
){end};
"""

TENANT_TABLES = (
    "resource", "service", "service_resource", "opening_rule", "break_rule", "schedule_exception",
    "client", "booking", "busy_block", "claim", "message", "idempotency",
)  # fmt: skip
OFFER_TABLES = ("resource", "service", "service_resource", "opening_rule", "break_rule", "schedule_exception")
DOORS = {"outbox": "message", "housekeeping": "idempotency"}

WORDS = {
    "sqlite": {"uuid": "BLOB", "instant": "INTEGER", "bool": "INTEGER", "small": "INTEGER", "json": "TEXT",
               "end": " WITHOUT ROWID"},
    "postgresql": {"uuid": "UUID", "instant": "TIMESTAMPTZ", "bool": "BOOLEAN", "small": "SMALLINT", "json": "JSONB",
                   "end": ""},
}  # fmt: skip


def up(migrator, db):
    engine = "sqlite" if isinstance(db, peewee.SqliteDatabase) else "postgresql"
    for statement in TABLES.format(**WORDS[engine]).split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
    for statement in sqlite_guards() if engine == "sqlite" else postgresql_guards():
        db.execute_sql(statement)


def sqlite_guards():
    # Rows of a unit never overlap, so the only one that can meet a new range is the last that starts before its end.
    for event, itself in (
        ("INSERT", ""),
        (
            "UPDATE",
            "AND NOT (starts_at = OLD.starts_at AND resource_id = OLD.resource_id AND unit = OLD.unit)",
        ),
    ):
        yield f"""
        CREATE TRIGGER claim_no_overlap_{event.lower()} BEFORE {event} ON claim BEGIN
            SELECT RAISE(ABORT, 'claim_overlap') WHERE NEW.starts_at < (
                SELECT ends_at FROM claim WHERE business_id = NEW.business_id AND resource_id = NEW.resource_id
                    AND unit = NEW.unit AND starts_at < NEW.ends_at {itself} ORDER BY starts_at DESC LIMIT 1);
        END"""
    for table in OFFER_TABLES:
        for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            yield f"""
            CREATE TRIGGER {table}_revision_{event.lower()} AFTER {event} ON {table} BEGIN
                UPDATE business SET revision = revision + 1 WHERE id = {row}.business_id;
            END"""
    yield """
    CREATE TRIGGER business_revision AFTER UPDATE ON business WHEN NEW.revision = OLD.revision BEGIN
        UPDATE business SET revision = revision + 1 WHERE id = NEW.id;
    END"""


def postgresql_guards():
    yield "CREATE EXTENSION IF NOT EXISTS btree_gist"
    yield """
    ALTER TABLE claim ADD CONSTRAINT claim_no_overlap EXCLUDE USING gist
        (business_id WITH =, resource_id WITH =, unit WITH =, tstzrange(starts_at, ends_at) WITH &&)"""
    tenant = "nullif(current_setting('app.business_id', true), '')::uuid"
    for table in TENANT_TABLES:
        passes = f"business_id = {tenant}"
        for door, opened in DOORS.items():
            if opened == table:
                passes += f" OR current_setting('app.door', true) = '{door}'"
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        yield f"CREATE POLICY tenant ON {table} USING ({passes}) WITH CHECK ({passes})"
    # A business's own row is its public face: anyone may look it up by its slug, only its own scope may write it.
    yield "ALTER TABLE business ENABLE ROW LEVEL SECURITY"
    yield "ALTER TABLE business FORCE ROW LEVEL SECURITY"
    yield "CREATE POLICY look_up ON business FOR SELECT USING (true)"
    for event, clause in (("INSERT", "WITH CHECK"), ("UPDATE", "USING"), ("DELETE", "USING")):
        yield f"CREATE POLICY own_{event.lower()} ON business FOR {event} {clause} (id = {tenant})"
    yield """
    CREATE FUNCTION raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE business SET revision = revision + 1 WHERE id = coalesce(NEW.business_id, OLD.business_id);
        RETURN NULL;
    END $$"""
    for table in OFFER_TABLES:
        yield f"""
        CREATE TRIGGER {table}_revision AFTER INSERT OR UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION raise_revision()"""
    yield """
    CREATE FUNCTION raise_own_revision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.revision := OLD.revision + 1;
        RETURN NEW;
    END $$"""
    yield """
    CREATE TRIGGER business_revision BEFORE UPDATE ON business FOR EACH ROW
        WHEN (NEW.revision = OLD.revision) EXECUTE FUNCTION raise_own_revision()"""
