"""What the same server does with next to nothing: the limits that the product's figures are held against."""

import os
from typing import Any

import peewee
from flask import Flask, render_template
from playhouse import db_url
from playhouse.pool import PooledPostgresqlDatabase

ROWS = [{"name": f"Ligne {n}", "time": f"{8 + n // 4:02}:{n % 4 * 15:02}", "price": 40 + n} for n in range(30)]
PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{{ title }}</title></head><body>
<h1>{{ title }}</h1><ul>{% for row in rows %}
<li class="row"><a href="/{{ row.name }}">{{ row.name }}</a> <time>{{ row.time }}</time> <b>{{ row.price }} €</b></li>
{%- endfor %}</ul></body></html>"""


def hello() -> Flask:
    """A constant."""
    app = Flask(__name__)

    @app.get("/")
    def constant() -> str:
        return "hello"

    return app


def template() -> Flask:
    """A template of 30 rows, compiled once."""
    app = Flask(__name__)
    compiled = app.jinja_env.from_string(PAGE)

    @app.get("/")
    def page() -> str:
        return render_template(compiled, title="Trente lignes", rows=ROWS)

    return app


def one_read() -> Flask:
    """One row by its key, through peewee, as JSON; a connection is kept as the product keeps it."""
    app = Flask(__name__)
    database = _database()

    class Row(peewee.Model):
        slug = peewee.TextField(primary_key=True)
        name = peewee.TextField()
        timezone = peewee.TextField()
        email = peewee.TextField()

        class Meta:
            table_name = "business"

    Row.bind(database)

    @app.get("/<slug>")
    def one(slug: str) -> dict[str, Any]:
        database.connect(reuse_if_open=True)
        row = Row.get_by_id(slug)
        return {"slug": row.slug, "name": row.name, "timezone": row.timezone, "email": row.email}

    @app.teardown_appcontext
    def give_back(_: BaseException | None) -> None:
        if isinstance(database, PooledPostgresqlDatabase) and not database.is_closed():
            database.close()

    return app


def _database() -> Any:
    url = os.environ.get("DATABASE_URL")
    if url:
        return db_url.connect(url.replace("postgresql:", "postgresql+pool:", 1), max_connections=40, stale_timeout=300)
    pragmas = {"journal_mode": "wal", "synchronous": "full", "cache_size": -16_000}
    return peewee.SqliteDatabase(os.environ["BOOKT_DATA"] + "/bookt.sqlite3", pragmas=pragmas)
