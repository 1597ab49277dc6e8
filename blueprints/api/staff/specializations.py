"""`/api/site/specializations` (S0): what the business is known for."""

from typing import TypedDict

from flask import Response, url_for

from actions import site
from actions.site import SpecializationInput
from blueprints import context, members
from blueprints.answers import json_answer
from blueprints.api import contract
from blueprints.api.contract import operation
from blueprints.api.staff.frame import PageInput, gone, item, of_staff, pages, row_id, wanted
from blueprints.guards import needs
from errors import NotFound
from queries import my_site
from queries.content import SpecializationCard
from queries.my_site import version_of

bp = of_staff("specializations", __name__)

NAME = "specializations"


class StaffSpecialization(TypedDict):
    id: str
    name: str


class StaffSpecializationAnswer(TypedDict):
    specialization: StaffSpecialization


class StaffSpecializations(TypedDict):
    specializations: list[StaffSpecialization]
    next: str | None


@bp.get("/site/specializations")
@needs("site.read")
@operation("The specialisations, in the order of the page", StaffSpecializations, query=PageInput)
def index() -> Response:
    shown, following = pages(NAME, my_site.specializations(context.business()), contract.query(PageInput), key=_key)
    return json_answer({NAME: [shape(each) for each in shown], "next": following})


@bp.post("/site/specializations")
@needs("site.write")
@operation(
    "Add a specialisation",
    StaffSpecializationAnswer,
    status=201,
    body=SpecializationInput,
    versioned=True,
    located=True,
)
def create() -> Response:
    data = contract.body(SpecializationInput)
    made = site.add_specialization(context.business(), members.actor(), data, now=context.now())
    return item(
        "specialization", shape(made), seen=version_of(made), status=201, at=url_for(".show", specialization_id=made.id)
    )


@bp.get("/site/specializations/<specialization_id>")
@needs("site.read")
@operation("One specialisation", StaffSpecializationAnswer, versioned=True, errors=(NotFound,))
def show(specialization_id: str) -> Response:
    found = _one(specialization_id)
    return item("specialization", shape(found), seen=version_of(found))


@bp.patch("/site/specializations/<specialization_id>")
@needs("site.write")
@operation(
    "Change a specialisation", StaffSpecializationAnswer, body=SpecializationInput, versioned=True, errors=(NotFound,)
)
def change(specialization_id: str) -> Response:
    found = _one(specialization_id)
    data = contract.body(SpecializationInput)
    after = site.change_specialization(
        context.business(), members.actor(), found.id, data, now=context.now(), expected=wanted(version_of(found))
    )
    return item("specialization", shape(after), seen=version_of(after))


@bp.delete("/site/specializations/<specialization_id>")
@needs("site.write")
@operation("Drop a specialisation", None, status=204, versioned=True, errors=(NotFound,))
def remove(specialization_id: str) -> Response:
    found = _one(specialization_id)
    site.remove_specialization(
        context.business(), members.actor(), found.id, now=context.now(), expected=wanted(version_of(found))
    )
    return gone()


def shape(found: SpecializationCard) -> StaffSpecialization:
    return {"id": str(found.id), "name": found.name}


def _key(found: SpecializationCard) -> str:
    return str(found.id)


def _one(specialization_id: str) -> SpecializationCard:
    key = row_id(specialization_id)
    found = next((each for each in my_site.specializations(context.business()) if each.id == key), None)
    if found is None:
        raise NotFound
    return found
