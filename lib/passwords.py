"""Passwords: which are good enough, and how they are kept (argon2id, RFC 9106; the figures are OWASP's)."""

import functools
import re
import unicodedata
from collections.abc import Iterable

SHORTEST, LONGEST = 8, 256  # characters
READ = 1_024  # characters of what is tried that are looked at at all: the work has a bound
OWN_WORD = 4  # letters from which a word of one's own counts

# What is tried first everywhere, and in our languages; digits and marks around them change nothing.
_WORDS = """
password passw0rd motdepasse wachtwoord passwort kennwort welcome welkom willkommen bienvenue bonjour azerty azertyu
azertyui azertyuiop qwerty qwertyu qwertyui qwertyuiop qwertz qwertzuiop letmein iloveyou jetaime sunshine princess
football voetbal baseball dragon monkey superman batman pokemon starwars computer internet ordinateur administrator
administrateur admin adminadmin changeme changezmoi secret secrets bruxelles brussel brussels belgique belgie paris
chocolat chocolate soleil doudou loulou marseille liverpool arsenal abcdefgh abcdefghij abcd1234 1q2w3e4r 1qaz2wsx
q1w2e3r4 zaq12wsx trustno1 whatever master shadow michael jennifer charlie nicolas camille thomas bookt booktbookt
rendezvous cabinet restaurant
"""
COMMON = frozenset(_WORDS.split())
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "azertyuiopqsdfghjklmwxcvbn", "qwertyuiopasdfghjklzxcvbnm")


def fault(password: str, *, about: Iterable[str] = ()) -> str:
    """`short`, `long`, `common`, or empty. `about`: the person's own words (e-mail, names), which are guessed first."""
    text = _plain(password)
    if len(text) < SHORTEST:
        return "short"
    if len(text) > LONGEST:
        return "long"
    bare = text.casefold()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", bare)
    return "common" if _is_common(bare, core) or _is_own(bare, core, about) else ""


def hashed(password: str) -> str:
    return str(_hasher().hash(_plain(password)))


def matches(kept: str | None, password: str) -> bool:
    """As much work without a kept password as with one."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(kept or _nobodys(), _plain(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """It was made with other figures than today's."""
    return bool(_hasher().check_needs_rehash(kept))


def _is_common(bare: str, core: str) -> bool:
    runs = any(bare in row * 3 or bare in row[::-1] * 3 for row in _ROWS)
    return bare in COMMON or core in COMMON or len(set(bare)) <= 2 or runs


def _is_own(bare: str, core: str, about: Iterable[str]) -> bool:
    """One of the own words, or all of them, with nothing but digits and marks around and between."""
    letters = re.sub(r"[\W_]+", "", core)
    for text in about:
        words = [word for word in re.split(r"[\W_]+", _plain(text).casefold()) if len(word) >= OWN_WORD]
        if bare == text.casefold() or letters in {*words, "".join(words)}:
            return True
    return False


def _plain(password: str) -> str:
    """The same however a keyboard composes accents (NIST SP 800-63B, 3.1.1.2); half a surrogate pair is no letter."""
    whole = password[:READ].encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", whole)


@functools.cache
def _hasher():  # type: ignore[no-untyped-def]  # argon2 is imported with the first password: pages start without it
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@functools.cache
def _nobodys() -> str:
    return hashed("-" * SHORTEST)
