"""Dates, amounts, lengths and spaces in each language (field-notes 5.7), and which language a header asks for."""

import datetime as dt

import pytest
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from lib import dates, prices
from lib.languages import best, locale_of
from lib.text import french

TUESDAY = dt.date(2026, 11, 24)
TABLE = [
    # language, country; long with its year, without, short; week; money; lengths
    ("fr", "BE", "mardi 24 novembre 2026", "mardi 24 novembre", "mar. 24 nov.", "1 234,50 €", "45 min|1 h|1 h 30"),
    ("fr", "FR", "mardi 24 novembre 2026", "mardi 24 novembre", "mar. 24 nov.", "1 234,50 €", "45 min|1 h|1 h 30"),
    ("nl", "BE", "dinsdag 24 november 2026", "dinsdag 24 november", "di 24 nov", "€ 1.234,50", "45 min|1 uur|1 u 30"),
    ("en", "BE", "Tuesday, 24 November 2026", "Tuesday 24 November", "Tue 24 Nov", "€1,234.50", "45 min|1 hr|1 hr 30 min"),
    ("de", "BE", "Dienstag, 24. November 2026", "Dienstag, 24. November", "Di., 24. Nov.", "1.234,50 €", "45 Min.|1 Std.|1 Std. 30 Min."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "country", "with_year", "without", "short", "money", "lengths"), TABLE)
def test_each_language_writes_days_amounts_and_lengths_its_way(
    language: str, country: str, with_year: str, without: str, short: str, money: str, lengths: str
) -> None:
    locale = locale_of(language, country)
    assert dates.long_day(TUESDAY, locale, today=dt.date(2027, 1, 1)) == with_year
    assert dates.long_day(TUESDAY, locale, today=TUESDAY) == without
    assert dates.short_day(TUESDAY, locale) == short
    assert " ".join(prices.amount(123450, "EUR", locale).split()) == money
    assert "|".join(dates.length(minutes, locale) for minutes in (45, 60, 90)).replace("\xa0", " ") == lengths
    assert " " not in dates.length(90, locale)


@pytest.mark.parametrize(
    ("locale", "one_month", "two_months"),
    [
        ("fr_BE", "1er – 7 juin", "29 juin – 5 juillet"),
        ("nl_BE", "1 – 7 juni", "29 juni – 5 juli"),
        ("en_GB", "1 – 7 June", "29 June – 5 July"),
        ("de_BE", "1. – 7. Juni", "29. Juni – 5. Juli"),
    ],
)
def test_a_week_is_named_by_its_ends(locale: str, one_month: str, two_months: str) -> None:
    assert dates.week_title(dt.date(2026, 6, 1), locale) == one_month
    assert dates.week_title(dt.date(2026, 6, 29), locale) == two_months


def test_french_counts_the_first_of_a_month() -> None:
    assert dates.long_day(dt.date(2026, 12, 1), "fr_BE") == "mardi 1er décembre"
    assert dates.long_day(dt.date(2026, 12, 11), "fr_BE") == "vendredi 11 décembre"
    assert dates.long_day(dt.date(2026, 12, 1), "nl_BE") == "dinsdag 1 december"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "de"),
        ("nl", "nl"),
        ("nl-BE,en;q=0.5", "nl"),  # a region is served by its language
        ("it,en-US;q=0.8,fr;q=0.7", "en"),
        ("fr;q=0.2,nl;q=0.9", "nl"),
        ("it,pt;q=0.4", "de"),
        ("fr;q=0,nl;q=0.1", "nl"),
        ("*", "de"),
        ("it,*;q=0.5", "de"),
        ("no-such-thing;;q=x", "de"),
    ],
)
def test_the_best_language_of_a_header(header: str, language: str) -> None:
    assert best(parse_accept_header(header, LanguageAccept), "de") == language


@pytest.mark.parametrize(
    ("plain", "set_"),
    [
        ("Prêt ? Oui ; non !", "Prêt\u202f? Oui\u202f; non\u202f!"),
        ("Erreur : voici « le mot »", "Erreur\u00a0: voici «\u202fle mot\u202f»"),
        ("Prêt\u00a0?", "Prêt\u202f?"),
        ("%(hours)s h avant, %(share)s %% dû", "%(hours)s\u00a0h avant, %(share)s\u00a0%% dû"),
        ("%(a)s %(b)s heures", "%(a)s %(b)s heures"),
        ("1 h 30 ou 45 min, 30 €, 5 km", "1\u00a0h\u00a030 ou 45\u00a0min, 30\u00a0€, 5\u00a0km"),
        ("2 hommes, 3 lits à 10:30", "2 hommes, 3 lits à 10:30"),
        ("https://exemple.be/?a=1;b", "https://exemple.be/?a=1;b"),
        ("Fin.\n ! suite", "Fin.\n ! suite"),
    ],
)
def test_french_spaces(plain: str, set_: str) -> None:
    assert french(plain) == set_
    assert french(set_) == set_
