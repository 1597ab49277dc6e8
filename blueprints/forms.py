"""HTML forms: what was typed, shown again with what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from flask import request

from actions.inputs import Input, read
from blueprints.answers import text_of
from errors import Invalid, Problem

InputT = TypeVar("InputT", bound=Input)


@dataclass
class Form:
    """`values` as typed, `errors` by field in the order of the page; `general` belongs to no field."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    general: str = ""

    @property
    def is_wrong(self) -> bool:
        return bool(self.errors or self.general)

    @classmethod
    def typed(cls, *names: str) -> "Form":
        return cls({name: request.form.get(name, "") for name in names})

    def read(self, kind: type[InputT]) -> InputT:
        """Raises Invalid, after noting what is wrong for the page."""
        try:
            return read(kind, dict(self.values))
        except Invalid as error:
            self.refuse(error.problems)
            raise

    def refuse(self, problems: dict[str, Problem]) -> None:
        order = list(self.values)
        named = sorted((name for name in problems if name in order), key=order.index)
        self.errors = {name: text_of(problems[name]) for name in named}
        if not named:
            self.general = text_of(next(iter(problems.values()))) if problems else ""
