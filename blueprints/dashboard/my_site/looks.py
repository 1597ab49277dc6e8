"""How the page looks: its colour, the drawing behind it, its sections and their order."""

from flask import Response, flash, request, url_for
from flask_babel import gettext

import sectors
from actions import drafting
from blueprints import context, members
from blueprints.dashboard.my_site.editor import bp, shown
from blueprints.display import said
from blueprints.forms import see_other
from blueprints.framing import shows_ours
from blueprints.guards import needs
from errors import NotFound
from sectors import ACCENTS


@bp.get("/apparence")
@needs("site.read")
@shows_ours
def look() -> Response:
    return shown("dashboard/site_look.html", "look", accents=accent_names(), sectors=sectors.every())


@bp.post("/apparence")
@needs("site.write")
def change_look() -> Response:
    accent, motif = request.form.get("accent", ""), request.form.get("motif", "")
    if accent not in ACCENTS or (motif and motif not in sectors.ids()):
        raise NotFound
    own = "" if motif == context.business().sector else motif
    drafting.change_fields(context.business(), members.actor(), {"accent": accent, "motif": own}, now=context.now())
    flash(gettext("Enregistré dans le brouillon."))
    return see_other(url_for("my_site.look"))


@bp.get("/sections")
@needs("site.read")
@shows_ours
def sections() -> Response:
    return shown("dashboard/site_sections.html", "sections", names=section_names())


@bp.post("/sections")
@needs("site.write")
def change_section() -> Response:
    """`vers` moves the section, `montrer` shows or hides it."""
    key, to, on = request.form.get("section", ""), request.form.get("vers"), request.form.get("montrer")
    drafting.change_section(
        context.business(), members.actor(), key, now=context.now(), on=None if on is None else on == "oui",
        step=-1 if to == "haut" else 1 if to == "bas" else 0,
    )  # fmt: skip
    return see_other(url_for("my_site.sections"))


def accent_names() -> dict[str, str]:
    return {
        "petrole": gettext("Pétrole"), "foret": gettext("Forêt"), "olive": gettext("Olive"), "ocre": gettext("Ocre"),
        "terre": gettext("Terre"), "brique": gettext("Brique"), "rose": gettext("Rose"), "prune": gettext("Prune"),
        "lilas": gettext("Lilas"), "nuit": gettext("Nuit"), "marine": gettext("Marine"), "ardoise": gettext("Ardoise"),
    }  # fmt: skip


def section_names() -> dict[str, str]:
    words = context.content().sector.vocabulary
    return {
        "services": gettext("La carte") if context.content().menu else said(words.services),
        "practice": gettext("À propos"), "team": said(words.team), "infos": gettext("Horaires et accès"),
        "specializations": said(words.specializations), "values": gettext("Valeurs"),
        "testimonials": gettext("Témoignages"), "questions": gettext("Questions fréquentes"),
    }  # fmt: skip
