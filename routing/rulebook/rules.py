"""The rows of rules.toml as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reports.values import UnitKind
from routing.rulebook.conditions import Condition
from routing.rulebook.errors import Origin


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


@dataclass(frozen=True, kw_only=True)
class Row:
    """What every row has: its id, when it holds, and where it is written."""

    id: str
    when: Condition
    origin: Origin


@dataclass(frozen=True, kw_only=True)
class LeadRule(Row):
    """Who answers a report. copies_only, where given, names the only copy rows that may add units.

    clocks shortens single hops, in minutes. measures are lines of the Plan.
    """

    to: UnitKind
    region: LeadRegion
    packet: str
    fields: tuple[str, ...]
    measures: tuple[str, ...]
    zh: str
    en: str
    copies_only: frozenset[str] | None = None
    clocks: Mapping[str, int] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class CopyRow(Row):
    """A unit told beside the lead."""

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
