"""Ids and references, made from chance."""

from __future__ import annotations

import secrets
import time
import unicodedata

# Crockford's alphabet: no I, L, O or U, so that a reference can be read out on the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_LENGTH = 9
# What the references of exercises begin with: whoever reads one, in a log or on paper, sees what it is.
_EXERCISE = "EX"


def new_id() -> str:
    """32 hexadecimal digits: 48 bits of milliseconds, then 80 random bits. The order keeps indexes compact."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def new_reference(*, exercise: bool = False) -> str:
    """A reference such as "K7M2-QX3TD4": 45 random bits and a check character. Tells neither time nor volume.

    That of an exercise is such as "EX-K7M2-QX3TD4".
    """
    chance = secrets.randbits(5 * _LENGTH)
    letters = "".join(_ALPHABET[chance >> 5 * place & 31] for place in range(_LENGTH))
    reference = f"{letters[:4]}-{letters[4:]}{_check(letters)}"
    return f"{_EXERCISE}-{reference}" if exercise else reference


def read_reference(text: str) -> str | None:
    """The reference as stored, from however it was typed; None if it is not one."""
    letters = unicodedata.normalize("NFKC", text).strip().upper().translate(_READ_AS)
    prefix = f"{_EXERCISE}-" if len(letters) == _LENGTH + 1 + len(_EXERCISE) and letters.startswith(_EXERCISE) else ""
    letters = letters[len(_EXERCISE) :] if prefix else letters
    if len(letters) != _LENGTH + 1 or any(letter not in _ALPHABET for letter in letters):
        return None
    if _check(letters[:_LENGTH]) != letters[_LENGTH]:
        return None
    return f"{prefix}{letters[:4]}-{letters[4:]}"


def _check(letters: str) -> str:
    # Odd weights are units modulo 32, so every single wrong character shows; most swaps of neighbours do too.
    return _ALPHABET[sum((2 * place + 1) * _ALPHABET.index(letter) for place, letter in enumerate(letters)) % 32]
