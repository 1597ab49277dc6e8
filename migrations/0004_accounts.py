"""Who works here: people, their sessions and links, their part in each business, what they changed; the addresses that
a business has had; and what the dashboard keeps of a business."""

import peewee

COLUMNS = """
ALTER TABLE business ADD COLUMN public {bool} NOT NULL DEFAULT {true};
ALTER TABLE business ADD COLUMN onboarding {json} NOT NULL DEFAULT '[]';
ALTER TABLE business ADD COLUMN sections {json} NOT NULL DEFAULT '[]';
ALTER TABLE business ADD COLUMN motif TEXT NOT NULL DEFAULT '';
ALTER TABLE business ADD COLUMN languages {json} NOT NULL DEFAULT '[]';
ALTER TABLE business ADD COLUMN shows_phone {bool} NOT NULL DEFAULT {true};
ALTER TABLE business ADD COLUMN calendar_home TEXT NOT NULL DEFAULT '';
ALTER TABLE opening_rule ADD COLUMN every_weeks {small} NOT NULL DEFAULT 1 CHECK (every_weeks BETWEEN 1 AND 52);
ALTER TABLE opening_rule ADD COLUMN first_week DATE;
ALTER TABLE break_rule ADD COLUMN every_weeks {small} NOT NULL DEFAULT 1 CHECK (every_weeks BETWEEN 1 AND 52);
ALTER TABLE break_rule ADD COLUMN first_week DATE;
ALTER TABLE booking ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE client ADD COLUMN sought TEXT NOT NULL DEFAULT '';
DROP INDEX client_email;
CREATE UNIQUE INDEX client_email ON client (business_id, email) WHERE email <> '';
CREATE INDEX client_name ON client (business_id, name, id);
CREATE INDEX booking_client ON booking (business_id, client_id, starts_at);
"""

# A user is proved by a link or code sent to the address; until then several may name the same one.
PLATFORM = """
CREATE TABLE "user" (
    id {uuid} PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, password_hash TEXT, locale TEXT NOT NULL,
    verified_at {instant}, created_at {instant} NOT NULL
){end};
CREATE UNIQUE INDEX user_proved_email ON "user" (email) WHERE verified_at IS NOT NULL;
CREATE INDEX user_email ON "user" (email);

CREATE TABLE session (
    id {uuid} PRIMARY KEY, user_id {uuid} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('browser', 'api')), business_id {uuid} REFERENCES business (id),
    agent TEXT NOT NULL, network TEXT NOT NULL, created_at {instant} NOT NULL, expires_at {instant} NOT NULL,
    ended_at {instant}, CHECK ((kind = 'api') = (business_id IS NOT NULL))
){end};
CREATE INDEX session_user_id ON session (user_id);

CREATE TABLE login_link (
    id {uuid} PRIMARY KEY, hash TEXT NOT NULL, purpose TEXT NOT NULL CHECK (purpose IN ('login', 'welcome', 'email')),
    email TEXT NOT NULL, user_id {uuid} REFERENCES "user" (id) ON DELETE CASCADE, browser TEXT NOT NULL,
    tries {small} NOT NULL, created_at {instant} NOT NULL, expires_at {instant} NOT NULL, used_at {instant}
){end};
CREATE UNIQUE INDEX login_link_hash ON login_link (hash);
CREATE INDEX login_link_email ON login_link (email, created_at);

CREATE TABLE account_message (
    id {uuid} PRIMARY KEY, template TEXT NOT NULL, recipient TEXT NOT NULL, locale TEXT NOT NULL, data {json} NOT NULL,
    dedupe_key TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('due', 'sent', 'dead', 'dropped')),
    due_at {instant} NOT NULL, attempts {small} NOT NULL, claimed_until {instant}, lease {uuid}, sent_at {instant},
    error TEXT
){end};
CREATE UNIQUE INDEX account_message_dedupe_key ON account_message (dedupe_key);
CREATE INDEX account_message_due ON account_message (due_at) WHERE state = 'due';

CREATE TABLE kept_slug (slug TEXT PRIMARY KEY, business_id {uuid} NOT NULL REFERENCES business (id)){end};
CREATE INDEX kept_slug_business_id ON kept_slug (business_id);
INSERT INTO kept_slug (slug, business_id) SELECT slug, id FROM business;
"""

