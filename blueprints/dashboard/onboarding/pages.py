"""Steps 3 to 10 and their end: one page each, saved as it is left, with the business's own page beside it."""

import dataclasses
from typing import Any

from flask import Response, current_app, g, request, url_for
from flask_babel import force_locale

import sectors
from blueprints import context, framing
from blueprints.answers import page
from blueprints.dashboard.onboarding import names, steps
from blueprints.forms import Form, see_other
from blueprints.guards import needs
from blueprints.members import actor, of_members
from blueprints.site import AT_TABLE
from errors import Invalid, NotFound
from lib.links import Links
from queries import letter, onboarding, site

bp = of_members("onboarding", __name__, "/demarrer")

FIRST, LAST = 3, names.LAST
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'"
DRAFTED = ("street", "postcode", "town", "bio")  # what the preview may show before it is saved


@bp.get("")
@needs("settings.read")
def on() -> Response:
    """Where it was left."""
    left = onboarding.left(context.business())
    return see_other(url_for("onboarding.step", step=left[0]) if left else url_for("onboarding.end"))


@bp.get("/<int:step>")
@needs("settings.read")
@framing.shows_ours
def step(step: int) -> Response:
    if not FIRST <= step <= LAST:
        raise NotFound
    if step > FIRST and not _is_begun():
        return see_other(url_for("onboarding.step", step=FIRST))
    found = steps.of(step)
    chosen = steps.preset(request.args.get("modele", "")) if step == 5 else None
    return _page(step, Form(chosen or found.values()))


@bp.post("/<int:step>")
@needs("settings.write")
@framing.shows_ours
def save(step: int) -> Response:
    if not FIRST <= step <= LAST or (step > FIRST and not _is_begun()):
        raise NotFound
    found, typed = steps.of(step), Form(steps.of(step).typed())
    if step == 5 and "copier" in request.form:
        return _page(step, Form(steps.copied(dict(typed.values), request.form["copier"])))
    try:
        found.save(dict(typed.values))
    except Invalid as error:
        typed.refuse(error.problems)
        return _page(step, typed, status=422)
    return see_other(_onward(step))


@bp.get("/fin")
@needs("settings.read")
def end() -> Response:
    return page("onboarding/end.html", address=_address())


@bp.get("/apercu")
@needs("settings.read")
@framing.shown_by_us
def preview() -> Response:
    """The page as its visitors will see it, on line or not, with what stands in the form."""
    g.business = _drafted()
    offer, content = context.offer(), context.content()
    party = AT_TABLE if content.sector.books_tables else 1
    front = site.front(site.look(offer, context.now(), party=party))
    return page("site/home.html", front=front, content=content, menu=site.menu(content), largest=party, preview=True)


@bp.get("/apercu/cadre")
@needs("settings.read")
@framing.shows_ours
def frame() -> Response:
    """The preview's frame anew, for what is being typed."""
    return page("onboarding/_preview.html", asked=_asked())


@bp.get("/courriel")
@needs("settings.read")
@framing.shown_by_us
def mail() -> Response:
    """The mail that confirms a booking, by the very templates that write it."""
    with force_locale(context.business().locale):
        html = letter.sample(
            current_app.jinja_env, Links(context.settings().base_url, context.signer()), context.offer(),
            name=actor().name, now=context.now(),
        ).html  # fmt: skip
    answer = Response(html)
    answer.headers["Content-Security-Policy"] = MAIL_POLICY
    return answer


def _address() -> str:
    return Links(context.settings().base_url, context.signer()).site(context.business().slug)


def _is_begun() -> bool:
    return 3 in context.business().onboarding or context.business().public


def _page(step: int, typed: Form, *, status: int = 200) -> Response:
    business, found, offer = context.business(), steps.of(step), context.offer()
    sector, saved = context.content().sector, onboarding.saved_at(business)
    return page(
        "onboarding/step.html", status=status, step=step, form=typed, name=found.template, asked={},
        title=names.question(step, sector), done=business.onboarding, saved=saved, address=_address(),
        saved_today=saved is not None and offer.local_date(saved) == offer.local_date(context.now()),
        minutes_left=names.minutes_left(range(step, LAST + 1)), fresh=request.args.get("ouverte") == "1",
        before=url_for("onboarding.step", step=step - 1) if step > FIRST else None,
        after=_next(step) if step > FIRST else None, **found.more(),
    )  # fmt: skip


def _onward(step: int) -> str:
    """One more line where that was wanted; after the third step the page is on line, and the next one says so."""
    if "encore" in request.form:
        return url_for("onboarding.step", step=step)
    if step == FIRST:
        return url_for("onboarding.step", step=step + 1, ouverte=1)
    return _next(step)


def _next(step: int) -> str:
    return url_for("onboarding.step", step=step + 1) if step < LAST else url_for("onboarding.end")


def _asked() -> dict[str, str]:
    """What of the form the preview shows, as typed."""
    return {name: request.args[name][:2_000] for name in (*DRAFTED, "accent", "motif") if name in request.args}


def _drafted() -> Any:
    asked = _asked()
    known = {name: asked[name] for name in DRAFTED if name in asked}
    if asked.get("accent") in sectors.ACCENTS:
        known["accent"] = asked["accent"]
    if asked.get("motif") in sectors.ids():
        known["motif"] = asked["motif"]
    return dataclasses.replace(context.business(), **known)  # type: ignore[arg-type]  # fields of text, all of them
