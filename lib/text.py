"""What typed text becomes before anything looks at it (trimmed, NFC, free of control characters), and the spaces of
French when it is shown."""

import re
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


_SPACES = "[ \u00a0\u202f]"
_NARROW = re.compile(rf"(?<=\S){_SPACES}+(?=[;!?»])|(?<=«){_SPACES}+")
_BEFORE_COLON = re.compile(rf"(?<=\S){_SPACES}+(?=:(?:\s|$))")
_UNIT = re.compile(r"(\d|\)s) (?=(?:h|min|km|m|m²|cm|mm|kg|g|l)(?!\w)|[€°]|%(?!\())")
_HOURS_AND_MINUTES = re.compile(r"(\d\u00a0h) (?=\d\d(?!\d))")


def french(text: str) -> str:
    """The spaces of French typography, where the text has plain ones: a narrow no-break space before `; ! ? »` and
    after `«`, a no-break space before `:` and between a number, or a placeholder, and its unit. For what people read;
    never for SMS (both are outside GSM-7) nor for what a machine compares."""
    text = _BEFORE_COLON.sub("\u00a0", _NARROW.sub("\u202f", text))
    return _HOURS_AND_MINUTES.sub("\\1\u00a0", _UNIT.sub("\\1\u00a0", text))
