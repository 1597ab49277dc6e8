"""The parts of the site, what of them is not published yet, and the page as it will be."""

from uuid import UUID

from flask import Response, flash, g, request, url_for
from flask_babel import gettext

from actions import drafting
from blueprints import context, members
from blueprints.answers import CONTENT_POLICY, page
from blueprints.dashboard.my_site.editor import bp, part_names, shown
from blueprints.forms import see_other
from blueprints.framing import shown_by_us, shows_ours
from blueprints.guards import needs
from errors import NotFound
from queries import content, legal, my_site, site

# Nothing in a preview acts: no form is sent, no link opens. Same origin, because the pictures of a draft are for the
# signed in.
PREVIEW_POLICY = CONTENT_POLICY.replace("'none'; manifest", "'self'; manifest") + "; sandbox allow-same-origin"


@bp.get("")
@needs("site.read")
@shows_ours
def show() -> Response:
    business = context.business()
    return shown("dashboard/my_site.html", "", missing=[each for each in legal.missing(business) if each.required])


@bp.get("/apercu")
@needs("site.read")
@shown_by_us
def preview() -> Response:
    """The page as visitors will see it once the draft is published, for who works here."""
    own = my_site.own_site(context.business())
    front = site.front(site.look(context.offer(), context.now()))
    context.preview(own.business, own.as_shown())
    g.language = context.fixed_language() or own.business.locale
    answer = page(
        "dashboard/site_preview.html", front=front, content=own.as_shown(), menu=site.menu(own.content), largest=1,
        preview=True, only=request.args.get("partie", ""),
    )  # fmt: skip
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return answer


@bp.get("/images/<uuid:picture_id>")
@needs("site.read")
def picture(picture_id: UUID) -> Response:
    found = content.picture(context.business(), picture_id, waiting=True)
    if found is None or not found[0].startswith("image/") or "svg" in found[0]:
        raise NotFound
    return Response(found[1], content_type=found[0])


@bp.post("/publier")
@needs("site.write")
def publish() -> Response:
    parts = drafting.publish(context.business(), members.actor(), now=context.now())
    if parts:
        flash(gettext("Vous avez publié : %(parts)s.", parts=_listed(parts)))
    else:
        flash(gettext("Il n’y a rien à publier : votre page est à jour."))
    return see_other(url_for("my_site.show"))


@bp.get("/annuler")
@needs("site.write")
def ask_discard() -> Response:
    return shown("dashboard/site_discard.html", "discard")


@bp.post("/annuler")
@needs("site.write")
def discard() -> Response:
    drafting.discard(context.business(), members.actor(), now=context.now())
    flash(gettext("Vos modifications sont annulées : tout est comme sur votre page."))
    return see_other(url_for("my_site.show"))


def _listed(parts: tuple[str, ...]) -> str:
    names = part_names()
    return ", ".join(names[part] for part in parts)
