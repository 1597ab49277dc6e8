"""What a search looks into, and what it looks for: small letters without accents."""

import unicodedata


def fold(text: str) -> str:
    """`Hélène Ångström` as `helene angstrom`."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def sought(name: str, email: str, phone: str | None) -> str:
    """What is kept beside a client to be found by. A number is looked for by its last digits, however it is typed:
    `+32470123456` holds `0470 12 34 56` but for its first zero."""
    return " ".join(filter(None, (fold(name), email, phone or "")))
