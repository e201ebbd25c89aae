"""A light screen for words of danger, for the public doors: it chooses the queue and decides nothing else."""

from __future__ import annotations

import tomllib
import unicodedata
from pathlib import Path

import ahocorasick

from routing.finding.burmese import in_one_spelling
from routing.finding.folding import INVISIBLE, SEPARATORS

# What hides a word from a filter and not from a reader is taken out; blanks are gone before.
_PICTURES = [*range(0x2190, 0x2C00), *range(0x1F000, 0x1FB00)]
_HIDING = dict.fromkeys([*INVISIBLE, *_PICTURES, *map(ord, SEPARATORS)])


class DangerWords:
    """The phrases that speak for immediate danger, in every language the indicators have."""

    def __init__(self, phrases: set[str]) -> None:
        self._automaton = ahocorasick.Automaton()
        for phrase in phrases:
            self._automaton.add_word(phrase, 1)
        self._automaton.make_automaton()

    @classmethod
    def load(cls, config: Path) -> DangerWords:
        """Reads the immediate phrases of indicators/. Raises ValueError where there are none."""
        phrases: set[str] = set()
        for path in sorted((config / "indicators").glob("*.toml")):
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            immediate = table.get("urgency", {}).get("immediate", {})
            for strength in ("strong", "weak", "pinyin", "pinyin_weak"):
                phrases.update(_plain(phrase) for phrase in immediate.get(strength, ()))
        if not phrases:
            raise ValueError(f"{config / 'indicators'} should name words of immediate danger, but has none.")
        return cls(phrases)

    def sounds_immediate(self, text: str) -> bool:
        """Whether the text has such a phrase. Silence counts: someone may only be able to press send."""
        plain = _plain(text)
        return not plain or next(self._automaton.iter(plain), None) is not None


def _plain(text: str) -> str:
    """Less than the reader's folding, on purpose: this runs while somebody waits for the answer."""
    spelt, _ = in_one_spelling(text)
    return "".join(unicodedata.normalize("NFKC", spelt).lower().translate(_HIDING).split())
