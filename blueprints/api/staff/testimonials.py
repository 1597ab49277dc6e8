"""`/api/site/testimonials` (S0). One that the profession may not show is kept all the same: `shown` is false then."""

from typing import TypedDict

from flask import Response, url_for

from actions import site
from actions.inputs import Input, Name, Text
from actions.site import TestimonialInput
from blueprints import context, members
from blueprints.answers import json_answer
from blueprints.api import contract
from blueprints.api.contract import operation
from blueprints.api.staff.frame import PageInput, changed, gone, item, of_staff, pages, row_id, wanted
from blueprints.guards import needs
from errors import NotFound
from queries import my_site
from queries.my_site import OwnTestimonial, version_of

bp = of_staff("testimonials", __name__)

NAME = "testimonials"


class TestimonialChange(Input):
    """Only what is given changes; null changes nothing."""

    author: Name | None = None
    text: Text | None = None


class StaffTestimonial(TypedDict):
    """`source` names the rule of the profession that decides what is shown; empty where it has none."""

    id: str
    author: str
    text: str
    shown: bool
    source: str


class StaffTestimonialAnswer(TypedDict):
    testimonial: StaffTestimonial


class StaffTestimonials(TypedDict):
    testimonials: list[StaffTestimonial]
    next: str | None


@bp.get("/site/testimonials")
@needs("site.read")
@operation("The testimonials, shown or not", StaffTestimonials, query=PageInput)
def index() -> Response:
    shown, following = pages(NAME, my_site.testimonials(context.business()), contract.query(PageInput), key=_key)
    return json_answer({NAME: [shape(each) for each in shown], "next": following})


@bp.post("/site/testimonials")
@needs("site.write")
@operation(
    "Keep a testimonial", StaffTestimonialAnswer, status=201, body=TestimonialInput, versioned=True, located=True
)
def create() -> Response:
    data = contract.body(TestimonialInput)
    made = site.add_testimonial(context.business(), members.actor(), data, now=context.now())
    return item(
        "testimonial", shape(made), seen=version_of(made), status=201, at=url_for(".show", testimonial_id=made.id)
    )


@bp.get("/site/testimonials/<testimonial_id>")
@needs("site.read")
@operation("One testimonial", StaffTestimonialAnswer, versioned=True, errors=(NotFound,))
def show(testimonial_id: str) -> Response:
    found = _one(testimonial_id)
    return item("testimonial", shape(found), seen=version_of(found))


@bp.patch("/site/testimonials/<testimonial_id>")
@needs("site.write")
@operation("Change a testimonial", StaffTestimonialAnswer, body=TestimonialChange, versioned=True, errors=(NotFound,))
def change(testimonial_id: str) -> Response:
    _one(testimonial_id)
    data = contract.body(TestimonialChange)

    def apply(found: OwnTestimonial, version: str) -> OwnTestimonial:
        whole = TestimonialInput.model_construct(author=data.author or found.author, text=data.text or found.text)
        return site.change_testimonial(
            context.business(), members.actor(), found.id, whole, now=context.now(), expected=version
        )

    after = changed(lambda: _one(testimonial_id), version_of, apply)
    return item("testimonial", shape(after), seen=version_of(after))


@bp.delete("/site/testimonials/<testimonial_id>")
@needs("site.write")
@operation("Drop a testimonial", None, status=204, versioned=True, errors=(NotFound,))
def remove(testimonial_id: str) -> Response:
    found = _one(testimonial_id)
    site.remove_testimonial(
        context.business(), members.actor(), found.id, now=context.now(), expected=wanted(version_of(found))
    )
    return gone()


def shape(found: OwnTestimonial) -> StaffTestimonial:
    return {
        "id": str(found.id), "author": found.author, "text": found.text, "shown": found.shown, "source": found.source,
    }  # fmt: skip


def _key(found: OwnTestimonial) -> str:
    return str(found.id)


def _one(testimonial_id: str) -> OwnTestimonial:
    key = row_id(testimonial_id)
    found = next((each for each in my_site.testimonials(context.business()) if each.id == key), None)
    if found is None:
        raise NotFound
    return found
