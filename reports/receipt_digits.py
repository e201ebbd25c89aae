"""The shape of a reporter's receipt: sixteen digits that can stand in a telephone's list of contacts unnoticed.

The first digit is neither 1 nor 9: numbers that begin so are emergency and service numbers (110, 12110, 95xxx), and an
exchange would connect whoever dials the sixteen digits to one of those. That leaves 8 × 10^15 receipts, 52.8 bits.
Guessing five times a second for a year against 100,000 live receipts then finds any of them with a probability of
1.6e8 × 1e5 / 8e15 = 0.2 %.
"""

from __future__ import annotations

import re
import secrets
import unicodedata

LENGTH = 16
POSSIBLE = 8 * 10 ** (LENGTH - 1)
_LONGEST_TYPED = 100
_FIRST_DIGITS = "02345678"
# Letters that are taken for digits when a number is copied by hand.
_READ_AS = str.maketrans({"O": "0", "o": "0", "I": "1", "l": "1", "|": "1"})
_BETWEEN = re.compile(r"[\s.,\-–—_/()·+]+")
# Between two groups of a number stands a sign, or a sign between spaces: "1234 5678", "1234 - 5678".
_IN_A_TEXT = re.compile(r"(?<!\d)\d(?:[\s.\-–—]{0,3}\d){15}(?!\d)")


def digits_from(chance: int) -> str:
    """The receipt that a number from 0 to POSSIBLE - 1 stands for: sixteen ASCII digits."""
    first, rest = divmod(chance, POSSIBLE // len(_FIRST_DIGITS))
    return f"{_FIRST_DIGITS[first]}{rest:0{LENGTH - 1}d}"


def new_digits() -> str:
    """A receipt made from chance."""
    return digits_from(secrets.randbelow(POSSIBLE))


def read_digits(typed: str) -> str | None:
    """The sixteen digits in what somebody typed or spoke, however they grouped them; None where there are not sixteen.

    Digits of every script are read (full-width, Thai, Burmese ...), and O, I and l as the digits they look like.
    """
    if len(typed) > _LONGEST_TYPED:
        return None
    plain = unicodedata.normalize("NFKC", typed).translate(_READ_AS)
    digits = _ascii(_BETWEEN.sub("", plain))
    return digits if re.fullmatch("[0-9]{16}", digits) else None


def digits_in(text: str) -> tuple[str, str] | None:
    """The first sixteen digits that stand by themselves in a text, and the text without them; None where none stand."""
    found = _IN_A_TEXT.search(text)
    if found is None:
        return None
    return _ascii(re.sub(r"\D", "", found[0])), f"{text[: found.start()]}{text[found.end() :]}".strip()


def shown(digits: str) -> str:
    """The receipt in four groups of four, as it is read out and written down."""
    return " ".join(digits[place : place + 4] for place in range(0, LENGTH, 4))


def _ascii(digits: str) -> str:
    return "".join(str(unicodedata.decimal(sign, "x")) for sign in digits)
