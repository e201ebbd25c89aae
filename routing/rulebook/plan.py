"""The National Plan of Action, line by line: what is to be done, who is responsible, who cooperates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from reports.values import UnitKind


@dataclass(frozen=True, kw_only=True)
class Member:
    """A unit the Plan names. kind is the kind of local unit that answers for it here, None where none does."""

    id: str
    zh: str
    en: str
    kind: UnitKind | None
    member: bool


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One line of Part Four. id is part.section.measure-dash; a heading has no units. Units are ids of members."""

    id: str
    zh: str
    en: str
    responsible: tuple[str, ...]
    cooperating: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One edition of the Plan, with the document that issued it and the days it is in force."""

    id: str
    zh: str
    en: str
    document: str
    valid_from: date
    valid_to: date
    members: Mapping[str, Member]
    measures: Mapping[str, Measure]

    def responsible_zh(self, measure: str) -> str:
        """The responsible units of a line as the Plan writes them, joined by 、."""
        return "、".join(self.members[unit].zh for unit in self.measures[measure].responsible)

    def responsible_en(self, measure: str) -> str:
        """The responsible units of a line in English, joined by commas."""
        return ", ".join(self.members[unit].en for unit in self.measures[measure].responsible)
