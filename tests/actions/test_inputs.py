"""What is typed: read once for forms, JSON and phone."""

from typing import Any

import pytest

from actions import booking
from actions.inputs import MESSAGE_LENGTH, NAME_LENGTH, read
from errors import Invalid
from tests.cast import body

WELL = body()["customer"]


def problems(kind: Any, data: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        read(kind, data)
    return {field: problem.code for field, problem in refused.value.problems.items()}


@pytest.mark.parametrize("value", [None, 7, True, [], "text"])
def test_what_is_no_object_is_unreadable(value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        read(booking.BookingInput, value)
    assert (refused.value.code, refused.value.problems) == ("INVALID_BODY", {})


def test_every_field_at_fault_is_named_and_the_first_speaks() -> None:
    found = problems(booking.BookingInput, {"customer": {}})
    assert found == {
        "serviceId": "INVALID_SERVICE_ID", "date": "INVALID_DATE", "time": "INVALID_TIME",
        "customer.name": "INVALID_NAME", "customer.email": "INVALID_EMAIL",
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        read(booking.BookingInput, {"customer": {}})
    assert (refused.value.field, refused.value.code) == ("serviceId", "INVALID_SERVICE_ID")


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        20270112,
        "2027-1-12",
        "12/01/2027",
        "2027-02-30",
        "2027-01-12T00:00",
        " 2027-01-12",
        "20270112",
        "２０２７-01-12",
        "2027-W02-2",
    ],
)
def test_only_one_form_of_a_date(date: Any) -> None:
    assert problems(booking.TimeInput, body() | {"date": date}) == {"date": "INVALID_DATE"}


@pytest.mark.parametrize("time", [None, "", 900, "9:00", "24:00", "23:60", "09:00:00", "09:00 ", "0９:00", "09h00"])
def test_only_one_form_of_a_time(time: Any) -> None:
    assert problems(booking.TimeInput, body() | {"time": time}) == {"time": "INVALID_TIME"}


@pytest.mark.parametrize("party", [0, -1, 101, "2", 1.5, True, None])
def test_a_party_is_a_whole_number_from_1_to_100(party: Any) -> None:
    assert problems(booking.TimeInput, body() | {"partySize": party}) == {"partySize": "INVALID_PARTY_SIZE"}


@pytest.mark.parametrize("fold", [-1, 2, "1", None])
def test_a_fold_is_0_or_1(fold: Any) -> None:
    assert problems(booking.TimeInput, body() | {"fold": fold}) == {"fold": "INVALID_FOLD"}


@pytest.mark.parametrize(
    "email",
    [None, "", "  ", 3, "jean", "jean@", "@example.com", "jean@example", "a b@example.com", "jean@exa\nmple.com",
     "jean@example.com, x@example.com", "jean@example.com\r\nBcc: x@example.com", "x" * 250 + "@example.com"],
)  # fmt: skip
def test_an_email_has_the_form_of_one(email: Any) -> None:
    assert problems(booking.CustomerInput, WELL | {"email": email}) == {"email": "INVALID_EMAIL"}


def test_an_email_is_trimmed_and_lower_cased() -> None:
    assert read(booking.CustomerInput, WELL | {"email": "  Jean@Example.COM "}).email == "jean@example.com"


def test_a_name_keeps_what_looks_odd_and_loses_what_surrounds_it() -> None:
    for name in ("=SUM(A1)", "<b>Jean</b>", 'O’Brien "J"', "ﬁne", "李雷"):
        assert read(booking.CustomerInput, WELL | {"name": f"  {name} "}).name == name
    assert read(booking.CustomerInput, WELL | {"name": "Rene\u0301"}).name == "Ren\u00e9"


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        " \t ",
        5,
        ["x"],
        "a\x00b",
        "a\x1b[1mb",
        "a\nb",
        "a\u2028b",
        "x" * (NAME_LENGTH + 1),
        "\ud800",
    ],
)
def test_a_name_is_one_line_of_text(name: Any) -> None:
    assert problems(booking.CustomerInput, WELL | {"name": name}) == {"name": "INVALID_NAME"}


def test_limits_of_length_are_told_with_their_number() -> None:
    with pytest.raises(Invalid) as refused:
        read(booking.DetailsInput, WELL | {"message": "x" * (MESSAGE_LENGTH + 1)})
    assert refused.value.problems["message"].values == {"max_length": MESSAGE_LENGTH}


def test_a_message_may_have_lines_and_nothing_odder() -> None:
    assert read(booking.DetailsInput, WELL | {"message": "un\r\ndeux\ttrois\n"}).message == "un\ndeux\ttrois"
    assert problems(booking.DetailsInput, WELL | {"message": "un\x07"}) == {"message": "INVALID_MESSAGE"}


@pytest.mark.parametrize("blank", [None, "", "   "])
def test_blank_counts_as_absent(blank: Any) -> None:
    details = read(booking.DetailsInput, WELL | {"phone": blank, "message": blank})
    assert (details.phone, details.message) == (None, None)
    assert read(booking.TimeInput, body() | {"resourceId": blank}).resource_id is None


def test_nothing_is_converted_and_unknown_keys_are_ignored() -> None:
    assert problems(booking.BookingInput, body() | {"notifications": {"email": "yes"}}) == {
        "notifications.email": "INVALID_EMAIL"
    }
    assert problems(booking.BookingInput, body() | {"customer": "Jean"}) == {"customer": "INVALID_CUSTOMER"}
    assert read(booking.BookingInput, body() | {"isAdmin": True}).party_size == 1


def test_a_new_date_has_its_own_name() -> None:
    found = problems(booking.MoveInput, {"email": "jean@example.com", "newDate": "hier", "newTime": ""})
    assert found == {"newDate": "INVALID_NEW_DATE", "newTime": "INVALID_NEW_TIME"}
