"""Logo, photo and portraits: sent to the draft, shown once it is published."""

from uuid import UUID

from flask import Response, flash, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import RequestEntityTooLarge

from actions import drafting
from actions import pictures as sending
from actions.inputs import NAME_LENGTH
from blueprints import context, members
from blueprints.answers import answer_error, text_of
from blueprints.dashboard.my_site.editor import Line, bp, read_texts, shown
from blueprints.forms import Form, see_other
from blueprints.framing import shows_ours
from blueprints.guards import needs, takes_files
from errors import BodyTooLarge, Invalid, NotFound
from lib.pictures import EDGES, LARGEST_FILE, Kind
from queries import my_site
from queries.content import PictureCard
from queries.offer import ResourceCard


@bp.get("/photos")
@needs("site.read")
@shows_ours
def pictures() -> Response:
    return _page(Form())


@bp.post("/photos")
@needs("site.write")
@shows_ours
@takes_files(LARGEST_FILE)
def send_picture() -> Response:
    kind, who = _place()
    sent = request.files.get("file")
    try:
        made = sending.upload(
            context.business(), members.actor(), kind, sent.read() if sent else b"", now=context.now(),
            resource_slug=who, waiting=True,
        )  # fmt: skip
    except Invalid as error:
        return _page(_wrong(kind, who, text_of(error)))
    _put(kind, who, made.id, _said(kind, who))
    flash(gettext("Image enregistrée dans le brouillon."))
    return see_other(url_for("my_site.pictures"))


@bp.post("/photos/decrire")
@needs("site.write")
@shows_ours
def describe_picture() -> Response:
    kind, who = _place()
    form = Form.typed("alt")
    try:
        texts, _ = read_texts(form, {"alt": Line}, ())
    except Invalid as error:
        return _page(_wrong(kind, who, text_of(error)))
    found = _current(kind, who)
    _put(kind, who, found.id, texts["alt"][:NAME_LENGTH])
    flash(gettext("Description enregistrée dans le brouillon."))
    return see_other(url_for("my_site.pictures"))


@bp.post("/photos/retirer")
@needs("site.write")
def remove_picture() -> Response:
    kind, who = _place()
    drafting.put_picture(context.business(), members.actor(), kind, None, now=context.now(), resource_slug=who)
    flash(gettext("Image retirée du brouillon ; votre page la montre jusqu’à la publication."))
    return see_other(url_for("my_site.pictures"))


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_: RequestEntityTooLarge) -> Response:
    """Before anything of the form has been read: which picture it was is not known."""
    if request.endpoint != "my_site.send_picture":
        return answer_error(BodyTooLarge())
    form = Form()
    message = sending.MESSAGES["too_heavy"]
    form.general = str(gettext(message))
    return shown("dashboard/site_pictures.html", "pictures", form, status=413, people=_people())


def _put(kind: Kind, who: str | None, key: UUID, alt: str) -> None:
    drafting.put_picture(
        context.business(), members.actor(), kind, key, now=context.now(), alt=alt, resource_slug=who
    )  # fmt: skip


def _place() -> tuple[Kind, str | None]:
    """Which picture the form is about. Raises NotFound."""
    kind, who = request.form.get("place", ""), request.form.get("who") or None
    if kind not in EDGES:
        raise NotFound
    return kind, who if kind == "portrait" else None


def _current(kind: Kind, who: str | None) -> PictureCard:
    """The one that the draft has in this place. Raises NotFound."""
    person = next((each.id for each in _people() if each.slug == who), None) if who else None
    found = my_site.own_site(context.business()).content.picture(kind, person)
    if found is None:
        raise NotFound
    return found


def _said(kind: Kind, who: str | None) -> str:
    """The description of the picture that stood here before: a new one of the same place often shows the same."""
    try:
        return str(_current(kind, who).alt)
    except NotFound:
        return ""


def _people() -> list[ResourceCard]:
    return [card for card in context.offer().resources if card.active and card.kind == "practitioner"]


def _wrong(kind: str, who: str | None, text: str) -> Form:
    return Form(errors={f"{kind}-{who}" if who else kind: text})


def _page(form: Form) -> Response:
    return shown("dashboard/site_pictures.html", "pictures", form, people=_people())
