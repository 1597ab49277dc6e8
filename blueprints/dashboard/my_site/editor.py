"""What all pages of the editor share: the draft, the page beside it, texts in several languages."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, request
from flask_babel import gettext

from actions.inputs import Input, Name, OptionalLine, OptionalText, Text, read
from blueprints import context
from blueprints.answers import page
from blueprints.display import said
from blueprints.forms import Form
from blueprints.members import of_members
from errors import Invalid, Problem
from lib.languages import LANGUAGES, NAMES, Translations
from queries import my_site

bp = of_members("my_site", __name__, "/site")


class RequiredLine(Input):
    text: Name


class RequiredText(Input):
    text: Text


class Line(Input):
    text: OptionalLine


class LongText(Input):
    text: OptionalText


Kinds = Mapping[str, type[Input]]
IN_TRANSLATION: dict[type[Input], type[Input]] = {RequiredLine: Line, RequiredText: LongText}
ALONE = {  # what is edited alone is seen alone: far down on the page nobody would find it
    "specializations": "specializations", "values": "values", "testimonials": "testimonials", "questions": "questions",
    "menu": "services",
}  # fmt: skip


def shown(template: str, piece: str, form: Form | None = None, **values: Any) -> Response:
    """A page of the editor about one piece of the site; 422 when its form is wrong."""
    own = my_site.own_site(context.business())
    status = values.pop("status", 422 if form and form.is_wrong else 200)
    return page(
        template, status=status, own=own, piece=piece, form=form or Form(), part_names=part_names(),
        is_wide=request.args.get("largeur") == "ordinateur", only=ALONE.get(piece, ""),
        tongues_to_fill=other_languages(), language_names=NAMES, told=told, **values,
    )  # fmt: skip


def other_languages() -> tuple[str, ...]:
    return tuple(each for each in LANGUAGES if each != context.business().locale)


def told(labels: Mapping[str, str]) -> dict[str, str]:
    """The names of fields as a list of errors says them, those of translations with their language."""
    translated = {
        in_language(name, language): f"{label} ({NAMES[language]})"
        for name, label in labels.items() for language in other_languages()
    }  # fmt: skip
    return {**labels, **translated}


def part_names() -> dict[str, str]:
    """As they are listed on the overview and beside “Publier”."""
    return {
        "texts": gettext("Textes"), "pictures": gettext("Logo et photos"),
        "specializations": said(context.content().sector.vocabulary.specializations), "values": gettext("Valeurs"),
        "testimonials": gettext("Témoignages"), "questions": gettext("Questions fréquentes"),
        "menu": gettext("Carte"), "seo": gettext("Moteurs de recherche"), "look": gettext("Couleur et dessin"),
        "sections": gettext("Sections et ordre"),
    }  # fmt: skip


def in_language(name: str, language: str) -> str:
    """The name of a field that holds a translation."""
    return f"{name}-{language}"


def names_of(kinds: Iterable[str], translated: Iterable[str]) -> list[str]:
    return [*kinds, *(in_language(name, language) for name in translated for language in other_languages())]


def values_of(card: Any, names: Iterable[str], translated: Iterable[str]) -> dict[str, str]:
    """What a form about this card begins with."""
    said = {
        in_language(name, language): card.translations.get(language, {}).get(name, "")
        for name in translated for language in other_languages()
    }  # fmt: skip
    return {name: str(getattr(card, name) or "") for name in names} | said


def read_texts(form: Form, kinds: Kinds, translated: Iterable[str]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Texts by name, and their translations by language, empty ones too. Raises Invalid, after noting what is wrong."""
    problems: dict[str, Problem] = {}

    def one(key: str, kind: type[Input]) -> str:
        try:
            return str(getattr(read(kind, {"text": form.values.get(key, "")}), "text"))  # noqa: B009 - by every kind
        except Invalid as error:
            problems[key] = error.problems["text"]
            return ""

    texts = {name: one(name, kind) for name, kind in kinds.items()}
    told = {name: IN_TRANSLATION.get(kinds[name], kinds[name]) for name in translated}
    said = {
        language: {name: one(in_language(name, language), kind) for name, kind in told.items()}
        for language in other_languages()
    }
    if problems:
        form.refuse(problems)
        raise Invalid(problems)
    return texts, said


def with_translations(before: Translations, said: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """A card's translations after a form: an empty text takes one away."""
    told = {language: dict(texts) for language, texts in before.items()}
    for language, texts in said.items():
        told[language] = {**told.get(language, {}), **texts}
    kept = {language: {name: text for name, text in texts.items() if text} for language, texts in told.items()}
    return {language: texts for language, texts in kept.items() if texts}
