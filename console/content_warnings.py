"""What a text may hold that is hard to read, said before it: the table content_warnings.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reports.values import Finding

_FILE = Path(__file__).resolve().parent / "content_warnings.toml"
AXES = ("matters", "persons", "cues", "indicators")


@dataclass(frozen=True)
class ContentWarning:
    """One kind of what is hard to read: what it is called in both languages, and by axis the codes that tell of it."""

    zh: str
    en: str
    codes: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class ContentWarnings:
    """All of them, in the order in which they are said."""

    kinds: tuple[ContentWarning, ...]

    @classmethod
    def load(cls, path: Path = _FILE) -> ContentWarnings:
        """Reads the table. Raises ValueError where a kind lacks a name or has an axis that there is none of."""
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        wrong = sorted(name for name, row in table.items() if not {"zh", "en"} <= set(row) <= {"zh", "en", *AXES})
        if wrong:
            raise ValueError(f"{path.name} should give zh, en and lists under {', '.join(AXES)}; see: {wrong}.")
        return cls(
            tuple(
                ContentWarning(row["zh"], row["en"], {axis: frozenset(row.get(axis, ())) for axis in AXES})
                for row in table.values()
            )
        )

    def of_finding(self, language: str, finding: Finding) -> tuple[str, ...]:
        """What to warn of in the text that a finding was made of."""
        labels = finding.labels
        seen = [one for dimension in finding.dimensions for one in dimension.indicators]
        return self.said(language, matters=labels.matters, persons=labels.persons, cues=labels.cues, indicators=seen)

    def said(self, language: str, **found: Iterable[str]) -> tuple[str, ...]:
        """What to warn of where these codes were found, by axis, in words of the language."""
        return tuple(
            kind.zh if language == "zh" else kind.en
            for kind in self.kinds
            if any(not kind.codes[axis].isdisjoint(codes) for axis, codes in found.items())
        )
