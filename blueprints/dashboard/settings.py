"""How the business works: one page of sections, each saved by a form of its own; and the history of changes."""

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, flash, request, url_for
from flask_babel import gettext

from actions import settings
from actions.business import change_slug
from actions.cancellation import PolicyInput, shown, stored
from actions.inputs import read
from actions.settings import ZONES, BusinessInput
from blueprints import context, members, typed
from blueprints.answers import page
from blueprints.dashboard import questions
from blueprints.forms import see_other
from blueprints.guards import needs
from blueprints.members import of_members
from errors import Invalid, NotFound
from lib.dates import offset, place_of
from lib.languages import locale_of
from lib.refund import Policy
from queries import audit
from queries.business import BusinessCard, by_id
from queries.settings import stored_questions

bp = of_members("settings", __name__, "/reglages")

# The inputs of each section, in the order of the page.
SECTIONS: dict[str, tuple[str, ...]] = {
    "identite": ("name", "email", "phone", "showsPhone", "street", "postcode", "town", "access", "country"),
    "adresse-web": ("slug",),
    "heure": ("timezone", "locale"),
    "rythme": ("slotStepMinutes", "minimumNoticeMinutes", "horizonDays", "tightPacking"),
    "confirmation": ("approvesByHand",),
    "annulation": (
        "cancellationPolicy.fullRefundHours", "cancellationPolicy.partialRefundHours",
        "cancellationPolicy.partialRefundRate",
    ),
    "limites": ("clientLimits.perDay", "clientLimits.perWeek", "clientLimits.perMonth"),
}  # fmt: skip
NUMBERS = ("slotStepMinutes", "minimumNoticeMinutes", "horizonDays")
SWITCHES = ("showsPhone", "tightPacking", "approvesByHand")


@bp.get("")
@needs("settings.read")
def show() -> Response:
    return _page(typed.Typed(_values(context.business())))


@bp.post("")
@needs("settings.write")
def change() -> Response:
    """One section (`section`)."""
    section = request.form.get("section", "")
    if section not in SECTIONS:
        raise NotFound
    business = context.business()
    before = _values(business)
    form = typed.Typed(before | {name: request.form.get(name, "") for name in SECTIONS[section]})
    try:
        after = _save(section, form)
    except Invalid as error:
        form.note(error)
        return _page(form, wrong=section, status=422)
    if after.revision != business.revision:
        undo = {"href": url_for(".change", slug=after.slug), "fields": _undo(section, before)}
        flash({"text": _told(section, business, after), "undo": undo})  # type: ignore[arg-type]  # told by _toasts.html
    else:
        flash(gettext("Rien n’a changé."))
    return see_other(url_for(".show", slug=after.slug, _anchor=section))


@bp.get("/phrase")
@needs("settings.read")
def phrase() -> Response:
    """What a client would read of the policy being typed."""
    values = {name: request.args.get(name, "") for name in SECTIONS["annulation"]}
    try:
        policy = Policy(**stored(read(PolicyInput, typed.policy(values, "cancellationPolicy"))))
    except Invalid:
        return page("dashboard/_settings_policy.html", policy=None)
    return page("dashboard/_settings_policy.html", policy=policy)


@bp.get("/questions")
@needs("settings.read")
def ask() -> Response:
    return _questions().page()


@bp.post("/questions")
@needs("settings.write")
def change_questions() -> Response:
    return _questions().act()


@bp.get("/historique")
@needs("audit.read")
def history() -> Response:
    before = _uuid(request.args.get("avant", ""))
    part = audit.newest(context.business(), before=before)
    return page("dashboard/audit.html", part="dashboard/_audit.html", history=part)


def _page(form: typed.Typed, *, wrong: str = "", status: int = 200) -> Response:
    business = context.business()
    return page(
        "dashboard/settings.html", status=status, form=form, wrong=wrong, zones=_zones(), policy=business.cancellation,
        sections=SECTIONS,
    )  # fmt: skip


