import pytest

from lib import numbers


@pytest.mark.parametrize(
    ("test", "right", "wrong"),
    [
        (numbers.is_enterprise_number, ("0745.832.604", "0745832604", "BE0745.832.604"), ("0745.832.605", "745832604", "2745832604")),
        (numbers.is_vat, ("BE 0745.832.604", "FR 40 303 265 045", "FR83404833048", "LU12345678"), ("BE 0745.832.605", "FR41303265045", "0745832604", "FR 40 303 265 046")),
        (numbers.is_siret, ("732 829 320 00074", "356 000 000 00048"), ("732 829 320 00075", "7328293200007", "")),
        (numbers.is_rpps, ("10000000009",), ("10000000008", "1000000000", "1000000000a")),
        (numbers.is_inami, ("1-23456-72-004",), ("0-12345-67-890", "5-12345-99-000", "12345678")),
    ],
)  # fmt: skip
def test_numbers_by_their_digits(test: object, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    assert [each for each in right if not test(each)] == []  # type: ignore[operator]
    assert [each for each in wrong if test(each)] == []  # type: ignore[operator]
