"""Which questions a service asks, and how answers are told."""

import pytest

import sectors
from queries.asked import Told, asked, told
from sectors import Misfit
from tests.cast import make_business, question


def test_a_business_s_own_questions_stand_for_the_profession_s_and_the_service_s_come_last(app: object) -> None:
    usual = make_business(services={"diag": {"form_fields": [question("etage")]}})
    expected = [*(field.key for field in sectors.get("other").fields), "etage"]
    assert [field.key for field in asked(usual.business, usual.offer.service("diag"))] == expected
    own = make_business(
        form_fields=[question("motif"), question("since", "date")],
        services={"diag": {"form_fields": [question("etage"), question("motif", "textarea")]}},
    )
    found = asked(own.business, own.offer.service("diag"))
    assert [(field.key, field.type) for field in found] == [
        ("motif", "textarea"), ("since", "date"), ("etage", "text"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        ([{"key": "x"}], "0.type"), ([question("x") | {"placeholder": "?"}], "placeholder"),
        ([question("x", "select")], "options"), ([question("x"), question("x")], "same key"),
        ([question("Ä")], "0.key"),
    ],
)  # fmt: skip
def test_a_stored_question_that_breaks_the_schema_is_named(app: object, stored: list[object], says: str) -> None:
    cast = make_business(form_fields=stored)
    with pytest.raises(Misfit, match=says):
        asked(cast.business, cast.offer.service("diag"))


def test_answers_are_told_in_the_reader_s_language_those_whose_question_is_gone_by_their_key(app: object) -> None:
    fields = [question("zone", "select", options=("knee",)), question("first", "boolean"), question("on", "date")]
    cast = make_business(form_fields=fields)
    answers = {"gone": 3, "on": "2026-10-01", "first": True, "zone": "knee"}
    assert told(cast.business, cast.offer.service("diag"), answers, language="nl") == (
        Told("zone nl", "knee nl"), Told("first nl", True), Told("on nl", "1 oktober 2026"), Told("gone", "3"),
    )  # fmt: skip
    older = {"zone": "elbow", "on": "hier"}
    assert [each.value for each in told(cast.business, cast.offer.service("diag"), older, language="en")] == [
        "elbow", "hier",
    ]  # fmt: skip
