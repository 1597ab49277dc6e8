"""The table of docs/routes.md: every address, who may, which view answers it, which template it renders.

`python bookt.py routes` writes it; a test fails when it is stale.
"""

import inspect
import re
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "routes.md"
HEAD = """# Routes
Written by `python bookt.py routes`; do not edit.

*Who may*: `public` is anyone, counted against the rate in brackets (`RATE_LIMIT_…`; `none`: not counted). `form` wants
the form token and refuses other sites. `needs` is who works in the business with a role that may do this
(`actions/access.py`), `signed in` anyone who is. Addresses under `/dev` exist only outside production.

| address | methods | who may | view | template |
|---|---|---|---|---|
"""
TEMPLATE = re.compile(r"""["']([\w/-]+/[\w-]+\.(?:html|txt))["']""")
IMPLIED = {"HEAD", "OPTIONS"}


def table(app: Flask) -> str:
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))
    return HEAD + "".join(_row(app, rule) for rule in rules)


def _row(app: Flask, rule: Rule) -> str:
    view = inspect.unwrap(app.view_functions[rule.endpoint])
    methods = " ".join(sorted((rule.methods or set()) - IMPLIED))
    cells = (f"`{rule.rule}`", methods, _who(view), f"`{_where(view)}`", ", ".join(_templates(view)))
    return f"| {' | '.join(cells)} |\n"


def _who(view: Any) -> str:
    guard = getattr(view, "guard", None)
    if guard is None:
        return "public (none)" if view.__name__ == "<lambda>" else "**nobody**"
    words = f"{guard[0]} ({guard[1]})" if guard[1] else guard[0]
    return words + (", form" if getattr(view, "form", False) else "")


def _where(view: Any) -> str:
    if view.__name__ == "<lambda>":  # Flask's own: the static files
        return "flask.static"
    return f"{view.__module__}.{view.__qualname__}"


def _templates(view: Any) -> list[str]:
    """The template names that stand in the view's own lines."""
    if view.__name__ == "<lambda>":
        return []
    return sorted({f"`{name}`" for name in TEMPLATE.findall(inspect.getsource(view))})
