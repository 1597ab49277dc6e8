"""Public booking codes: `AC-` and six of A–Z0–9 (S3, `publicCode`), from a cryptographic source."""

import re
import secrets
import string

ALPHABET = string.ascii_uppercase + string.digits
FORM = re.compile(r"AC-[A-Z0-9]{6}", re.ASCII)
MASKED = "AC-******"


def new_code() -> str:
    return "AC-" + "".join(secrets.choice(ALPHABET) for _ in range(6))


def is_code(text: str) -> bool:
    return FORM.fullmatch(text) is not None
