"""What people type, read once for forms, JSON and phone: trimmed, normalised, with its limits and its errors.

An input class is a pydantic model beside its action; `read` turns what pydantic finds into `errors.Invalid`.
"""

import datetime as dt
import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, TypeVar, get_args
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from errors import Invalid, Problem
from lib import codes, mail_address
from lib.text import ControlCharacter, clean

NAME_LENGTH = 120
PHONE_LENGTH = 32
MESSAGE_LENGTH = 2_000
LINE_LENGTH = 300
TEXT_LENGTH = 4_000
KEY_LENGTH = 255

DATE_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
TIME_FORM = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
SLUG_FORM = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)

# gettext msgids by pydantic error type; the French text is the source language
MESSAGES = {
    "missing": "Ce champ est obligatoire.",
    "unanswered": "Répondez à cette question.",
    "string_too_long": "Ce texte est trop long (%(max_length)s caractères au plus).",
    "too_long": "Ce texte est trop long (%(max_length)s caractères au plus).",
    "string_type": "Ce champ attend du texte.",
    "bool_type": "Ce champ attend vrai ou faux.",
    "int_type": "Ce champ attend un nombre entier.",
    "list_type": "Ce champ attend une liste.",
    "model_type": "Ce champ attend un objet.",
    "dict_type": "Ce champ attend un objet.",
    "greater_than_equal": "Indiquez %(ge)s ou plus.",
    "less_than_equal": "Indiquez %(le)s au plus.",
    "control": "Ce texte contient un caractère qui ne peut pas être enregistré.",
    "date": "Indiquez une date au format AAAA-MM-JJ.",
    "time": "Indiquez une heure au format HH:MM, de 00:00 à 23:59.",
    "email": "Indiquez votre e-mail, par exemple nom@exemple.be.",
    "phone": "Indiquez un numéro de téléphone complet, par exemple 0470 12 34 56.",
    "code": "Indiquez le code au format AC-AB12CD.",
    "slug": "Cette valeur n’est pas connue.",
    "slug_form": "Indiquez une adresse en minuscules, chiffres et traits d’union, par exemple cabinet-delvaux.",
    "slug_taken": "Cette adresse est déjà prise. Choisissez-en une autre.",
    "rate": "Indiquez un taux de 0 à 1.",
    "zone": "Choisissez un fuseau horaire de la liste.",
    "hours_order": "Le remboursement entier s’arrête au plus tard quand commence le partiel.",
    "no_options": "Ajoutez au moins un choix.",
    "same_key": "Deux questions ou deux choix ont la même clé.",
    "too_many_required": "Rendez moins de réponses obligatoires : huit au plus.",
    "nobody": "Choisissez au moins une personne ou un lieu.",
    "choice": "Choisissez une des valeurs proposées.",
    "price": "Indiquez un prix, par exemple 30 ou 38,50.",
    "postcode_BE": "Indiquez un code postal de 4 chiffres, par exemple 1050.",
    "postcode_FR": "Indiquez un code postal de 5 chiffres, par exemple 75011.",
    "nothing_offered": "Gardez au moins une prestation : sans elle, rien ne se réserve.",
    "nothing_open": "Ouvrez au moins un jour : sans lui, rien ne se réserve.",
    "no_table": "Gardez au moins une table : sans elle, rien ne se réserve.",
    "table_booked": "Cette table a des réservations à venir. Gardez-la, ou retirez-la depuis la page Équipe.",
    "pause_half": "Indiquez le début et la fin de la pause, ou laissez les deux vides.",
    "pause_outside": "La pause tombe en dehors des heures d’ouverture. Placez-la entre le début et la fin.",
    "break_part": "Indiquez le jour, le début et la fin, ou laissez les trois vides.",
    "before_start": "La fin vient avant le début. Indiquez une fin plus tardive.",
    "too_far": "Indiquez une période de %(days)s jours au plus.",
    "days_booked": "Des rendez-vous sont pris pendant cette période. Déplacez-les d’abord depuis l’agenda.",
    "email_taken": "Cet e-mail est déjà celui de %(name)s.",
    "past": "Cette date est passée.",
    "past_time": "Cette heure est passée.",
    "end": "La fin doit venir après le début.",
    "too_long_block": "Un an au plus.",
    "repeated": "Ce paramètre est donné plusieurs fois.",
    "idempotency_key": "La clé d’idempotence compte de 1 à 255 caractères ASCII imprimables.",
}
OTHER = "Cette valeur n’est pas acceptée."


class Input(BaseModel):
    """Unknown keys are ignored; nothing is converted from another type: "1" is no number, 1 is no text."""

    model_config = ConfigDict(strict=True, extra="ignore", populate_by_name=True, str_strip_whitespace=False)


InputT = TypeVar("InputT", bound=Input)


def read(kind: type[InputT], data: Any) -> InputT:
    """Raises Invalid with one Problem per field; JSON names with dots (`customer.email`)."""
    try:
        return kind.model_validate(data)
    except ValidationError as found:
        problems: dict[str, Problem] = {}
        for error in found.errors(include_url=False, include_input=False):
            field = _path(error["loc"], names_of(kind))
            if not field:
                raise Invalid from None
            values = {key: value for key, value in error.get("ctx", {}).items() if isinstance(value, int | str)}
            problems.setdefault(field, problem(field, error["type"], **values))
        raise Invalid(problems) from None


