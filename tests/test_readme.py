"""The README says what the code says."""

from pathlib import Path

from config import markdown_table

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_the_table_of_settings_is_the_code_s() -> None:
    shown = README.split("<!-- settings: python bookt.py settings -->\n")[1].split("<!-- /settings -->")[0]
    assert shown == markdown_table()


def test_every_room_of_the_tree_is_named() -> None:
    rooms = {
        path.name
        for path in Path(__file__).parent.parent.iterdir()
        if path.is_dir() and (path / "__init__.py").exists()
    }
    assert {room for room in rooms if f"`{room}/`" not in README} == set()
