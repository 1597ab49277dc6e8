"""What clients answer: read by one table of cases, demanded on the page alone, kept with the hold and the booking."""

from typing import Any
from uuid import UUID

import pytest

import db
from actions import booking
from actions.booking import answers
from actions.inputs import read
from errors import Invalid
from models import Booking, Service
from queries.asked import asked
from queries.booking import by_id
from sectors import FormField
from tests.cast import MONDAY_8, NO_CAPS, Cast, body, make_business, question

WHO = {"name": "Zoé", "email": "zoe@example.be"}
QUESTIONS = [
    question("motif", max_length=5),
    question("suite", "textarea"),
    question("zone", "select", options=("back", "knee")),
    question("side", "radio", options=("left", "right")),
    question("first_visit", "boolean"),
    question("adult", "boolean", required=True),
    question("weeks", "number", min=1, max=52),
    question("operated_on", "date"),
]
FIELDS = [FormField.model_validate(each) for each in QUESTIONS]


def refused(**given: Any) -> str:
    """The message's msgid of the one answer that is wrong."""
    with pytest.raises(Invalid) as found:
        answers.read(FIELDS, given, demand=False)
    ((name, problem),) = found.value.problems.items()
    assert (name, problem.code) == (f"answers.{next(iter(given))}", "INVALID_ANSWERS")
    return problem.message % problem.values


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("motif", "  dos ", "dos"), ("motif", "e\u0301te\u0301", "été"), ("motif", "12345", "12345"),
        ("suite", "un\r\ndeux", "un\ndeux"), ("zone", "knee", "knee"), ("side", " left ", "left"),
        ("first_visit", False, False), ("adult", True, True), ("weeks", 1, 1), ("weeks", 52, 52),
        ("operated_on", "2024-02-29", "2024-02-29"),
    ],
)  # fmt: skip
def test_right_answers_are_kept_clean(key: str, given: Any, kept: Any) -> None:
    assert answers.read(FIELDS, {key: given, "unasked": ["x"]}, demand=False) == {key: kept}


@pytest.mark.parametrize("blank", [None, "", " \n\t"])
def test_a_blank_answer_is_none(blank: Any) -> None:
    assert answers.read(FIELDS, {field.key: blank for field in FIELDS}, demand=False) == {}


@pytest.mark.parametrize(
    ("key", "given", "says"),
    [
        ("motif", "123456", "trop long (5 "), ("motif", "a\nb", "caractère"), ("motif", "\x00", "caractère"),
        ("motif", "\ud800", "caractère"), ("motif", 1, "attend du texte"), ("motif", ["a"], "attend du texte"),
        ("suite", "x" * 301, "trop long (300 "), ("suite", "a\x07", "caractère"), ("zone", "head", "pas connue"),
        ("zone", True, "attend du texte"), ("side", "LEFT", "pas connue"), ("first_visit", "oui", "vrai ou faux"),
        ("first_visit", 1, "vrai ou faux"), ("weeks", "3", "nombre entier"), ("weeks", True, "nombre entier"),
        ("weeks", 3.0, "nombre entier"), ("weeks", 0, "1 ou plus"), ("weeks", 10**400, "52 au plus"),
        ("operated_on", "2023-02-29", "une date"), ("operated_on", "1/2/2023", "une date"),
        ("operated_on", 20230201, "attend du texte"), ("operated_on", "20230201", "une date"),
    ],
)  # fmt: skip
def test_wrong_answers_are_refused(key: str, given: Any, says: str) -> None:
    assert says in refused(**{key: given})


def test_a_number_without_bounds_has_the_largest() -> None:
    (field,) = [FormField.model_validate(question("n", "number"))]
    for number in (-answers.LARGEST, answers.LARGEST):
        assert answers.read([field], {"n": number}, demand=False) == {"n": number}
        with pytest.raises(Invalid):
            answers.read([field], {"n": number * 2}, demand=False)


