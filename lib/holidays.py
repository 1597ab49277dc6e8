"""The legal holidays of Belgium and France, named in the language of a business.

Belgium: the ten of the royal decree of 18 April 1974. France: the eleven of Code du travail L3133-1, and in the Moselle
and in Alsace the two of L3134-13 more.
"""

import datetime as dt
from functools import lru_cache

# Sundays that the catalogue counts among Belgium's holidays, though no law does.
_ONLY_SUNDAYS = ("Easter Sunday", "Pentecost")
_ALSACE_MOSELLE = {"57": "57", "67": "6AE", "68": "6AE"}  # by the first digits of the postcode
_LANGUAGES = {"fr": "fr", "nl": "nl", "de": "de", "en": "en_US"}


def coming(country: str, postcode: str, first: dt.date, last: dt.date, language: str) -> list[tuple[dt.date, str]]:
    """Those from `first` to `last`, both included, by date; none for a country that is not served."""
    if country not in ("BE", "FR"):
        return []
    region = _ALSACE_MOSELLE.get(postcode[:2]) if country == "FR" else None
    days = (day for year in range(first.year, last.year + 1) for day in _year(country, region, year, language))
    return [(date, name) for date, name in days if first <= date <= last]


@lru_cache(maxsize=256)
def _year(country: str, region: str | None, year: int, language: str) -> tuple[tuple[dt.date, str], ...]:
    import holidays  # takes most of a second: only who plans a year waits for it

    def named(tongue: str) -> dict[dt.date, str]:
        return dict(holidays.country_holidays(country, subdiv=region, years=year, language=tongue))

    plain, wanted = named("en_US"), _LANGUAGES.get(language, "fr")
    told = named(wanted if wanted in holidays.country_holidays(country).supported_languages else "fr")
    legal = sorted(date for date, name in plain.items() if name not in _ONLY_SUNDAYS)
    return tuple((date, told[date].replace("'", "’")) for date in legal)
