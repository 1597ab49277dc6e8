"""The professions, one TOML file each: what a new business starts with, what it asks its clients, which words and
which rules are its own. Adding a profession is adding a file; `docs/sectors.md` explains each line.

A file that breaks the schema is refused with every fault named: `Misfit`.
"""

import re
import tomllib
import xml.etree.ElementTree as Xml
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from lib.languages import LANGUAGES

FOLDER = Path(__file__).parent
MAX_REQUIRED = 2  # answers that a sector may demand on the page, besides name and e-mail
MAX_MOTIF = 1_600  # characters of SVG: it travels with every first load
SHAPES = {"defs", "g", "use", "path", "circle", "ellipse", "rect", "line", "polyline", "polygon"}
LOOKS = {
    "id", "class", "href", "transform", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width",
    "height", "points", "fill", "fill-rule", "opacity", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin",
    "stroke-dasharray",
}  # fmt: skip
SPECIALIST = re.compile(r"sp[eé]ciali|spezial|fach(arzt|ärzt|zahn|anw)", re.IGNORECASE)
ACCENTS = (
    "petrole", "foret", "olive", "ocre", "terre", "brique", "rose", "prune", "lilas", "nuit", "marine", "ardoise",
)  # fmt: skip

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Cents = Annotated[int, Field(ge=0)]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-9]):[0-5]\d$")]  # past 24:00: the next morning


class Misfit(ValueError):
    """A sector's file does not keep to the schema; the text lists every fault with its place."""


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(Part):
    """A text in each language of the pages."""

    fr: Text
    nl: Text
    en: Text
    de: Text

    def in_(self, language: str) -> str:
        return str(getattr(self, language, self.fr))

    def translations(self, source: str) -> dict[str, str]:
        """The other languages than `source`."""
        return {each: self.in_(each) for each in LANGUAGES if each != source}


class Option(Part):
    value: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
    label: Said
    archived: bool = False


class FormField(Part):
    """One thing asked of the client at the end of the details (S1 `formFields`). What is `archived` is asked no
    more; it gives old answers their words."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    type: Literal["text", "textarea", "select", "radio", "boolean", "number", "date"]
    label: Said
    help: Said | None = None
    required: bool = False
    options: tuple[Option, ...] = ()
    max_length: Annotated[int, Field(ge=1, le=2_000)] = 300
    min: int | None = None
    max: int | None = None
    archived: bool = False

    @model_validator(mode="after")
    def _options_where_there_is_a_choice(self) -> Self:
        if (self.type in ("select", "radio")) != bool(self.options):
            raise ValueError("options belong to select and radio, and these need some")
        values = [option.value for option in self.options]
        if len(values) != len(set(values)):
            raise ValueError("two options have the same value")
        return self


class Vocabulary(Part):
    """The profession's own words, as they stand in a sentence (lower case) or on a button."""

    client: Said  # le patient, der Gast
    clients: Said
    visit: Said  # séance, consultation, intervention, table
    visits: Said
    practice: Said  # le cabinet, l’atelier: with its article
    book: Said  # the button: Prendre rendez-vous, Réserver une table
    services: Said  # heading of the services
    team: Said  # heading of the people
    specializations: Said  # heading: Spécialisations, Matières pratiquées


class Switch(Part):
    """What the profession's rules allow, and where they say so."""

    allowed: bool
    source: Text


class Deposit(Part):
    rate_bp: Annotated[int, Field(ge=0, le=10_000)]
    source: Text


class Retention(Part):
    months: Annotated[int, Field(ge=1, le=120)]
    source: Text


class Rules(Part):
    """`reviews`: ratings by clients. `testimonials`: words of clients shown by the business. `specialist_wording`: the
    word "spécialisation" itself. `service_in_titles`: the service's name in calendar titles and subjects, else a
    neutral word. `deposit` is the default for new services. `retention`: how long bookings are kept."""

    reviews: Switch
    testimonials: Switch
    specialist_wording: Switch
    service_in_titles: Switch
    deposit: Deposit
    retention: Retention


class Hours(Part):
    """Opening on these days (0 = Sunday), with the pauses between the ranges."""

    days: tuple[Annotated[int, Field(ge=0, le=6)], ...]
    ranges: tuple[tuple[Clock, Clock], ...]

    @model_validator(mode="after")
    def _the_ranges_follow_one_another(self) -> Self:
        clocks = [clock for both in self.ranges for clock in both]
        if clocks != sorted(set(clocks)):
            raise ValueError("each range ends after it starts, and the next one starts later")
        return self


class ServiceTemplate(Part):
    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")]
    name: Said
    description: Said
    minutes: Annotated[int, Field(ge=5, le=720)]
    price_cents: Cents
    buffer_after: Annotated[int, Field(ge=0, le=240)] = 0
    place: Literal["on_site", "at_client", "video", "phone"] = "on_site"
    deposit_bp: Annotated[int, Field(ge=0, le=10_000)] | None = None  # None: the rules' default
    turn_minutes: tuple[tuple[int, int], ...] = ()  # (largest party, minutes), rising


class ValueTemplate(Part):
    title: Said
    text: Said


class QuestionTemplate(Part):
    question: Said
    answer: Said


