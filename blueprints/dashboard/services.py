"""What can be booked: the list in the order of the page, and the editor of one service."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext, ngettext

from actions import services
from actions.cancellation import shown as shown_policy
from actions.inputs import read
from actions.services import ServiceChange, ServiceInput
from blueprints import context, members, typed
from blueprints.answers import page
from blueprints.dashboard import questions
from blueprints.forms import Form, see_other
from blueprints.guards import needs
from blueprints.members import of_members
from errors import Invalid, NotFound, ServiceNotFound
from lib.languages import LANGUAGES
from lib.refund import Policy
from queries import services as queries
from queries.asked import asked
from queries.business import by_id
from queries.offer import load
from queries.services import ServiceSettings

bp = of_members("services", __name__, "/prestations")

NUMBERS = ("durationMinutes", "bufferBeforeMinutes", "bufferAfterMinutes", "capacity")
OWN_OR_BUSINESS = ("slotStepMinutes", "minimumNoticeMinutes", "horizonDays")  # empty: the business's
LIMITS = ("perDay", "perWeek", "perMonth")
POLICY = ("fullRefundHours", "partialRefundHours", "partialRefundRate")
TURNS = 4  # lines of the table "how long for how many"


@bp.get("")
@needs("services.read")
def show() -> Response:
    lines = queries.lines(context.offer(), now=context.now())
    return page("dashboard/services.html", part="dashboard/_services.html", lines=lines)


@bp.post("")
@needs("services.write")
def create() -> Response:
    form = _typed()
    try:
        data = form.take(ServiceInput, _body(form))
        card = services.create(context.business(), members.actor(), data, now=context.now())
    except Invalid as error:
        form.note(error)
        return _editor(form, None, status=422)
    flash(gettext("Prestation « %(name)s » ajoutée.", name=card.name))
    return see_other(url_for(".show"))


@bp.get("/nouvelle")
@needs("services.write")
def new() -> Response:
    everybody = " ".join(card.slug for card in context.offer().resources if card.active)
    blank = _form(dict.fromkeys(_names(), "")) | {
        "durationMinutes": "30", "capacity": "1", "bufferBeforeMinutes": "0", "bufferAfterMinutes": "0",
        "depositRate": typed.percent(context.content().sector.rules.deposit.rate_bp), "place": "on_site",
        "resourceIds": everybody,
    }  # fmt: skip
    return _editor(typed.Typed(blank), None)


@bp.post("/ordre")
@needs("services.write")
def reorder() -> Response:
    """One place up or down (`service` and `sens`)."""
    direction = request.form.get("sens", "")
    if direction not in ("up", "down"):
        raise NotFound
    slug = request.form.get("service", "")
    _or_not_found(lambda: services.shift(
        context.business(), members.actor(), slug, direction, now=context.now()  # type: ignore[arg-type]  # checked
    ))  # fmt: skip
    if request.headers.get("HX-Request") == "true":
        return _list_again(slug)
    return see_other(url_for(".show", _anchor=f"p-{slug}"))


@bp.get("/<service>")
@needs("services.write")
def edit(service: str) -> Response:
    found = _or_not_found(lambda: queries.settings(context.business(), service))
    return _editor(typed.Typed(_form(_values(found))), found)


@bp.post("/<service>")
@needs("services.write")
def change(service: str) -> Response:
    found = _or_not_found(lambda: queries.settings(context.business(), service))
    form = _typed()
    try:
        data = form.take(ServiceChange, _body(form))
        card = services.change(context.business(), members.actor(), service, data, now=context.now())
    except Invalid as error:
        form.note(error)
        return _editor(form, found, status=422)
    flash(gettext("Prestation « %(name)s » enregistrée.", name=card.name))
    return see_other(url_for(".show", _anchor=f"p-{service}"))


@bp.post("/<service>/archive")
@needs("services.write")
def archive(service: str) -> Response:
    business = context.business()
    card = _or_not_found(lambda: services.archive(business, members.actor(), service, now=context.now()))
    stay = queries.coming(business, card.id, now=context.now())
    told = ngettext(
        "Son rendez-vous à venir est maintenu.", "Ses %(num)s rendez-vous à venir sont maintenus.", stay
    )  # fmt: skip
    text = gettext("Prestation « %(name)s » archivée.", name=card.name)
    undo = {"href": url_for(".restore", service=service), "fields": {}}
    flash({"text": f"{text} {told}" if stay else text, "undo": undo})  # type: ignore[arg-type]  # told by _toasts.html
    return see_other(url_for(".show"))


@bp.post("/<service>/remise")
@needs("services.write")
def restore(service: str) -> Response:
    card = _or_not_found(lambda: services.restore(context.business(), members.actor(), service, now=context.now()))
    flash(gettext("Prestation « %(name)s » remise en vente.", name=card.name))
    return see_other(url_for(".show", _anchor=f"p-{service}"))


@bp.get("/<service>/questions")
@needs("services.write")
def ask(service: str) -> Response:
    return _questions_of(service).page()


@bp.post("/<service>/questions")
@needs("services.write")
def change_questions(service: str) -> Response:
    return _questions_of(service).act()


def _questions_of(service: str) -> questions.Editor:
    found = _or_not_found(lambda: queries.settings(context.business(), service))

    def save(rows: list[dict[str, Any]]) -> None:
        data = read(ServiceChange, {"formFields": rows})
        services.change(context.business(), members.actor(), service, data, now=context.now())

    return questions.Editor(
        rows=found.form_fields, save=save, of=found.name, here=url_for(".ask", service=service),
        back=url_for(".edit", service=service),
    )  # fmt: skip


def _or_not_found(run: Any) -> Any:
    try:
        return run()
    except ServiceNotFound:
        raise NotFound from None


def _list_again(moved: str) -> Response:
    """The offer as it is now, not as it was when the request came."""
    lines = queries.lines(load(by_id(context.business().id)), now=context.now())
    return page("dashboard/services.html", part="dashboard/_services.html", lines=lines, moved=moved)


def _editor(form: typed.Typed, found: ServiceSettings | None, *, status: int = 200) -> Response:
    offer = context.offer()
    card = offer.any_service(found.slug) if found else None
    return page(
        "dashboard/service.html", status=status, form=form, found=found, card=card,
        resources=[each for each in offer.resources if each.active or (found and each.slug in found.resources)],
        coming=queries.coming(context.business(), card.id, now=context.now()) if card else 0,
        asked=asked(context.business(), card) if card else (), turns=range(TURNS), languages=_other_languages(),
    )  # fmt: skip


def _other_languages() -> list[str]:
    return [each for each in LANGUAGES if each != context.business().locale]


def _names() -> list[str]:
    """Inputs of the editor in the order of the page."""
    words = [f"translations.{each}.{field}" for each in _other_languages() for field in ("name", "description")]
    return [
        "name", "description", "durationMinutes", "basePriceCents", "depositRate", "place", "resourceIds", "capacity",
        *(f"turnMinutes.{n}.{part}" for n in range(TURNS) for part in ("partySize", "minutes")),
        "bufferBeforeMinutes", "bufferAfterMinutes", *OWN_OR_BUSINESS, *(f"limits.{each}" for each in LIMITS),
        "cancellationPolicy", *(f"cancellationPolicy.{each}" for each in POLICY), *words,
    ]  # fmt: skip


def _typed() -> typed.Typed:
    values = {name: request.form.get(name, "") for name in _names()}
    return typed.Typed(values | {"resourceIds": " ".join(request.form.getlist("resourceIds"))})


def _body(form: Form) -> dict[str, Any]:
    """What was typed, as JSON would say it; what cannot be said so stays text, for the input to refuse."""
    values = form.values
    body: dict[str, Any] = {
        "name": values["name"], "description": values["description"], "place": values["place"],
        "basePriceCents": typed.cents(values["basePriceCents"]), "depositRate": typed.rate(values["depositRate"]),
        "resourceIds": values["resourceIds"].split(),
    }  # fmt: skip
    body |= {name: typed.number(values[name]) for name in NUMBERS if values[name].strip() or name == "durationMinutes"}
    body |= {name: typed.number(values[name]) if values[name].strip() else None for name in OWN_OR_BUSINESS}
    limits = {each: typed.number(values[f"limits.{each}"]) for each in LIMITS if values[f"limits.{each}"].strip()}
    body["limits"] = limits or None
    body["cancellationPolicy"] = typed.policy(values, "cancellationPolicy") if values["cancellationPolicy"] else None
    body["turnMinutes"] = _turns(values)
    body["translations"] = {
        each: {part: values[f"translations.{each}.{part}"] for part in ("name", "description")}
        for each in _other_languages()
    }
    return body


def _turns(values: Any) -> list[dict[str, Any]]:
    """The filled lines, from the first on."""
    lines = [(values[f"turnMinutes.{n}.partySize"], values[f"turnMinutes.{n}.minutes"]) for n in range(TURNS)]
    return [
        {"partySize": typed.number(party), "minutes": typed.number(minutes)}
        for party, minutes in lines if party.strip() or minutes.strip()
    ]  # fmt: skip


def _form(values: dict[str, str]) -> dict[str, str]:
    return {name: values.get(name, "") for name in _names()}


def _values(found: ServiceSettings) -> dict[str, str]:
    """The inputs that show a service."""
    policy = Policy.from_json(found.cancellation) if found.cancellation is not None else context.business().cancellation
    values: dict[str, Any] = {
        "name": found.name, "description": found.description, "durationMinutes": found.duration_minutes,
        "basePriceCents": typed.euros(found.price_cents), "depositRate": typed.percent(found.deposit_bp),
        "place": found.place, "resourceIds": " ".join(found.resources), "capacity": found.capacity,
        "bufferBeforeMinutes": found.buffer_before, "bufferAfterMinutes": found.buffer_after,
        "slotStepMinutes": found.step_minutes, "minimumNoticeMinutes": found.notice_minutes,
        "horizonDays": found.horizon_days, "cancellationPolicy": "own" if found.cancellation is not None else "",
        "limits.perDay": found.limits.get("per_day"), "limits.perWeek": found.limits.get("per_week"),
        "limits.perMonth": found.limits.get("per_month"),
    }  # fmt: skip
    values |= typed.policy_values(shown_policy(policy), "cancellationPolicy")
    for n, (party, minutes) in enumerate(found.turn_minutes[:TURNS]):
        values |= {f"turnMinutes.{n}.partySize": party, f"turnMinutes.{n}.minutes": minutes}
    for language, texts in found.translations.items():
        values |= {f"translations.{language}.{part}": text for part, text in texts.items()}
    return {name: "" if value is None else str(value) for name, value in values.items()}
