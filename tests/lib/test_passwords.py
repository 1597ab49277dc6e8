"""Which passwords are refused, and that what is kept is one way."""

import pytest

from lib import passwords

ABOUT = ("camille.delvaux@example.be", "Camille Delvaux", "Cabinet Delvaux")


@pytest.mark.parametrize(
    ("password", "kind"),
    [
        ("", "short"), ("septlet", "short"), ("🐴🐴🐴", "short"), ("x" * 257, "long"),
        ("motdepasse", "common"), ("MotDePasse2026!", "common"), ("azertyuiop", "common"), ("12345678", "common"),
        ("87654321", "common"), ("aaaaaaaa", "common"), ("abababab", "common"), ("qwertyui", "common"),
        ("delvaux1", "common"), ("Camille.Delvaux", "common"), ("camille.delvaux@example.be", "common"),
        ("cabinetdelvaux", "common"),
        ("quatre mots bien rangés", ""), ("kT7#pq2Lm", ""), ("x y" * 60, ""), ("delvaux aime le vélo", ""),
    ],
)  # fmt: skip
def test_what_is_refused(password: str, kind: str) -> None:
    assert passwords.fault(password, about=ABOUT) == kind


def test_what_is_kept_matches_its_own_password_alone() -> None:
    kept = passwords.hashed("une clé à l’été")
    assert passwords.matches(kept, "une clé à l’été")
    assert passwords.matches(kept, "une cle\u0301 a\u0300 l’e\u0301te\u0301")  # as another keyboard composes it
    assert not passwords.matches(kept, "une cle a l’ete")
    assert not passwords.matches(None, "--------")
    assert not passwords.matches("no hash", "une clé à l’été")
    assert kept != passwords.hashed("une clé à l’été")
    assert not passwords.is_outdated(kept)
