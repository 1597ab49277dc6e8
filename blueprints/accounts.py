"""The door: signing in by a link, a code or a password; one's own account; which business to enter."""

import datetime as dt
import re
import secrets
from typing import cast
from uuid import UUID

import flask
from flask import Blueprint, Response, g, request, session, url_for
from flask_babel import gettext

from actions import accounts as people
from actions import login_links, sessions
from actions import members as team
from actions.access import NotProved
from actions.accounts import AddressInput, NotFresh, Opened, ProfileInput
from actions.members import LastOwner
from blueprints import context, members, signed_in
from blueprints.answers import page, text_of
from blueprints.forms import Form, see_other
from blueprints.guards import form, needs, public
from blueprints.guards import signed_in as any_user
from errors import Invalid, LinkExpired
from lib import dates, devices, keys
from lib.languages import LANGUAGES, NAMES, locale_of
from lib.tokens import BadToken
from queries import accounts
from queries.accounts import SignedIn

bp = Blueprint("accounts", __name__)
leaving = members.of_members("leaving", __name__, "/depart")

NEXT_LIFE = 24 * 3600  # seconds that the way back to a page keeps
# Pages of ours that ask for a login; what a browser would read as another site's address is none of them.
OURS = re.compile(r"/(?:pro|compte|admin)(?:[/?][^\x00-\x20\\\x7f]*)?")


@bp.before_request
def speak() -> None:
    """Who is signed in reads their own language."""
    found = signed_in.current()
    if found is not None and context.fixed_language() is None:
        g.language = found.locale


@bp.after_request
def kept_private(answer: Response) -> Response:
    """An address that is a key is told to nobody."""
    answer = members.kept_private(answer)
    if "token" in (request.view_args or {}):
        answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


# --- the door --------------------------------------------------------------------------------------------------------


@bp.get("/connexion")
@public("read")
def sign_in() -> Response:
    email = session.get("hint", "") if session else ""
    return _door(Form({"email": email, "suite": request.args.get("suite", "")}))


@bp.post("/connexion")
@public("login")
@form
def ask() -> Response:
    """A link by mail, or the password at once; neither says whether there is such an account."""
    typed, password = Form.typed("email", "suite"), request.form.get("password", "")
    try:
        email = typed.read(AddressInput).email
    except Invalid:
        return _door(typed, status=422)
    if password:
        return _by_password(typed, email, password)
    mark = secrets.token_urlsafe(16)
    people.ask_login(email, now=context.now(), locale=context.language(), browser=mark, **context.mailing())
    session["asked"] = {"email": email, "mark": mark, "suite": typed.values["suite"]}
    return see_other(url_for(".code"))


@bp.get("/connexion/code")
@public("read")
def code() -> Response:
    return _sent(Form({"code": ""})) if "asked" in session else see_other(url_for(".sign_in"))


@bp.post("/connexion/code")
@public("login")
@form
def enter_code() -> Response:
    asked, typed = session.get("asked"), Form.typed("code")
    if asked is None:
        return see_other(url_for(".sign_in"))
    try:
        opened = people.open_code(
            asked["email"], _digits(typed), browser=asked["mark"], now=context.now(), signer=context.signer()
        )
    except LinkExpired:
        typed.errors["code"] = _wrong_code()
        return _sent(typed, status=422)
    return _enter(opened.user_id, asked["suite"])


@bp.get("/connexion/<token>")
@public("read")
def link(token: str) -> Response:
    """One button, and nothing changes: programs that look into mails open links too."""
    try:
        found = login_links.by_token(token, now=context.now(), signer=context.signer())
    except LinkExpired:
        return expired()
    return page("accounts/link.html", purpose=found.purpose, email=found.email, token=token)


@bp.post("/connexion/<token>")
@public("login")
@form
def open_link(token: str) -> Response:
    try:
        opened = people.open_link(token, now=context.now(), signer=context.signer())
    except LinkExpired:
        return expired()
    return AFTER[opened.purpose](opened)


def _logged_in(opened: Opened) -> Response:
    """On to the page that was asked for, where the same browser asked."""
    return _enter(opened.user_id, session.get("asked", {}).get("suite", ""))


