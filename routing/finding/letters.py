"""Letters put as a reader reads them: with the marks sent apart from them, without tones, for the digits that stand for
some.
"""

from __future__ import annotations

import re
import unicodedata

# Marks that a keyboard or a system may send apart from their letter, and the parts of a Korean syllable.
_APART = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0653-\u0655\u1160-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a]"
)
# Those of them that only strike a letter out or decorate it, where they make no other letter of it.
_DECORATION = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]")
# Pinyin has marks that Vietnamese has not, and the other way round; the rest they share.
_PINYIN, _VIETNAMESE = re.compile("[āēīōūǖǎěǐǒǔǚǘǜ]"), re.compile("[ăâđêôơưãẽĩõũỹ\u1ea0-\u1ef9]")
_TONELESS = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ", "aaaaeeeeiiiioooouuuuuuuu")
# A syllable of pinyin without its tone; a few that nobody says pass too.
SYLLABLE = (
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:iang|iong|uang|ang|eng|ing|ong|ian|uan|iao|uai|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|ue|er|[aeiouv])"
)
_NUMBERED = re.compile(f"(?<![a-z0-9]){SYLLABLE}[1-5](?: ?{SYLLABLE}[1-5])+(?![a-z0-9])")
_TONE = re.compile("[1-5]")
# A digit between two letters of a word stands for one; then so does the digit at the end of a short word beside it.
_LIKE_LETTERS = str.maketrans("013457@$€", "oieastase")
_HIDDEN_WORD = re.compile("(?<![a-z0-9@$€._-])[a-z]+(?:[013457@$€][a-z]+)+(?![a-z0-9@$€._-])")
_SHORT_WORD = re.compile("(?<![a-z0-9])[a-z][034](?![a-z0-9])")


def put_together(characters: list[str]) -> dict[int, int]:
    """Puts a mark that was sent apart onto its letter; one that makes no letter of it goes. In place, one for one.

    Returns the place of each letter that was put together, with that of its last mark.
    """
    ends: dict[int, int] = {}
    if _APART.search("".join(characters)) is None:
        return ends
    letter = None
    for place, character in enumerate(characters):
        if letter is None or _APART.match(character) is None:
            letter = place if character else letter
            continue
        whole = unicodedata.normalize("NFC", characters[letter] + character)
        if len(whole) == 1:
            characters[letter], characters[place] = whole, ""
            ends[letter] = place
        elif _DECORATION.match(character):
            characters[place] = ""
            ends[letter] = place
        else:
            letter = place
    return ends


def take_out_tones(characters: list[str]) -> None:
    """Takes the tones of pinyin out, told by marks or by digits (jiù mìng, jiu4 ming4). In place, one for one."""
    text = "".join(character or "\0" for character in characters)
    if _PINYIN.search(text) is not None and _VIETNAMESE.search(text) is None:
        text = text.translate(_TONELESS)
        characters[:] = ["" if character == "\0" else character for character in text]
    for word in _NUMBERED.finditer(text):
        for tone in _TONE.finditer(text, *word.span()):
            characters[tone.start()] = ""


def give_letters_for_digits(characters: list[str]) -> None:
    """Puts the letters for the digits that hide a word from a filter (h3lp m3). In place, one for one."""
    text = "".join(character or "\0" for character in characters)
    hidden = [word.span() for word in _HIDDEN_WORD.finditer(text)]
    for start, end in [*hidden, *((word.span() for word in _SHORT_WORD.finditer(text)) if hidden else ())]:
        characters[start:end] = list(text[start:end].translate(_LIKE_LETTERS))
