"""How far the setting up of a business has come."""

from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

import db
from lib import slugs
from models import Audit, BreakRule, KeptSlug, OpeningRule
from queries import accounts
from queries.business import BusinessCard

FIRST, LAST = 3, 10  # the steps of a business that exists; 1 and 2 made it
PROPOSED = 60  # proposals that may be taken already


def left(business: BusinessCard) -> list[int]:
    """The steps that are not done, rising; `step_name` and `url_for("onboarding.step", step=…)` show them."""
    return [step for step in range(FIRST, LAST + 1) if step not in business.onboarding]


def saved_at(business: BusinessCard) -> int | None:
    """When something was last changed by hand (UTC epoch seconds)."""
    with db.reading(business.id):
        row = Audit.select(Audit.created_at).order_by(Audit.id.desc()).first()
    return int(row.created_at.timestamp()) if row else None


def unfinished(user_id: UUID) -> BusinessCard | None:
    """The newest business of a user that they may set up and have not finished."""
    mine = [each.business for each in accounts.workplaces(user_id) if each.role in ("owner", "admin")]
    return max((each for each in mine if left(each)), key=lambda each: each.id, default=None)


@dataclass(frozen=True, slots=True)
class Week:
    """The business's hours by day (0 = Sunday), as [start, end] minutes; `plain`: every week the same, with one pause a
    day at most."""

    days: tuple[tuple[tuple[int, int], ...], ...]
    breaks: tuple[tuple[int, int, int], ...]
    plain: bool


def week(business: BusinessCard) -> Week:
    days: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    with db.reading(business.id):
        rows = list(OpeningRule.select().where(OpeningRule.resource_id.is_null()).order_by(OpeningRule.start_minutes))
        breaks = list(BreakRule.select().where(BreakRule.resource_id.is_null()).order_by(BreakRule.day_of_week))
    for row in rows:
        days[row.day_of_week].append((row.start_minutes, row.end_minutes))
    plain = all(len(day) <= 2 for day in days) and all(row.every_weeks == 1 for row in rows)
    weekly = tuple((row.day_of_week, row.start_minutes, row.end_minutes) for row in breaks)
    return Week(tuple(map(tuple, days)), weekly, plain)


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
        rows: Any = KeptSlug.select(KeptSlug.slug).where(KeptSlug.slug.in_(wanted)).tuples()
        return {slug for (slug,) in rows}
