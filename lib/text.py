"""What typed text becomes before anything looks at it: trimmed, NFC, free of control characters."""

import unicodedata

# Line breaks and tabs belong in a message; every other control, surrogate or unassigned point is refused.
_ALLOWED_CONTROLS = {"\n", "\t"}


class ControlCharacter(ValueError):
    """The text holds a control character or half a surrogate pair."""


def clean(text: str, *, multiline: bool = False) -> str:
    """Trimmed and NFC-normalised (not NFKC: what looks typed on purpose stays). Raises ControlCharacter."""
    text = text.replace("\r\n", "\n") if multiline else text
    trimmed = unicodedata.normalize("NFC", text).strip()
    for char in trimmed:
        if unicodedata.category(char) in {"Cc", "Cs"} and not (multiline and char in _ALLOWED_CONTROLS):
            raise ControlCharacter
    if "\u2028" in trimmed or "\u2029" in trimmed:
        raise ControlCharacter
    return trimmed
