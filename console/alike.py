"""How alike short texts are, and where they differ: for deciding about many that say the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from markupsafe import Markup, escape

from console.display import visible

# From this share of letters in common on, two texts say the same to whoever skims them; below it they only resemble.
SAME, RESEMBLING = 0.85, 0.7
LONGEST = 200


@dataclass(frozen=True)
class Alike:
    """How much of a text it shares with another, 0 to 1, and the text with what differs marked."""

    share: float
    shown: Markup

    @property
    def is_same(self) -> bool:
        """Whether the two say the same but for a few letters."""
        return self.share >= SAME


def share_of(first: str, other: str) -> float:
    """How many of the letters of two texts they have in common in the same order, 0 to 1; spaces count for nothing."""
    return _matcher(_plain(first), _plain(other)).ratio()


def compared(first: str, other: str) -> Alike:
    """The other text against the first."""
    pieces, at = [], 0
    for start, size in _kept(first, other):
        if start > at:
            pieces.append(Markup("<mark>{}</mark>").format(visible(other[at:start])))
        pieces.append(escape(visible(other[start : start + size])))
        at = start + size
    return Alike(share_of(first, other), Markup("").join(pieces))


def _kept(first: str, other: str) -> Sequence[tuple[int, int]]:
    """Where the other text says what the first says: start and size of each piece in it, the last of size 0."""
    return [(block.b, block.size) for block in _matcher(first, other).get_matching_blocks()]


def _matcher(first: str, other: str) -> SequenceMatcher[str]:
    return SequenceMatcher(None, first, other, autojunk=False)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()
