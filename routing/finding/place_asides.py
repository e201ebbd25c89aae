"""Places that a report names only to set them apart: where it was not, where somebody searched, where others live."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routing.finding.folding import Folded
from routing.finding.place_contexts import made_of_contexts
from routing.finding.place_meanings import Named

_REACH = 40
# Names side by side are told of alike (we searched Zhengzhou, Wuhan and Guangzhou).
_LISTED = re.compile("[、和与及跟]|还有")


@dataclass(frozen=True, slots=True)
class _Words:
    """One way to set a place apart: what ends right before it and what begins right behind it."""

    before: re.Pattern[str]
    after: re.Pattern[str]

    def show(self, text: str, start: int, end: int) -> bool:
        """Whether both stand beside the place at start to end."""
        first = max(0, start - _REACH)
        return bool(self.after.match(text, end, end + _REACH) and self.before.search(text, first, start))


class Asides:
    """Judges by [asides] of place_contexts.toml.

    not_meant holds where any other place is left; elsewhere where one is left that the words tell of the victim.
    """

    def __init__(self, table: dict[str, Any]) -> None:
        asides = table["asides"]
        self._not_meant = [_words(entry) for entry in asides["not_meant"]]
        self._elsewhere = [_words(entry) for entry in asides["elsewhere"]]
        self._of_others = frozenset(asides["of_others"])

    @classmethod
    def load(cls, config: Path) -> Asides:
        """Raises ValueError where the file is not as wanted."""
        return made_of_contexts(config, cls)

    def without(self, folded: Folded, places: Sequence[Named], clue: Callable[[Folded, Named], str]) -> list[Named]:
        """The places without those that are only set apart; clue tells what words say of one."""
        left = self._left(folded.text, places, self._not_meant) or list(places)
        kept = self._left(folded.text, left, self._elsewhere)
        is_told = any(clue(folded, one).split("/")[0] not in self._of_others for one in kept)
        return kept if is_told else left

    def _left(self, text: str, places: Sequence[Named], ways: Sequence[_Words]) -> list[Named]:
        apart = [any(words.show(text, one.start, one.end) for words in ways) for one in places]
        pairs = list(zip(range(1, len(places)), places, places[1:], strict=False))
        # A list is told of by what stands before it, or behind it.
        for number, one, two in [*pairs, *reversed(pairs)]:
            if apart[number - 1] != apart[number] and _LISTED.fullmatch(text, one.end, two.start):
                apart[number - 1] = apart[number] = True
        if not any(apart):
            return list(places)
        codes = {one.codes[0] for one, is_apart in zip(places, apart, strict=True) if not is_apart}
        around = {code for one, is_apart in zip(places, apart, strict=True) if not is_apart for code in one.held_by}
        # A county of the city that was told is what somebody meant to say (in Hangzhou, no, in Tonglu).
        return [
            one
            for one, is_apart in zip(places, apart, strict=True)
            if not is_apart or one.codes[0] in around or codes.intersection(one.held_by)
        ]


def _words(entry: dict[str, list[str]]) -> _Words:
    before, after = "|".join(entry.get("before", [])), "|".join(entry.get("after", []))
    return _Words(re.compile(f"(?:{before})$"), re.compile(f"(?:{after})"))
