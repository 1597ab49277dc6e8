"""The texts at the head of the page and below “À propos”, and what search engines show, in every language."""

from collections.abc import Iterable

from flask import Response, flash, request, url_for
from flask_babel import gettext

from actions import drafting
from actions.inputs import Input
from blueprints import context, members
from blueprints.dashboard.my_site.editor import (
    Line,
    LongText,
    bp,
    names_of,
    read_texts,
    shown,
    values_of,
)
from blueprints.forms import Form, see_other
from blueprints.framing import shows_ours
from blueprints.guards import needs
from errors import Invalid
from queries import my_site

TEXTS: dict[str, type[Input]] = {"headline": Line, "lead": Line, "bio": LongText}
SEO: dict[str, type[Input]] = {"seo_title": Line, "seo_description": Line}


@bp.get("/textes")
@needs("site.read")
@shows_ours
def texts() -> Response:
    return shown("dashboard/site_texts.html", "texts", _begun(TEXTS))


@bp.post("/textes")
@needs("site.write")
@shows_ours
def change_texts() -> Response:
    return _change(TEXTS, "dashboard/site_texts.html", "texts", "my_site.texts")


@bp.get("/recherche")
@needs("site.read")
@shows_ours
def seo() -> Response:
    return shown("dashboard/site_seo.html", "seo", _begun(SEO))


@bp.post("/recherche")
@needs("site.write")
@shows_ours
def change_seo() -> Response:
    return _change(SEO, "dashboard/site_seo.html", "seo", "my_site.seo")


def _begun(names: Iterable[str]) -> Form:
    return Form(values_of(my_site.own_site(context.business()).business, names, names))


def _change(kinds: dict[str, type[Input]], template: str, piece: str, after: str) -> Response:
    form = Form.typed(*names_of(kinds, kinds))
    try:
        said, translations = read_texts(form, kinds, kinds)
    except Invalid:
        return shown(template, piece, form)
    drafting.change_texts(context.business(), members.actor(), said, translations, now=context.now())
    if request.headers.get("HX-Request") != "true":  # typed, and kept as it is typed
        flash(gettext("Enregistré dans le brouillon."))
    return see_other(url_for(after, largeur=request.args.get("largeur")))
