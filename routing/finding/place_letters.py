"""The letters of one script as sounds: vowels written before their consonant, silent letters, syllables set apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from routing.finding.folding import fold
from routing.finding.place_phonetics import Sound
from routing.finding.place_scripts import plain

# The sign of a letter that is silent before the sound that follows it.
_SILENT_BEFORE = ">"
_SETTINGS = ("lead", "merge", "near")
_SPACED = ("devanagari", "arabic", "cyrillic", "hangul")
# Urdu and Hindi often set the syllables of a name apart.
_SYLLABLES_APART = ("devanagari", "arabic")


def as_folded(pattern: str) -> str:
    """A pattern as it meets folded text: some letters fall into two, and loose marks are gone."""
    return plain(fold(pattern).text)


class Script:
    """The letters of one script."""

    def __init__(self, name: str, table: Mapping[str, str]) -> None:
        self.is_spaced = name in _SPACED
        self._lead = frozenset(table.get("lead", ""))
        self._patterns = [
            (sign.strip("_"), as_folded(letters)) for sign, letters in table.items() if sign not in _SETTINGS
        ]
        self._letters = re.compile("|".join(f"(?P<s{n}>{pattern})" for n, (_, pattern) in enumerate(self._patterns)))
        between = "" if not self.is_spaced else r"(?:[ \-](?=\w))?" if name in _SYLLABLES_APART else r"(?:-(?=\w))?"
        self._run = re.compile(f"(?:(?:{self._letters.pattern}){between})+".replace("?P<s", "?P<r"))

    def runs(self, text: str) -> Iterator[list[Sound]]:
        """The sounds of each stretch of text in this script."""
        for run in self._run.finditer(text):
            yield [*self._sounds(text, run.start(), run.end())]

    def _sounds(self, text: str, start: int, end: int) -> Iterator[Sound]:
        """Vowels written before their consonant come after it; a silent letter belongs to a sound beside it."""
        lead, begin = "", -1
        last: Sound | None = None
        for match in self._letters.finditer(text, start, end):
            sign = self._patterns[int(str(match.lastgroup)[1:])][0]
            if not sign:
                last = last and Sound(last.sign, last.start, match.end())
                continue
            begin = match.start() if begin < 0 else begin
            if sign == _SILENT_BEFORE or match[0] in self._lead:
                lead = lead if sign == _SILENT_BEFORE else sign
                continue
            if last:
                yield last
            signs = sign + lead
            yield from (Sound(one, begin, match.end()) for one in signs[:-1])
            last = Sound(signs[-1], begin, match.end())
            lead, begin = "", -1
        if last:
            yield last
