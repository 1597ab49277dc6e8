"""Address book cards: vCard 4.0 (RFC 6350) of a business."""

import unicodedata
from dataclasses import dataclass

WIDTH = 75  # octets of a line, its end not counted (3.2)
ESCAPES = {"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """`phone` is E.164, `zone` an IANA name, `country` what a letter's address says."""

    name: str
    trade: str
    phone: str | None
    email: str
    street: str
    town: str
    postcode: str
    country: str
    url: str
    zone: str
    language: str


def card(contact: Contact) -> bytes:
    """One card with CRLF line ends, folded; a blank property is left out."""
    address = ("", "", contact.street, contact.town, "", contact.postcode, contact.country)  # 6.3.1: in this order
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "KIND:org",
        _line("FN", contact.name or contact.url),
        _line("ORG", contact.name),
        _line("CATEGORIES", contact.trade),
        f"TEL;VALUE=uri;TYPE=voice:tel:{contact.phone}" if contact.phone else "",
        _line("EMAIL;TYPE=work", contact.email),
        f"ADR;TYPE=work:{';'.join(map(_escaped, address))}" if contact.street or contact.town else "",
        f"URL:{contact.url}",
        f"TZ:{contact.zone}",
        f"LANG:{contact.language}",
        "END:VCARD",
    ]
    return b"".join(_folded(line.encode()) for line in lines if line)


def _line(name: str, text: str) -> str:
    return f"{name}:{_escaped(text)}" if text else ""


def _escaped(text: str) -> str:
    """3.4: of the controls a line break alone has a form."""
    lines = "\n".join(text.splitlines())
    return "".join(ESCAPES.get(char, char) for char in lines if char == "\n" or _is_writable(char))


def _is_writable(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cs"}


def _folded(line: bytes) -> bytes:
    """3.2: cut between characters, so that no part is broken UTF-8; the blank of a continued line counts."""
    parts, width = [], WIDTH
    while len(line) > width:
        cut = width
        while line[cut] & 0xC0 == 0x80:  # inside a character
            cut -= 1
        parts.append(line[:cut])
        line, width = line[cut:], WIDTH - 1
    return b"\r\n ".join([*parts, line]) + b"\r\n"
