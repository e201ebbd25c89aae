"""A rulebook as one value: everything that a decision needs, read once and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.values import Urgency
from routing.areas import AreaTree
from routing.rulebook.codes import Codes
from routing.rulebook.index import Table
from routing.rulebook.plan import Plan
from routing.rulebook.rules import CiteRow, CopyRow, LeadRule, NoticeRow, WithholdRow
from routing.rulebook.units import UnitDirectory

LEAD_PACKET = "lead"


@dataclass(frozen=True, kw_only=True)
class Packet:
    """What a unit may be told: the names of the fields, and what the packet is for."""

    zh: str
    en: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The tables of rules.toml. leads are tried from the top; of the others every row that holds counts."""

    leads: Table[LeadRule]
    copies: Table[CopyRow]
    cites: Table[CiteRow]
    withholds: Table[WithholdRow]
    notices: Table[NoticeRow]


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """Everything a decision needs. clocks holds the minutes of each hop for each urgency.

    fingerprint is the SHA-256 of the tables it was read from.
    """

    codes: Codes
    areas: AreaTree
    units: UnitDirectory
    plan: Plan
    packets: Mapping[str, Packet]
    clocks: Mapping[Urgency, Mapping[str, int]]
    rules: Rules
    fingerprint: str

    def desk_minutes(self, urgency: Urgency) -> int:
        """How long the duty desk may take to decide."""
        return self.clocks[urgency]["desk"]

    def lead_fields(self) -> tuple[str, ...]:
        """The fields of the packet for a unit that answers, for a unit that an officer chose."""
        return self.packets[LEAD_PACKET].fields

    def delivery_of(self, unit_id: str) -> str:
        """How a unit is told. A unit that is no longer in the directory gets its packet in the inbox it had."""
        unit = self.units.get(unit_id)
        return unit.delivery if unit is not None else "inbox"
