"""What may be sent to a reporter's telephone, and the words a reporter answers in: replies.toml, checked as read."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import SettingsError
from config.texting_hours import TextingHours, hours_problem

# Every language of the public form. A reporter is answered in theirs, or not at all.
LANGUAGES = ("zh", "zh-Hant", "en", "vi", "my", "lo", "km", "th", "ko", "ru", "mn")
SENTENCES = ("received", "where", "danger", "question_waits", "note_waits", "done")
_LISTS = ("betraying", "stop", "fine", "yes", "no", "safe_word")
_LIMITS = ("automatic_a_day", "any_a_week", "all_a_minute", "automatic_within_minutes")
# One text message in UCS-2 (3GPP TS 23.038): a longer one comes in parts, and may be shown in parts.
MOST_UNITS = 70
# A reference, a number to call or an address to open: any of them says that this is no acquaintance.
_TELLTALE = re.compile(r"[0-9]{3}|https?|www|[/@#<>{}]|\.[a-z]{2}")
# Longer texts that have such words in them tell something of their own, and are read for that.
_MOST_FINE = 40
_BETWEEN = r"[\s:：=]*(?:是|为|為|is|là|ကတော့|ແມ່ນ|គឺ|คือ|은|는|это|бол)?[\s:：=\"“”«»「」'‘’]*"
_WORD = r"([^\s,，.。!！?？;；、:：\"“”«»「」'‘’]{1,20})"


@dataclass(frozen=True)
class Limits:
    """How many texts may be sent: automatic ones a day and any a week to one number, all together a minute; and how
    long an automatic one may wait."""

    automatic_a_day: int
    any_a_week: int
    all_a_minute: int
    automatic_within_minutes: int


class Replies:
    """The sentences, by language and code, when they may leave, and what a reporter's short texts mean.

    closing_wishes are the wishes on contact of which one lets a reporter be told by a text that the matter has ended.
    """

    def __init__(
        self,
        languages: Mapping[str, Mapping[str, Any]],
        limits: Limits,
        hours: TextingHours,
        closing_wishes: frozenset[str],
    ) -> None:
        self._languages, self.limits, self.hours, self.closing_wishes = languages, limits, hours, closing_wishes
        self._stop, self._fine = _folded(languages, "stop"), _folded(languages, "fine")
        self._yes, self._no = _folded(languages, "yes"), _folded(languages, "no")
        said = sorted((word for words in languages.values() for word in words["safe_word"]), key=len, reverse=True)
        self._safe_word = re.compile(f"(?:{'|'.join(map(re.escape, said))}){_BETWEEN}{_WORD}", re.IGNORECASE)

    @classmethod
    def load(cls, config: Path) -> Replies:
        """Reads replies.toml. Raises SettingsError naming the first sentence that may not be sent, and why."""
        path = config / "replies.toml"
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise SettingsError(f"{path} should be a readable TOML file: {fault}") from None
        problem = _problem(table)
        if problem:
            raise SettingsError(f"{path}: {problem}")
        limits = Limits(**{name: table["limits"][name] for name in _LIMITS})
        languages = {language: table[language] for language in LANGUAGES}
        return cls(languages, limits, TextingHours.of(table), frozenset(table["closing"]["wishes"]))

    def sentence(self, code: str, language: str) -> str:
        """The words that are sent. Raises KeyError for a code or a language that there is not."""
        return str(self._languages[language][code])

    def stops(self, text: str) -> bool:
        """Whether the whole text asks for no more contact."""
        return fold(text) in self._stop

    def says_fine(self, text: str) -> bool:
        """Whether a short text says that all is well, that it was nothing, or that nobody need come."""
        plain = fold(text)
        return len(plain) <= _MOST_FINE and any(said in plain for said in self._fine)

    def answer(self, text: str) -> bool | None:
        """Whether the whole text is a yes or a no; None for anything else."""
        plain = fold(text)
        if plain in self._yes:
            return True
        return False if plain in self._no else None

    def safe_word(self, text: str) -> str:
        """The word that a reporter agrees with us in this text, folded; '' where there is none."""
        found = self._safe_word.search(unicodedata.normalize("NFKC", text))
        return fold(found[1]) if found else ""


def fold(text: str) -> str:
    """The text in small letters, with plain digits, and without spaces, punctuation or signs."""
    small = unicodedata.normalize("NFKC", text).casefold()
    digits = (str(unicodedata.decimal(one)) if one.isdecimal() else one for one in small)
    return "".join(one for one in digits if unicodedata.category(one)[0] not in "PZCS")


def units_of(text: str) -> int:
    """How many UCS-2 units a text takes."""
    return len(text.encode("utf-16-le")) // 2


def betrays(text: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """The first word of any language that gives a sentence away, or what else does; '' where nothing does."""
    small = unicodedata.normalize("NFKC", text).casefold()
    for listed in words.values():
        for word in listed:
            if unicodedata.normalize("NFKC", word).casefold() in small:
                return word
    found = _TELLTALE.search(small)
    return found[0] if found else ""


def _folded(languages: Mapping[str, Mapping[str, Any]], name: str) -> frozenset[str]:
    return frozenset(fold(word) for words in languages.values() for word in words[name])


def _problem(table: Mapping[str, Any]) -> str:
    """What is wrong first, in a sentence; '' where nothing is."""
    limits = table.get("limits")
    if not isinstance(limits, dict) or any(type(limits.get(name)) is not int or limits[name] < 1 for name in _LIMITS):
        return f"[limits] should give a whole number of at least 1 for each of {', '.join(_LIMITS)}."
    closing = table.get("closing")
    if not isinstance(closing, dict) or not _are_words(closing.get("wishes")):
        return "[closing] should have a list of wishes on contact under wishes."
    problem = hours_problem(table)
    if problem:
        return problem
    for language in LANGUAGES:
        words = table.get(language)
        if not isinstance(words, dict):
            return f"there should be a table [{language}]."
        for name in _LISTS:
            listed = words.get(name)
            if not (_are_words(listed) and all(fold(one) for one in words[name])):
                return f"[{language}] should have a list of words under {name}."
    betraying = {language: tuple(table[language]["betraying"]) for language in LANGUAGES}
    return next(filter(None, (_sentence_problem(table, language, code, betraying)
                              for language in LANGUAGES for code in SENTENCES)), "")  # fmt: skip


def _are_words(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(isinstance(one, str) for one in given)


def _sentence_problem(
    table: Mapping[str, Any], language: str, code: str, betraying: Mapping[str, tuple[str, ...]]
) -> str:
    text = table[language].get(code)
    if not isinstance(text, str) or not text.strip():
        return f"[{language}] should have a sentence under {code}."
    if units_of(text) > MOST_UNITS:
        return f"[{language}] {code} has {units_of(text)} characters; one text message holds {MOST_UNITS}."
    word = betrays(text, betraying)
    return f"[{language}] {code} gives the reporter away by {word!r}." if word else ""
