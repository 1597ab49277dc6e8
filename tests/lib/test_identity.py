from lib.identity import KEYS, KINDS, MESSAGES, PROFESSION, RULES, SITE, USEFUL, is_company, missing
from sectors import ids

PHYSIO = {
    "legal_name": "Cabinet Delvaux", "legal_form": "SRL", "enterprise_number": "0745.832.604", "register": "RPM Bruxelles",
    "title": "Kinésithérapeute", "title_country": "Belgique", "order": "Axxon, rue X 1, 1000 Bruxelles",
    "rules_url": "https://example.be/regles", "inami": "5-00000-00-001",
}  # fmt: skip


def keys(identity: dict[str, str], country: str, sector: str, *, required: bool = True) -> list[str]:
    return [each.key for each in missing(identity, country, sector) if each.required is required]


def test_a_complete_profile_misses_nothing() -> None:
    assert missing(PHYSIO, "BE", "physio") == ()


def test_care_needs_no_vat_number_but_its_order() -> None:
    assert keys({}, "BE", "physio") == [
        "legal_name", "legal_form", "enterprise_number", "title", "title_country", "order", "rules_url",
    ]  # fmt: skip
    assert keys({}, "BE", "physio", required=False) == ["inami"]
    assert keys({}, "FR", "doctor", required=False) == ["rpps"]


def test_a_company_has_a_register_and_a_person_has_none() -> None:
    assert "register" in keys({"legal_form": "SRL"}, "BE", "coach")
    assert "register" not in keys({"legal_form": "Personne physique "}, "BE", "coach")
    assert {"register", "capital", "vat_number"} <= set(keys({"legal_form": "SARL"}, "FR", "restaurant"))
    assert not {"register", "capital", "vat_number"} & set(keys({"legal_form": "EI"}, "FR", "restaurant"))
    assert not is_company({})


def test_france_asks_for_publisher_host_and_mediator() -> None:
    assert keys({}, "FR", "plumber") == [
        "legal_name", "legal_form", "siret", "publisher", "host", "insurance", "mediator",
    ]  # fmt: skip
    assert "mediator" not in keys({}, "FR", "dentist")
    assert keys({"legal_name": "  "}, "FR", "plumber")[0] == "legal_name"


def test_another_country_asks_for_nothing_that_we_know_of() -> None:
    assert missing({}, "LU", "physio") == ()


def test_the_tables_name_known_keys_and_sources() -> None:
    assert {key for rule in RULES + USEFUL for key in rule.keys} <= set(KEYS)
    assert set(PROFESSION + SITE) <= set(MESSAGES)
    assert all(rule.source for rule in RULES + USEFUL)
    assert "other" in ids()
    assert "other" not in KINDS
