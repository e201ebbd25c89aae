"""Sex words read as one: what happened is judged the same whether it happened to her or to him."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from routing.finding.folding import Folded, fold


class SexWords:
    """Replaces the words of sexes.toml."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._read_as = {fold(word).text: fold(other).text for word, other in pairs}
        self._pattern = _any_of(self._read_as)

    @classmethod
    def load(cls, config: Path) -> SexWords:
        """Reads sexes.toml. Raises ValueError where it is not as wanted."""
        path = config / "sexes.toml"
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        try:
            return cls([(word, other) for language in table.values() for word, other in language["replace"]])
        except (KeyError, TypeError, ValueError):
            raise ValueError(f"{path}: every language should have replace = [[word, read as], ...].") from None

    def neutral(self, folded: Folded) -> Folded:
        """The text with its sex words read as one sex, with the way back to the original."""
        pieces: list[str] = []
        offsets: list[int] = []
        place = 0
        for match in self._pattern.finditer(folded.text):
            other = self._read_as[match.group()]
            pieces += [folded.text[place : match.start()], other]
            offsets += folded.offsets[place : match.start()]
            # Each character of the new word points into the old one, the last at its last.
            last = match.end() - 1
            offsets += [folded.offsets[min(match.start() + step, last)] for step in range(len(other) - 1)]
            offsets += [folded.offsets[last]]
            place = match.end()
        pieces.append(folded.text[place:])
        return Folded("".join(pieces), (*offsets, *folded.offsets[place:]), ends=folded.ends)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Finds the longest of the words at a place. They are sorted by how they begin: most places begin none of them."""
    by_first: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        by_first.setdefault(word[0], []).append(word[1:])
    begun = (_begun_with(first, rests) for first, rests in by_first.items())
    return re.compile(f"(?=[{re.escape(''.join(by_first))}])(?:{'|'.join(begun)})")


def _begun_with(first: str, rests: Sequence[str]) -> str:
    """The pattern of the words that begin with one letter and go on as one of rests, the longest first.

    Languages that set their words apart by spaces match whole words only: "his" is not in "history".
    """
    either = "|".join(map(re.escape, rests))
    whole = rf"(?<![^\W\d_]){re.escape(first)}(?:{either})(?![^\W\d_])"
    return whole if _has_spaces(first) else f"{re.escape(first)}(?:{either})"


def _has_spaces(letter: str) -> bool:
    """Whether its script sets words apart by spaces: Latin and Cyrillic do; Korean adds endings to its words."""
    return "a" <= letter <= "\u04ff"
