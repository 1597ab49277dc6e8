import pytest

from lib.origins import origin, origins


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("https://cabinet.example", "https://cabinet.example"),
        (" HTTPS://Www.Cabinet.example:8443 ", "https://www.cabinet.example:8443"),
        ("https://xn--caf-dma.example", "https://xn--caf-dma.example"),
        ("http://localhost:5500", "http://localhost:5500"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_an_origin_is_read(text: str, read: str) -> None:
    assert origin(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "", "*", "https:", "https://", "https://*", "https://*.example", "'self'", "data:", "cabinet.example",
        "http://cabinet.example", "https://cabinet.example/", "https://cabinet.example/page", "https://a.example?b",
        "https://a@b.example", "https://a.example:99999", "https://a.example:", "https://a..example", "https://-.example",
        "https://a.example https://b.example", "https://a.example; script-src *", "https://a.example\r\nX-Evil: 1",
        "https://a.example,https://b.example", "https://café.example", "javascript:alert(1)", "null",
        f"https://{'a.' * 200}example",
    ],
)  # fmt: skip
def test_anything_else_is_no_origin(text: str) -> None:
    assert origin(text) is None


def test_a_list_keeps_its_origins_once_and_in_order() -> None:
    listed = ["https://b.example", "nonsense", None, 7, "https://a.example", "https://B.example"]
    assert origins(listed) == ("https://b.example", "https://a.example")
