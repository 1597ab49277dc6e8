"""A little Markdown becomes a few elements; everything else stays text."""

import html as entities
import re

import pytest

from lib.rich_text import html, plain
from tests.security.payloads import XSS


def test_a_text_without_marks_stays_as_it_was_typed() -> None:
    text = "Le cabinet a ouvert en 2014.\nTrois salles : 30 m² & un principe.\n\nOn y va à pied, à 2 * 3 min."
    assert html(text) == (
        "<p>Le cabinet a ouvert en 2014.\nTrois salles : 30 m² &amp; un principe.</p>\n"
        "<p>On y va à pied, à 2 * 3 min.</p>"
    )
    assert plain(text) == text


def test_the_marks_that_are_known() -> None:
    assert html("**gras** et *doux*") == "<p><strong>gras</strong> et <em>doux</em></p>"
    assert html("## Titre\ntexte") == "<h3>Titre</h3><p>texte</p>"
    assert html("Avant\n- un\n- deux\n\naprès") == (
        '<p>Avant</p><ul class="next-steps"><li>un</li><li>deux</li></ul><p>après</p>'
    )
    assert html("2. deux\n3. trois") == "<ol><li>2. deux</li><li>3. trois</li></ol>"
    link = 'rel="noopener noreferrer">ici</a></p>'
    assert html("[ici](https://a.example/?b=1&c)") == f'<p><a href="https://a.example/?b=1&amp;c" {link}'
    assert html("[ici](tel:+3225550142)") == f'<p><a href="tel:+3225550142" {link}'
    assert plain("**gras**, [ici](https://a.example)\n- un") == "gras, ici\n\n- un"


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,<script>)", "[x](//a.example)",
        "[x](vbscript:x)", "<b>x</b>", "![x](https://a.example/x.png)", "<https://a.example>", "[x]: javascript:alert(1)",
        "`code`", "&lt;script&gt;", '[x](https://a.example "onclick=alert(1)")', "[x](https://a.example\"onclick='x')",
        *XSS,
    ],
)  # fmt: skip
def test_nothing_else_becomes_an_element(text: str) -> None:
    made = html(text)
    tags = {tag.lower() for tag in re.findall(r"<\s*/?\s*([a-zA-Z0-9!]+)", made)}
    assert tags <= {"p", "ul", "ol", "li", "strong", "em", "a", "h3"}
    for attributes in re.findall(r"<\w+([^>]*)>", made):
        assert re.fullmatch(
            r'( href="(https?|mailto|tel):[^"]*"| rel="noopener noreferrer"| class="next-steps")*', attributes
        ), made
    assert "javascript:" not in entities.unescape(" ".join(re.findall(r'href="([^"]*)"', made))).lower()


def test_deep_marks_end_soon() -> None:
    for text in ("[" * 4_000, "*" * 4_000, "- " * 2_000, "[a](" * 1_000, "**a" * 1_300):
        assert len(html(text)) < 100_000
