"""The cancellation policy as it is typed and sent (S3, "Politique d'annulation")."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from actions.inputs import Input
from lib.money import BASIS
from lib.refund import Policy

LONGEST_HOURS = 24 * 60  # sixty days


def _rate(value: float) -> float:
    if not 0 <= value <= 1:
        raise PydanticCustomError("rate", "refused")
    return value


Rate = Annotated[float, AfterValidator(_rate), Field(json_schema_extra={"minimum": 0, "maximum": 1})]
Hours = Annotated[int, Field(ge=0, le=LONGEST_HOURS)]


class PolicyInput(Input):
    """All of the deposit goes back until `fullRefundHours` before the start, `partialRefundRate` of it until
    `partialRefundHours`, nothing after (S3: 48, 24, half)."""

    full_hours: Hours = Field(default=48, alias="fullRefundHours")
    partial_hours: Hours = Field(default=24, alias="partialRefundHours")
    partial_rate: Rate = Field(default=0.5, alias="partialRefundRate")

    @model_validator(mode="after")
    def _the_part_comes_after_the_whole(self) -> Self:
        if self.partial_hours > self.full_hours:
            raise PydanticCustomError("hours_order", "refused")
        return self


def stored(policy: PolicyInput) -> dict[str, Any]:
    """As `lib.refund.Policy.from_json` reads it."""
    return {
        "full_hours": policy.full_hours, "partial_hours": policy.partial_hours,
        "partial_bp": basis_points(policy.partial_rate),
    }  # fmt: skip


def shown(policy: Policy) -> dict[str, Any]:
    """As the API sends it."""
    return {
        "fullRefundHours": policy.full_hours, "partialRefundHours": policy.partial_hours,
        "partialRefundRate": policy.partial_bp / BASIS,
    }  # fmt: skip


def basis_points(rate: float) -> int:
    """0.3 is 3,000: a rate is a decimal fraction, which a float only nears."""
    return round(rate * BASIS)
