"""A measured figure beside its target, and the table of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
DECIMALS = {"×": 2, "%": 0, "ms": 0, "kB": 1, "MB": 1, "B": 0, "": 0}


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` None: it could not be measured here, `detail` says why. `at_least`: the target is the least, not the
    most. Without a target it is told for what it is."""

    goal: str
    work: str
    engine: str
    value: float | None
    unit: str = "×"
    target: float | None = None
    at_least: bool = False
    detail: str = ""

    @property
    def met(self) -> bool | None:
        if self.value is None or self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def asked(self) -> str:
        return "" if self.target is None else f"{'≥' if self.at_least else '≤'} {_plain(self.target)}{self._unit}"

    @property
    def found(self) -> str:
        if self.value is None:
            return f"not measured: {self.detail}"
        verdict = {True: " met", False: " **missed**", None: ""}[self.met]
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.value:,.{DECIMALS[self.unit]}f}{self._unit}{verdict}{detail}"

    @property
    def _unit(self) -> str:
        return self.unit if self.unit in ("×", "") else f" {self.unit}"


def table(figures: Sequence[Figure]) -> str:
    """Markdown: one row per goal and work, one column per engine."""
    engines = [engine for engine in ENGINES if any(f.engine == engine for f in figures)]
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for figure in figures:
        rows.setdefault((figure.goal, figure.work, figure.asked), {})[figure.engine] = figure.found
    head = ["goal", "work", "target", *(ENGINES[engine] for engine in engines)]
    lines = [head, ["---"] * len(head)]
    lines += [[*row, *(cells.get(engine, "–") for engine in engines)] for row, cells in rows.items()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _plain(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")
