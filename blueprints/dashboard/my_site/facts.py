"""What is so and no matter of taste: legal notices, the sites that may show the booking, on line or not. It acts at
once."""

from flask import Response, flash, request, url_for
from flask_babel import gettext

from actions import site
from blueprints import context, members
from blueprints.dashboard.my_site.editor import Line, bp, read_texts, shown
from blueprints.forms import Form, see_other
from blueprints.framing import shows_ours
from blueprints.guards import needs
from errors import Invalid
from lib import identity, qr
from lib.links import Links
from lib.numbers import DOUBTS
from queries import legal


@bp.get("/mentions")
@needs("site.read")
@shows_ours
def identity_facts() -> Response:
    business = context.business()
    return _facts_page(Form({key: business.identity.get(key, "") for key in _keys()}))


@bp.post("/mentions")
@needs("site.write")
@shows_ours
def change_identity() -> Response:
    form = Form.typed(*_keys())
    try:
        facts, _ = read_texts(form, dict.fromkeys(_keys(), Line), ())
        site.change_identity(context.business(), members.actor(), facts, now=context.now())
    except Invalid as error:
        form.refuse(error.problems)
        return _facts_page(form)
    flash(gettext("Mentions légales enregistrées : elles sont sur votre site."))
    for key, (test, message) in DOUBTS.items():
        if facts.get(key) and not test(facts[key]):
            flash(gettext(message))
    return see_other(url_for("my_site.identity_facts"))


@bp.get("/partager")
@needs("site.read")
@shows_ours
def sharing() -> Response:
    return _sharing_page(Form())


@bp.get("/qr.svg")
@needs("site.read")
def code() -> Response:
    """Also while the page is off line: what is printed is printed before it opens."""
    return Response(qr.svg(_address()), content_type="image/svg+xml")


@bp.post("/partager")
@needs("site.write")
@shows_ours
def allow_frames() -> Response:
    form = Form.typed("address")
    try:
        found = site.allow_frames(context.business(), members.actor(), form.values["address"], now=context.now())
    except Invalid as error:
        form.refuse(error.problems)
        return _sharing_page(form)
    flash(gettext("%(site)s peut maintenant afficher votre réservation.", site=found))
    return see_other(url_for("my_site.sharing"))


@bp.post("/partager/retirer")
@needs("site.write")
def forbid_frames() -> Response:
    address = request.form.get("address", "")
    site.forbid_frames(context.business(), members.actor(), address, now=context.now())
    undo = {"href": url_for("my_site.allow_frames"), "fields": {"address": address}}
    flash({"text": gettext("%(site)s ne peut plus afficher votre réservation.", site=address), "undo": undo})  # type: ignore[arg-type]  # the toast reads it
    return see_other(url_for("my_site.sharing"))


@bp.get("/en-ligne")
@needs("site.read")
def presence() -> Response:
    return shown("dashboard/site_presence.html", "presence")


@bp.post("/en-ligne")
@needs("site.write")
def put_online() -> Response:
    site.put_online(context.business(), members.actor(), now=context.now())
    flash(gettext("Votre page est en ligne."))
    return see_other(url_for("my_site.show"))


@bp.post("/hors-ligne")
@needs("site.write")
def take_offline() -> Response:
    site.take_offline(context.business(), members.actor(), now=context.now())
    undo = {"href": url_for("my_site.put_online"), "fields": {}}
    flash({"text": gettext("Votre page est hors ligne. Les rendez-vous pris tiennent toujours."), "undo": undo})  # type: ignore[arg-type]  # the toast reads it
    return see_other(url_for("my_site.show"))


def _keys() -> tuple[str, ...]:
    """What the law may ask of this profession in this country, and what the business says already."""
    business = context.business()
    return tuple(each for each in identity.KEYS if each in _wanted() or business.identity.get(each))


def _wanted() -> set[str]:
    return identity.asked(context.business().country, context.business().sector)


def _facts_page(form: Form) -> Response:
    labels = {key: gettext(label) for key, label in identity.MESSAGES.items()}
    missing = {each.key: each for each in legal.missing(context.business())}
    return shown(
        "dashboard/site_identity.html", "identity", form, keys=_keys(), labels_said=labels, missing=missing,
    )  # fmt: skip


def _sharing_page(form: Form) -> Response:
    base = context.settings().base_url
    return shown("dashboard/site_sharing.html", "sharing", form, address=_address(), base=base)


def _address() -> str:
    business, links = context.business(), Links(context.settings().base_url, context.signer())
    return links.page(business.slug, business.domain, f"/{business.slug}").rstrip("/")
