"""The catalogues of the pages' languages: `python -m tools.translations` brings them up to date with the code and names
what is left to do; `--prune` also drops the texts that the code no longer has.

A message is French in the code. A catalogue lists them by the first file that uses them, then by alphabet, without line
numbers: it changes only where words do.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from lib.catalogues import SOURCE, path_of
from lib.languages import LANGUAGES, NAMES

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("actions", "blueprints", "queries", "templates")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd%]")
HEAD = """# Bookt: {name}. The messages stand in French in the code; translations/README.md tells more.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""

Key = str | tuple[str, ...]  # a message, or its singular and plural


def main(arguments: list[str]) -> int:
    found = extracted()
    faults: list[str] = []
    for language in translated():
        update(language, found, prune="--prune" in arguments)
        faults += faults_of(language, found)
    print("\n".join(faults) or f"translations: {len(found)} messages in {', '.join(translated())}, all said")
    return int(bool(faults))


def translated() -> list[str]:
    return [language for language in LANGUAGES if language != SOURCE]


def extracted() -> dict[Key, list[str]]:
    """Every message of the code with the files that use it, by the first file, then by alphabet."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call] # Babel gives it none
    found: dict[Key, set[str]] = {}
    rows = extract_from_dir(str(ROOT), methods, options, directory_filter=_is_ours)
    for name, _, message, _, _ in rows:
        found.setdefault(message, set()).add(name)
    used = {message: sorted(files) for message, files in found.items()}
    return dict(sorted(used.items(), key=lambda each: (each[1][0], singular(each[0]))))


def stored(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, found: dict[Key, list[str]], *, prune: bool = False) -> None:
    """Write the catalogue anew: known translations stay, new messages come in empty, unused ones become obsolete."""
    before, after = stored(language), Catalog(locale=language)
    for message, files in found.items():
        known = before.get(singular(message)) or before.obsolete.get(singular(message))
        fits = known is not None and isinstance(known.id, str) == isinstance(message, str)
        after.add(
            message, known.string if known and fits else None, locations=[(name, 0) for name in files],
            flags=(known.flags - {"python-format"}) if known and fits else (),
        )  # fmt: skip
    if not prune:
        for known in [*before, *before.obsolete.values()]:
            if known.id and after.get(singular(known.id)) is None and any(known.string):
                after.obsolete[singular(known.id)] = known
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    path_of(language).write_bytes(_written(after, language))


def faults_of(language: str, found: dict[Key, list[str]]) -> Iterator[str]:
    """What keeps a catalogue from being complete, one line each."""
    known = stored(language)
    for message, files in found.items():
        entry = known.get(singular(message))
        if entry is None:
            yield f"{language}: missing (used in {files[0]}): {singular(message)}"
        else:
            yield from (f"{language}: {fault}: {singular(message)}" for fault in _faults_of_entry(entry, message))
    used = {singular(message) for message in found}
    yield from (f"{language}: unused: {each.id}" for each in known if each.id and singular(each.id) not in used)
    yield from (f"{language}: unused: {key}" for key in known.obsolete)


def singular(message: Key | list[str]) -> str:
    return message if isinstance(message, str) else message[0]


def _is_ours(folder: str) -> bool:
    where = Path(folder).relative_to(ROOT)
    return where == Path() or where.parts[0] in FOLDERS


def _faults_of_entry(entry: Message, message: Key) -> Iterator[str]:
    forms = [form or "" for form in (entry.string if isinstance(entry.string, tuple | list) else (entry.string,))]
    sources = (message,) if isinstance(message, str) else message
    if entry.fuzzy:
        yield "fuzzy"
    if len(forms) != len(sources):
        yield f"{len(forms)} forms for {len(sources)}"
    elif not all(forms):
        yield "untranslated"
    elif any(_placeholders(form) != _placeholders(source) for form, source in zip(forms, sources, strict=True)):
        yield "other placeholders"


def _placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def _written(catalog: Catalog, language: str) -> bytes:
    body = io.BytesIO()
    write_po(body, catalog, width=0, omit_header=True, include_lineno=False)
    return HEAD.format(name=NAMES[language], language=language).encode() + body.getvalue().lstrip(b"\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
