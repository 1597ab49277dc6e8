"""The legal holidays, and none that the law does not name."""

import datetime as dt

import pytest

from lib.holidays import coming


def year(country: str, postcode: str = "", language: str = "fr") -> list[tuple[dt.date, str]]:
    return coming(country, postcode, dt.date(2027, 1, 1), dt.date(2027, 12, 31), language)


@pytest.mark.parametrize(
    ("country", "postcode", "count"),
    [("BE", "1000", 10), ("FR", "75001", 11), ("FR", "67000", 13), ("FR", "57000", 13), ("LU", "1234", 0)],
)
def test_as_many_as_the_law_names(country: str, postcode: str, count: int) -> None:
    found = year(country, postcode)
    assert len(found) == len({date for date, _ in found}) == count


def test_easter_sunday_is_none_and_names_are_those_of_the_language() -> None:
    days = dict(year("BE"))
    assert dt.date(2027, 3, 28) not in days
    assert days[dt.date(2027, 3, 29)] == "Lundi de Pâques"
    assert days[dt.date(2027, 11, 11)] == "Jour de l’Armistice"
    assert dict(year("BE", language="nl"))[dt.date(2027, 3, 29)] == "Paasmaandag"
    assert dict(year("FR", language="nl"))[dt.date(2027, 7, 14)] == "Fête nationale"


def test_a_span_over_new_year_takes_from_both_years() -> None:
    found = coming("BE", "", dt.date(2026, 12, 24), dt.date(2027, 1, 1), "fr")
    assert [date for date, _ in found] == [dt.date(2026, 12, 25), dt.date(2027, 1, 1)]
