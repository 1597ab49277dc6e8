"""Numbers, amounts and rates between the pages, where they are typed, and JSON, where they have a type. What is no
number stays text, so that the input class refuses it and the page shows it again."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from flask_babel import gettext

from actions.inputs import Input, read
from blueprints.answers import text_of
from blueprints.forms import Form
from errors import Invalid, Problem
from lib import prices
from lib.money import BASIS

InputT = TypeVar("InputT", bound=Input)
# Of what is typed as a number in a unit, the way to type it; the input's own message speaks of JSON.
MESSAGES = {
    "name": "Donnez un nom, celui que liront vos clients.",
    "durationMinutes": "Indiquez une durée en minutes, par exemple 30.",
    "basePriceCents": "Indiquez un prix en euros, par exemple 35 ou 35,50.",
    "depositRate": "Indiquez un pourcentage de 0 à 100.",
    "partialRefundRate": "Indiquez un pourcentage de 0 à 100.",
    "label": "Écrivez la question, telle que la lira votre client.",
    "options": "Écrivez un choix par ligne, un au moins.",
    "slug": "Indiquez une adresse en minuscules, chiffres et traits d’union, par exemple cabinet-delvaux.",
}
READ: dict[str, Callable[[str], Any]] = {}  # filled below

WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
DECIMAL = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,2})?", re.ASCII)


class Typed(Form):
    """A form whose values are not all text: what JSON says of them is given beside."""

    def take(self, kind: type[InputT], body: dict[str, Any]) -> InputT:
        """Raises Invalid."""
        return read(kind, body)

    def note(self, error: Invalid) -> None:
        """Each problem beside the input that it names, or the one that holds it."""
        self.refuse({self._input_of(name): problem for name, problem in error.problems.items()})

    def _words(self, name: str, problem: Problem) -> str:
        last, text = name.rpartition(".")[2], self.values[name]
        unread = last in READ and isinstance(READ[last](text), str)
        return str(gettext(MESSAGES[last])) if last in MESSAGES and (unread or not text.strip()) else text_of(problem)

    def _input_of(self, name: str) -> str:
        """Itself, or the first of its parts, or what it is a part of."""
        part = next((each for each in self.values if each.startswith(f"{name}.")), "")
        while name and name not in self.values and not part:
            name = name.rpartition(".")[0]
        return name if name in self.values else part


def number(text: str) -> Any:
    plain = "".join(text.split())
    return int(plain) if WHOLE.fullmatch(plain) else text.strip()


def cents(text: str) -> Any:
    """`35,50` is 3550."""
    found = prices.cents(text)
    return text if found is None else found


def rate(text: str) -> Any:
    """Typed in percent: `30` is 0.3. Blank is nothing."""
    plain = "".join(text.split()).removesuffix("%")
    if not plain:
        return 0.0
    percent = Decimal(plain.replace(",", ".")) if DECIMAL.fullmatch(plain) else Decimal(101)
    return float(percent / 100) if percent <= 100 else text


def euros(amount: int) -> str:
    """3550 as `35,50`, 3500 as `35`."""
    whole, rest = divmod(amount, 100)
    return f"{whole},{rest:02}" if rest else str(whole)


def percent(basis_points: int) -> str:
    """3000 as `30`, 1250 as `12,5`."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole},{rest:02}".rstrip("0") if rest else str(whole)


def policy(values: Mapping[str, str], name: str) -> dict[str, Any]:
    """The cancellation policy of the inputs `name.…`."""
    return {
        "fullRefundHours": number(values[f"{name}.fullRefundHours"]),
        "partialRefundHours": number(values[f"{name}.partialRefundHours"]),
        "partialRefundRate": rate(values[f"{name}.partialRefundRate"]),
    }


def policy_values(shown: Mapping[str, Any], name: str) -> dict[str, str]:
    """The same, from JSON to the inputs."""
    return {
        f"{name}.fullRefundHours": str(shown["fullRefundHours"]),
        f"{name}.partialRefundHours": str(shown["partialRefundHours"]),
        f"{name}.partialRefundRate": percent(round(shown["partialRefundRate"] * BASIS)),
    }


READ |= {"durationMinutes": number, "basePriceCents": cents, "depositRate": rate, "partialRefundRate": rate}
