"""How Chinese names of places sound, coarsely enough that what other scripts make of them sounds the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product

# Pinyin's initials and finals in the sounds of place_letters.toml; G is ng.
_INITIALS = {
    "zh": "J", "ch": "C", "sh": "X", "b": "B", "p": "P", "m": "M", "f": "F", "d": "D", "t": "T", "n": "N", "l": "L",
    "g": "Q", "k": "K", "h": "H", "j": "J", "q": "C", "x": "S", "r": "R", "z": "J", "c": "C", "s": "S", "y": "I",
    "w": "U", "": "",
}  # fmt: skip
_FINALS = {
    "iang": "IAG", "iong": "IOG", "uang": "UAG", "ang": "AG", "eng": "EG", "ing": "IG", "ong": "OG", "ian": "IAN",
    "uan": "UAN", "iao": "IAO", "uai": "UAI", "ai": "AI", "ei": "EI", "ao": "AO", "ou": "OU", "an": "AN", "en": "EN",
    "in": "IN", "un": "UN", "ia": "IA", "ie": "IE", "iu": "IU", "ua": "UA", "uo": "UO", "ui": "UI", "ue": "UE",
    "er": "ER", "a": "A", "e": "E", "i": "I", "o": "O", "u": "U", "v": "IU",
}  # fmt: skip
# V is the vowel of yu and W that of shi and zi, where a name is spelt sound by sound: abroad they have no sure letter.
VOWELS = "AEIOUVW"
_COARSE = str.maketrans("BDQJXUVW", "PTKCSOOO")
_SYLLABLE = re.compile(
    f"({'|'.join(sorted(_INITIALS, key=len, reverse=True))})({'|'.join(sorted(_FINALS, key=len, reverse=True))})"
)
# Finals that languages hear in several ways: the vowel of shi and zi, that of lü and yu, and these.
_BUZZED = ("zh", "ch", "sh", "r", "z", "c", "s")
_ROUNDED = ("j", "q", "x", "y")
_HEARD_AS = {
    "ei": ("EI", "E", "I"), "ui": ("OI", "OE"), "ua": ("OA", "O"), "uan": ("OAN", "ON"), "uang": ("OAG", "OG"),
    "ao": ("AO", "O"), "ie": ("IE", "IA"),
    "ian": ("IAN", "EN"), "iang": ("IAG", "EG"), "ong": ("OG", "G"), "er": ("ER", "E"),
}  # fmt: skip
# The same after j q x y.
_GLIDED_AS = {"uan": ("IOAN", "ION", "IAN"), "un": ("ION", "IN"), "ue": ("IOE", "IE")}
_BUZZED_AS, _ROUNDED_AS = ("I", "O", "E"), ("IO", "OI", "I")
_MOST_WAYS = 24
_DOUBLED = re.compile(rf"([^{VOWELS}])\1")


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound, and the characters of the text that spell it."""

    sign: str
    start: int
    end: int


def keys(pinyin: str) -> set[str]:
    """The ways a name may sound, empty where it is no pinyin or one syllable."""
    syllables = _syllables(_letters(pinyin))
    if len(syllables) < 2:
        return set()
    ways = product(*(_ways(first, last) for first, last in syllables))
    return {evened("".join(way)) for way in islice(ways, _MOST_WAYS)}


def coarse(signs: str) -> str:
    """The sounds without what languages tell apart differently."""
    return signs.translate(_COARSE)


def spelt(pinyin: str) -> str:
    """The name sound by sound, '' where it is no pinyin or one syllable."""
    syllables = _syllables(_letters(pinyin))
    return single("".join(_exact(first, last) for first, last in syllables)) if len(syllables) > 1 else ""


def single(signs: str) -> str:
    """The sounds with each doubled consonant once, as many spell Nanning."""
    return _DOUBLED.sub(r"\1", signs)


def _letters(pinyin: str) -> str:
    return re.sub("[^a-z']", "", pinyin.lower().replace("ü", "v"))


def _exact(first: str, last: str) -> str:
    if last == "i" and first in _BUZZED:
        return _INITIALS[first] + "W"
    if last == "v" or (first in _ROUNDED and last in ("u", "uan", "un", "ue")):
        return _INITIALS[first] + ("VI" if last in ("u", "v") else "V" + _FINALS[last][1:])
    # Yi and wu are one vowel.
    return _FINALS[last] if _INITIALS[first] == _FINALS[last][0] else _INITIALS[first] + _FINALS[last]


