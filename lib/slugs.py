"""The names of businesses in addresses: lower-case ASCII, and none that an address of ours begins with."""

import re
import secrets
from collections.abc import Iterator
from itertools import islice

from lib.search import fold

LENGTH = 63
NUMBERED, TAGGED = 8, 8  # proposals tried for a new business: with numbers first, then with a random tag
FORM = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)

# The first segment of every address of ours, and words that would mislead. A test compares with the URL map.
RESERVED = frozenset({
    "admin", "annuaire", "api", "caisse", "compte", "connexion", "deconnexion", "demarrer", "dev", "e.js", "embed",
    "favicon.ico", "health", "hooks", "invitation", "llms.txt", "mails", "metrics", "p", "pro", "r", "rdv",
    "robots.txt", "sitemap.xml", "static", "tarifs", "www", "aide", "help", "support", "bookt", "login", "signup",
})  # fmt: skip


def is_slug(text: str) -> bool:
    return FORM.fullmatch(text) is not None and text not in RESERVED


def propose(*names: str) -> str:
    """`Cabinet Delvaux & Fils` as `cabinet-delvaux-fils`; empty when nothing of it can be kept."""
    plain = fold(" ".join(names)).replace("œ", "oe").replace("æ", "ae").replace("ß", "ss")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LENGTH].strip("-")


def proposals(name: str, town: str = "") -> Iterator[str]:
    """The name, the name with its town, then with numbers, without end."""
    first = propose(name) or "cabinet"
    for each in (first, propose(first, town)):
        if is_slug(each):
            yield each
    number = 2
    while True:
        yield f"{first[: LENGTH - len(str(number)) - 1].strip('-')}-{number}"
        number += 1


def attempts(name: str) -> Iterator[str]:
    """However many bear the same name, few tries find a free one."""
    yield from islice(proposals(name), NUMBERED)
    for _ in range(TAGGED):
        tag = secrets.token_hex(3)
        yield f"{next(proposals(name))[: LENGTH - len(tag) - 1].strip('-')}-{tag}"
