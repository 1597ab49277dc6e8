"""When a business opens: its week and that of each resource, the days that differ, and what a change leaves outside."""

import datetime as dt
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import db
from lib.versions import version
from models import BreakRule, OpeningRule, WeeklyRule
from queries.business import BusinessCard
from queries.offer import ResourceCard


@dataclass(frozen=True, slots=True)
class Rule:
    """S3's `OpeningRule` and `TimeRangeRule`. `first_week` is a Monday, None where the rule holds every week."""

    id: UUID
    day_of_week: int
    start_minutes: int
    end_minutes: int
    every_weeks: int
    first_week: dt.date | None


@dataclass(frozen=True)
class Week:
    """`resource` None: the whole business. `is_own` is false for a resource that follows the business: the rules are
    then the business's. By day from Sunday, then by start."""

    resource: ResourceCard | None
    is_own: bool
    opening_rules: tuple[Rule, ...]
    break_rules: tuple[Rule, ...]

    @cached_property
    def version(self) -> str:
        """For `If-Match`: of what the week says, whatever its rows are called."""
        told = {
            name: [asdict(each) | {"id": None} for each in rules]
            for name, rules in (("opening", self.opening_rules), ("breaks", self.break_rules))
        }
        return version(told | {"own": self.is_own})


def week(business: BusinessCard, resource: ResourceCard | None = None) -> Week:
    with db.reading(business.id):
        own = resource is None or OpeningRule.select().where(OpeningRule.resource_id == resource.id).exists()
        owner = resource.id if resource is not None and own else None
        return Week(resource, own, _rules(OpeningRule, owner), _rules(BreakRule, owner))


def _rules(model: type[WeeklyRule], owner: UUID | None) -> tuple[Rule, ...]:
    rows = model.select().where(model.resource_id == owner).order_by(model.day_of_week, model.start_minutes, model.id)
    return tuple(_rule(row) for row in rows)


def _rule(row: Any) -> Rule:
    first = dt.date.fromisoformat(row.first_week) if isinstance(row.first_week, str) else row.first_week
    return Rule(row.id, row.day_of_week, row.start_minutes, row.end_minutes, row.every_weeks, first)
