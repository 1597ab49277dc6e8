"""Origins of other sites, as a business lists those that may show its booking in a frame."""

import re
from collections.abc import Iterable

from lib.hosts import is_loopback, without_port

LONGEST = 300
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+(?::[0-9]{1,5})?)", re.ASCII)


def origin(text: str) -> str | None:
    """Scheme, host and port in lower case (RFC 6454, 6.2), or None when the text is anything else: no path, no
    wildcard, no address in brackets. A site without TLS may be this very machine alone: anyone on the way could write
    into the page around the frame."""
    found = _ORIGIN.fullmatch(text.strip().lower()) if len(text) <= LONGEST else None
    name = without_port(found["host"]) if found else ""
    if found is None or not name or (found["scheme"] == "http" and not is_loopback(name)):
        return None
    return found[0]


def origins(texts: Iterable[object]) -> tuple[str, ...]:
    """Those of a list that are origins, each once, in its order."""
    found = (origin(text) for text in texts if isinstance(text, str))
    return tuple(dict.fromkeys(each for each in found if each))
