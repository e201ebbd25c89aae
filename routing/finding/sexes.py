"""Sex words read as one: what happened is judged the same whether it happened to her or to him."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from routing.finding.folding import Folded, fold


class SexWords:
    """Replaces the words of sexes.toml."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._read_as = {fold(word).text: fold(other).text for word, other in pairs}
        # Languages that set their words apart by spaces match whole words only: "his" is not in "history".
        alternatives = [
            rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])" if _has_spaces(word) else re.escape(word)
            for word in sorted(self._read_as, key=len, reverse=True)
        ]
        self._pattern = re.compile("|".join(alternatives))

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


def _has_spaces(word: str) -> bool:
    """Whether the word's script sets words apart by spaces: Latin and Cyrillic do; Korean adds endings to its words."""
    return "a" <= word[0] <= "\u04ff"
