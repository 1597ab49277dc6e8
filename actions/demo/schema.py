"""What a file of a demo business may say. Texts for visitors are said in every language, or plainly when a name or a
dish needs no translation; what a file leaves out comes from its sector."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from sectors import Cents, Clock, Hours, Part, QuestionTemplate, Room, Said, ServiceTemplate, Text, ValueTemplate

Words = Said | Text
Address = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.]+@([a-z0-9-]+\.example|example\.[a-z]+)$")]


class Profile(Part):
    """Columns of `business`; None: as the sector suggests."""

    name: Text
    sector: Text
    headline: Said
    lead: Said
    bio: Said | None = None
    seo_title: Said | None = None
    seo_description: Said | None = None
    access: Words | None = None
    timezone: Text
    locale: Text = "fr"
    country: Annotated[str, StringConstraints(pattern=r"^(BE|FR)$")]
    accent: Text | None = None
    email: Address
    phone: Annotated[str, StringConstraints(pattern=r"^\+\d{8,14}$")]
    street: Text
    postcode: Text
    town: Text
    step_minutes: Annotated[int, Field(ge=5)] | None = None
    notice_minutes: Annotated[int, Field(ge=0)] | None = None
    horizon_days: Annotated[int, Field(ge=1)] = 90
    cancellation: dict[str, int] = {}
    identity: dict[str, str] = {}
    frame_ancestors: tuple[Text, ...] = ()


class Person(Part):
    """Hours of a person's own replace those of the business."""

    slug: Text
    name: Text
    title: Words | None = None
    bio: Words | None = None
    languages: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")], ...] = ()
    hours: tuple[Hours, ...] = ()
    breaks: tuple[Hours, ...] = ()


class DemoService(ServiceTemplate):
    """`by` names the people who offer it; empty: everyone, and every table."""

    by: tuple[Text, ...] = ()
    buffer_before: Annotated[int, Field(ge=0, le=240)] = 0
    active: bool = True


class Closure(Part):
    """A closed date, so many days from the day of loading."""

    days_ahead: Annotated[int, Field(ge=0)]
    label: Text


class Dish(Part):
    section: Words
    name: Words
    description: Words | None = None
    price_cents: Cents | None = None


class ClientWords(Part):
    author: Text
    text: Words


class DemoBooking(Part):
    """`ahead`: on which of the coming days from Monday to Friday when the business opens, counted from 1."""

    ahead: Annotated[int, Field(ge=1, le=30)]
    service: Text
    time: Clock
    person: Text | None = None
    party: Annotated[int, Field(ge=1)] = 1
    name: Text
    email: Address
    answers: dict[str, str | int | bool] = {}


class DemoBusiness(Part):
    """A whole file; its name is the slug. `specializations`, `values`, `questions`, `rooms` and `services`: None means
    the sector's own."""

    slug: str
    business: Profile
    people: tuple[Person, ...] = ()
    rooms: tuple[Room, ...] | None = None
    services: tuple[DemoService, ...] | None = None
    hours: tuple[Hours, ...] | None = None
    breaks: tuple[Hours, ...] = ()
    closures: tuple[Closure, ...] = ()
    specializations: tuple[Said, ...] | None = None
    values: tuple[ValueTemplate, ...] | None = None
    questions: tuple[QuestionTemplate, ...] | None = None
    menu: tuple[Dish, ...] = ()
    testimonials: tuple[ClientWords, ...] = ()
    bookings: tuple[DemoBooking, ...] = ()

    @model_validator(mode="after")
    def _people_are_known(self) -> Self:
        known = {person.slug for person in self.people}
        named = {slug for service in self.services or () for slug in service.by}
        named |= {each.person for each in self.bookings if each.person}
        if unknown := named - known:
            raise ValueError(f"nobody here is called {', '.join(sorted(unknown))}")
        return self