def problem(field: str, kind: str, **values: Any) -> Problem:
    """`customer.email` gives INVALID_EMAIL, `newDate` INVALID_NEW_DATE, `resourceIds.2` INVALID_RESOURCE_IDS."""
    last = next(part for part in reversed(field.split(".")) if not part.isdigit())
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", last).upper()
    return Problem(f"INVALID_{name}", MESSAGES.get(kind, OTHER), **values)


def refuse(field: str, kind: str) -> Invalid:
    return Invalid({field: problem(field, kind)})


@cache
def names_of(kind: type[BaseModel]) -> tuple[str, ...]:
    """The JSON names of an input's fields and of those inside them, however they are wrapped: in lists, as optional."""
    names: dict[str, None] = {}
    for name, field in kind.model_fields.items():
        names[field.alias or name] = None
        for inner in _models_in(field.annotation):
            names |= dict.fromkeys(names_of(inner))
    return tuple(names)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for inside in get_args(annotation):
        yield from _models_in(inside)


def _path(loc: tuple[int | str, ...], names: tuple[str, ...]) -> str:
    """Up to the last field or place in a list: what pydantic adds about the branch it tried tells a caller nothing."""
    parts = list(loc)
    while parts and not isinstance(parts[-1], int) and parts[-1] not in names:
        parts.pop()
    return ".".join(str(part) for part in parts)


# --- kinds of text -----------------------------------------------------------------------------------------------


def _fault(kind: str) -> PydanticCustomError:
    return PydanticCustomError(kind, "refused")  # the text shown comes from MESSAGES


def cleaned(*, multiline: bool = False) -> Any:
    def before(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return clean(value, multiline=multiline) or None
        except ControlCharacter:
            raise _fault("control") from None

    return before


def _required(value: Any) -> Any:
    if value is None:
        raise _fault("missing")
    return value


def _or_empty(value: Any) -> Any:
    return "" if value is None else value


def _email(value: str) -> str:
    try:
        return mail_address.normalise(value)
    except mail_address.BadAddress:
        raise _fault("email") from None


def _date(value: Any) -> Any:
    if isinstance(value, str) and DATE_FORM.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise _fault("missing" if value is None or value == "" else "date")


def _time(value: Any) -> Any:
    if isinstance(value, str) and TIME_FORM.fullmatch(value):
        return value
    raise _fault("missing" if value is None or value == "" else "time")


def _code(value: Any) -> Any:
    if isinstance(value, str) and codes.is_code(value.strip()):
        return value.strip()
    raise _fault("missing" if value is None or value == "" else "code")


def _uuid(value: Any) -> Any:
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise _fault("slug") from None


Name = Annotated[str, Field(max_length=NAME_LENGTH), BeforeValidator(_required), BeforeValidator(cleaned())]
Email = Annotated[
    str, Field(max_length=mail_address.MAX_LENGTH, json_schema_extra={"examples": ["jean@example.com"]}),
    AfterValidator(_email), BeforeValidator(_required), BeforeValidator(cleaned()),
]  # fmt: skip
OptionalEmail = Annotated[
    Annotated[str, Field(max_length=mail_address.MAX_LENGTH), AfterValidator(_email)] | None,
    BeforeValidator(cleaned()),
]
# The length binds the text inside: on the union it would also measure None.
OptionalPhone = Annotated[
    Annotated[str, Field(max_length=PHONE_LENGTH)] | None, BeforeValidator(cleaned()),
    Field(json_schema_extra={"examples": ["+33612345678"]}),
]  # fmt: skip
OptionalMessage = Annotated[
    Annotated[str, Field(max_length=MESSAGE_LENGTH)] | None, BeforeValidator(cleaned(multiline=True))
]
Text = Annotated[
    str, Field(max_length=MESSAGE_LENGTH), BeforeValidator(_required), BeforeValidator(cleaned(multiline=True))
]
# Of a text that may be left out nothing is the empty text, as the columns have it.
OptionalLine = Annotated[
    str, Field(max_length=LINE_LENGTH), BeforeValidator(_or_empty), BeforeValidator(cleaned())
]  # fmt: skip
OptionalText = Annotated[
    str, Field(max_length=TEXT_LENGTH), BeforeValidator(_or_empty), BeforeValidator(cleaned(multiline=True))
]  # fmt: skip
Slug = Annotated[str, Field(max_length=63), BeforeValidator(_required), BeforeValidator(cleaned())]
OptionalName = Annotated[Annotated[str, Field(max_length=NAME_LENGTH)] | None, BeforeValidator(cleaned())]
OptionalSlug = Annotated[Annotated[str, Field(max_length=63)] | None, BeforeValidator(cleaned())]
Date = Annotated[
    dt.date, BeforeValidator(_date), Field(json_schema_extra={"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
]  # fmt: skip
Time = Annotated[
    str, BeforeValidator(_time),
    Field(json_schema_extra={"pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "examples": ["09:00"]}),
]  # fmt: skip
Id = Annotated[UUID, BeforeValidator(_uuid), Field(json_schema_extra={"type": "string", "format": "uuid"})]
Code = Annotated[str, BeforeValidator(_code), Field(json_schema_extra={"pattern": "^AC-[A-Z0-9]{6}$"})]
Fold = Annotated[int, Field(ge=0, le=1, description="1: the second of a time that exists twice (PEP 495)")]
Party = Annotated[int, Field(ge=1, le=100)]
