import pytest

from lib.markdown import inline, paragraphs


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Dos, nuque (30 min) – 42,00 €.", "Dos, nuque (30 min) – 42,00 €."),
        ("*gras* et _penché_ et `code`", "\\*gras\\* et \\_penché\\_ et \\`code\\`"),
        ("[ici](javascript:alert(1))", "\\[ici\\](javascript:alert(1))"),
        ("<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>"),
        ("Dupont & Fils &lt;", "Dupont \\& Fils \\&lt;"),
        ("# titre", "\\# titre"),
        ("- tiret", "\\- tiret"),
        ("1. un", "1\\. un"),
        ("12) douze", "12\\) douze"),
        ("12 rue Haute", "12 rue Haute"),
        ("deux\nlignes\r\n  ici", "deux lignes ici"),
        ("dos \\ nuque", "dos \\\\ nuque"),
    ],
)
def test_marks_are_shown_as_typed(text: str, shown: str) -> None:
    assert inline(text) == shown


def test_paragraphs_stay_apart_and_begin_no_list() -> None:
    assert paragraphs("Un.\nSuite.\n\n- deux\r\n\r\n===\n\n") == "Un. Suite.\n\n\\- deux\n\n\\==="