def _welcomed(opened: Opened) -> Response:
    answer = _enter(opened.user_id, "")
    flask.flash(gettext("Votre adresse est confirmée."))
    return answer


def _moved(opened: Opened) -> Response:
    """The new address is proved; that is no login."""
    found = signed_in.current()
    flask.flash(gettext("Votre adresse e-mail est changée."))
    own = found is not None and found.user_id == opened.user_id
    return see_other(url_for(".account" if own else ".sign_in"))


AFTER = {"login": _logged_in, "welcome": _welcomed, "email": _moved}


def _by_password(typed: Form, email: str, password: str) -> Response:
    user_id = people.by_password(email, password, now=context.now(), capped=context.capped())
    if user_id is None:
        typed.general = gettext("E-mail ou mot de passe incorrect. Le lien par e-mail marche toujours.")
        return _door(typed, status=422, by_password=True)
    return _enter(user_id, typed.values["suite"])


def _enter(user_id: UUID, after: str) -> Response:
    signed_in.begin(user_id, stays=request.form.get("stays") == "oui")
    return see_other(_way(after) or url_for(".workplaces"))


def _way(after: str) -> str:
    """The page that a signed `suite` names, empty unless it is one of ours."""
    try:
        path = context.signer().read("next", after, max_age=NEXT_LIFE)
    except BadToken:
        return ""
    return path if isinstance(path, str) and OURS.fullmatch(path) else ""


def _door(typed: Form, *, status: int = 200, by_password: bool = False) -> Response:
    return page("accounts/sign_in.html", status=status, form=typed, by_password=by_password)


def _sent(typed: Form, *, status: int = 200) -> Response:
    return page(
        "accounts/sent.html", status=status, form=typed, email=session["asked"]["email"],
        minutes=keys.LIFE["login"] // 60, kept_here=_mails_stay_here(),
    )  # fmt: skip


def _mails_stay_here() -> bool:
    return not context.settings().production and not context.settings().smtp_host


def expired() -> Response:
    return page("accounts/expired.html", status=LinkExpired.status)


def _digits(typed: Form) -> str:
    """As copied from a mail: with spaces or without."""
    return re.sub(r"\s", "", typed.values["code"])[:20]


def _wrong_code() -> str:
    return str(gettext("Ce code n’est pas le bon, ou il a été essayé trop souvent. Demandez un nouveau mail."))


# --- one's own account -----------------------------------------------------------------------------------------------


@bp.get("/compte")
@any_user
def account() -> Response:
    return _account()


@bp.post("/compte/profil")
@any_user
def save_profile() -> Response:
    typed = Form.typed("name", "locale")
    try:
        people.change_profile(_user().user_id, typed.read(ProfileInput))
    except Invalid:
        return _account(status=422, profile=typed)
    return _done(gettext("Vos informations sont enregistrées."))


@bp.post("/compte/adresse")
@any_user
def change_address() -> Response:
    typed, found = Form.typed("email"), _user()
    try:
        people.ask_address(
            found.user_id, typed.read(AddressInput), now=context.now(), is_fresh=signed_in.fresh(found),
            **context.mailing(),
        )  # fmt: skip
    except Invalid:
        return _account(status=422, address=typed)
    except (NotFresh, NotProved) as error:
        return _refused(error)
    return _done(gettext("Un lien est parti vers la nouvelle adresse. L’adresse change quand il est ouvert."))


@bp.post("/compte/mot-de-passe")
@any_user
def change_password() -> Response:
    typed, found = Form({"password": ""}), _user()
    try:
        people.set_password(found.user_id, request.form.get("password", ""), is_fresh=signed_in.fresh(found))
    except Invalid as error:
        typed.refuse(error.problems)
        return _account(status=422, password=typed)
    except (NotFresh, NotProved) as error:
        return _refused(error)
    return _done(gettext("Votre mot de passe est enregistré."))


@bp.post("/compte/mot-de-passe/fin")
@any_user
def remove_password() -> Response:
    found = _user()
    try:
        people.remove_password(found.user_id, is_fresh=signed_in.fresh(found))
    except NotFresh as error:
        return _refused(error)
    return _done(gettext("Votre mot de passe est retiré. Vous vous connectez par e-mail."))


