"""What the law wants a business to say of itself on its site, by country and by kind of profession.

The facts stand in `business.identity` under the keys of `MESSAGES`; an absent or empty one is not known. The page shows
what is known; `missing` tells the owner what is not. Not legal advice: each rule names its source, so that a
professional can check it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["care", "law", "figures", "craft", "plain"]

CARE: tuple[Kind, ...] = ("care",)
REGULATED: tuple[Kind, ...] = ("care", "law", "figures")
ADVICE: tuple[Kind, ...] = ("law", "figures")
EVERYONE: tuple[Kind, ...] = ("care", "law", "figures", "craft", "plain")
NOT_CARE: tuple[Kind, ...] = ("law", "figures", "craft", "plain")

# A profession that is not named here is `plain`.
KINDS: dict[str, Kind] = {
    "doctor": "care", "dentist": "care", "physio": "care", "lawyer": "law", "accountant": "figures",
    "plumber": "craft", "garage": "craft",
}  # fmt: skip

# Keys and the words before them on the page, in its order (gettext msgids).
MESSAGES = {
    "legal_name": "Nom ou dénomination",
    "legal_form": "Forme juridique",
    "capital": "Capital social",
    "seat": "Siège",
    "enterprise_number": "Numéro d’entreprise (BCE)",
    "siret": "SIRET",
    "register": "Registre",
    "vat_number": "Numéro de TVA",
    "title": "Titre professionnel",
    "title_country": "Titre obtenu en",
    "order": "Ordre ou association professionnelle",
    "rules_url": "Règles de la profession",
    "inami": "Numéro INAMI",
    "rpps": "Numéro RPPS",
    "authority": "Autorité de surveillance",
    "insurance": "Assurance professionnelle",
    "mediator": "Médiateur de la consommation",
    "publisher": "Directeur de la publication",
    "host": "Hébergement du site",
}
KEYS = tuple(MESSAGES)
PROFESSION = ("title", "title_country", "order", "rules_url", "inami", "rpps", "authority", "insurance")
SITE = ("publisher", "host", "mediator")

# One person in business alone: no company, so no register of companies and no capital.
PEOPLE = {
    "personne physique", "indépendant", "indépendante", "entreprise individuelle", "entrepreneur individuel", "ei",
    "micro-entreprise", "micro-entrepreneur", "auto-entrepreneur", "profession libérale", "eenmanszaak",
    "natuurlijk persoon", "sole trader", "einzelunternehmen",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """These keys are due in this country, from these kinds of profession, from companies alone where it says so."""

    country: str
    keys: tuple[str, ...]
    source: str
    kinds: tuple[Kind, ...] = EVERYONE
    companies: bool = False


RULES = (
    Rule("BE", ("legal_name", "legal_form", "enterprise_number"), "CDE art. XII.6 § 1, III.25 and III.74"),
    Rule("BE", ("vat_number",), "CDE art. XII.6 § 1 (care is exempt: CTVA art. 44)", NOT_CARE),
    Rule("BE", ("register",), "CSA art. 2:20", companies=True),
    Rule("BE", ("title", "title_country", "order", "rules_url"), "CDE art. XII.6 § 1", REGULATED),
    Rule("BE", ("insurance",), "CDE art. III.74", ADVICE),
    Rule("FR", ("legal_name", "legal_form", "siret"), "LCEN (2004-575) art. 1-1 and 19"),
    Rule("FR", ("publisher", "host"), "LCEN (2004-575) art. 1-1"),
    Rule("FR", ("register", "capital"), "LCEN (2004-575) art. 1-1 and 19", companies=True),
    Rule("FR", ("vat_number",), "LCEN (2004-575) art. 19", NOT_CARE, companies=True),
    Rule("FR", ("title", "title_country", "order", "rules_url"), "LCEN (2004-575) art. 19", REGULATED),
    Rule("FR", ("insurance",), "Code de la consommation art. R. 111-2; Code des assurances art. L. 243-2",
         ("law", "figures", "craft")),
    Rule("FR", ("mediator",), "Code de la consommation art. L. 616-1 (care is exempt: L. 611-4)", NOT_CARE),
)  # fmt: skip
# No rule known to us puts these on a site, but clients and insurers look for them.
USEFUL = (
    Rule("BE", ("inami",), "Identifies the care provider to the mutual societies", CARE),
    Rule("FR", ("rpps",), "Identifies the care provider to the Assurance maladie", CARE),
)


@dataclass(frozen=True, slots=True)
class Missing:
    """`label` is a msgid; `required`: a rule asks for it, `source` says which."""

    key: str
    label: str
    source: str
    required: bool


def kind_of(sector: str) -> Kind:
    """The kind of a profession, by its sector's id."""
    return KINDS.get(sector, "plain")


def missing(identity: Mapping[str, str], country: str, sector: str) -> tuple[Missing, ...]:
    """What a business of this country (ISO 3166 alpha-2) and sector should still say, required facts first."""
    return tuple(
        Missing(key, MESSAGES[key], rule.source, rules is RULES)
        for rules in (RULES, USEFUL)
        for rule in rules
        if _applies(rule, country, kind_of(sector), is_company(identity))
        for key in rule.keys
        if not known(identity, key)
    )


def asked(country: str, sector: str) -> set[str]:
    """Keys that the rules may ask of this kind of profession, as a person or as a company, and those of use."""
    kind = kind_of(sector)
    return {key for rule in (*RULES, *USEFUL) if _applies(rule, country, kind, True) for key in rule.keys} | {"seat"}


def is_company(identity: Mapping[str, str]) -> bool:
    """A form that is not that of one person. One that is not given asks for nothing yet but to be given."""
    form = known(identity, "legal_form").lower()
    return bool(form) and form not in PEOPLE


def known(identity: Mapping[str, str], key: str) -> str:
    """The fact, or nothing."""
    return (identity.get(key) or "").strip()


def _applies(rule: Rule, country: str, kind: Kind, company: bool) -> bool:
    return rule.country == country and kind in rule.kinds and (company or not rule.companies)