def test_every_problem_is_told_at_once_and_a_missing_one_only_on_demand() -> None:
    with pytest.raises(Invalid) as found:
        answers.read(FIELDS, {"weeks": 0, "zone": "head"}, demand=True)
    assert list(found.value.problems) == ["answers.zone", "answers.adult", "answers.weeks"]
    assert answers.read(FIELDS, {}, demand=False) == {}
    assert found.value.problems["answers.adult"].message == "Répondez à cette question."
    with pytest.raises(Invalid) as alone:
        answers.read([FormField.model_validate(question("plate", required=True))], {}, demand=True)
    assert alone.value.message == "Ce champ est obligatoire."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"first_visit": "oui", "adult": "non", "weeks": " 3 ", "motif": "dos"},
         {"first_visit": True, "adult": False, "weeks": 3, "motif": "dos"}),
        ({}, {"first_visit": False}),
        ({"first_visit": "", "adult": ""}, {"first_visit": False}),
    ],
)  # fmt: skip
def test_what_a_page_sends_is_read_as_json_is_and_shown_again(typed: dict[str, str], said: dict[str, Any]) -> None:
    sent = {f"answers.{key}": text for key, text in typed.items()}
    found = answers.read(FIELDS, answers.from_page(FIELDS, sent), demand=False)
    assert found == said
    again = answers.from_page(FIELDS, answers.to_page(FIELDS, found))
    assert answers.read(FIELDS, again, demand=False) == said


@pytest.mark.parametrize(("key", "text"), [("first_visit", "yes"), ("weeks", "3,5"), ("weeks", "١"), ("adult", "1")])
def test_what_a_page_cannot_have_sent_is_refused(key: str, text: str) -> None:
    with pytest.raises(Invalid):
        answers.read(FIELDS, answers.from_page(FIELDS, {f"answers.{key}": text}), demand=False)


# --- in the bookings -------------------------------------------------------------------------------------------------


@pytest.fixture
def cast(app: object) -> Cast:
    service = {"form_fields": [question("motif", required=True), question("weeks", "number")]}
    return make_business(services={"diag": service}, form_fields=[question("first_visit", "boolean")])


def details(**said: Any) -> booking.DetailsInput:
    return read(booking.DetailsInput, WHO | {"answers": said})


def stored(cast: Cast) -> Any:
    with db.reading(cast.id):
        return Booking.select().get().answers


def test_a_body_may_come_without_answers_and_never_with_wrong_ones(cast: Cast) -> None:
    assert cast.book().answers == {}
    assert stored(cast) is None
    with pytest.raises(Invalid) as found:
        cast.book("10:00", answers={"weeks": "many"})
    assert (found.value.code, found.value.field) == ("INVALID_ANSWERS", "answers.weeks")
    assert cast.book("10:00", answers={"weeks": 3, "else": 1}).answers == {"weeks": 3}
    with pytest.raises(Invalid) as found:
        read(booking.BookingInput, body() | {"answers": ["motif"]})
    assert (found.value.code, found.value.field) == ("INVALID_ANSWERS", "answers")


def test_confirming_demands_what_the_page_demands_and_takes_nothing_otherwise(cast: Cast) -> None:
    held = cast.hold()
    for missing in ({}, {"motif": " "}, {"motif": "dos", "weeks": "3"}):
        with pytest.raises(Invalid):
            booking.confirm(cast.business, UUID(held.id), details(**missing), now=MONDAY_8, caps=NO_CAPS)
    again = by_id(cast.offer, UUID(held.id))
    assert again is not None
    assert again.status == "held"
    card = booking.confirm(
        cast.business, UUID(held.id), details(motif="dos", first_visit=True), now=MONDAY_8, caps=NO_CAPS, locale="nl"
    )
    assert (card.status, card.answers, card.locale) == ("confirmed", {"first_visit": True, "motif": "dos"}, "nl")
    assert stored(cast) == {"first_visit": True, "motif": "dos"}


def test_a_hold_keeps_answers_and_demands_them_only_before_the_end(cast: Cast) -> None:
    held = cast.hold()
    noted = booking.note_details(cast.business, UUID(held.id), details(weeks=2), now=MONDAY_8)
    assert noted.answers == {"weeks": 2}
    with pytest.raises(Invalid):
        booking.note_details(cast.business, UUID(held.id), details(weeks=2), now=MONDAY_8, demand=True)


def test_questions_of_a_service_that_has_changed_hold_from_then_on(cast: Cast) -> None:
    held = cast.hold()
    with db.writing(cast.id):
        Service.update(form_fields=[]).execute()
    assert [field.key for field in asked(cast.business, cast.offer.service("diag"))] == ["first_visit"]
    booking.confirm(cast.business, UUID(held.id), details(), now=MONDAY_8, caps=NO_CAPS)
