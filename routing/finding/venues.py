"""Venues where our posters hang: the code on a poster, scanned or written first in a text, tells the place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.values import Place, PlaceRole
from routing.areas import AreaTree

# The cue of a finding whose place is that of a poster.
TOLD_BY_POSTER = "told_by_poster"
_CODE = re.compile(r"[2-9][0-9]{4}", re.ASCII)
_FIELDS = ("code", "zh", "en", "kind", "area")
# Five digits of any script, first in a line. What counts something, such as 36000元, is no code.
_FIRST_WORD = re.compile(r"^[^\w\n]*(\d{5})(?![\d.,，]\d|[\d元块塊万萬千号號米公斤%])", re.MULTILINE)
# The quasigroup of H. M. Damm (2004): its check digit shows every single wrong digit and every two that changed places.
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978", "3674209581", "5869720134", "8945362017",
    "9438617205", "2581436790",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A place where a poster hangs. area is its code of GB/T 2260."""

    code: str
    zh: str
    en: str
    kind: str
    area: str

    def name(self, language: str) -> str:
        """What it is called in this language of the public pages: in Chinese, or else in English."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class ToldVenue:
    """A venue whose code stands in a text, and where: start (inclusive) and end (exclusive)."""

    venue: Venue
    start: int
    end: int


class Venues:
    """The venues of venues.toml, and the line of the Plan that hangs a poster at each kind of venue."""

    def __init__(self, venues: Sequence[Venue], plans: Mapping[str, str]) -> None:
        self._by_code, self._plans = {venue.code: venue for venue in venues}, plans

    @classmethod
    def load(cls, config: Path) -> Venues:
        """Reads venues.toml. Raises ValueError naming the first venue that is not as wanted."""
        path = config / "venues.toml"
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise ValueError(f"{path} should be a readable TOML file: {fault}") from None
        kinds, rows = tables.get("kinds", {}), tables.get("venue", [])
        if not isinstance(kinds, dict) or not isinstance(rows, list):
            raise ValueError(f"{path} should have a table [kinds] and a [[venue]] for each venue.")
        bare = [name for name, kind in kinds.items() if not isinstance(kind, dict) or {*kind} != {"zh", "en", "plan"}]
        if bare:
            raise ValueError(f"{path}: the kind {bare[0]} should have zh, en and plan.")
        plans = {name: str(kind["plan"]) for name, kind in kinds.items()}
        return cls(list(_venues(path, kinds, rows, AreaTree.load(config / "areas.csv"))), plans)

    def __iter__(self) -> Iterator[Venue]:
        return iter(self._by_code.values())

    def find(self, code: str) -> Venue | None:
        """The venue of a code, in the digits of any script; None where there is none."""
        return self._by_code.get(str(int(code))) if re.fullmatch(r"\d{5}", code) else None

    def plan_of(self, venue: Venue) -> str:
        """The line of the Plan that hangs a poster there."""
        return self._plans[venue.kind]

    def told_in(self, text: str) -> tuple[ToldVenue, ...]:
        """The venues whose code is the first word of a line of the text. Digits that are no code of ours are text."""
        found = ((self.find(match[1]), match.span(1)) for match in _FIRST_WORD.finditer(text))
        return tuple(ToldVenue(venue, *span) for venue, span in found if venue is not None)


def without_codes(text: str, told: Sequence[ToldVenue]) -> str:
    """The text with blanks for the codes, so that offsets stay: five digits mean nothing to a reader of words."""
    for one in told:
        text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
    return text


def place_of(told: Sequence[ToldVenue], places: Sequence[Place]) -> Place | None:
    """Where the posters say it happens, if the words do not say so themselves and the posters agree.

    Who scans a poster at a station may tell of a village far away, so that a place in words always comes first.
    """
    if len({one.venue.area for one in told}) != 1 or any(place.role is PlaceRole.OCCURRENCE for place in places):
        return None
    first = told[0]
    return Place(code=first.venue.area, role=PlaceRole.OCCURRENCE, start=first.start, end=first.end)


def check_digit(digits: str) -> str:
    """The digit that completes these, by Damm's way: 4210 is completed by 2."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def _venues(path: Path, kinds: Mapping[str, object], rows: Sequence[Any], areas: AreaTree) -> Iterator[Venue]:
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        fault = _fault(row, kinds, areas, seen)
        if fault:
            raise ValueError(f"{path}, venue {number}: {fault}")
        seen.add(row["code"])
        yield Venue(**{name: row[name] for name in _FIELDS})


def _fault(row: object, kinds: Mapping[str, object], areas: AreaTree, seen: set[str]) -> str:
    """What is wrong with a row; '' where nothing is."""
    if not isinstance(row, dict) or set(row) != set(_FIELDS):
        return f"it should have {', '.join(_FIELDS)}, each once and nothing else."
    empty = [name for name in _FIELDS if not isinstance(row[name], str) or not row[name].strip()]
    if empty:
        return f"{empty[0]} should be a text in quotes, but is {row[empty[0]]!r}."
    code, kind, area = row["code"], row["kind"], row["area"]
    if not _CODE.fullmatch(code):
        return f"code should be five digits of which the first is 2 to 9, but is {code!r}."
    if code[-1] != check_digit(code[:-1]):
        return f"the last digit of code checks the others, and after {code[:-1]} it should be {check_digit(code[:-1])}."
    if code in seen:
        return f"code {code} is another venue's already."
    if kind not in kinds:
        return f"kind should be one of {', '.join(kinds)}, but is {kind!r}."
    found = areas.get(area)
    if found is None or found.valid_to is not None:
        return f"area should be the six-digit code of a division that stands today (areas.csv), but is {area!r}."
    return ""
