"""The table of docs/asvs.md names tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`([\w/]+\.py)(?:::(\w+))?`")


def test_every_test_that_the_table_names_exists() -> None:
    rows = [line for line in (ROOT / "docs" / "asvs.md").read_text().splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 60
    missing = []
    for row in rows:
        shown = row.split("|")[3].strip()
        assert shown, row
        for path, name in NAMED.findall(shown):
            file = ROOT / path if (ROOT / path).exists() else ROOT / "tests" / path
            if not file.exists() or (name and f"def {name}(" not in file.read_text()):
                missing.append(f"{path}::{name}")
    assert missing == []
