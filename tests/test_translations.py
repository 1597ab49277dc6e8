"""Every message is said in every language, and every word of a template is a message."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lib.catalogues import FOLDER, path_of
from tools.translations import extracted, faults_of, main, translated, update
from tools.unmarked import unmarked

ROOT = Path(__file__).resolve().parent.parent
IN_ENGLISH = {"templates/api/docs.html", "templates/discovery/guide.txt"}  # for programmers; each says so itself
FOR_MACHINES = {f"templates/discovery/{name}" for name in ("_book.txt", "robots.txt", "sitemap.xml", "sitemaps.xml")}
MESSAGES = {"Bonjour %(name)s": ["a.html"], ("%(num)s jour", "%(num)s jours"): ["a.html"], "Fermé": ["b.html"]}
COMPLETE = """
msgid "Bonjour %(name)s"
msgstr "Hallo %(name)s"

msgid "%(num)s jour"
msgid_plural "%(num)s jours"
msgstr[0] "%(num)s dag"
msgstr[1] "%(num)s dagen"

msgid "Fermé"
msgstr "Gesloten"
"""
Write = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def found() -> dict[str | tuple[str, ...], list[str]]:
    return extracted()


@pytest.fixture
def faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """The faults of a Dutch catalogue with this text, against MESSAGES."""
    monkeypatch.setattr("lib.catalogues.FOLDER", tmp_path)

    def run(text: str) -> list[str]:
        path_of("nl").parent.mkdir(parents=True, exist_ok=True)
        path_of("nl").write_text(text)
        return list(faults_of("nl", MESSAGES))

    return run


@pytest.mark.parametrize("language", translated())
def test_a_catalogue_says_all_that_the_code_shows_and_no_more(
    language: str, found: dict[str | tuple[str, ...], list[str]]
) -> None:
    assert list(faults_of(language, found)) == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("Gesloten", "", "nl: untranslated: Fermé"),
        ("%(num)s dagen", "", "nl: untranslated: %(num)s jour"),
        ('msgid "Fermé"', '#, fuzzy\nmsgid "Fermé"', "nl: fuzzy: Fermé"),
        ("Hallo %(name)s", "Hallo %(naam)s", "nl: other placeholders: Bonjour %(name)s"),
        ("Hallo %(name)s", "Hallo", "nl: other placeholders: Bonjour %(name)s"),
        ("%(num)s dagen", "dagen", "nl: other placeholders: %(num)s jour"),
        ('\nmsgid "Fermé"\nmsgstr "Gesloten"\n', "", "nl: missing (used in b.html): Fermé"),
        ("COMPLETE", '\nmsgid "Vieux"\nmsgstr "Oud"\n', "nl: unused: Vieux"),
        ("COMPLETE", '\n#~ msgid "Vieux"\n#~ msgstr "Oud"\n', "nl: unused: Vieux"),
    ],
)
def test_each_fault_is_named(faults: Write, before: str, after: str, fault: str) -> None:
    assert faults(COMPLETE) == []
    assert faults(COMPLETE + after if before == "COMPLETE" else COMPLETE.replace(before, after)) == [fault]


def test_an_update_keeps_what_is_said_and_changes_nothing_the_second_time(faults: Write) -> None:
    assert faults(COMPLETE + '\nmsgid "Vieux"\nmsgstr "Oud"\n') == ["nl: unused: Vieux"]
    update("nl", MESSAGES | {"Nouveau": ["b.html"]})
    first = path_of("nl").read_bytes()
    assert list(faults_of("nl", MESSAGES | {"Nouveau": ["b.html"]})) == [
        "nl: untranslated: Nouveau",
        "nl: unused: Vieux",
    ]
    update("nl", MESSAGES | {"Nouveau": ["b.html"]})
    assert path_of("nl").read_bytes() == first
    update("nl", MESSAGES, prune=True)
    assert list(faults_of("nl", MESSAGES)) == []


def test_the_stored_catalogues_are_as_the_command_writes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FOLDER, tmp_path / "kept")
    monkeypatch.setattr("lib.catalogues.FOLDER", tmp_path / "kept")
    assert main([]) == 0
    for language in translated():
        assert path_of(language).read_text() == (FOLDER / path_of(language).relative_to(tmp_path / "kept")).read_text()


def test_no_compiled_catalogue_is_kept() -> None:
    assert list(FOLDER.rglob("*.mo")) == []


def test_every_word_of_a_template_is_a_message() -> None:
    paths = [
        path
        for path in (ROOT / "templates").rglob("*.*")
        if str(path.relative_to(ROOT)) not in IN_ENGLISH | FOR_MACHINES
    ]
    assert len(paths) > 40
    assert {path.name: texts for path in paths if (texts := unmarked(path.read_text()))} == {}


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Bonjour {{ name }}</p>", "Bonjour"),
        ('<a title="Fermer">x1</a>', "Fermer"),
        ('<input placeholder=\'{{ "Nom" if a else _("Nom") }}\'>', "Nom"),
        ('<p>{{ "Ouvert" if open else _("Fermé") }}</p>', "Ouvert"),
        ('{% set heading = "Rendez-vous passé" %}', "Rendez-vous passé"),
        ('{% macro m() %}<b aria-label="Fermer"></b>{% endmacro %}', "Fermer"),
    ],
)
def test_a_word_outside_gettext_is_found(template: str, words: str) -> None:
    assert words in unmarked(template)


def test_what_only_machines_read_is_no_word() -> None:
    assert unmarked('<p class="{{ "on" if a }} off" id="nom"><b>Bookt</b> {{ _("Bonjour") }}<code>x</code></p>') == []