class Room(Part):
    """What a business of the sector books beside people: tables, bays."""

    name: Said
    seats: Annotated[int, Field(ge=1)]
    min_seats: Annotated[int, Field(ge=1)] = 1
    join_group: str | None = None


class Sector(Part):
    """`id` is the file's name. `aliases` are other names that sign-up accepts (S0's French words)."""

    id: str
    position: int
    aliases: tuple[str, ...] = ()
    name: Said  # the professional: Kinésithérapeute
    trade: Said  # what is practised: Kinésithérapie
    portal: Said
    portal_slug: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]+$")]
    schema_type: Annotated[tuple[str, ...], Field(min_length=1)]
    accent: Literal[ACCENTS]  # type: ignore[valid-type] # the names are data
    motif: Annotated[str, StringConstraints(max_length=MAX_MOTIF, pattern=r"^<")]
    books_tables: bool = False
    headline: Said
    lead: Said
    step_minutes: Annotated[int, Field(ge=5, le=120)] = 30
    notice_minutes: Annotated[int, Field(ge=0)] = 120
    vocabulary: Vocabulary
    rules: Rules
    hours: tuple[Hours, ...]
    services: Annotated[tuple[ServiceTemplate, ...], Field(min_length=1)]
    specializations: tuple[Said, ...] = ()
    values: tuple[ValueTemplate, ...] = ()
    questions: tuple[QuestionTemplate, ...] = ()
    fields: tuple[FormField, ...] = ()
    rooms: tuple[Room, ...] = ()

    @field_validator("services")
    @classmethod
    def _addresses_are_used_once(cls, services: tuple[ServiceTemplate, ...]) -> tuple[ServiceTemplate, ...]:
        return _each_once(services, "slug")

    @field_validator("fields")
    @classmethod
    def _few_answers_are_demanded(cls, fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        if sum(field.required for field in fields) > MAX_REQUIRED:
            raise ValueError(f"more than {MAX_REQUIRED} fields are required")
        return _each_once(fields, "key")

    @model_validator(mode="after")
    def _nobody_is_called_a_specialist_where_that_is_a_title(self) -> Self:
        if self.rules.specialist_wording.allowed:
            return self
        texts = (self.name, self.headline, self.lead, self.vocabulary.specializations, *self.specializations)
        for word in (text.in_(language) for text in texts for language in LANGUAGES):
            if SPECIALIST.search(word):
                raise ValueError(f"the rules keep the word “specialist” for others, but a text says: {word}")
        return self

    @field_validator("motif")
    @classmethod
    def _is_a_drawing(cls, motif: str) -> str:
        """Pages print it as it stands, so what is not a known shape with known looks is refused."""
        if "<!" in motif or "<?" in motif:
            raise ValueError("the motif may hold shapes only: no comment, entity or instruction")
        try:
            drawing = Xml.fromstring(f"<svg>{motif}</svg>")  # noqa: S314 - a file of ours, without entities
        except Xml.ParseError as error:
            raise ValueError(f"the motif is not well-formed: {error}") from None
        for shape in drawing.iter():
            if shape is not drawing and shape.tag not in SHAPES:
                raise ValueError(f"the motif may hold shapes only, not <{shape.tag}>")
            for name, value in shape.attrib.items():
                if name not in LOOKS or "url(" in value or (name == "href" and not value.startswith("#")):
                    raise ValueError(f'the motif may not set {name}="{value}"')
        return motif


PartT = TypeVar("PartT", bound=Part)


def _each_once(parts: tuple[PartT, ...], name: str) -> tuple[PartT, ...]:
    names = [getattr(part, name) for part in parts]
    if twice := {each for each in names if names.count(each) > 1}:
        raise ValueError(f"used twice: {', '.join(sorted(twice))}")
    return parts


def load(path: Path) -> Sector:
    """Raises Misfit."""
    return read(path, Sector, id=path.stem)


def read(path: Path, kind: type[PartT], **more: Any) -> PartT:
    """A TOML file as `kind`, with `more` values that it does not hold itself. Raises Misfit."""
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        return kind.model_validate(data | more)
    except tomllib.TOMLDecodeError as error:
        raise Misfit(f"{path.name}: {error}") from None
    except ValidationError as found:
        faults = [f"  {'.'.join(map(str, each['loc'])) or 'the whole'}: {each['msg']}" for each in found.errors()]
        raise Misfit("\n".join([f"{path.name}:", *faults])) from None
    except UnicodeDecodeError:
        raise Misfit(f"{path.name}: not UTF-8") from None


def ids() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def get(sector_id: str) -> Sector:
    """A profession by its id; an unknown one is `other`."""
    return load(FOLDER / f"{sector_id if sector_id in ids() else 'other'}.toml")


def every() -> tuple[Sector, ...]:
    """All of them, in the order in which they are offered."""
    return tuple(sorted(map(get, ids()), key=lambda sector: sector.position))


def named(word: str) -> Sector | None:
    """By id or by one of its other names (S0: comptable, avocat, médecin, dentiste, kiné, autre)."""
    wanted = word.strip().lower()
    return next((each for each in every() if wanted == each.id or wanted in each.aliases), None)