def _save(section: str, form: typed.Typed) -> BusinessCard:
    """Raises Invalid."""
    business, actor, now = context.business(), members.actor(), context.now()
    if section == "adresse-web":
        change_slug(business, actor, form.values["slug"], now=now)
        return by_id(business.id)
    data = form.take(BusinessInput, _body(section, form.values))
    return settings.change(business, actor, data, now=now)


def _body(section: str, values: Any) -> dict[str, Any]:
    """What was typed in a section, as JSON would say it."""
    if section == "annulation":
        return {"cancellationPolicy": typed.policy(values, "cancellationPolicy")}
    if section == "limites":
        limits = {name.partition(".")[2]: values[name].strip() for name in SECTIONS[section]}
        return {"clientLimits": {name: typed.number(text) for name, text in limits.items() if text}}
    body: dict[str, Any] = {name: values[name] for name in SECTIONS[section]}
    body |= {name: typed.number(values[name]) for name in NUMBERS if name in body}
    body |= {name: bool(values[name]) for name in SWITCHES if name in body}
    return body


def _values(business: BusinessCard) -> dict[str, str]:
    """The inputs that show the settings."""
    values: dict[str, Any] = {
        "name": business.name, "email": business.email, "phone": business.phone, "street": business.street,
        "postcode": business.postcode, "town": business.town, "access": business.access, "country": business.country,
        "showsPhone": "oui" if business.shows_phone else "", "slug": business.slug, "timezone": business.timezone,
        "locale": business.locale, "slotStepMinutes": business.step_minutes, "horizonDays": business.horizon_days,
        "minimumNoticeMinutes": business.notice_minutes, "tightPacking": "oui" if business.tight_packing else "",
        "approvesByHand": "oui" if business.approves_by_hand else "",
        "clientLimits.perDay": business.client_limits.get("per_day"),
        "clientLimits.perWeek": business.client_limits.get("per_week"),
        "clientLimits.perMonth": business.client_limits.get("per_month"),
    }  # fmt: skip
    values |= typed.policy_values(shown(business.cancellation), "cancellationPolicy")
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _undo(section: str, before: dict[str, str]) -> dict[str, str]:
    return {"section": section} | {name: before[name] for name in SECTIONS[section] if before[name]}


def _told(section: str, before: BusinessCard, after: BusinessCard) -> str:
    if before.timezone != after.timezone:
        return str(gettext(
            "Fuseau horaire enregistré. Les rendez-vous pris gardent leur instant, dit à l’heure de %(place)s.",
            place=place_of(after.timezone, locale_of(context.language(), after.country)),
        ))  # fmt: skip
    if section == "adresse-web":
        return str(gettext("Adresse enregistrée. L’ancienne adresse continue de mener ici."))
    if before.approves_by_hand != after.approves_by_hand:
        by_hand = gettext("Les prochaines demandes attendront votre accord.")
        at_once = gettext("Les prochaines réservations seront confirmées aussitôt.")
        return str(by_hand if after.approves_by_hand else at_once)
    if section == "annulation":
        return str(gettext("Conditions d’annulation enregistrées."))
    return str(gettext("Réglages enregistrés."))


def _zones() -> list[tuple[str, str]]:
    """The zones of our countries first; the business's own where it is another."""
    business, locale = context.business(), locale_of(context.language(), context.business().country)
    named = [*ZONES, *([] if business.timezone in ZONES else [business.timezone])]
    now = dt.datetime.fromtimestamp(context.now(), dt.UTC)
    return [(each, f"{place_of(each, locale)} ({offset(now.astimezone(ZoneInfo(each)))})") for each in named]


def _questions() -> questions.Editor:
    business = context.business()

    def save(rows: Any) -> None:
        data = read(BusinessInput, {"formFields": rows})
        settings.change(business, members.actor(), data, now=context.now())

    own = business.form_fields is not None
    return questions.Editor(
        rows=stored_questions(business), save=save, here=url_for(".ask"), back=url_for(".show"),
        reset=(lambda: save(None)) if own else None, is_professions=not own,
    )  # fmt: skip


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None
