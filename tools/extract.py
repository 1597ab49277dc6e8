"""Finds the texts that stand as plain values in the code and are translated when they are shown: an error's
`message`, and the tables of messages by kind or by field."""

import ast
from collections.abc import Collection, Iterator
from typing import IO, Any

NAMES = {"message", "MESSAGES", "OTHER", "ABSENT", "FIELD_MESSAGES"}

Found = tuple[int, str, str, list[str]]


def extract(
    file: IO[bytes], keywords: Collection[str], tags: Collection[str], options: dict[str, Any]
) -> Iterator[Found]:
    """Babel's extractor interface: line, function, message, comments."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Assign | ast.AnnAssign) and _names(node) & NAMES and node.value is not None:
            for line, text in _texts(node.value):
                yield line, "gettext", text, []


def _names(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _texts(value: ast.expr) -> Iterator[tuple[int, str]]:
    shown = value.values if isinstance(value, ast.Dict) else [value]
    for each in shown:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.lineno, each.value
