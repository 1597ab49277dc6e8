"""`PATCH /api/site/onboarding` (S0): which of the ten steps of setting up are done."""

from typing import TypedDict

from flask import Response

from actions import onboarding
from actions.onboarding import MarkInput
from blueprints import context, members
from blueprints.answers import json_answer
from blueprints.api import contract
from blueprints.api.contract import operation
from blueprints.api.staff.frame import of_staff
from blueprints.guards import needs

bp = of_staff("onboarding", __name__)


class Onboarding(TypedDict):
    """The steps done, rising."""

    done: list[int]


class OnboardingAnswer(TypedDict):
    onboarding: Onboarding


@bp.patch("/site/onboarding")
@needs("settings.write")
@operation("Mark a step of setting up as done", OnboardingAnswer, body=MarkInput)
def mark() -> Response:
    data = contract.body(MarkInput)
    done = onboarding.mark(context.business(), members.actor(), data.step, now=context.now())
    return json_answer({"onboarding": {"done": done}})
