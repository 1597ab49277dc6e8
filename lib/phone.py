"""Telephone numbers in E.164, and as people of the country write them."""


class BadNumber(ValueError):
    """Not a possible telephone number."""


def normalise(text: str, country: str) -> str:
    """`0470 12 34 56` in BE becomes `+32470123456`. `country` is ISO 3166 alpha-2. Raises BadNumber."""
    import phonenumbers  # its tables cost 20 ms at import: only bookings that carry a number pay for it

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise BadNumber from None
    if not phonenumbers.is_possible_number(number):
        raise BadNumber
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national(number: str, country: str) -> str:
    """E.164 as written at home (`02 555 01 42`), in international form from another country."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return number
    home = phonenumbers.region_code_for_number(parsed) == country
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)
