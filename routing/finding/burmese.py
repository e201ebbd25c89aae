"""Burmese in one spelling: what was typed for the older Zawgyi font is put into the order and letters of Unicode.

The font sets its own forms into code points that Unicode gives to other letters, and writes a syllable in the order in
which it is drawn: the vowel E and the curl of medial RA before their consonant. What each of its code points stands for
follows the transliteration rules my-t-my-s0-zawgyi of the Unicode CLDR.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# What no Burmese in Unicode has: forms of the font alone, a killer with nothing under it, a vowel or a curl in front.
_ZAWGYI = re.compile(
    "[\u1033\u1034\u105a\u1060-\u1097]|\u1039(?![\u1000-\u1021])|(?<![\u1000-\u109f])[\u1031\u103b](?=[\u1000-\u1021])"
)
# What no Zawgyi has: medial HA and great SA where Unicode has them, and a vowel E with no letter behind it to stand on.
_UNICODE = re.compile(
    "[\u103e\u103f]|[\u1000-\u1021\u103b-\u103e]\u1031(?![\u1000-\u1021\u1025\u1029\u103b\u1040\u106a-\u1097])"
)
# Letters of Shan, Mon and Karen lie where Zawgyi keeps its stacked forms, but stand by themselves.
_OTHER_LANGUAGES = re.compile(
    "(?<![\u1000-\u109f])[\u1022\u1028\u1060-\u1063\u1065-\u1069\u106c\u106d\u1070-\u107d\u1085\u1087-\u1089]"
)
# What is left of it in a text that was put into order: the sign of a spelling that nobody can read.
_UNREADABLE = re.compile("[\u1033-\u1035\u1050-\u1097]|\u1039(?![\u1000-\u1021])|(?<![\u1000-\u109f])\u1031")

_STACKED = dict(
    zip(
        "\u1060\u1061\u1062\u1063\u1065\u1066\u1067\u1068\u1069\u106c\u106d\u1070\u1071\u1072\u1073\u1074"
        "\u1075\u1076\u1077\u1078\u1079\u107a\u107b\u107c\u1085\u1093",
        "\u1000\u1001\u1002\u1003\u1005\u1006\u1006\u1007\u1008\u100b\u100c\u100f\u1010\u1010\u1011\u1011"
        "\u1012\u1013\u1014\u1015\u1016\u1017\u1018\u1019\u101c\u1018",
        strict=True,
    )
)
_SIGNS = {
    "\u1033": "\u102f", "\u1034": "\u1030", "\u1039": "\u103a", "\u103a": "\u103b", "\u107d": "\u103b",
    "\u103c": "\u103d", "\u108a": "\u103d\u103e", "\u103d": "\u103e", "\u1087": "\u103e", "\u1088": "\u103e\u102f",
    "\u1089": "\u103e\u1030", "\u1094": "\u1037", "\u1095": "\u1037", "\u105a": "\u102b\u103a",
    "\u108e": "\u102d\u1036",
    "\u1064": "\u1004\u103a\u1039", "\u108b": "\u1004\u103a\u1039\u102d", "\u108c": "\u1004\u103a\u1039\u102e",
    "\u108d": "\u1004\u103a\u1039\u1036", "\u1096": "\u1039\u1010\u103d",
    **{form: "\u1039" + letter for form, letter in _STACKED.items()},
}  # fmt: skip
_LETTERS = {
    "\u106a": "\u1009", "\u106b": "\u100a", "\u108f": "\u1014", "\u1090": "\u101b", "\u1086": "\u103f",
    "\u106e": "\u100d\u1039\u100d", "\u106f": "\u100d\u1039\u100e", "\u1091": "\u100f\u1039\u100d",
    "\u1092": "\u100b\u1039\u100c", "\u1097": "\u100b\u1039\u100b", "\u1040": "\u101d",
}  # fmt: skip
# One syllable as the font draws it: the vowel E, the curl, the letter (or a nought for WA), and what hangs on it.
_SYLLABLE = re.compile(
    "(\u1031*)([\u103b\u107e-\u1084]*)"
    "([\u1000-\u102a\u106a\u106b\u106e\u106f\u1086\u108f-\u1092\u1097]|\u1040(?=[\u102b-\u1030\u1032-\u103a\u103c\u103d]))"
    "([\u102b-\u1030\u1032-\u103a\u103c\u103d\u105a\u1060-\u1069\u106c\u106d\u1070-\u107d\u1085\u1087-\u108e\u1093-\u1096]*)"
)
# The order that Unicode wants: what is set above the next letter, the letter, what is stacked under it, medials, the
# vowel E, vowels above, below and behind, dots, the killer, the two points.
_ORDER = {
    sign: place
    for place, signs in enumerate(
        ("\u103b", "\u103c", "\u103d", "\u103e", "\u1031", "\u102d\u102e\u1032", "\u102f\u1030", "\u102b\u102c",
         "\u1036", "\u1037", "\u103a", "\u1038"),
        3,
    )
    for sign in signs
}  # fmt: skip
# Set the other way round it looks the same; this is the order of Unicode's normal form.
_KILLED_DOT, _DOT_KILLED = "\u103a\u1037", "\u1037\u103a"
# A nought among letters is the letter WA, which looks like it.
_NOUGHT = re.compile("(?<=[\u1000-\u103f\u1060-\u1097])\u1040(?=[\u1000-\u103f])")
_BURMESE = re.compile("[\u1000-\u109f]")
_KINZI, _STACK = "\u1004\u103a\u1039", "\u1039"
_LETTER_PLACE, _STACK_PLACE = 1, 2
# The killer before medial YA stays there, as in the word for a man.
_KILLED_MEDIALS = ("\u1039\u103a", "\u1039\u107d")


def is_zawgyi(text: str) -> bool:
    """Whether a text is typed for that font: it has signs of it, and more of them than of Unicode."""
    signs = len(_ZAWGYI.findall(text))
    return bool(signs) and signs > len(_UNICODE.findall(text)) and not _OTHER_LANGUAGES.search(text)


def is_unreadable(text: str) -> bool:
    """Whether Burmese letters stand in no spelling that the reader knows: another language's, or neither font's."""
    return _UNREADABLE.search(text) is not None


def in_one_spelling(text: str) -> tuple[str, Sequence[int]]:
    """The text with its Burmese spelt as Unicode wants, and for each character the index of the one it came from."""
    if not _BURMESE.search(text):
        return text, range(len(text))
    typed = _NOUGHT.sub("\u101d", text)
    spelt, places = in_unicode(typed) if is_zawgyi(typed) else (typed, range(len(typed)))
    return spelt.replace(_KILLED_DOT, _DOT_KILLED), places


def in_unicode(text: str) -> tuple[str, list[int]]:
    """The text in Unicode, and for each of its characters the index of the one it came from."""
    signs: list[str] = []
    places: list[int] = []
    place = 0
    while place < len(text):
        syllable = _SYLLABLE.match(text, place)
        if syllable is None:
            signs.append(_SIGNS.get(text[place], text[place]))
            places += [place] * len(signs[-1])
            place += 1
            continue
        for sign, at in _ordered(text, syllable):
            signs.append(sign)
            places.append(at)
        place = syllable.end()
    return "".join(signs), places


def _ordered(text: str, syllable: re.Match[str]) -> list[tuple[str, int]]:
    """One syllable's letters in Unicode's order, each with the index it came from, none twice in a row."""
    parts: list[tuple[int, str, int]] = []
    for group, as_written in ((1, {}), (2, dict.fromkeys(syllable[2], "\u103c")), (3, _LETTERS), (4, _SIGNS)):
        for at in range(*syllable.span(group)):
            if text[at : at + 2] in _KILLED_MEDIALS:
                parts.append((_STACK_PLACE, "\u103a", at))
            else:
                parts += _placed(as_written.get(text[at], text[at]), at, is_letter=group == 3)
    parts.sort(key=lambda part: part[0])
    found = [(sign, at) for number, (_, sign, at) in enumerate(parts) if not number or parts[number - 1][1] != sign]
    return _joined(found)


def _placed(signs: str, at: int, *, is_letter: bool) -> list[tuple[int, str, int]]:
    if is_letter:
        return [(_LETTER_PLACE, signs, at)]
    if signs.startswith(_KINZI):
        return [(0, _KINZI, at), *_placed(signs[len(_KINZI) :], at, is_letter=False)]
    if signs.startswith(_STACK):
        return [(_STACK_PLACE, signs[:2], at), *_placed(signs[2:], at, is_letter=False)]
    return [(_ORDER.get(sign, len(_ORDER) + 3), sign, at) for sign in signs]


def _joined(parts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Letters that Unicode writes as one: UU with its vowel, JHA drawn as CA with a tail, NYA before its killer."""
    text = "".join(sign for sign, _ in parts)
    if text.startswith("\u1025\u102e"):
        return [("\u1026", parts[0][1]), *parts[2:]]
    if text.startswith("\u1005\u103b"):
        return [("\u1008", parts[0][1]), *parts[2:]]
    if text.startswith("\u1025\u103a"):
        return [("\u1009", parts[0][1]), *parts[1:]]
    return [(one, at) for sign, at in parts for one in sign]
