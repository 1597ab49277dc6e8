"""How a business works, as its people set it."""

from dataclasses import asdict
from typing import Any

import sectors
from lib.refund import Policy
from lib.versions import version as version_of
from queries.business import BusinessCard

# What the settings do not hold: `revision` rises with every change of hours or services too.
BESIDE = frozenset({"id", "revision", "onboarding", "calendar_home"})


def version(business: BusinessCard) -> str:
    """What `If-Match` compares, of the business's own row."""
    values: dict[str, Any] = {
        name: getattr(business, name) for name in BusinessCard.__dataclass_fields__ if name not in BESIDE
    }
    return version_of(values | {"cancellation": stored_policy(business.cancellation)})


def stored_policy(policy: Policy) -> dict[str, Any]:
    return asdict(policy)


def stored_questions(business: BusinessCard) -> list[dict[str, Any]]:
    """What is asked whatever the service, as it is kept: the profession's questions until the business has its own."""
    if business.form_fields is not None:
        return business.form_fields
    return [field.model_dump(mode="json") for field in sectors.get(business.sector).fields]
