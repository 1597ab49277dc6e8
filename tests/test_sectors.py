"""The professions' files, the schema that they keep to, and a profession added as one file."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel

import sectors
from actions import business
from lib.languages import LANGUAGES
from sectors import Misfit, Said
from tests.pages import Visitor

GUIDE = Path(__file__).parent.parent / "docs" / "sectors.md"
HEALTH = ("doctor", "dentist", "physio")


@pytest.fixture(scope="module")
def example() -> str:
    """The profession that the guide adds, as it stands there."""
    found = re.search(r"```toml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the professions' folder, read in its place."""
    for path in sectors.FOLDER.glob("*.toml"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(sectors, "FOLDER", tmp_path)
    sectors.get.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    sectors.get.cache_clear()


def test_the_ten_professions_stand_in_their_order() -> None:
    assert [each.id for each in sectors.every()] == [
        "accountant", "lawyer", "doctor", "dentist", "physio", "coach", "plumber", "garage", "restaurant", "other",
    ]  # fmt: skip


@pytest.mark.parametrize("sector_id", sectors.ids())
def test_each_is_complete(sector_id: str) -> None:
    sector = sectors.get(sector_id)
    assert 1 <= len(sector.services) <= 8
    assert 3 <= len(sector.specializations) <= 6
    assert len(sector.values) == 3
    assert 3 <= len(sector.questions) <= 5
    assert 1 <= len(sector.fields) <= 4
    assert sector.hours
    assert 'class="b"' in sector.motif
    assert "currentColor" in sector.motif


@pytest.mark.parametrize("sector_id", sectors.ids())
def test_each_text_is_written_in_its_language(sector_id: str) -> None:
    faults = []
    for place, text in texts(sectors.get(sector_id)):
        for language in LANGUAGES:
            said = text.in_(language)
            if "'" in said or '"' in said or "  " in said or "!" in said or "\xa0" in said:
                faults.append((place, language, said))
            if language == "fr" and re.search(r"[^\s][:;?»]|«[^\s]", said):
                faults.append((place, language, said))
            if language != "fr" and re.search(r"\s[:;?]", said):
                faults.append((place, language, said))
        if len(text.fr) > 40 and len({text.in_(language) for language in LANGUAGES}) < len(LANGUAGES):
            faults.append((place, "not translated", text.fr))
    assert faults == []


def texts(part: Any, place: str = "") -> Iterator[tuple[str, Said]]:
    """Every text of a file with its place."""
    if isinstance(part, Said):
        yield place, part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from texts(getattr(part, name), f"{place}.{name}")
    elif isinstance(part, tuple):
        for position, each in enumerate(part):
            yield from texts(each, f"{place}.{position}")


def test_no_two_professions_share_a_name_an_address_a_colour_or_a_drawing() -> None:
    every = sectors.every()
    for what in (
        [word for each in every for word in {each.id, *each.aliases}],
        [each.portal_slug for each in every],
        [each.accent for each in every],
        [each.motif for each in every],
        [each.headline.fr for each in every],
        [name for each in every for name in re.findall(r'\bid="([^"]+)"', each.motif)],
        [each.position for each in every],
    ):
        assert sorted(what) == sorted(set(what))  # type: ignore[type-var] # texts or numbers, never mixed


@pytest.mark.parametrize("word", ["comptable", "avocat", "médecin", "dentiste", "kiné", "autre", " Kiné ", "Physio"])
def test_the_french_words_of_sign_up_are_understood(word: str) -> None:
    assert sectors.named(word) is not None


def test_an_unknown_word_names_nothing_and_an_unknown_id_is_other() -> None:
    assert sectors.named("astronaute") is None
    assert sectors.get("astronaute").id == "other"
    assert sectors.get("../config").id == "other"


@pytest.mark.parametrize("sector_id", [*HEALTH, "lawyer"])
def test_health_and_law_show_no_praise_and_name_no_reason(sector_id: str) -> None:
    rules = sectors.get(sector_id).rules
    assert not (rules.reviews.allowed or rules.testimonials.allowed or rules.service_in_titles.allowed)
    assert rules.deposit.rate_bp == 0


@pytest.mark.parametrize("sector_id", HEALTH)
def test_health_forgets_after_three_months_and_asks_whether_it_is_the_first_visit(sector_id: str) -> None:
    sector = sectors.get(sector_id)
    assert sector.rules.retention.months == 3
    assert next(each for each in sector.fields if each.key == "first_visit").type == "boolean"


def test_a_lawyer_lists_matters_and_no_specialisation() -> None:
    assert sectors.get("lawyer").vocabulary.specializations.fr == "Matières pratiquées"
    assert not sectors.get("lawyer").rules.specialist_wording.allowed


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("motif = '<g", "motif = '<script>alert(1)</script><g"), "motif: Value error, the motif may hold shapes only, not <script>"),
        (("<circle cx", '<circle onload="x()" cx'), "motif: Value error, the motif may not set onload"),
        (("<circle cx", '<circle style="fill:red" cx'), "motif: Value error, the motif may not set style"),
        (("<circle cx", '<use href="https://a.example/x#y"/><circle cx'), "motif: Value error, the motif may not set href"),
        (("<circle cx", '<circle fill="url(#a)" cx'), "motif: Value error, the motif may not set fill"),
        (("</g>'", "'"), "motif: Value error, the motif is not well-formed"),
        (("motif = '", "motif = '<!DOCTYPE a>"), "motif: Value error, the motif may hold shapes only: no comment"),
        (("motif = '<g", f"motif = '<g id=\"{'a' * 1_600}\""), "motif: String should have at most 1600 characters"),
        (("position = 11", 'position = 11\ncolour = "red"'), "colour: Extra inputs are not permitted"),
        (('accent = "lilas"', 'accent = "rouge"'), "accent: Input should be 'petrole'"),
        (('lead.de = "Sehtest und Brillenwahl, ganz in Ruhe."', ""), "lead.de: Field required"),
        (('lead.de = "Sehtest und Brillenwahl, ganz in Ruhe."', 'lead.de = " "'), "lead.de: String should have at least 1"),
        (("team = {", "equipe = {"), "vocabulary.team: Field required"),
        (('type = "radio"', 'type = "text"'), "fields.0: Value error, options belong to select and radio"),
        (('value = "no"', 'value = "yes"'), "fields.0: Value error, two options have the same value"),
        (('["10:00", "12:30"]', '["12:30", "10:00"]'), "hours.0: Value error, each range ends after it starts"),
        (('["10:00", "12:30"]', '["10:00", "14:00"]'), "hours.0: Value error, each range ends after it starts"),
        (("days = [2, 3, 4, 5, 6]", "days = [7]"), "hours.0.days.0: Input should be less than or equal to 6"),
        (("price_cents = 2500", "price_cents = -1"), "services.0.price_cents: Input should be greater than"),
        (("deposit = { rate_bp = 0, source", "deposit = { rate_bp = 0, origin"), "rules.deposit.source: Field required"),
        (("position = 11", "position ="), "Invalid value"),
    ],
)  # fmt: skip
def test_a_file_that_breaks_the_schema_is_refused_with_the_place(
    example: str, tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    old, new = change
    assert old in example
    path = tmp_path / "optician.toml"
    path.write_text(example.replace(old, new), "utf-8")
    with pytest.raises(Misfit) as refused:
        sectors.load(path)
    assert str(refused.value).startswith("optician.toml:")
    assert told in str(refused.value)


def test_every_fault_is_told_at_once(example: str, tmp_path: Path) -> None:
    path = tmp_path / "optician.toml"
    path.write_text(
        example.replace('accent = "lilas"', 'accent = "x"').replace("minutes = 30\n", "minutes = 1\n"), "utf-8"
    )
    with pytest.raises(Misfit) as refused:
        sectors.load(path)
    assert "  accent: " in str(refused.value)
    assert "  services.0.minutes: " in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('specializations = { fr = "Notre savoir-faire"', 'specializations = { fr = "Spécialités"'),
        ('headline = { fr = "Voir net, se sentir bien."', 'headline = { fr = "La spécialiste de la vue."'),
        ('en = "Varifocal lenses"', 'en = "Specialist in lenses"'),
    ],
)
def test_where_specialist_is_a_title_no_text_says_it(example: str, tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "optician.toml"
    text = example.replace(old, new)
    assert text != example
    path.write_text(text, "utf-8")
    assert sectors.load(path).id == "optician"  # free to say where the rules allow it
    path.write_text(
        text.replace("specialist_wording = { allowed = true", "specialist_wording = { allowed = false"), "utf-8"
    )
    with pytest.raises(Misfit, match=r"the rules keep the word .specialist. for others"):
        sectors.load(path)


def test_two_fields_may_be_required_and_three_may_not(example: str, tmp_path: Path) -> None:
    field = '\n[[fields]]\nkey = "{}"\ntype = "boolean"\nrequired = true\nlabel = {{ fr = "A", nl = "B", en = "C", de = "D" }}\n'
    path = tmp_path / "optician.toml"
    path.write_text(example + field.format("two"), "utf-8")
    assert len(sectors.load(path).fields) == 2
    path.write_text(example + field.format("two") + field.format("three"), "utf-8")
    with pytest.raises(Misfit, match="fields: Value error, more than 2 fields are required"):
        sectors.load(path)
    path.write_text(example + field.format("wears_glasses"), "utf-8")
    with pytest.raises(Misfit, match="fields: Value error, used twice: wears_glasses"):
        sectors.load(path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "optician.toml"
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(Misfit, match="optician.toml: not UTF-8"):
        sectors.load(path)


def test_a_profession_is_added_by_adding_its_file(client: FlaskClient, folder: Path, example: str) -> None:
    assert sectors.named("opticien") is None
    (folder / "optician.toml").write_text(example, "utf-8")
    added = sectors.named("opticien")
    assert added is not None
    assert sectors.every()[-1] == added
    values = {
        "slug": "lunettes-lenoir", "name": "Lunettes Lenoir", "sector": "optician", "timezone": "Europe/Brussels",
        "email": "a@lenoir.example",
    }  # fmt: skip
    business.create(values, person="Anne Lenoir")
    page = Visitor(client, "lunettes-lenoir").get("")
    assert page.status == 200
    told = (
        "Voir net, se sentir bien.", "sans presser personne", "Examen de vue", "25,00", "10:00 – 12:30",
        "Réserver un essai", "Examens et essais", "Notre savoir-faire", "Verres progressifs", "Prendre le temps",
        "Faut-il une ordonnance", "Non, sauf pour être remboursé",
    )  # fmt: skip
    for words in told:
        assert words in page.html, words
    assert added.motif in page.html
    assert 'data-accent="lilas"' in page.html
    assert "Book a fitting" in Visitor(client, "lunettes-lenoir").get("?lang=en").html
