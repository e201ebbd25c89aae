"""The language of a text: by its script first, by a few telling words after."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

# Each script and the language it stands for here. Han counts before Latin: one Chinese sentence with English words in
# it is Chinese.
_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("my", "[\u1000-\u109f\uaa60-\uaa7f]"),
    ("km", "[\u1780-\u17ff]"),
    ("lo", "[\u0e80-\u0eff]"),
    ("th", "[\u0e00-\u0e7f]"),
    ("ko", "[\uac00-\ud7af\u1100-\u11ff\u3130-\u318f]"),
    ("hi", "[\u0900-\u097f]"),
    ("bo", "[\u0f00-\u0fff]"),
    ("ja", "[\u3040-\u30ff]"),
    ("cyrillic", "[\u0400-\u052f]"),
    ("arabic", "[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"),
    ("mn", "[\u1800-\u18af]"),
    ("zh", "[\u3400-\u4dbf\u4e00-\u9fff]"),
    ("latin", "[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
)
_PATTERN = re.compile("|".join(f"(?P<s{place}>{pattern})" for place, (_, pattern) in enumerate(_SCRIPTS)))
_VIETNAMESE = re.compile("[\u0103\u0111\u01a1\u01b0\u1ea0-\u1ef9]", re.IGNORECASE)
_URDU = frozenset("\u0679\u0688\u0691\u06ba\u06d2\u06be")
_UYGHUR = frozenset("\u06d0\u06c6\u06c7\u06c8\u06cb\u06ad")
_MONGOLIAN = frozenset("\u04e9\u04af")
_KAZAKH = frozenset("\u04b1\u049b\u0493\u04d9\u0456\u04bb\u04a3")
# What decides is near the beginning; the rest would only cost time.
_FAR_ENOUGH = 4000
# A Chinese character says about as much as three letters.
_HAN_WEIGHT = 3
# Where nothing tells the language (a number, a picture sign), it is the hotline's own.
_NOTHING_TOLD = "zh"
# Letters of a script, or words, that nothing here knows (ISO 639-2).
_UNDETERMINED = "und"
# So many words of which none is known are in another language, or in none.
_ENOUGH_WORDS = 8


class Languages:
    """Tells the language of a text."""

    def __init__(self, words: Mapping[str, Mapping[str, frozenset[str]]]) -> None:
        self._words = words

    @classmethod
    def load(cls, config: Path) -> Languages:
        """Reads languages.toml. Raises ValueError where it is not as wanted."""
        path = config / "languages.toml"
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if not {"latin", "cyrillic"} <= set(table):
            raise ValueError(f"{path} should have the tables latin and cyrillic, but has {', '.join(table) or 'none'}.")
        return cls({script: {code: frozenset(words) for code, words in of.items()} for script, of in table.items()})

    def language_of(self, text: str) -> str:
        """An ISO 639-1 code; "zh" for pinyin too, and for a text without any letters; "und" where nothing is known."""
        told = text[:_FAR_ENOUGH]
        counts: Counter[str] = Counter()
        for match in _PATTERN.finditer(told):
            counts[_SCRIPTS[int(str(match.lastgroup)[1:])][0]] += 1
        known = counts.total()
        if sum(map(str.isalpha, told)) > 2 * known:
            return _UNDETERMINED
        if not known:
            return _NOTHING_TOLD
        counts["zh"] *= _HAN_WEIGHT
        script = counts.most_common(1)[0][0]
        if script == "latin":
            return "vi" if len(_VIETNAMESE.findall(told)) >= 2 else self._by_words(told, "latin", "en")
        if script == "cyrillic":
            return self._cyrillic(told)
        return _arabic(told) if script == "arabic" else script

    def _cyrillic(self, text: str) -> str:
        letters = set(text.lower())
        if letters & _KAZAKH:
            return "kk"
        return "mn" if letters & _MONGOLIAN else self._by_words(text, "cyrillic", "ru")

    def _by_words(self, text: str, script: str, otherwise: str) -> str:
        words = re.findall(r"[^\W\d_]+", text.lower())
        scores = {code: sum(word in known for word in words) for code, known in self._words[script].items()}
        best = max(scores, key=lambda code: (scores[code], code == otherwise))
        if scores[best]:
            return best
        return _UNDETERMINED if len(words) >= _ENOUGH_WORDS else otherwise


def _arabic(text: str) -> str:
    letters = set(text)
    if letters & _UYGHUR:
        return "ug"
    return "ur" if letters & _URDU else "ar"
