"""Whether a text says the name of somebody we know: so that they do not decide about what is told of them."""

from __future__ import annotations

from collections.abc import Iterable

from routing.finding.folding import fold, is_han

# A single character or letter is no name.
_SHORTEST = 2


def says_name(text: str, names: Iterable[str]) -> bool:
    """Whether the text says one of these names, as people spell and hide them.

    A Chinese name counts wherever its characters stand, another one only as whole words.
    """
    folded = fold(text).text
    return any(_says(folded, fold(name).text.strip()) for name in names)


def _says(text: str, name: str) -> bool:
    if len(name) < _SHORTEST:
        return False
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if any(map(is_han, name)) or not (_is_letter(text, start - 1) or _is_letter(text, end)):
            return True
        start = text.find(name, start + 1)
    return False


def _is_letter(text: str, place: int) -> bool:
    return 0 <= place < len(text) and text[place].isalnum() and not is_han(text[place])
