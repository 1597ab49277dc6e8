"""Address cards: what goes in comes out of a strict reader of RFC 6350, and of another program's."""

import dataclasses
import re

import pytest
import vobject

from lib.vcard import Contact, card

DELVAUX = Contact(
    name="Cabinet Delvaux", trade="Kinésithérapie", phone="+3225550142", email="bonjour@cabinet-delvaux.example",
    street="Rue du Belvédère 18", town="Ixelles", postcode="1050", country="Belgique",
    url="https://bookt.example/cabinet-delvaux", zone="Europe/Brussels", language="fr",
)  # fmt: skip
HOSTILE = [
    "a;b,c\\d", "line\nbreak", "crlf\r\nEND:VCARD\r\nBEGIN:VCARD", "é" * 200, "x" * 75, "x" * 76, "🧑‍⚕️" * 40, "\\n", "a\\;b",
    "tab\there", "\x00\x07nul", "\u2028", ":", '"', "^n",
]  # fmt: skip
NAME = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=[^;:,\"]+)*):(.*)", re.DOTALL)


def read(data: bytes) -> dict[str, list[str]]:
    """A reader that takes nothing but what the RFC allows: property to the unescaped parts of its value."""
    assert data.endswith(b"\r\n")
    lines = data[:-2].split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # folded between characters
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|(?<!\r)\n|\r(?!\n)", data)
    unfolded = data.replace(b"\r\n ", b"").decode()[:-2].split("\r\n")
    assert unfolded[:2] == ["BEGIN:VCARD", "VERSION:4.0"]
    assert unfolded[-1] == "END:VCARD"
    found: dict[str, list[str]] = {}
    for line in unfolded[1:-1]:
        matched = NAME.fullmatch(line)
        assert matched and matched[1] not in found, line
        found[matched[1]] = [_plain(each) for each in re.split(r"(?<!\\)(?:\\\\)*;", matched[3])]
    return found


def _plain(text: str) -> str:
    assert not re.search(r"(?<!\\)(?:\\\\)*\\[^\\,;nN]", text), text
    return re.sub(r"\\(.)", lambda part: {"n": "\n", "N": "\n"}.get(part[1], part[1]), text, flags=re.DOTALL)


def test_a_card_says_who_where_and_how() -> None:
    found = read(card(DELVAUX))
    assert found == {
        "VERSION": ["4.0"], "KIND": ["org"], "FN": ["Cabinet Delvaux"], "ORG": ["Cabinet Delvaux"],
        "CATEGORIES": ["Kinésithérapie"], "TEL": ["tel:+3225550142"], "EMAIL": ["bonjour@cabinet-delvaux.example"],
        "ADR": ["", "", "Rue du Belvédère 18", "Ixelles", "", "1050", "Belgique"],
        "URL": ["https://bookt.example/cabinet-delvaux"], "TZ": ["Europe/Brussels"], "LANG": ["fr"],
    }  # fmt: skip
    assert not [name for name in found if name.startswith("X-")]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_stays_in_its_property(text: str) -> None:
    plain = "\n".join("".join(c for c in text if c in "\r\n\u2028\t" or c.isprintable() or c == "\u200d").splitlines())
    plain = plain.replace("\t", "")
    made = card(dataclasses.replace(DELVAUX, name=text, street=text, trade=text))
    found = read(made)
    assert found.keys() == read(card(DELVAUX)).keys()
    assert found["FN"] == found["ORG"] == [plain]
    assert found["ADR"] == ["", "", plain, "Ixelles", "", "1050", "Belgique"]
    assert vobject.readOne(made.decode()).fn.value == plain


def test_what_is_not_known_is_left_out() -> None:
    found = read(card(dataclasses.replace(DELVAUX, phone=None, street="", town="", trade="")))
    assert {"TEL", "ADR", "CATEGORIES"}.isdisjoint(found)
    assert found["FN"] == ["Cabinet Delvaux"]