TENANT = """
CREATE TABLE membership (
    business_id {uuid} NOT NULL REFERENCES business (id), user_id {uuid} NOT NULL REFERENCES "user" (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'practitioner', 'reception', 'read_only')),
    resource_id {uuid}, news_seen_at {instant}, created_at {instant} NOT NULL, PRIMARY KEY (business_id, user_id),
    FOREIGN KEY (business_id, resource_id) REFERENCES resource (business_id, id)
){end};
CREATE INDEX membership_user_id ON membership (user_id);

CREATE TABLE invitation (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, hash TEXT NOT NULL, email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'practitioner', 'reception', 'read_only')),
    resource_id {uuid}, invited_by {uuid}, created_at {instant} NOT NULL, expires_at {instant} NOT NULL,
    accepted_at {instant}, revoked_at {instant}, PRIMARY KEY (business_id, id),
    FOREIGN KEY (business_id, resource_id) REFERENCES resource (business_id, id)
){end};
CREATE UNIQUE INDEX invitation_open ON invitation (business_id, email)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE TABLE audit (
    business_id {uuid} NOT NULL REFERENCES business (id), id {uuid} NOT NULL, by_user {uuid}, actor TEXT NOT NULL,
    action TEXT NOT NULL, subject {uuid}, data {json} NOT NULL, created_at {instant} NOT NULL,
    PRIMARY KEY (business_id, id)
){end};
CREATE INDEX audit_subject ON audit (business_id, subject, id);

CREATE TABLE site_draft (
    business_id {uuid} PRIMARY KEY REFERENCES business (id), data {json} NOT NULL, updated_by {uuid},
    updated_at {instant} NOT NULL
){end};
"""

TENANT_TABLES = ("membership", "invitation", "audit", "site_draft")
WORDS = {
    "sqlite": {"uuid": "BLOB", "instant": "INTEGER", "bool": "INTEGER", "true": "1", "small": "INTEGER", "json": "TEXT",
               "end": " WITHOUT ROWID"},
    "postgresql": {"uuid": "UUID", "instant": "TIMESTAMPTZ", "bool": "BOOLEAN", "true": "TRUE", "small": "SMALLINT",
                   "json": "JSONB", "end": ""},
}  # fmt: skip


def up(migrator, db):
    engine = "sqlite" if isinstance(db, peewee.SqliteDatabase) else "postgresql"
    for statement in (COLUMNS + PLATFORM + TENANT).format(**WORDS[engine]).split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
    for statement in sqlite_guards() if engine == "sqlite" else postgresql_guards():
        db.execute_sql(statement)


def sqlite_guards():
    """Every slug a business takes is kept for it: an address that was printed once leads to no one else."""
    for event in ("INSERT", "UPDATE OF slug"):
        name = event.partition(" ")[0].lower()
        yield f"""
        CREATE TRIGGER kept_slug_{name} AFTER {event} ON business BEGIN
            SELECT RAISE(ABORT, 'slug_taken') WHERE EXISTS (
                SELECT 1 FROM kept_slug WHERE slug = NEW.slug AND business_id <> NEW.id);
            INSERT INTO kept_slug (slug, business_id) SELECT NEW.slug, NEW.id WHERE NOT EXISTS (
                SELECT 1 FROM kept_slug WHERE slug = NEW.slug);
        END"""


def postgresql_guards():
    own = "business_id = nullif(current_setting('app.business_id', true), '')::uuid"
    for table in TENANT_TABLES:
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        yield f"CREATE POLICY tenant ON {table} USING ({own}) WITH CHECK ({own})"
    yield """
    CREATE POLICY accounts ON membership FOR SELECT USING (current_setting('app.door', true) = 'accounts')"""
    yield """
    CREATE FUNCTION keep_slug() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO kept_slug (slug, business_id) VALUES (NEW.slug, NEW.id) ON CONFLICT (slug) DO NOTHING;
        IF NOT EXISTS (SELECT FROM kept_slug WHERE slug = NEW.slug AND business_id = NEW.id) THEN
            RAISE EXCEPTION 'slug_taken' USING ERRCODE = 'unique_violation';
        END IF;
        RETURN NULL;
    END $$"""
    yield """
    CREATE TRIGGER kept_slug_kept AFTER INSERT OR UPDATE OF slug ON business
        FOR EACH ROW EXECUTE FUNCTION keep_slug()"""
