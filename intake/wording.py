"""The words of the public pages, by language: one file a language under intake/words/, with a section a page."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from werkzeug.wrappers import Request

# In the order in which a page offers them. Each is the name of its file and the value of ?lang=.
LANGUAGES = ("zh", "zh-Hant", "en", "vi", "my", "lo", "km", "th", "ko", "ru", "mn")
_FOLDER = Path(__file__).resolve().parent / "words"
_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")

Words = Mapping[str, Mapping[str, str]]


def load_words() -> Mapping[str, Words]:
    """Each language's words, by section and name. Raises ValueError where one language says what another does not."""
    words = {language: _read(_FOLDER / f"{language}.toml") for language in LANGUAGES}
    wanted = set(_names(words[LANGUAGES[0]]))
    for language in LANGUAGES:
        differing = wanted ^ set(_names(words[language]))
        if differing:
            raise ValueError(
                f"intake/words/{language}.toml should say what {LANGUAGES[0]}.toml says, no more and no less; "
                f"they differ in {', '.join(sorted(differing))}."
            )
    return words


def language_of(request: Request) -> str:
    """The page's language: the one asked for by ?lang=, else the browser's first that we have, else Chinese."""
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        return asked
    spoken = (_ours(tag) for tag, quality in request.accept_languages if quality > 0)
    return next((language for language in spoken if language), LANGUAGES[0])


def _ours(tag: str) -> str:
    tag = tag.lower().replace("_", "-")
    if tag.startswith(_TRADITIONAL):
        return "zh-Hant"
    primary = tag.partition("-")[0]
    return primary if primary in LANGUAGES else ""


def _read(path: Path) -> Words:
    words: dict[str, dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return words


def _names(words: Words) -> Iterator[str]:
    for section, said in words.items():
        for name in said:
            yield f"{section}.{name}"
