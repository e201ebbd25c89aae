"""Passwords of officers: kept as argon2id, invented where somebody has to be handed one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
# Small letters and digits that nobody takes for another when they are read out: 16 of them are 78 bits.
_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
_GROUPS, _LETTERS_A_GROUP = 4, 4


@dataclass(frozen=True)
class HandedOver:
    """A password to hand over, and what is kept of it."""

    password: str
    kept: str


class Passwords:
    """Keeps and checks passwords. Both take long on purpose, and so never happen inside a transaction."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """hasher is how hard a password is to guess; the library's own choice unless another is given."""
        self._hasher = hasher or PasswordHasher()

    def kept(self, password: str) -> str:
        """The password as it is kept."""
        return self._hasher.hash(password)

    def fits(self, kept: str, password: str) -> bool:
        """Whether this is the password that is kept so."""
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False


def invented_password() -> str:
    """A password that nobody has thought of, such as 7kmp-x2va-qq4d-9bhe: easy to read out and to type."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_LETTERS_A_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def password_fault(password: str) -> str:
    """What is wrong with a new password: "short", "long", or '' for nothing.

    Length is all that is asked for (NIST SP 800-63B, 5.1.1.2): rules for letters and digits make passwords worse.
    """
    if len(password) < SHORTEST_PASSWORD:
        return "short"
    return "long" if len(password) > LONGEST_PASSWORD else ""
