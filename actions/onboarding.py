"""Setting a business up: each step of ten is one action, saved at once; what is skipped stays to be done."""

from typing import Annotated

from pydantic import Field

import db
from actions import audit
from actions.access import Actor, demand
from actions.inputs import Input
from models import Business
from queries.business import BusinessCard

STEPS = 10


class MarkInput(Input):
    """`PATCH /api/site/onboarding` (S0)."""

    step: Annotated[int, Field(ge=1, le=STEPS)]


def mark(business: BusinessCard, by: Actor, step: int, *, now: int) -> list[int]:
    """Note a step (1 to 10) as done; returns the steps done, rising. A step that was done stays so."""
    demand(by, "settings.write")
    assert 1 <= step <= STEPS, step
    with db.writing(business.id):
        row = Business.select(Business.onboarding).where(Business.id == business.id).get()
        done = sorted({*row.onboarding, step})
        if step not in row.onboarding:
            Business.update(onboarding=done).where(Business.id == business.id).execute()
            audit.note(by, "onboarding.marked", business.id, now=now, step=step)
    return done
