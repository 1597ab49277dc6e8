"""Numbers that identify a business or a professional, with the digits that check them (`field-notes.md` 5.1)."""

import re
from collections.abc import Callable

SIREN_OF_LA_POSTE = "356000000"  # its establishments are checked by the plain sum of their digits


def digits(text: str) -> str:
    """Without the spaces, dots and dashes that people put in."""
    return re.sub(r"[\s.\-/]", "", text)


def is_enterprise_number(text: str) -> bool:
    """BE, BCE/KBO: ten digits that begin with 0 or 1; the last two are 97 less the first eight modulo 97."""
    number = digits(text).upper().removeprefix("BE")
    return bool(re.fullmatch(r"[01]\d{9}", number)) and 97 - int(number[:8]) % 97 == int(number[8:])


def is_inami(text: str) -> bool:
    """BE, INAMI/RIZIV: eleven digits, the first 1 to 6 or more by profession, the eighth and ninth checked modulo 97,
    since 2013 also modulo 89; which remainder is written is not told by any text that we have read, so both count."""
    number = digits(text)
    if not re.fullmatch(r"[1-9]\d{10}", number):
        return False
    base, check = int(number[:6]), int(number[6:8])
    return any(check in (modulus - base % modulus, base % modulus) for modulus in (97, 89))


def is_siret(text: str) -> bool:
    """FR: fourteen digits, checked by Luhn's sum (ISO/IEC 7812-1, annex B)."""
    number = digits(text)
    if not re.fullmatch(r"\d{14}", number):
        return False
    return _luhn(number) or (number.startswith(SIREN_OF_LA_POSTE) and sum(map(int, number)) % 5 == 0)


def is_rpps(text: str) -> bool:
    """FR, répertoire partagé des professionnels de santé: eleven digits, checked by Luhn's sum."""
    number = digits(text)
    return bool(re.fullmatch(r"\d{11}", number)) and _luhn(number)


def is_vat(text: str) -> bool:
    """BE: the enterprise number. FR: a key of two and the SIREN; a key of digits is (12 + 3 × SIREN) modulo 97. Of
    other countries the form alone (two letters, then two to twelve signs)."""
    number = digits(text).upper()
    if number.startswith("BE"):
        return is_enterprise_number(number)
    if number.startswith("FR"):
        return _is_french_vat(number)
    return bool(re.fullmatch(r"[A-Z]{2}[0-9A-Z+*]{2,12}", number))


def _is_french_vat(number: str) -> bool:
    found = re.fullmatch(r"FR([0-9A-HJ-NP-Z]{2})(\d{9})", number)
    if not found or not _luhn(found[2]):
        return False
    return not found[1].isdigit() or int(found[1]) == (12 + 3 * (int(found[2]) % 97)) % 97


def _luhn(number: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


# By the key of the identity (`lib.identity`). A number that fails in DOUBTS is doubted and taken all the same: the rule
# is known from hearsay.
CHECKS: dict[str, Callable[[str], bool]] = {
    "enterprise_number": is_enterprise_number, "vat_number": is_vat, "siret": is_siret, "rpps": is_rpps,
}  # fmt: skip
DOUBTS: dict[str, Callable[[str], bool]] = {"inami": is_inami}

# gettext msgids
MESSAGES = {
    "enterprise_number": "Ce numéro n’est pas un numéro d’entreprise : dix chiffres, par exemple 0745.832.604.",
    "vat_number": "Ce numéro de TVA n’est pas juste. Par exemple BE 0745.832.604 ou FR 40 303 265 045.",
    "siret": "Ce numéro n’est pas un SIRET : quatorze chiffres, par exemple 732 829 320 00074.",
    "rpps": "Ce numéro n’est pas un numéro RPPS : onze chiffres, par exemple 10000000009.",
    "inami": "Vérifiez ce numéro INAMI : ses chiffres de contrôle ne correspondent pas.",
}
