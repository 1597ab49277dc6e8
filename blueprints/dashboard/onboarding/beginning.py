"""Steps 1 and 2: a profession, a name, an e-mail; then there is a business."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

import sectors
from actions import accounts
from actions.accounts import SignUpInput
from actions.business import wanted_slug
from actions.inputs import refuse
from actions.onboarding import AnotherInput, open_another
from blueprints import context, signed_in
from blueprints.answers import page, text_of
from blueprints.dashboard.onboarding import names
from blueprints.forms import Form, see_other
from blueprints.guards import form, public
from blueprints.guards import signed_in as any_user
from blueprints.members import kept_private
from errors import Invalid
from queries import onboarding
from queries.business import by_id
from sectors import Sector

start = Blueprint("start", __name__, url_prefix="/demarrer")
start.after_request(kept_private)

FIELDS = ("businessName", "name", "email", "slug")


@start.get("")
@public("read")
def sector() -> Response:
    """`?metier=` chooses at once: the landing's one field."""
    if chosen := _sector():
        return see_other(url_for("start.you", metier=chosen.id))
    return page("onboarding/sector.html", sectors=sectors.every(), **_progress(1))


@start.get("/2")
@public("read")
def you() -> Response:
    chosen = _sector()
    if chosen is None:
        return see_other(url_for("start.sector"))
    return _you(chosen, Form({name: request.args.get(name, "") for name in FIELDS}))


@start.post("/2")
@public("signup")
@form
def sign_up() -> Response:
    chosen = _sector()
    if chosen is None:
        return see_other(url_for("start.sector"))
    typed = Form({"sector": chosen.id, **Form.typed(*FIELDS).values})
    try:
        business_id = _another(typed) if signed_in.current() else _first(typed)
    except Invalid as error:
        typed.refuse(error.problems)
        return _you(chosen, typed, status=422)
    return see_other(url_for("onboarding.step", slug=by_id(business_id).slug, step=3))


@start.get("/adresse")
@public("read")
def address() -> Response:
    """The field of the address: proposed from the name while nobody has typed another one, and checked."""
    chosen = _sector()
    if chosen is None and request.headers.get("HX-Request") != "true":  # the page around the field tells of the sector
        return see_other(url_for("start.sector"))
    name, slug = request.args.get("businessName", ""), request.args.get("slug", "").strip().lower()
    if not slug or slug == request.args.get("proposed", ""):
        slug = proposed = onboarding.free_slug(name) if name.strip() else ""
    else:
        proposed = request.args.get("proposed", "")
    part = "onboarding/_address_state.html" if request.args.get("part") == "state" else "onboarding/_address.html"
    return page("onboarding/you.html", part=part, **_you_values(chosen, Form({"slug": slug}), proposed))


@start.get("/<int:step>")
@any_user
def resume(step: int) -> Response:
    """From any device: on with the business that is not finished."""
    found = signed_in.current()
    assert found is not None
    business = onboarding.unfinished(found.user_id)
    if business is None:
        return see_other(url_for("accounts.workplaces"))
    wanted = step if 3 <= step <= names.LAST else onboarding.left(business)[0]
    return see_other(url_for("onboarding.step", slug=business.slug, step=wanted))


def _first(typed: Form) -> UUID:
    """Raises Invalid. The session begins at once."""
    data = typed.read(SignUpInput)
    made = accounts.sign_up(data, now=context.now(), locale=context.language(), **context.mailing())
    signed_in.begin(made.user_id)
    return made.business_id


def _another(typed: Form) -> UUID:
    """Raises Invalid. Who is signed in is known already."""
    found, data = signed_in.current(), typed.read(AnotherInput)
    assert found is not None
    return open_another(found.user_id, data, name=found.name, email=found.email, now=context.now(), locale=found.locale)


def _sector() -> Sector | None:
    return sectors.named(request.values.get("metier", ""))


def _you(chosen: Sector, typed: Form, *, status: int = 200) -> Response:
    return page("onboarding/you.html", status=status, **_you_values(chosen, typed, ""))


def _you_values(chosen: Sector | None, typed: Form, proposed: str) -> dict[str, Any]:
    slug = typed.values.get("slug", "")
    trouble = _trouble(slug) if slug else ""
    host = context.settings().base_url.partition("://")[2]
    return {
        "chosen": chosen, "form": typed, "host": host, "proposed": proposed, "free": bool(slug) and not trouble,
        "trouble": trouble, "known": signed_in.current(), **_progress(2),
    }  # fmt: skip


def _trouble(slug: str) -> str:
    try:
        wanted = wanted_slug(slug)
        if not onboarding.is_free(wanted):
            raise refuse("slug", "slug_taken")
    except Invalid as error:
        return text_of(error)
    return ""


def _progress(step: int) -> dict[str, Any]:
    left = range(step, names.LAST + 1)
    return {
        "step": step,
        "title": names.question(step),
        "done": list(range(1, step)),
        "minutes_left": names.minutes_left(left),
    }
