"""How things are shown: words by language, local times, clocks in words, and text that cannot trick the eye."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from config.outcomes import Outcomes
from config.settings import PACKAGED_CONFIG
from console.countries import load_countries
from console.entered import Fault
from console.tile_map import Tile
from reports.states import ReportState
from routing.finding.taxonomy import Taxonomy
from routing.rulebook.book import Rulebook
from routing.rulebook.unit_names import english_area

_FILE = Path(__file__).resolve().parent / "words.toml"
# In milliseconds.
_SOON = 15 * 60_000
_CHINA_TIME = timezone(timedelta(hours=8))
# Characters that turn the direction of what follows or show nothing: shown as a mark, so that no text reads differently
# from what it is.
_MARKED = {*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0x061C}


def load_outcomes(config: Path) -> Outcomes:
    """How a report may end, in the desk's words. Raises SettingsError."""
    return Outcomes.load(config, [state.value for state in ReportState], ())


def load_words(config: Path = PACKAGED_CONFIG) -> Mapping[str, Mapping[str, str]]:
    """Each language's words by name; what states and outcomes are called is decided in outcomes.toml of `config`, and
    what countries are called, in the table that came with this version.

    Raises ValueError if one language says something the other does not, and SettingsError.
    """
    words: dict[str, dict[str, str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    missing = set(words["zh"]) ^ set(words["en"])
    if missing:
        raise ValueError(f"words.toml should say everything in both languages; it does not for: {sorted(missing)}.")
    outcomes = load_outcomes(config)
    countries = load_countries(PACKAGED_CONFIG)
    return {
        language: {
            **said,
            **outcomes.desk_words(language),
            **{f"country_{code}": names[language] for code, names in countries.items()},
        }
        for language, said in words.items()
    }


@dataclass(frozen=True)
class Display:
    """What the templates ask for, in one language."""

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

    def groups(self, names: Sequence[str]) -> str:
        """Groups of people that a unit may serve or not."""
        served = self.rulebook.units.terms.served
        return self.word("comma").join(served[one].zh if self.language == "zh" else served[one].en for one in names)

    def place(self, code: str) -> str:
        """What a place is called, after the divisions above it, or what a country is called by its ISO 3166-1 code; the
        code itself where nobody knows it."""
        if code.isalpha():
            return self.words.get(f"country_{code}", code)
        areas = self.rulebook.areas
        path = [area for one in reversed(areas.ancestors(code)) if (area := areas.get(one)) is not None]
        if self.language == "zh":
            return "".join(area.name for area in path) or code
        return ", ".join([area.pinyin for area in path[:-1]] + [english_area(area) for area in path[-1:]]) or code

    def on_tile(self, tile: Tile) -> str:
        """What fits on a province's tile: its short name in Chinese, its letters in English."""
        area = self.rulebook.areas.get(tile.code)
        return area.short_name if area is not None and self.language == "zh" else tile.letters

    @staticmethod
    def number(number: int) -> str:
        """A number with its thousands apart, as both languages write it."""
        return f"{number:,}"

    def measure(self, measure_id: str) -> str:
        """A line of the Plan with its number."""
        line = self.rulebook.plan.measures.get(measure_id)
        if line is None:
            return measure_id
        return f"{measure_id} {line.zh if self.language == 'zh' else line.en}"

    def placed(self, code: str) -> str:
        """A place as an officer may write it: its whole name, or what was typed where it is no code."""
        return self.place(code) if self.rulebook.areas.get(code) else code

    def time(self, milliseconds: int | None, *, seconds: bool = False) -> str:
        """A time in China, to the minute or to the second."""
        if milliseconds is None:
            return ""
        return _in_china(milliseconds).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")

    def near(self, milliseconds: int, now: int) -> str:
        """A time in China to the minute, today's without its date and yesterday's in words: in a list every letter
        counts, and in the middle of a night half of them came yesterday."""
        then, today = _in_china(milliseconds), _in_china(now)
        days = (today.date() - then.date()).days
        if days == 1:
            return self.word("yesterday").format(time=then.strftime("%H:%M"))
        return then.strftime("%H:%M" if days == 0 else "%Y-%m-%d %H:%M")

    def iso(self, milliseconds: int) -> str:
        """The same for machines, with its offset."""
        return _in_china(milliseconds).isoformat(timespec="seconds")

    def moment(self, written: str) -> str:
        """A time that was written in ISO 8601."""
        return datetime.fromisoformat(written).astimezone(_CHINA_TIME).strftime("%Y-%m-%d %H:%M")

    def amount(self, minutes: int) -> str:
        """A number of minutes in words that fit its size."""
        if minutes < 1:
            return self.word("under_a_minute")
        if minutes < 120:
            return f"{minutes} {self.word('minutes')}"
        if minutes < 48 * 60:
            return f"{minutes // 60} {self.word('hours')}"
        return f"{minutes // 1440} {self.word('days')}"

    def took(self, milliseconds: int) -> str:
        """How long the machine took for something."""
        if milliseconds < 1000:
            return f"{milliseconds} {self.word('milliseconds')}"
        if milliseconds < 120_000:
            return f"{milliseconds / 1000:.1f} {self.word('seconds')}"
        return self.amount(milliseconds // 60_000)

    def clock(self, left: int | None) -> str:
        """What is left of a clock, in words; how late it is where it ran out. left is in milliseconds."""
        if left is None:
            return self.word("no_clock")
        minutes = abs(left) // 60_000
        if not minutes:
            return self.word("clock_left_little" if left >= 0 else "clock_late_little")
        return self.word("clock_left" if left >= 0 else "clock_late").format(amount=self.amount(minutes))

    def ago(self, milliseconds: int) -> str:
        """How long ago something was."""
        minutes = max(0, milliseconds) // 60_000
        return self.word("ago").format(amount=self.amount(minutes)) if minutes else self.word("just_now")

    def actor(self, actor: str) -> str:
        """Who did something: a process in words, an officer by name."""
        return self.words.get(f"actor_{actor}", actor)

    def tongue(self, code: str) -> str:
        """What a language is called; its code where there is no word for it."""
        return self.words.get(f"language_{code}", code)

    def sentence(self, fault: Fault) -> str:
        """What is wrong, in a sentence."""
        ending = f"_{self.language}"
        own = {name.removesuffix(ending): value for name, value in fault.values.items() if name.endswith(ending)}
        return self.word(fault.sentence).format(**{**fault.values, **own})

    def is_soon(self, left: int | None) -> bool:
        """Whether a clock is about to run out: a quarter of an hour or less."""
        return left is not None and 0 <= left <= _SOON


def _in_china(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(_CHINA_TIME)


def months_begun(year: int, as_of: int) -> int:
    """How many months of a year had begun in China by a time in milliseconds; 12 of a year that is over."""
    then = _in_china(as_of)
    return then.month if then.year == year else 12


def visible(text: str) -> str:
    """The text with characters that nobody sees shown as their code."""
    return "".join(f"⟨U+{ord(c):04X}⟩" if ord(c) in _MARKED else c for c in text)
