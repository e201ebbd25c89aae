"""Identities taken out of a text: numbers, accounts, addresses, and names where words announce them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# What a reporter gave beside the text is taken out where it comes again, unless it is too short to be theirs alone.
_SHORTEST = 2


@dataclass(frozen=True)
class _Taken:
    mark: str
    pattern: re.Pattern[str]


class Identities:
    """The patterns of identities.toml."""

    def __init__(self, taken: Sequence[_Taken]) -> None:
        self._taken = taken

    @classmethod
    def load(cls, config: Path) -> Identities:
        """Reads identities.toml. Raises ValueError where it is not as wanted."""
        path = config / "identities.toml"
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            surnames = table["surnames"]
            return cls([_taken(row["mark"], row["patterns"], surnames) for row in table["taken"]])
        except (KeyError, TypeError, re.error, tomllib.TOMLDecodeError) as fault:
            raise ValueError(f"{path} should have surnames and [[taken]] with a mark and patterns: {fault!r}") from None

    def without(self, text: str, given: Sequence[str] = ()) -> str:
        """The text with a mark for each identity; given is what the reporter told beside it (name, contact, number)."""
        for one in sorted({one.strip() for one in given if len(one.strip()) >= _SHORTEST}, key=len, reverse=True):
            text = text.replace(one, self._taken[0].mark)
        for taken in self._taken:
            text = taken.pattern.sub(taken.mark, text)
        return text


def _taken(mark: str, patterns: Sequence[str], surnames: str) -> _Taken:
    return _Taken(mark, re.compile("|".join(f"(?:{one.replace('{surname}', surnames)})" for one in patterns)))
