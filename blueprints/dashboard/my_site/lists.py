"""The lists of the site: specialisations, values, testimonials, questions, and a restaurant's card."""

import re
from typing import Any, Literal
from uuid import UUID

from flask import Response, flash, request, url_for
from flask_babel import gettext

from actions import drafting
from blueprints import context, members
from blueprints.dashboard.my_site.editor import (
    Kinds,
    Line,
    LongText,
    RequiredLine,
    RequiredText,
    bp,
    names_of,
    read_texts,
    shown,
    values_of,
    with_translations,
)
from blueprints.forms import Form, see_other
from blueprints.framing import shows_ours
from blueprints.guards import needs
from errors import Invalid, NotFound, Problem
from queries import my_site
from queries.my_site import LISTS

# The word of the address, and the list that it leads to.
WORDS = {
    "specialisations": "specializations", "valeurs": "values", "temoignages": "testimonials", "questions": "questions",
    "carte": "menu",
}  # fmt: skip
ADDRESS = f"/<any({', '.join(WORDS)}):word>"
KINDS: dict[str, Kinds] = {
    "specializations": {"name": RequiredLine},
    "values": {"title": RequiredLine, "text": LongText},
    "testimonials": {"author": RequiredLine, "text": RequiredText},
    "questions": {"question": RequiredLine, "answer": RequiredText},
    "menu": {"section": RequiredLine, "name": RequiredLine, "description": LongText, "price": Line},
}  # fmt: skip
PRICE = re.compile(r"(\d{1,5})(?:[.,](\d{1,2}))?", re.ASCII)
NO_PRICE = "Indiquez un prix, par exemple 12,50, ou laissez vide."


@bp.get(ADDRESS)
@needs("site.read")
@shows_ours
def items(word: str) -> Response:
    return _page(word, Form())


@bp.post(ADDRESS)
@needs("site.write")
@shows_ours
def add_item(word: str) -> Response:
    return _put(word, None, {})


@bp.get(f"{ADDRESS}/<uuid:item_id>")
@needs("site.read")
@shows_ours
def item(word: str, item_id: UUID) -> Response:
    kind = WORDS[word]
    card = _card(kind, item_id)
    begun = values_of(card, LISTS[kind].names, LISTS[kind].translated)
    if kind == "menu":
        begun["price"] = "" if card.price_cents is None else f"{card.price_cents / 100:.2f}".replace(".", ",")
    return _item_page(word, card, Form(begun))


@bp.post(f"{ADDRESS}/<uuid:item_id>")
@needs("site.write")
@shows_ours
def change_item(word: str, item_id: UUID) -> Response:
    return _put(word, item_id, _card(WORDS[word], item_id).translations)


@bp.post(f"{ADDRESS}/<uuid:item_id>/deplacer")
@needs("site.write")
def move_item(word: str, item_id: UUID) -> Response:
    step: Literal[-1, 1] = -1 if request.form.get("vers") == "haut" else 1
    drafting.move_item(context.business(), members.actor(), WORDS[word], item_id, step, now=context.now())
    return _back(word)


@bp.post(f"{ADDRESS}/<uuid:item_id>/retirer")
@needs("site.write")
def remove_item(word: str, item_id: UUID) -> Response:
    drafting.remove_item(context.business(), members.actor(), WORDS[word], item_id, now=context.now())
    undo = {"href": url_for("my_site.restore_item", word=word, item_id=item_id), "fields": {}}
    flash({"text": gettext("Retiré du brouillon."), "undo": undo})  # type: ignore[arg-type]  # the toast reads it
    return _back(word)


@bp.post(f"{ADDRESS}/<uuid:item_id>/retablir")
@needs("site.write")
def restore_item(word: str, item_id: UUID) -> Response:
    drafting.restore_item(context.business(), members.actor(), WORDS[word], item_id, now=context.now())
    flash(gettext("Rétabli."))
    return _back(word)


def _put(word: str, key: UUID | None, before: Any) -> Response:
    kind = WORDS[word]
    kinds, translated = KINDS[kind], LISTS[kind].translated
    form = Form.typed(*names_of(kinds, translated))
    try:
        values = _values(form, kinds, translated, before)
        drafting.put_item(context.business(), members.actor(), kind, key, values, now=context.now())
    except Invalid as error:
        if not form.is_wrong:
            form.general = str(gettext(error.message))
        return _page(word, form) if key is None else _item_page(word, _card(kind, key), form)
    flash(gettext("Enregistré dans le brouillon."))
    return _back(word)


def _values(form: Form, kinds: Kinds, translated: tuple[str, ...], before: Any) -> dict[str, Any]:
    texts, said = read_texts(form, kinds, translated)
    values: dict[str, Any] = texts | {"translations": with_translations(before, said)}
    if "price" in values:
        values["price_cents"] = _cents(form, values.pop("price"))
    return values


def _cents(form: Form, typed: str) -> int | None:
    """Raises Invalid."""
    found = PRICE.fullmatch(typed.removesuffix("€").strip())
    if typed and not found:
        problems = {"price": Problem("INVALID_PRICE", NO_PRICE)}
        form.refuse(problems)
        raise Invalid(problems)
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else None


def _card(kind: str, key: UUID) -> Any:
    cards = getattr(my_site.own_site(context.business()).content, kind)
    card = next((each for each in cards if each.id == key), None)
    if card is None:
        raise NotFound
    return card


def _page(word: str, form: Form) -> Response:
    return shown("dashboard/site_list.html", WORDS[word], form, word=word)


def _item_page(word: str, card: Any, form: Form) -> Response:
    return shown("dashboard/site_item.html", WORDS[word], form, word=word, card=card)


def _back(word: str) -> Response:
    return see_other(url_for("my_site.items", word=word))
