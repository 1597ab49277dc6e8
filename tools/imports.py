"""Who may import whom: `python -m tools.imports` reads the contract below and names each line that breaks it.

Every import counts, also one inside a function or under TYPE_CHECKING. What stands beside a layer is all
it may import of ours; a module of ours that is not listed is refused, so that a new one gets its place.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PURE: set[str] = set()
DATA = {"models", "db", "slots", "errors", "lib"}
MAY_IMPORT: dict[str, set[str]] = {
    "slots": PURE,
    "errors": PURE,
    "lib": PURE,
    "config": {"lib"},
    "db": {"config", "errors", "lib"},
    "models": {"db", "lib"},
    "sectors": {"lib"},
    "migrations": {"config", "db"},
    "steps": PURE,  # a migration stands alone: frozen tables
    "actions": {"actions", "queries", "config", "sectors"} | DATA,
    "queries": {"queries", "config", "sectors"} | DATA,
    "providers": {"config", "errors", "lib"},
    "jobs": {"actions", "queries", "providers", "config"} | DATA,
    "blueprints": {"actions", "queries", "config", "sectors"} | DATA,
}
# The composition root and what drives the product from outside may import anything.
UNBOUND = {"bookt", "prove", "tests", "bench", "tools", "deploy"}

MADE = {"node_modules", "htmlcov", "var"}  # folders that are made, not written

# Packages of others: who alone may import them.
ONLY = {
    "flask": {"bookt", "blueprints", "jobs"},
    "flask_babel": {"bookt", "blueprints", "jobs"},
    "flask_login": {"bookt", "blueprints"},
    "flask_wtf": {"blueprints"},
    "wtforms": {"blueprints"},
    "htmx_flask": {"bookt", "blueprints"},
    "requests": {"providers"},
    "smtplib": {"providers"},
    "stripe": {"providers"},
    "twilio": {"providers"},
    "apscheduler": {"bookt", "jobs"},
    "peewee": {"bookt", "db", "models", "migrations", "steps", "actions", "queries"},
    "playhouse": {"bookt", "db", "models", "migrations", "steps", "actions", "queries"},
    "psycopg2": {"db"},
}


def main() -> int:
    faults = [fault for path in python_files() for fault in faults_of(path)]
    print("\n".join(faults) or f"imports: {len(MAY_IMPORT)} layers keep to the contract")
    return int(bool(faults))


def python_files() -> list[Path]:
    """Top-level modules and the packages beside them; hidden folders and data are none of ours."""
    found = [*ROOT.glob("*.py"), *ROOT.glob("[a-z]*/**/*.py")]
    return sorted(path for path in found if path.relative_to(ROOT).parts[0] not in MADE)


def faults_of(path: Path, root: Path = ROOT) -> Iterator[str]:
    where = path.relative_to(root)
    layer = layer_of(where)
    if layer in UNBOUND:
        return
    if layer not in MAY_IMPORT:
        yield f"{where}:1: '{layer}' has no place in the contract of tools/imports.py"
        return
    for line, imported in imports_of(path, where):
        if is_ours(imported, root) and imported != layer and imported not in MAY_IMPORT[layer]:
            yield f"{where}:{line}: {layer} must not import {imported}"
        if layer not in ONLY.get(imported, {layer}):
            allowed = ", ".join(sorted(ONLY[imported]))
            yield f"{where}:{line}: {layer} must not import {imported}; only {allowed} may"


def layer_of(where: Path) -> str:
    is_step = where.parts[0] == "migrations" and where.name != "__init__.py"
    return "steps" if is_step else where.parts[0].removesuffix(".py")


def imports_of(path: Path, where: Path) -> Iterator[tuple[int, str]]:
    """Line and top-level name of each import; a relative one counts as its own layer's."""
    for node in ast.walk(ast.parse(path.read_bytes(), str(where))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.partition(".")[0]


def is_ours(name: str, root: Path) -> bool:
    return name in MAY_IMPORT or name in UNBOUND or (root / f"{name}.py").exists()


if __name__ == "__main__":
    sys.exit(main())
