"""What has grown past the size the house likes: `python -m tools.sizes` shows it and fails nothing."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tools.imports import python_files

ROOT = Path(__file__).resolve().parent.parent
FILE, VIEW, PARTIAL = 400, 25, 60  # lines


def main() -> None:
    large = [*large_files(), *long_views(), *long_partials()]
    print("\n".join(large) or "sizes: nothing stands out")


def large_files() -> Iterator[str]:
    for path in python_files():
        if (lines := count(path)) > FILE:
            yield f"{path.relative_to(ROOT)}: {lines} lines, over {FILE}"


def long_views() -> Iterator[str]:
    for path in sorted((ROOT / "blueprints").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > VIEW:
                    where = f"{path.relative_to(ROOT)}:{node.lineno}"
                    yield f"{where}: {node.name} has {lines} lines, over {VIEW}"


def long_partials() -> Iterator[str]:
    for path in sorted((ROOT / "templates").rglob("_*.html")):
        if (lines := count(path)) > PARTIAL:
            yield f"{path.relative_to(ROOT)}: {lines} lines, over {PARTIAL}"


def count(path: Path) -> int:
    return len(path.read_text().splitlines())


if __name__ == "__main__":
    main()
