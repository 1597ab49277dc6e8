"""E-mail addresses: one function for storing and comparing (S3: trimmed, lower-cased, form checked without DNS)."""

MAX_LENGTH = 254


class BadAddress(ValueError):
    """Not the form of an e-mail address."""


def normalise(text: str) -> str:
    """Lower-case ASCII (an international domain in its punycode form). Raises BadAddress."""
    import email_validator  # 45 ms at import: a process that reads no address starts without it

    # Reserved names (.example, .test, .localhost) are valid in form; only delivery would fail, and form is checked.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise BadAddress
    try:
        found = email_validator.validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except email_validator.EmailNotValidError:
        raise BadAddress from None
    return (found.ascii_email or found.normalized).lower()
