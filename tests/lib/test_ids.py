"""Keys that sort by the time they were made."""

import datetime as dt
import uuid

from lib.ids import uuid7


def test_keys_of_one_process_sort_as_they_were_made() -> None:
    made = [uuid7() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_a_key_has_the_form_of_the_rfc_and_tells_its_moment() -> None:
    before = dt.datetime.now(dt.UTC)
    key = uuid7()
    assert (key.version, key.variant) == (7, uuid.RFC_4122)
    told = dt.datetime.fromtimestamp((key.int >> 80) / 1000, dt.UTC)
    assert abs(told - before) < dt.timedelta(seconds=2)
    assert uuid7(milliseconds=1_000).int >> 80 == 1_000
