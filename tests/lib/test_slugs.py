"""The names of businesses in addresses."""

from itertools import islice

import pytest
from flask import Flask

from lib.slugs import FORM, LENGTH, RESERVED, is_slug, proposals, propose


def test_no_business_takes_the_beginning_of_an_address_of_ours(app: Flask) -> None:
    first = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()} - {""}
    fixed = {segment for segment in first if "<" not in segment}
    assert len(fixed) >= 10
    assert not {segment for segment in fixed if is_slug(segment)}
    assert {segment for segment in fixed if FORM.fullmatch(segment)} <= RESERVED
    assert {segment for segment in first if "<" in segment} <= {"<slug>", "<slug>.md"}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Cabinet Delvaux & Fils", "cabinet-delvaux-fils"),
        ("  Chez  Léon ", "chez-leon"),
        ("L’Œuvre d’Anaïs", "l-oeuvre-d-anais"),
        ("Straße 7", "strasse-7"),
        ("А́нна", ""),
        ("x" * 90, "x" * LENGTH),
        ("a" * 62 + " b", "a" * 62),
    ],
)
def test_a_name_proposes(name: str, slug: str) -> None:
    assert propose(name) == slug
    assert not slug or is_slug(slug)


@pytest.mark.parametrize("name", ["Admin", "Pro", "!!!", "é" * 80, "Cabinet Delvaux"])
def test_proposals_never_end_and_are_all_good(name: str) -> None:
    first = list(islice(proposals(name, "Ixelles"), 12))
    assert len(set(first)) == len(first) or name == "é" * 80
    assert all(is_slug(each) for each in first)


@pytest.mark.parametrize("text", ["", "-a", "a-", "A", "a b", "é", "a.b", "a/b", "x" * 64, "pro", "api", "static"])
def test_what_is_no_slug(text: str) -> None:
    assert not is_slug(text)
