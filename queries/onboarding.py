"""How far the setting up of a business has come."""

from itertools import islice

import db
from lib import slugs
from models import KeptSlug
from queries.business import BusinessCard

FIRST, LAST = 3, 10  # the steps of a business that exists; 1 and 2 made it
PROPOSED = 60  # proposals that may be taken already


def left(business: BusinessCard) -> list[int]:
    """The steps that are not done, rising; `step_name` and `url_for("onboarding.step", step=…)` show them."""
    return [step for step in range(FIRST, LAST + 1) if step not in business.onboarding]


def is_free(slug: str) -> bool:
    """Whether a new business may take this address: of a good form, not reserved, and never anybody's."""
    return slugs.is_slug(slug) and not _taken([slug])


def free_slug(name: str) -> str:
    """The first proposal for a name that is free; empty when all that were looked at are taken."""
    wanted = list(islice(slugs.proposals(name), PROPOSED))
    taken = _taken(wanted)
    return next((each for each in wanted if each not in taken), "")


def _taken(wanted: list[str]) -> set[str]:
    with db.looking():
        return {row[0] for row in KeptSlug.select(KeptSlug.slug).where(KeptSlug.slug.in_(wanted)).tuples()}
