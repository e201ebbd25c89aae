"""Burmese typed in the older Zawgyi font, put into the order and letters of Unicode."""

from __future__ import annotations

import re

# What no text in Unicode has: letters of the font alone, a stacking sign with nothing under it, a vowel in front.
_ZAWGYI = re.compile(
    "[\u1033\u1034\u105a\u1060-\u1097]|\u1039(?![\u1000-\u1021])|(?<![\u1000-\u109f])[\u1031\u103b](?=[\u1000-\u1021])"
)
_LETTERS = {
    "\u1033": "\u102f", "\u1034": "\u1030", "\u1039": "\u103a", "\u103a": "\u103b", "\u107d": "\u103b",
    "\u103b": "\u103c", "\u103c": "\u103d", "\u108a": "\u103d\u103e", "\u103d": "\u103e", "\u1087": "\u103e",
    "\u1088": "\u103e\u102f", "\u1089": "\u103e\u1030", "\u1094": "\u1037", "\u1095": "\u1037",
    "\u105a": "\u102b\u103a", "\u1064": "", "\u108b": "\u102d", "\u108c": "\u102e", "\u108d": "\u1036",
    "\u106a": "\u1009", "\u106b": "\u100a", "\u1090": "\u101b", "\u108f": "\u1014", "\u1086": "\u103f",
    **dict.fromkeys("\u107e\u107f\u1080\u1081\u1082\u1083\u1084", "\u103c"),
}  # fmt: skip
# One syllable's beginning: the vowel and the curl that the font sets before their consonant, and what hangs on it.
_CLUSTER = re.compile(
    "(\u1031?)([\u103b\u107e-\u1084]?)([\u1000-\u1021\u1025\u1029\u106a\u106b\u108f\u1090])([\u103a\u107d\u103c\u103d\u1087\u108a]*)"
)


def is_zawgyi(text: str) -> bool:
    """Whether a text is typed in that font."""
    return _ZAWGYI.search(text) is not None


def in_unicode(text: str) -> tuple[str, list[int]]:
    """The text in Unicode, and for each of its characters the index of the one it came from."""
    signs: list[str] = []
    places: list[int] = []

    def put(at: int) -> None:
        new = _LETTERS.get(text[at], text[at])
        signs.append(new)
        places.extend([at] * len(new))

    place = 0
    while place < len(text):
        cluster = _CLUSTER.match(text, place)
        if cluster is None:
            put(place)
            place += 1
            continue
        vowel, curl, letter, hanging = (range(*cluster.span(group)) for group in (1, 2, 3, 4))
        for at in (*letter, *curl, *hanging, *vowel):
            put(at)
        place = cluster.end()
    return "".join(signs), places
