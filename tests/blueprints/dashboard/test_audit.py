"""The history: who changed what, in words, page by page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

import db
from actions import audit
from actions.access import Actor
from queries.audit import MESSAGES, newest
from tests.cast import MONDAY_8, Cast
from tests.staff import browser_of, member, staff

ACTIONS = Path(__file__).resolve().parents[3] / "actions"


def noted() -> set[str]:
    """Every action that the code notes, as it is written there."""
    return {action for path in ACTIONS.rglob("*.py") for action in _noted_in(ast.parse(path.read_text("utf-8")))}


def _noted_in(tree: ast.Module) -> Iterator[str]:
    constants = _constants(tree)
    for call in ast.walk(tree):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="audit"), attr="note" | "note_client" as name)):
                yield from _texts(call.args[1 if name == "note" else 0], constants)


def _texts(node: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, constants)
        yield from _texts(node.orelse, constants)
    elif isinstance(node, ast.Name):
        yield constants[node.id]
    elif isinstance(node, ast.JoinedStr):
        verb = node.values[-1]
        assert isinstance(verb, ast.Constant)
        known = {action for action in MESSAGES if action.endswith(str(verb.value))}
        yield from known or {f"?{verb.value}"}
    else:  # an action that is read from the audit itself was written there by one of the others
        assert isinstance(node, ast.Attribute), ast.dump(node)
        assert node.attr == "action"


def _constants(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            pairs = zip(target.elts, value.elts, strict=True) if isinstance(target, ast.Tuple) and isinstance(
                value, ast.Tuple
            ) else [(target, value)]  # fmt: skip
            found |= {
                name.id: str(text.value) for name, text in pairs
                if isinstance(name, ast.Name) and isinstance(text, ast.Constant)
            }  # fmt: skip
    return found


def test_every_action_has_its_words() -> None:
    found = noted()
    assert {"service.archived", "service.restored", "business.changed", "booking.moved"} <= found, "the scan sees them"
    assert found - MESSAGES.keys() == set()


def write(cast: Cast, actor: Actor, action: str, **data: object) -> None:
    with db.writing(cast.id):
        audit.note(actor, action, now=MONDAY_8, **data)


def test_the_history_tells_what_who_and_when(app: Flask, cast: Cast) -> None:
    owner = member(cast)
    browser = browser_of(app, cast, owner)
    booked = cast.book()
    browser.post("/prestations/diag", {
        "name": "Prestation diag", "durationMinutes": "30", "basePriceCents": "45", "depositRate": "30",
        "place": "on_site", "resourceIds": ["r1", "r2"], "capacity": "1",
    })  # fmt: skip
    with db.writing(cast.id):
        audit.note_client("booking.cancelled", booked.id, now=MONDAY_8)
    write(cast, owner, "unheard.of", changed={"price_cents": [1, 2]})
    text = re.sub(r"<[^>]+>|\s+", " ", browser.get("/reglages/historique").get_data(as_text=True))
    text = re.sub(r"[\s\u202f]+", " ", text)
    assert "Prestation « Prestation diag » modifiée" in text
    assert re.search(r"Prix : 40,00.€ → 45,00.€", text)
    assert f"Rendez-vous annulé : Jean Martin, {booked.code}" in text
    assert "le client" in text
    assert "Modification enregistrée (unheard.of)" in text
    assert owner.name in text


def test_what_is_older_stands_on_the_next_page(app: Flask, cast: Cast) -> None:
    owner = member(cast)
    for number in range(5):
        write(cast, owner, "service.created", name=f"N{number}")
    first = newest(cast.business, amount=3)
    rest = newest(cast.business, before=first.next, amount=3)
    assert [line.values["name"] for line in (*first.lines, *rest.lines)] == ["N4", "N3", "N2", "N1", "N0"]
    assert rest.next is None
    assert browser_of(app, cast, owner).get("/reglages/historique?avant=x").status_code == 404


def test_an_untouched_business_has_an_empty_history(app: Flask, cast: Cast) -> None:
    assert "Rien n’a encore changé." in staff(app, cast).get("/reglages/historique").get_data(as_text=True)
