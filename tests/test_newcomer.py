"""Somebody new, against a server of its own in a process of its own: the seconds are real ones."""

import re

import pytest

from tests import newcomer


def test_a_newcomer_is_booked_within_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    assert newcomer.main() == 0
    said = capsys.readouterr().out
    assert re.search(r"answers demanded: 8 \(metier, businessName, name, email, street, postcode, town, phone\)", said)
    assert "steps walked: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10" in said
