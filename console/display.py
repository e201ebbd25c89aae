"""How things are shown: words by language, local times, clocks in words, and text that cannot trick the eye."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from markupsafe import Markup, escape

from reports.values import Evidence
from routing.finding.taxonomy import Taxonomy
from routing.rulebook.book import Rulebook

_FILE = Path(__file__).resolve().parent / "words.toml"
_CHINA_TIME = timezone(timedelta(hours=8))
# Characters that turn the direction of what follows or show nothing: shown as a mark, so that no text reads differently
# from what it is.
_MARKED = {*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0x061C}
_AXES = ("urgency", "matters", "places", "persons", "contact", "reporter", "cues")


def load_words() -> Mapping[str, Mapping[str, str]]:
    """Each language's words by name. Raises ValueError if one language says something the other does not."""
    words: dict[str, dict[str, str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    missing = set(words["zh"]) ^ set(words["en"])
    if missing:
        raise ValueError(f"words.toml should say everything in both languages; it does not for: {sorted(missing)}.")
    return words


@dataclass(frozen=True)
class Display:
    """Filters for the templates, in one language."""

    language: str
    words: Mapping[str, str]
    taxonomy: Taxonomy
    rulebook: Rulebook

    def word(self, name: str) -> str:
        """A word of this language; the name itself where there is none."""
        return self.words.get(name, name)

    def label(self, code: str, axis: str) -> str:
        """What a label is called."""
        return self.taxonomy.name(axis, code, self.language)

    def labels(self, codes: Sequence[str], axis: str) -> str:
        """Several labels, with the language's own comma."""
        return ("、" if self.language == "zh" else ", ").join(self.label(code, axis) for code in codes)

    def unit(self, unit_id: str) -> str:
        """What a unit is called."""
        return self.rulebook.units.name(unit_id, self.language) if unit_id else ""

    def place(self, code: str) -> str:
        """What a place is called, with the division above it."""
        areas = self.rulebook.areas
        names = []
        for one in reversed(areas.ancestors(code)):
            area = areas.get(one)
            if area is not None:
                names.append(area.name if self.language == "zh" else area.pinyin)
        return ("" if self.language == "zh" else ", ").join(names) or code

    def measure(self, measure_id: str) -> str:
        """A line of the Plan with its number."""
        line = self.rulebook.plan.measures.get(measure_id)
        if line is None:
            return measure_id
        return f"{measure_id} {line.zh if self.language == 'zh' else line.en}"

    def time(self, milliseconds: int | None) -> str:
        """A time in China, to the minute."""
        if milliseconds is None:
            return ""
        return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(_CHINA_TIME).strftime("%Y-%m-%d %H:%M")

    def clock(self, left: int | None) -> str:
        """What is left of a clock, in words; how late it is where it ran out."""
        if left is None:
            return self.word("no_clock")
        minutes = abs(left) // 60_000
        if minutes < 120:
            amount = f"{minutes} {self.word('minutes')}"
        elif minutes < 48 * 60:
            amount = f"{minutes // 60} {self.word('hours')}"
        else:
            amount = f"{minutes // 1440} {self.word('days')}"
        return f"{self.word('left' if left >= 0 else 'late')} {amount}" if self.language == "zh" else (
            f"{amount} {self.word('left' if left >= 0 else 'late')}"
        )  # fmt: skip


def visible(text: str) -> str:
    """The text with characters that nobody sees shown as their code."""
    return "".join(f"⟨U+{ord(c):04X}⟩" if ord(c) in _MARKED else c for c in text)


def highlighted(text: str, evidence: Sequence[Evidence], display: Display) -> Markup:
    """The text with the words that a finding went by marked, each with its label. Escaped piece by piece."""
    spans = sorted(
        (one for one in evidence if 0 <= one.start < one.end <= len(text)),
        key=lambda one: (one.start, _AXES.index(one.axis) if one.axis in _AXES else 99),
    )
    parts: list[Markup] = []
    place = 0
    for one in spans:
        if one.start < place:
            continue
        title = display.label(one.code, one.axis)
        parts.append(escape(visible(text[place : one.start])))
        parts.append(
            Markup('<mark class="axis-{}" title="{}">{}</mark>').format(
                one.axis, title, visible(text[one.start : one.end])
            )
        )
        place = one.end
    parts.append(escape(visible(text[place:])))
    return Markup("").join(parts)
