import pytest

from lib.links import Links
from lib.tokens import Signer


@pytest.mark.parametrize(
    ("base", "domain", "path", "address"),
    [
        ("https://bookt.example", None, "/chez-leon", "https://bookt.example/chez-leon"),
        ("https://bookt.example", "leon.be", "/chez-leon", "https://leon.be/"),
        ("https://bookt.example:8443", "leon.be", "/chez-leon/infos", "https://leon.be/infos"),
        ("http://127.0.0.1:8000", "leon.localhost", "/chez-leon", "http://127.0.0.1:8000/chez-leon"),
    ],
)
def test_a_page_has_one_absolute_address(base: str, domain: str | None, path: str, address: str) -> None:
    assert Links(base, Signer("k" * 40)).page("chez-leon", domain, path) == address
