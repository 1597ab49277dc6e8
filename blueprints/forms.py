"""HTML forms: what was typed, shown again with what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from flask import Response, request
from flask_babel import gettext

from actions.inputs import Input, read
from blueprints.answers import text_of
from errors import Invalid, Problem

InputT = TypeVar("InputT", bound=Input)


def see_other(url: str) -> Response:
    """After a form that did its work: the page to look at, so that reloading it sends nothing again."""
    return Response(status=303, headers={"Location": url})


# An empty field is told how to be filled, not that it is empty (the input's own message serves the API).
ABSENT = {
    "name": "Indiquez votre nom.",
    "email": "Indiquez votre e-mail, par exemple nom@exemple.be.",
    "businessName": "Indiquez le nom de votre établissement, comme vos clients le connaissent.",
    "street": "Indiquez la rue et le numéro, par exemple Rue Haute 12.",
    "postcode": "Indiquez le code postal, par exemple 1050.",
    "town": "Indiquez la ville, par exemple Ixelles.",
    "phone": "Indiquez un numéro de téléphone complet, par exemple 0470 12 34 56.",
    "code": "Indiquez le code de l’e-mail de confirmation, par exemple AC-K7P2QX.",
}


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
        self.errors = {name: self._words(name, problems[name]) for name in named}
        if not named:
            self.general = text_of(next(iter(problems.values()))) if problems else ""

    def _words(self, name: str, problem: Problem) -> str:
        blank = not self.values[name].strip() and name in ABSENT
        return str(gettext(ABSENT[name])) if blank else text_of(problem)
