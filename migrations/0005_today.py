"""What the day's page asks at every look is found without reading the history: requests that wait, news of clients.
Clients are listed by what they are sought by, which begins with the name without its accents."""

INDEXES = """
DROP INDEX client_name;
CREATE INDEX client_sought ON client (business_id, sought, id);
CREATE INDEX booking_pending ON booking (business_id, starts_at) WHERE status = 'pending';
CREATE INDEX message_news ON message (business_id, due_at) WHERE substr(template, 1, 13) = 'professional_';
"""


def up(migrator, db):
    for statement in INDEXES.split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
