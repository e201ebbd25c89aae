"""The rows of rules.toml and of overlays as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reports.values import UnitKind
from routing.rulebook.conditions import Condition
from routing.rulebook.errors import Origin
from routing.rulebook.periods import Period

HOPS = ("desk", "delivery", "acceptance", "first_action", "feedback")


class LeadRegion(StrEnum):
    """Where the lead unit is looked for."""

    NONE = "none"
    PRESENT_PLACE = "present_place"
    ONE_LEVEL_UP = "one_level_up"


class CopyRegion(StrEnum):
    """Where a copied unit is looked for."""

    LEAD = "lead"
    OTHER_OCCURRENCES = "other_occurrences"
    OTHER_PLACES = "other_places"
    OTHER_PROVINCES = "other_provinces"


class Track(StrEnum):
    """Whose consent a report goes by."""

    OWN = "own"
    THIRD_PARTY = "third_party"
    CHILD_OR_DANGER = "child_or_danger"


@dataclass(frozen=True, kw_only=True)
class Row:
    """What every row has: its id, when it holds, and where it is written.

    period is the days it is limited to, replaces the row it stands in for, '' if none.
    """

    id: str
    when: Condition
    origin: Origin
    period: Period | None = None
    replaces: str = ""


@dataclass(frozen=True, kw_only=True)
class TrackRow(Row):
    """Whose consent counts. The first row that holds decides."""

    track: Track
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class LeadRule(Row):
    """Who answers a report. copies_only, where given, names the only copy rows that may add units.

    measures are lines of the Plan of 2008, source the law or document beside it.
    """

    to: UnitKind
    region: LeadRegion
    packet: str
    fields: tuple[str, ...]
    measures: tuple[str, ...]
    zh: str
    en: str
    copies_only: frozenset[str] | None = None
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class CopyRow(Row):
    """A unit told beside the lead; in [[link]], one told only that the case touches its area."""

    to: UnitKind
    region: CopyRegion
    packet: str
    fields: tuple[str, ...]
    measures: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class CiteRow(Row):
    """Lines of the Plan that a report of this kind touches."""

    measures: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ClockRow(Row):
    """Hops that get less time than clocks.toml gives them, in minutes."""

    clocks: Mapping[str, int]
    zh: str
    en: str
    source: str


@dataclass(frozen=True, kw_only=True)
class WithholdRow(Row):
    """Fields kept back from units of some kinds (from every unit where kinds is empty), until it is looked at again."""

    kinds: frozenset[UnitKind]
    fields: frozenset[str]
    review_hours: int
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class NoticeRow(Row):
    """Something about the report that is said openly with the decision. marks is the packet's field that it sets."""

    zh: str
    en: str
    marks: str = ""
