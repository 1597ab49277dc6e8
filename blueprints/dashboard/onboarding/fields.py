"""Fields with dotted names (`services.0.name`) and the nested values that they stand for."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request

MOST = 200  # lines of one list


def typed(*beginnings: str) -> dict[str, str]:
    """What was sent in fields of these names, or under them."""
    return {
        name: value for name, value in request.form.items()
        if name in beginnings or name.partition(".")[0] in beginnings
    }  # fmt: skip


def nested(values: Mapping[str, str]) -> dict[str, Any]:
    """`{"a.0.b": "x", "c": "y"}` as `{"a": [{"b": "x"}], "c": "y"}`; a line that is missing is empty."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        head, *rest = name.split(".")
        if len(rest) == 2 and rest[0].isascii() and rest[0].isdigit() and int(rest[0]) < MOST:
            lines = found.setdefault(head, [])
            lines.extend({} for _ in range(int(rest[0]) + 1 - len(lines)))
            lines[int(rest[0])][rest[1]] = value
        elif not rest:
            found[head] = value
    return found


def flat(head: str, lines: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The other way round."""
    return {f"{head}.{number}.{name}": value for number, line in enumerate(lines) for name, value in line.items()}


def ticked(value: bool) -> str:
    return "oui" if value else ""
