"""`/api/availabilities` (S0): the week of the business, or of one resource with hours of its own."""

from typing import Literal, TypedDict

from flask import Response
from pydantic import Field

from actions import schedule
from actions.inputs import Input, OptionalSlug, refuse
from actions.schedule import WeekInput
from blueprints import context, members
from blueprints.answers import json_answer
from blueprints.api import contract
from blueprints.api.contract import operation
from blueprints.api.shapes import LocalDate, Minutes
from blueprints.api.staff.frame import of_staff, wanted
from blueprints.guards import needs
from queries import hours
from queries.hours import Rule, Week
from queries.offer import ResourceCard

bp = of_staff("availabilities", __name__)


class ResourceInput(Input):
    """Whose week: absent, the business's."""

    resource_id: OptionalSlug = Field(default=None, alias="resourceId")


class StaffWeekInput(WeekInput, ResourceInput):
    """Replaces the whole week: what it does not name is closed. Of a resource: without any opening it follows the
    business again."""


class WeeklyRule(TypedDict):
    """S3's `OpeningRule` and `TimeRangeRule`: `dayOfWeek` 0 is Sunday. It holds every `everyWeeks` weeks, counted from
    the Monday `firstWeek`."""

    id: str
    dayOfWeek: Literal[0, 1, 2, 3, 4, 5, 6]
    startMinutes: Minutes
    endMinutes: Minutes
    everyWeeks: int
    firstWeek: LocalDate | None


class WeeklyHours(TypedDict):
    """`isOwn` is false for a resource that follows the business, whose rules these are then."""

    resourceId: str | None
    isOwn: bool
    openingRules: list[WeeklyRule]
    breakRules: list[WeeklyRule]


@bp.get("/availabilities")
@needs("hours.read")
@operation("The weekly hours", WeeklyHours, query=ResourceInput, versioned=True)
def show() -> Response:
    return _answer(hours.week(context.business(), _resource(contract.query(ResourceInput).resource_id)))


@bp.post("/availabilities")
@needs("hours.write")
@operation("Replace the weekly hours", WeeklyHours, body=StaffWeekInput, versioned=True)
def replace() -> Response:
    data = contract.body(StaffWeekInput)
    resource = _resource(data.resource_id)
    before = hours.week(context.business(), resource)
    return _answer(
        schedule.replace_week(
            context.business(), members.actor(), data, now=context.now(), resource=resource,
            expected=wanted(before.version),
        )
    )  # fmt: skip


def shape(week: Week) -> WeeklyHours:
    return {
        "resourceId": week.resource.slug if week.resource else None,
        "isOwn": week.is_own,
        "openingRules": [_rule(each) for each in week.opening_rules],
        "breakRules": [_rule(each) for each in week.break_rules],
    }


def _rule(rule: Rule) -> WeeklyRule:
    return {
        "id": str(rule.id),
        "dayOfWeek": rule.day_of_week,  # type: ignore[typeddict-item] # 0 to 6, as it was typed
        "startMinutes": rule.start_minutes,
        "endMinutes": rule.end_minutes,
        "everyWeeks": rule.every_weeks,
        "firstWeek": rule.first_week.isoformat() if rule.first_week else None,
    }


def _resource(slug: str | None) -> ResourceCard | None:
    """One that has left still has its week, until it is dropped."""
    if slug is None:
        return None
    found = next((each for each in context.offer().resources if each.slug == slug), None)
    if found is None:
        raise refuse("resourceId", "slug")
    return found


def _answer(week: Week) -> Response:
    answer = json_answer(shape(week))
    answer.set_etag(week.version)
    return answer