def even(sounds: Iterable[Sound]) -> list[Sound]:
    """One sign for what languages hear alike: no doubles, no glide after a hissing sound, ian for ien, ui for uei."""
    kept: list[Sound] = []
    for sound in sounds:
        _push(kept, sound)
    return kept


@lru_cache(maxsize=50_000)
def evened(signs: str) -> str:
    """The same for signs alone."""
    return "".join(sound.sign for sound in even([Sound(sign, 0, 0) for sign in signs]))


def _push(kept: list[Sound], sound: Sound) -> None:
    one = kept[-1].sign if kept else ""
    two = kept[-2].sign if len(kept) > 1 else ""
    if sound.sign == one:
        kept[-1] = Sound(one, kept[-1].start, sound.end)
        return
    if two == "E" and one == "I" and sound.sign in "NGA":
        # ein is en; eia is ia, and so is ieia.
        glide = kept.pop() if sound.sign != "A" else kept.pop(-2)
        if glide.sign == "E" and len(kept) > 1 and kept[-2].sign == "I":
            kept[-2:] = [Sound("I", kept[-2].start, kept[-1].end)]
        _push(kept, sound)
        return
    if two == "I" and one == "E" and sound.sign in "NG":
        kept[-1] = Sound("A", kept[-1].start, kept[-1].end)
    elif (one == "E" and sound.sign in "AO") or (one == "I" and two in ("C", "S") and sound.sign in "AEO"):
        del kept[-1]
        _push(kept, sound)
        return
    elif two == "O" and one == "E" and sound.sign == "I":
        del kept[-1]
    kept.append(sound)


def _syllables(pinyin: str) -> list[tuple[str, str]]:
    found = []
    for part in pinyin.split("'"):
        place = 0
        while place < len(part):
            syllable = _longest_syllable(part, place)
            if syllable is None:
                return []
            found.append(syllable)
            place += len(syllable[0]) + len(syllable[1])
    return found


def _longest_syllable(part: str, place: int) -> tuple[str, str] | None:
    """The longest syllable here after which another can begin (fangan is fan gan)."""
    for end in range(min(len(part), place + 6), place, -1):
        match = _SYLLABLE.fullmatch(part, place, end)
        if match and (end == len(part) or _can_begin(part, end)):
            return match[1], match[2]
    return None


def _can_begin(part: str, place: int) -> bool:
    return part[place] not in "aeiouv" and _SYLLABLE.match(part, place) is not None


def _ways(first: str, last: str) -> list[str]:
    """The ways that languages hear a syllable, the plainest first."""
    begin = coarse(_INITIALS[first])
    if first in _BUZZED and last == "i":
        return [begin + way for way in _BUZZED_AS]
    if last == "v" or (first in _ROUNDED and last == "u"):
        return [begin + way for way in _ROUNDED_AS]
    if first in _ROUNDED and last in _GLIDED_AS:
        return [begin + way for way in _GLIDED_AS[last]]
    return [begin + way for way in _HEARD_AS.get(last, (coarse(_FINALS[last]),))]


def hangul(word: str, start: int) -> Iterator[Sound]:
    """The sounds of a word in Hangul that begins at start."""
    for number, syllable in enumerate(word, start):
        place = ord(syllable) - 0xAC00
        first, middle, last = place // 588, place % 588 // 28, place % 28
        for sign in _HANGUL_FIRST[first] + _HANGUL_MIDDLE[middle] + _HANGUL_LAST[last]:
            yield Sound(sign, number, number + 1)


# Hangul syllables are composed of these, in the order of Unicode.
_HANGUL_FIRST = ("Q", "Q", "N", "D", "D", "L", "M", "B", "B", "S", "S", "", "J", "J", "C", "K", "T", "P", "H")
_HANGUL_MIDDLE = (
    "A", "A", "IA", "IA", "E", "E", "IE", "IE", "O", "UA", "UA", "O", "IO", "U", "UO", "UE", "UI", "IU", "W", "I", "I",
)  # fmt: skip
_HANGUL_LAST = (
    "", "K", "K", "K", "N", "N", "N", "T", "L", "L", "L", "L", "L", "L", "L", "L", "M", "P", "P", "S", "S", "G", "C",
    "C", "K", "T", "P", "H",
)  # fmt: skip
