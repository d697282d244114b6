"""Telephone numbers as they are typed and read in France, overseas départements included."""

from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import NumberParseException

# Where ten digits that begin with a zero are dialled; each has its own country code.
_REGIONS = ("FR", "GP", "MQ", "GF", "RE", "YT")
_COUNTRIES = frozenset({33, 590, 596, 594, 262})


def parse_phone(typed: str) -> PhoneNumber | None:
    """Return the number typed, the French way or with its country; None when it cannot be dialled."""
    for region in _REGIONS:
        try:
            number = PhoneNumber.from_string(typed, region=region)
        except NumberParseException:
            return None
        if number.is_valid():
            return number
    return None


def phone_text(number: PhoneNumber | str) -> str:
    """Return a number as people read it: national for France, international elsewhere, "" for none."""
    if not isinstance(number, PhoneNumber):
        return number
    return str(number.as_national if number.country_code in _COUNTRIES else number.as_international)
