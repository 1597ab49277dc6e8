from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

ROOT = Path(__file__).resolve().parents[2]


def extracted() -> set[str]:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found: set[str] = set()
    for folder in ("actions", "blueprints", "templates"):
        found |= texts(ROOT / folder, [(f"{pattern}", method) for pattern, method in methods], options, folder)
    return found | texts(ROOT, [(p, m) for p, m in methods if p == "errors.py"], options, "", depth=1)


def texts(
    folder: Path, methods: list[tuple[str, str]], options: dict[str, dict[str, str]], prefix: str, depth: int = 0
) -> set[str]:
    inside = [(pattern.removeprefix(prefix + "/"), method) for pattern, method in methods if pattern.startswith(prefix)]
    named = {pattern.removeprefix(prefix + "/"): value for pattern, value in options.items()}
    keep = (lambda name: False) if depth else None
    rows = extract_from_dir(str(folder), inside, named, directory_filter=keep)
    return {text for _, _, message, _, _ in rows for text in (message if isinstance(message, tuple) else [message])}


def test_what_is_shown_can_be_translated() -> None:
    found = extracted()
    for text in (
        "Quel moment vous convient\xa0?",  # a template
        "%(num)s créneaux",  # its plural
        "Demain, %(day)s",  # a view
        "Réservation introuvable. Vérifiez le code et l’adresse e-mail.",  # an error
        "Ce champ est obligatoire.",  # an input's fault
        "Indiquez votre nom.",  # a form's
        "Cette demande vient d’un autre site. Ouvrez la page et recommencez.",  # a guard's
    ):
        assert text in found, text


def test_the_source_language_writes_its_apostrophes_curly() -> None:
    assert [text for text in extracted() if "'" in text] == []
