"""Which kind of device a session began at, in a word that its owner knows it by: the table devices.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = Path(__file__).resolve().parent / "devices.toml"


@dataclass(frozen=True)
class _Kind:
    """One kind of browser or of system: what it says of itself, and what it is called."""

    says: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True)
class Devices:
    """The kinds of browser and of system, in the order in which they are looked for."""

    browsers: Mapping[str, _Kind]
    systems: Mapping[str, _Kind]

    @classmethod
    def load(cls, path: Path = _FILE) -> Devices:
        """Reads devices.toml."""
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(*({code: _kind(row) for code, row in table[part].items()} for part in ("browsers", "systems")))

    def kind_of(self, user_agent: str) -> str:
        """The kind of device that calls itself so, such as "firefox-windows"; a part that nobody knows is empty."""
        return f"{_first(self.browsers, user_agent)}-{_first(self.systems, user_agent)}"

    def named(self, kind: str, language: str) -> tuple[str, str]:
        """What the browser and the system of a kind are called; '' for each that nobody knows."""
        browser, _, system = kind.partition("-")
        return _named(self.browsers.get(browser), language), _named(self.systems.get(system), language)


def _kind(row: Mapping[str, Any]) -> _Kind:
    return _Kind(says=tuple(row["says"]), zh=row["zh"], en=row["en"])


def _named(kind: _Kind | None, language: str) -> str:
    if kind is None:
        return ""
    return kind.zh if language == "zh" else kind.en


def _first(kinds: Mapping[str, _Kind], user_agent: str) -> str:
    return next((code for code, kind in kinds.items() if any(word in user_agent for word in kind.says)), "")
