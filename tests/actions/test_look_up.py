"""`booking.look_up`: code and e-mail open a booking; nothing else tells anything."""

import pytest

from actions import booking
from actions.inputs import read
from errors import BookingNotFound, Invalid
from tests.cast import MONDAY_8, NO_CAPS, Cast, make_business
from tests.crowd import at_once

TRIES = booking.Caps(code_tries=3)


def look_up(
    cast: Cast, code: str, email: str = "jean@example.com", *, now: int = MONDAY_8, caps: booking.Caps = TRIES
) -> str:
    return booking.look_up(
        cast.business, read(booking.PairInput, {"code": code, "email": email}), now=now, caps=caps
    ).code


def test_the_pair_opens_the_booking_whatever_the_capitals_of_the_mail(cast: Cast) -> None:
    code = cast.book().code
    assert look_up(cast, code) == look_up(cast, f" {code} ", "  JEAN@example.COM ") == code


@pytest.mark.parametrize("code", ["", "AC-12", "ac-AB12CD", "AC-AB12C!", "XX-AB12CD", "AC-ÀB12CD"])
def test_a_malformed_code_is_named(cast: Cast, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        look_up(cast, code)
    assert refused.value.code == "INVALID_CODE"


def test_wrong_code_and_wrong_mail_are_told_alike(cast: Cast) -> None:
    code = cast.book().code
    told = []
    for pair in ((code, "autre@example.com"), ("AC-000000", "jean@example.com")):
        with pytest.raises(BookingNotFound) as refused:
            look_up(cast, *pair)
        told.append((refused.value.code, refused.value.status, refused.value.message))
    assert told[0] == told[1]


def test_holds_are_no_bookings(cast: Cast) -> None:
    held = cast.hold()
    for email in ("jean@example.com", "a@b.be"):
        with pytest.raises(BookingNotFound):
            look_up(cast, held.code, email)


def test_a_code_of_another_business_is_unknown_here(cast: Cast) -> None:
    elsewhere = make_business().book()
    with pytest.raises(BookingNotFound):
        look_up(cast, elsewhere.code)


def test_after_too_many_wrong_mails_even_the_right_one_is_silent_for_an_hour(cast: Cast) -> None:
    code = cast.book().code
    for _ in range(3):
        with pytest.raises(BookingNotFound):
            look_up(cast, code, "faux@example.com")
    with pytest.raises(BookingNotFound):
        look_up(cast, code)
    assert look_up(cast, code, now=MONDAY_8 + 3600) == code


def test_the_right_mail_never_counts_against_the_code(cast: Cast) -> None:
    code = cast.book().code
    assert {look_up(cast, code) for _ in range(10)} == {code}


def test_guesses_at_the_same_moment_are_all_counted(cast: Cast) -> None:
    code = cast.book().code
    caps = booking.Caps(code_tries=10)
    at_once(*[lambda: look_up(cast, code, "faux@example.com", caps=caps)] * 10)
    with pytest.raises(BookingNotFound):
        look_up(cast, code, caps=caps)
    assert look_up(cast, code, caps=NO_CAPS, now=MONDAY_8 + 3600) == code