@bp.post("/compte/lien")
@any_user
def resend() -> Response:
    people.ask_welcome(_user().user_id, now=context.now(), **context.mailing())
    flask.flash(gettext("Le mail est parti : ouvrez son lien, ou tapez son code ici."))
    return see_other(_back())


@bp.post("/compte/code")
@any_user
def prove() -> Response:
    """The code of the sign-up's mail, typed where one is signed in."""
    typed, found = Form.typed("code"), _user()
    mark = people.own_mark(found.user_id)
    try:
        opened = people.open_code(found.email, _digits(typed), browser=mark, now=context.now(), signer=context.signer())
    except LinkExpired:
        typed.errors["code"] = _wrong_code()
        return _account(status=422, proof=typed)
    if opened.user_id != found.user_id:
        signed_in.begin(opened.user_id)
    flask.flash(gettext("Votre adresse est confirmée."))
    return see_other(_back())


@bp.post("/compte/sessions/<uuid:session_id>/fin")
@any_user
def end_session(session_id: UUID) -> Response:
    sessions.end(_user().user_id, session_id, now=context.now())
    return _done(gettext("Cette session est fermée."), "appareils")


@bp.post("/compte/sessions/autres/fin")
@any_user
def end_others() -> Response:
    found = _user()
    sessions.end_others(found.user_id, found.session_id, now=context.now())
    return _done(gettext("Toutes les autres sessions sont fermées."), "appareils")


def _account(*, status: int = 200, **forms: Form) -> Response:
    found = _user()
    person = accounts.account(found.user_id)
    blank = {
        "profile": Form({"name": person.name, "locale": person.locale}), "address": Form({"email": ""}),
        "password": Form(), "proof": Form({"code": ""}),
    }  # fmt: skip
    listed = accounts.sessions_of(found.user_id, now=context.now())
    return page(
        "accounts/account.html", status=status, person=person, forms=blank | forms, is_fresh=signed_in.fresh(found),
        since=_since,
        again=url_for(".sign_in", suite=context.signer().sign("next", url_for(".account"), timed=True)),
        sessions=[(each, devices.browser(each.agent), devices.system(each.agent)) for each in listed],
        here=found.session_id, workplaces=accounts.workplaces(found.user_id), names=NAMES, languages=LANGUAGES,
        wrong=any(each.is_wrong for each in forms.values()),
    )  # fmt: skip


def _since(moment: dt.datetime) -> str:
    return dates.full_date(moment.date(), locale_of(context.language(), "BE"))


def _done(text: str, anchor: str | None = None) -> Response:
    flask.flash(text)
    return see_other(url_for(".account", _anchor=anchor))


def _refused(error: NotFresh | NotProved) -> Response:
    flask.flash(text_of(error))
    return see_other(url_for(".account"))


def _back() -> str:
    """The page of ours whose banner was used."""
    path = request.form.get("retour", "")
    return path if OURS.fullmatch(path) else url_for(".account")


def _user() -> SignedIn:
    return cast(SignedIn, signed_in.current())


def unproved_email() -> str:
    """For templates: the address that still waits for its proof; empty when there is none."""
    found = signed_in.current()
    return found.email if found is not None and not found.proved else ""


# --- businesses ------------------------------------------------------------------------------------------------------


@bp.get("/pro")
@any_user
def workplaces() -> Response:
    places = accounts.workplaces(_user().user_id)
    if len(places) == 1:
        return see_other(url_for("today.show", slug=places[0].business.slug))
    return page("accounts/workplaces.html", workplaces=places)


@bp.post("/deconnexion")
@any_user
def sign_out() -> Response:
    signed_in.end()
    return see_other(url_for("accounts.sign_in"))


@leaving.get("")
@needs("agenda.read")
def confirm() -> Response:
    return page("accounts/leave.html", problem="")


@leaving.post("")
@needs("agenda.read")
def leave() -> Response:
    try:
        team.leave(context.business(), members.actor(), now=context.now())
    except LastOwner as error:
        return page("accounts/leave.html", status=error.status, problem=text_of(error))
    flask.flash(gettext("Vous avez quitté %(business)s.", business=context.business().name))
    return see_other(url_for("accounts.account"))
