"""The words of the public pages, by language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from werkzeug.wrappers import Request

LANGUAGES = ("zh", "en")
_FILE = Path(__file__).resolve().parent / "words.toml"

Words = Mapping[str, str]


def load_words() -> Mapping[str, Words]:
    """Each language's words by name. Raises ValueError if one language says something the other does not."""
    words: dict[str, dict[str, str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    missing = set(words["zh"]) ^ set(words["en"])
    if missing:
        raise ValueError(f"words.toml should say everything in both languages; it does not for: {sorted(missing)}.")
    return words


def language_of(request: Request) -> str:
    """The language of the page: the one asked for by ?lang=, else the browser's, else Chinese."""
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(LANGUAGES, "zh") or "zh"
