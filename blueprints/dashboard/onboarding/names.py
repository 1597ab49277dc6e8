"""What the steps are called, and how long they take."""

from collections.abc import Iterable

from flask_babel import gettext

from sectors import Sector

SECONDS = {1: 10, 2: 40, 3: 40, 4: 60, 5: 60, 6: 40, 7: 40, 8: 30, 9: 20, 10: 60}
LAST = 10


def step_name(step: int, sector: Sector | None = None) -> str:
    tables = sector is not None and sector.books_tables
    names = {
        1: gettext("Votre métier"), 2: gettext("Vous"), 3: gettext("Où vous recevez"), 4: gettext("Prestations"),
        5: gettext("Horaires"), 6: gettext("Règles"), 7: gettext("Tables") if tables else gettext("Équipe"),
        8: gettext("Agendas"), 9: gettext("Rappels"), 10: gettext("Style et publication"),
    }  # fmt: skip
    return str(names[step])


def question(step: int, sector: Sector | None = None) -> str:
    """The heading of the step's page."""
    tables = sector is not None and sector.books_tables
    asked = {
        1: gettext("Quel est votre métier ?"), 2: gettext("Qui êtes-vous ?"), 3: gettext("Où recevez-vous ?"),
        4: gettext("Que proposez-vous ?"), 5: gettext("Quand recevez-vous ?"), 6: gettext("Quelles sont vos règles ?"),
        7: gettext("Quelles tables avez-vous ?") if tables else gettext("Qui travaille avec vous ?"),
        8: gettext("Où vit votre agenda aujourd’hui ?"), 9: gettext("Que reçoit votre client ?"),
        10: gettext("À quoi ressemble votre page ?"),
    }  # fmt: skip
    return str(asked[step])


def minutes_left(steps: Iterable[int]) -> int:
    """What these steps take together, at least one minute."""
    return max(1, -(-sum(SECONDS[step] for step in steps) // 60))
