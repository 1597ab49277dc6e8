"""Who can be booked, who has an account, and where bookings go before someone leaves."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from flask import Response, flash, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict

from actions import members, pictures
from actions import team as acts
from actions.access import may
from actions.inputs import read
from blueprints import context
from blueprints.answers import page, text_of
from blueprints.forms import Form, see_other
from blueprints.guards import needs
from blueprints.members import actor, of_members
from errors import BooktError, Invalid, NotFound, Problem, StaleVersion
from models import ROLES
from queries import hours, team
from queries.offer import ResourceCard

bp = of_members("team", __name__, "/equipe")

KINDS = ("practitioner", "room", "bay", "table")
TONGUES = ("fr", "nl", "en", "de", "es", "it", "pt", "ar", "tr", "pl", "ro", "uk", "ru", "zh")
FIELDS = ("nom", "genre", "titre", "bio", "places", "places_min", "groupe")
NAMES = {
    "name": "nom", "kind": "genre", "title": "titre", "bio": "bio", "seats": "places", "minSeats": "places_min",
    "joinGroup": "groupe", "serviceIds": "prestations", "languages": "langues", "file": "photo",
}  # fmt: skip


@bp.get("")
@needs("team.read")
def show() -> Response:
    return _page()


@bp.get("/nouveau")
@needs("team.write")
def ask_new() -> Response:
    kind = request.args.get("genre", "practitioner")
    if kind not in KINDS:
        raise NotFound
    services = [each.slug for each in context.offer().services if each.active]
    return _form_page(None, Form(dict.fromkeys(FIELDS, "") | {"genre": kind, "places_min": "1"}), services, ["fr"])


@bp.post("/nouveau")
@needs("team.write")
def create() -> Response:
    form = Form.typed(*FIELDS)
    try:
        card = acts.create(context.business(), actor(), _typed(form), now=context.now())
    except Invalid as error:
        return _refused(None, form, error)
    flash(str(gettext("%(name)s rejoint l’équipe : à réserver dès maintenant.", name=card.name)))
    return see_other(url_for("team.edit", resource=card.slug))


@bp.get("/<resource>")
@needs("team.write")
def edit(resource: str) -> Response:
    card = _card(resource)
    return _form_page(card, _filled(card), _offered(card), list(card.languages))


@bp.post("/<resource>")
@needs("team.write")
def change(resource: str) -> Response:
    card, form = _card(resource), Form.typed(*FIELDS)
    try:
        acts.change(
            context.business(), actor(), resource, _typed(form), now=context.now(),
            expected=request.form.get("version") or None,
        )  # fmt: skip
    except Invalid as error:
        return _refused(card, form, error)
    except StaleVersion as error:
        form.general = text_of(error)
        return _form_page(card, form, request.form.getlist("prestations"), request.form.getlist("langues"), status=412)
    flash(str(gettext("Fiche enregistrée.")))
    return see_other(url_for("team.show"))


@bp.post("/<resource>/photo")
@needs("team.write")
def set_portrait(resource: str) -> Response:
    card, sent = _card(resource), request.files.get("photo")
    try:
        pictures.upload(
            context.business(), actor(), "portrait", sent.read() if sent else b"", now=context.now(),
            resource_slug=resource, alt=card.name,
        )  # fmt: skip
    except Invalid as error:
        form = _filled(card)
        form.errors = {"photo": text_of(error)}
        return _form_page(card, form, _offered(card), list(card.languages), status=422)
    flash(str(gettext("Photo enregistrée.")))
    return see_other(url_for("team.edit", resource=resource))


@bp.post("/<resource>/photo/retirer")
@needs("team.write")
def remove_portrait(resource: str) -> Response:
    pictures.remove(context.business(), actor(), "portrait", now=context.now(), resource_slug=_card(resource).slug)
    flash(str(gettext("Photo retirée.")))
    return see_other(url_for("team.edit", resource=resource))


@bp.post("/<resource>/ordre")
@needs("team.write")
def shift(resource: str) -> Response:
    direction: Literal["up", "down"] = "up" if request.form.get("sens") == "monter" else "down"
    acts.shift(context.business(), actor(), resource, direction, now=context.now())
    return see_other(url_for("team.show"))


# --- leaving and coming back -----------------------------------------------------------------------------------------


@bp.get("/<resource>/depart")
@needs("team.write")
def ask_to_leave(resource: str) -> Response:
    return _leave_page(_card(resource))


@bp.post("/<resource>/depart")
@needs("team.write")
def leave(resource: str) -> Response:
    """First the bookings, by what was chosen for each; once none is left, the leave itself."""
    card = _card(resource)
    done = acts.hand_over(context.business(), actor(), resource, _choices(card), now=context.now())
    _tell(done)
    try:
        acts.archive(context.business(), actor(), resource, now=context.now())
    except acts.StillBooked:
        return _leave_page(card, refused=done.refused, status=409)
    text = str(gettext("%(name)s ne peut plus être réservé.", name=card.name))
    undo = {"href": url_for("team.restore", resource=resource), "fields": {}}
    flash({"text": text, "undo": undo})  # type: ignore[arg-type]  # told by _toasts.html
    return see_other(url_for("team.show"))


@bp.post("/<resource>/retour")
@needs("team.write")
def restore(resource: str) -> Response:
    card = _card(resource)
    acts.restore(context.business(), actor(), resource, now=context.now())
    flash(str(gettext("%(name)s peut de nouveau être réservé.", name=card.name)))
    return see_other(url_for("team.show"))


# --- accounts --------------------------------------------------------------------------------------------------------


@bp.post("/acces")
@needs("members.write")
def invite() -> Response:
    form = Form.typed("email", "role", "agenda")
    try:
        data = read(members.InviteInput, {"email": form.values["email"], **_role_typed(form.values)})
        members.invite(context.business(), actor(), data, now=context.now(), **context.mailing())
    except Invalid as error:
        form.refuse(_named(error.problems))
        return _page(form, status=422)
    except BooktError as error:
        form.general = text_of(error)
        return _page(form, status=error.status)
    flash(str(gettext("Invitation envoyée à %(email)s. Elle vaut sept jours.", email=data.email)))
    return see_other(url_for("team.show", _anchor="acces"))


@bp.post("/acces/<uuid:user_id>")
@needs("members.write")
def change_role(user_id: UUID) -> Response:
    form = Form.typed("role", "agenda")
    try:
        data = read(members.RoleInput, _role_typed(form.values))
        members.change_role(context.business(), actor(), user_id, data, now=context.now())
    except members.LastOwner as error:
        return _page(Form({}, general=text_of(error)), status=error.status)
    flash(str(gettext("Rôle enregistré : il vaut dès maintenant.")))
    return see_other(url_for("team.show", _anchor="acces"))


@bp.get("/acces/<uuid:user_id>/retirer")
@needs("members.write")
def ask_to_dismiss(user_id: UUID) -> Response:
    return page("dashboard/team_dismiss.html", member=_member(user_id), me=actor().user_id)


@bp.post("/acces/<uuid:user_id>/retirer")
@needs("members.write")
def dismiss(user_id: UUID) -> Response:
    name = _member(user_id).name
    try:
        members.dismiss(context.business(), actor(), user_id, now=context.now())
    except members.LastOwner as error:
        return _page(Form({}, general=text_of(error)), status=error.status)
    flash(str(gettext("%(name)s n’a plus accès à cet établissement.", name=name)))
    if user_id == actor().user_id:
        return see_other(url_for("accounts.workplaces"))
    return see_other(url_for("team.show", _anchor="acces"))


@bp.post("/invitations/<uuid:invitation_id>/retirer")
@needs("members.write")
def revoke(invitation_id: UUID) -> Response:
    members.revoke(context.business(), actor(), invitation_id, now=context.now())
    flash(str(gettext("Invitation retirée : son lien n’ouvre plus rien.")))
    return see_other(url_for("team.show", _anchor="acces"))


# --- pages -----------------------------------------------------------------------------------------------------------


def _page(invitation: Form | None = None, status: int = 200) -> Response:
    found = team.team(context.offer(), context.now())
    return page(
        "dashboard/team.html", status=status, team=found, content=context.content(), me=actor(),
        invitation=invitation or Form({"email": "", "role": "practitioner", "agenda": ""}),
        roles=[each for each in ROLES if each != "owner" or may(actor(), "owner.write")],
        cards=[each for each in context.offer().resources if each.active],
    )  # fmt: skip


def _form_page(
    card: ResourceCard | None, form: Form, services: list[str], tongues: list[str], *, status: int = 200
) -> Response:
    offer, now = context.offer(), context.now()
    today = offer.local_date(now)
    return page(
        "dashboard/team_form.html", status=status, card=card, form=form, chosen=services, spoken=tongues,
        tongues=list(dict.fromkeys([*TONGUES, *tongues])), kinds=KINDS,
        services=[each for each in offer.services if each.active],
        portrait=context.content().picture("portrait", card.id) if card else None,
        version=acts.version_of(context.business(), card.slug) if card else "",
        groups=sorted({each.rules.join for each in offer.resources if each.rules.join}),
        absences=[e for e in hours.stretches(offer, today, of=card.id) if e.resource] if card else [],
    )  # fmt: skip


def _leave_page(card: ResourceCard, *, refused: tuple[hours.Visit, ...] = (), status: int = 200) -> Response:
    offer, now = context.offer(), context.now()
    visits = acts.still_to_come(context.business(), card.id, now=now)
    others = [
        each for each in offer.active_services
        if card.id in each.resource_ids and [one.id for one in offer.able(each)] == [card.id]
    ]  # fmt: skip
    return page(
        "dashboard/team_leave.html", status=status, card=card, total=len(visits), orphans=others,
        rows=team.hand_overs(offer, card, visits[: acts.MOST_AT_ONCE], now), cancel=acts.CANCEL,
        refused={each.id for each in refused},
        member=next((m for m in team.members(offer) if m.resource and m.resource.id == card.id), None),
    )  # fmt: skip


def _refused(card: ResourceCard | None, form: Form, error: Invalid) -> Response:
    form.refuse(_named(error.problems))
    return _form_page(card, form, request.form.getlist("prestations"), request.form.getlist("langues"), status=422)


# --- what is asked ---------------------------------------------------------------------------------------------------


def _card(slug: str) -> ResourceCard:
    """Archived ones too. Raises NotFound."""
    found = next((each for each in context.offer().resources if each.slug == slug), None)
    if found is None:
        raise NotFound
    return found


def _member(user_id: UUID) -> team.Member:
    found = next((m for m in team.members(context.offer()) if m.user_id == user_id), None)
    if found is None:
        raise NotFound
    return found


def _filled(card: ResourceCard) -> Form:
    rules = card.rules
    return Form({
        "nom": card.name, "genre": card.kind, "titre": card.title, "bio": card.bio,
        "places": str(rules.seats or ""), "places_min": str(rules.min_seats), "groupe": rules.join or "",
    })  # fmt: skip


def _offered(card: ResourceCard) -> list[str]:
    return [each.slug for each in context.offer().services if card.id in each.resource_ids]


def _typed(form: Form) -> acts.ResourceInput:
    """Raises Invalid. Services that are archived stay as they were: the page does not show them."""
    values, sent = form.values, request.form
    numbers = {"seats": values["places"], "minSeats": values["places_min"] or "1"}
    body = {
        "name": values["nom"], "kind": values["genre"], "title": values["titre"], "bio": values["bio"],
        "joinGroup": values["groupe"], "languages": sent.getlist("langues"), "serviceIds": _services_typed(sent),
        **{name: int(text) if text.strip().isdecimal() else text for name, text in numbers.items() if text.strip()},
    }  # fmt: skip
    return read(acts.ResourceInput, body)


def _services_typed(sent: MultiDict[str, str]) -> list[str]:
    resource = (request.view_args or {}).get("resource")
    kept = _offered(_card(resource)) if resource else []
    archived = {each.slug for each in context.offer().services if not each.active}
    return [*sent.getlist("prestations"), *(slug for slug in kept if slug in archived)]


def _role_typed(values: Mapping[str, str]) -> dict[str, object]:
    return {"role": values["role"], "resource": values["agenda"] or None}


def _named(problems: Mapping[str, Problem]) -> dict[str, Problem]:
    """By the names of the form: `languages.0` is a box of `langues`."""
    return {NAMES.get(name.partition(".")[0], name.partition(".")[0]): problem for name, problem in problems.items()}


def _choices(card: ResourceCard) -> dict[UUID, str]:
    """For each booking what was chosen for it, else what was chosen for all."""
    for_all = request.form.get("tous", "")
    visits = acts.still_to_come(context.business(), card.id, now=context.now())
    return {each.id: request.form.get(f"pour-{each.code}") or for_all for each in visits}


def _tell(done: acts.HandedOver) -> None:
    if done.moved:
        flash(ngettext("Un rendez-vous confié.", "%(num)s rendez-vous confiés.", done.moved))
    if done.cancelled:
        told = ngettext("Un rendez-vous annulé.", "%(num)s rendez-vous annulés.", done.cancelled)
        flash(told)
