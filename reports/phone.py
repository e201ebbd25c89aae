"""Phone numbers in one spelling, so that the same number is found again however it was written."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers


def normal_number(text: str, home: str = "CN") -> str:
    """The number in E.164 form where it is one; otherwise its digits, or an empty string where there are none.

    Never refuses: a short code, forty digits or a number with words around it are still something a person wrote.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    try:
        number = phonenumbers.parse(folded, home)
    except phonenumbers.NumberParseException:
        return re.sub(r"\D", "", folded)
    if not phonenumbers.is_possible_number(number):
        return re.sub(r"\D", "", folded)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def line_of_ones_own(text: str, home: str = "CN") -> str:
    """The number in E.164 form where it can be one subscriber's: whoever writes from it can be expected to write again.

    '' for short codes, names in letters, and numbers that are kept back.
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text).strip(), home)
    except phonenumbers.NumberParseException:
        return ""
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
