"""The clients of a business: found, written down, corrected, and each with the history of their visits."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for
from flask_babel import gettext

from actions import clients as acting
from actions.clients import ClientInput, EmailTaken
from blueprints import context
from blueprints.answers import page
from blueprints.forms import Form, see_other
from blueprints.guards import needs
from blueprints.members import actor, of_members
from errors import BookingNotFound, Invalid
from lib import codes, phone
from queries import booking as kept
from queries import clients
from queries.clients import ClientCard

bp = of_members("clients", __name__, "/clients")

SHOWN = 50
FIELDS = ("name", "email", "phone", "notes", "vip")


@bp.get("")
@needs("clients.read")
def show() -> Response:
    """A code leads straight to its booking."""
    query, vip = " ".join(request.args.get("q", "").split()), request.args.get("vip") == "oui"
    if code := _code(query):
        return _go(f"/pro/{context.business().slug}/rendez-vous/{code}")
    found = clients.page(context.business(), query, vip=vip, after=_after(), limit=SHOWN)
    keys = [each.id for each in found.clients]
    standings = clients.standings(context.business(), keys, now=context.now(), only=actor().only)
    return page(
        "dashboard/clients.html", part="dashboard/_clients_list.html", clients=found.clients, next=found.next,
        query=query, vip=vip, is_first=_after() is None, standings=standings, nobody=clients.Standing(),
    )  # fmt: skip


@bp.get("/nouveau")
@needs("clients.write")
def new() -> Response:
    name = request.args.get("name", "")
    return _form(Form(dict.fromkeys(FIELDS, "") | {"name": name}))


@bp.post("/nouveau")
@needs("clients.write")
def create() -> Response:
    typed = Form.typed(*FIELDS)
    try:
        made = acting.create(context.business(), actor(), _read(typed), now=context.now())
    except Invalid as refused:
        return _refused(typed, refused)
    flash(gettext("%(name)s est dans vos clients.", name=made.name))
    return see_other(url_for(".detail", client_id=made.id))


@bp.get("/<uuid:client_id>")
@needs("clients.read")
def detail(client_id: UUID) -> Response:
    offer = context.offer()
    found = clients.record(offer, client_id, now=context.now(), only=actor().only)
    return page(
        "dashboard/client.html", record=found, client=found.client,
        service_of=lambda card: kept.service_of(offer, card), people_of=lambda card: kept.people_of(offer, card),
    )  # fmt: skip


@bp.get("/<uuid:client_id>/modifier")
@needs("clients.write")
def edit(client_id: UUID) -> Response:
    client = clients.by_id(context.business(), client_id)
    return _form(Form(_typed(client)), client)


@bp.post("/<uuid:client_id>/modifier")
@needs("clients.write")
def change(client_id: UUID) -> Response:
    client, typed = clients.by_id(context.business(), client_id), Form.typed(*FIELDS)
    try:
        acting.change(context.business(), actor(), client_id, _read(typed), now=context.now())
    except Invalid as refused:
        return _refused(typed, refused, client)
    flash(gettext("Modifications enregistrées."))
    return see_other(url_for(".detail", client_id=client_id))


def _code(query: str) -> str | None:
    """The booking that the whole query is the code of, with or without its `AC-`. A word of letters alone is a name."""
    typed = query.upper()
    code = typed if typed.startswith("AC-") else f"AC-{typed}"
    if not codes.is_code(code) or (code != typed and typed.isalpha()):
        return None
    try:
        return kept.by_code(context.offer(), code).code
    except BookingNotFound:
        return None


def _go(address: str) -> Response:
    """Also when htmx asked while the code was typed: the whole page then."""
    if request.headers.get("HX-Request") == "true":
        return Response(status=200, headers={"HX-Redirect": address})
    return see_other(address)


def _after() -> UUID | None:
    try:
        return UUID(request.args.get("apres", ""))
    except ValueError:
        return None


def _typed(client: ClientCard) -> dict[str, str]:
    number = phone.national(client.phone, context.business().country) if client.phone else ""
    return {
        "name": client.name, "email": client.email, "phone": number, "notes": client.notes,
        "vip": "oui" if client.vip else "",
    }  # fmt: skip


def _read(typed: Form) -> ClientInput:
    """Raises Invalid, after noting what is wrong for the page."""
    values: dict[str, Any] = dict(typed.values) | {"vip": typed.values["vip"] == "oui"}
    return Form(values).read(ClientInput)


def _refused(typed: Form, refused: Invalid, client: ClientCard | None = None) -> Response:
    typed.refuse(refused.problems)
    other = refused.client_id if isinstance(refused, EmailTaken) else None
    own = {"name": gettext("Indiquez un nom."), "email": gettext("Indiquez un e-mail, par exemple nom@exemple.be.")}
    for field in own.keys() & typed.errors.keys():
        if not other:
            typed.errors[field] = own[field]
    return _form(typed, client, status=422, other=other)


def _form(typed: Form, client: ClientCard | None = None, *, status: int = 200, other: UUID | None = None) -> Response:
    """`other`: the client who has the address already."""
    return page("dashboard/client_form.html", form=typed, client=client, other=other, status=status)
