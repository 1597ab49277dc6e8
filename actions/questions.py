"""What a business asks of its clients, as its people write it: texts in one language at least, kept in the shape of
`sectors.FormField`, which the pages of the clients read.

A question that was asked once is never thrown away: it is archived, so that what was answered keeps its words.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from actions.inputs import Input, refuse
from lib.languages import LANGUAGES
from lib.search import fold
from sectors import FormField, Said

MOST_QUESTIONS = 20
MOST_OPTIONS = 20
MOST_REQUIRED = 8
LABEL_LENGTH = 200
KEY_LENGTH = 40

Kind = Literal["text", "textarea", "select", "radio", "boolean", "number", "date"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LABEL_LENGTH)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
OptionKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]


OWN = "own"  # the language of the business itself


def _by_language(text: Any) -> Any:
    return {OWN: text} if isinstance(text, str) else text


def _some_words(texts: dict[str, str]) -> dict[str, str]:
    if not any(texts.values()):
        raise PydanticCustomError("missing", "refused")
    return texts


# A text in the business's own language, or by language; what is missing is said in the words there are.
AnyWords = Annotated[
    dict[Literal["own", "fr", "nl", "en", "de"], Words],
    BeforeValidator(_by_language),
    WithJsonSchema({
        "anyOf": [
            {"type": "string", "maxLength": LABEL_LENGTH, "description": "in the business's own language"},
            {"type": "object", "properties": {each: {"type": "string"} for each in LANGUAGES}},
        ]
    }),
]  # fmt: skip
Label = Annotated[AnyWords, AfterValidator(_some_words)]


class OptionInput(Input):
    value: OptionKey | None = None
    label: Label
    archived: bool = False


class QuestionInput(Input):
    """One question (S1 `formFields`). Without `key` it gets one made from its label; a known key keeps its answers."""

    key: Key | None = None
    type: Kind
    label: Label
    help: AnyWords | None = None
    required: bool = False
    options: Annotated[list[OptionInput], Field(max_length=MOST_OPTIONS)] = []
    max_length: Annotated[int, Field(alias="maxLength", ge=1, le=2_000)] = 300
    min: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)] | None = None
    max: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)] | None = None
    archived: bool = False

    @model_validator(mode="after")
    def _choices_have_options(self) -> Self:
        if self.type in ("select", "radio") and all(each.archived for each in self.options):
            raise PydanticCustomError("no_options", "refused")
        values = [each.value for each in self.options if each.value]
        if len(set(values)) < len(values):
            raise PydanticCustomError("same_key", "refused")
        return self


Questions = Annotated[list[QuestionInput], Field(max_length=MOST_QUESTIONS)]


def shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as they are kept in the JSON names of `QuestionInput`, archived ones too: read again they give the same."""
    return [{("maxLength" if name == "max_length" else name): value for name, value in row.items()} for row in rows]


def stored(questions: list[QuestionInput], before: list[dict[str, Any]], *, language: str) -> list[dict[str, Any]]:
    """The rows to keep, `before` being those kept until now: of these, the ones no longer named are archived. Raises
    Invalid: two questions with the same key, too many answers demanded."""
    fields = _keyed(questions, language)
    if sum(field.required and not field.archived for field in fields) > MOST_REQUIRED:
        raise refuse("formFields", "too_many_required")
    named = {field.key for field in fields}
    kept = {row["key"]: row for row in before}
    rows = [_with_old_options(field.model_dump(mode="json", exclude_defaults=True), kept) for field in fields]
    return rows + [row | {"archived": True} for key, row in kept.items() if key not in named]


def key_of(label: str, taken: set[str], *, form: str = "question") -> str:
    """`Motif de la visite ?` as `motif_de_la_visite`; numbered where that is taken."""
    plain = "".join(char if char.isascii() and char.isalnum() else " " for char in fold(label))
    first = "_".join(plain.split())[:KEY_LENGTH].strip("_")
    if not first or (form == "question" and not first[0].isalpha()):
        first = f"{form}_{first}"[:KEY_LENGTH].strip("_")
    number, key = 2, first
    while key in taken:
        key, number = f"{first[: KEY_LENGTH - 1 - len(str(number))]}_{number}", number + 1
    return key


def _keyed(questions: list[QuestionInput], language: str) -> tuple[FormField, ...]:
    taken = {each.key for each in questions if each.key}
    fields = []
    for each in questions:
        key = each.key or key_of(_own(each.label, language), taken)
        taken.add(key)
        fields.append(_field(each, key, language))
    if len({field.key for field in fields}) < len(fields):
        raise refuse("formFields", "same_key")
    return tuple(fields)


def _field(each: QuestionInput, key: str, language: str) -> FormField:
    choice = each.type in ("select", "radio")
    return FormField.model_validate({
        "key": key, "type": each.type, "label": _said(each.label, language), "required": each.required,
            "help": _said(each.help, language) if each.help and _own(each.help, language) else None,
            "options": _options(each.options, language) if choice else (), "max_length": each.max_length,
            "min": each.min, "max": each.max, "archived": each.archived,
    })  # fmt: skip


def _options(options: list[OptionInput], language: str) -> list[dict[str, Any]]:
    taken, rows = {each.value for each in options if each.value}, []
    for each in options:
        value = each.value or key_of(_own(each.label, language), taken, form="choix")
        taken.add(value)
        rows.append({"value": value, "label": _said(each.label, language), "archived": each.archived})
    return rows


def _said(texts: dict[Any, str], language: str) -> Said:
    """In every language: the own words stand where a translation is missing."""
    own = _own(texts, language)
    return Said(**{each: texts.get(each) or own for each in LANGUAGES})


def _own(texts: dict[Any, str], language: str) -> str:
    return texts.get(OWN) or texts.get(language) or next(filter(None, texts.values()), "")


def _with_old_options(row: dict[str, Any], kept: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Options that were offered until now and are no more go on meaning what they meant."""
    old = kept.get(row["key"], {}).get("options", [])
    if row["type"] not in ("select", "radio") or not old:
        return row
    named = {option["value"] for option in row["options"]}
    return row | {"options": row["options"] + [each | {"archived": True} for each in old if each["value"] not in named]}
