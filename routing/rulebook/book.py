"""A rulebook as one value: everything that a decision needs, read once and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.values import Decision, Urgency
from routing.areas import AreaTree
from routing.rulebook.calendars import Holidays
from routing.rulebook.codes import Codes
from routing.rulebook.escalation import Escalation
from routing.rulebook.index import Table
from routing.rulebook.made_to_do import MadeToDo
from routing.rulebook.overlays import Overlays
from routing.rulebook.packets import LEAD_PACKET, Packet
from routing.rulebook.periods import Period
from routing.rulebook.plan import Plan
from routing.rulebook.rules import CiteRow, ClockRow, CopyRow, LeadRule, NoticeRow, Row, TrackRow, WithholdRow
from routing.rulebook.units import UnitDirectory


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The tables of rules.toml with the rows of all overlays in their places.

    tracks and leads are tried from the top; of the others every row that holds counts. periods are the days that single
    rows are limited to.
    """

    tracks: Table[TrackRow]
    leads: Table[LeadRule]
    copies: Table[CopyRow]
    links: Table[CopyRow]
    cites: Table[CiteRow]
    clocks: Table[ClockRow]
    withholds: Table[WithholdRow]
    notices: Table[NoticeRow]
    overlays: Overlays
    periods: frozenset[Period]

    def tables(self) -> Mapping[str, tuple[Row, ...]]:
        """The rows of each table, by the table's name in the file."""
        return {
            "track": self.tracks.rows,
            "lead": self.leads.rows,
            "copy": self.copies.rows,
            "link": self.links.rows,
            "cite": self.cites.rows,
            "clock": self.clocks.rows,
            "withhold": self.withholds.rows,
            "notice": self.notices.rows,
        }


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """Everything a decision needs. clocks holds the minutes of each hop for each urgency; escalation says by which
    calendar they count and what is done when they are over.

    fingerprint is the SHA-256 of the tables it was read from.
    """

    codes: Codes
    areas: AreaTree
    units: UnitDirectory
    plan: Plan
    packets: Mapping[str, Packet]
    made_to_do: MadeToDo
    clocks: Mapping[Urgency, Mapping[str, int]]
    escalation: Escalation
    holidays: Holidays
    rules: Rules
    fingerprint: str

    def desk_minutes(self, urgency: Urgency) -> int:
        """How long the duty desk may take to decide."""
        return self.clocks[urgency]["desk"]

    def desk_wait(self, urgency: Urgency, now: int) -> float:
        """How many minutes by the wall from now (milliseconds since 1970) until the duty desk must have decided."""
        return self.escalation.wait(urgency, "desk", now, self.desk_minutes(urgency))

    def hop_wait(self, decision: Decision | None, urgency: Urgency, hop: str, since: int, now: int) -> float:
        """How many minutes by the wall from now on a hop of a decided report has left that began at `since`.

        Where the decision cannot be read any more (None), the hop has the minutes of its urgency.
        """
        usual = self.clocks[urgency][hop]
        minutes = usual if decision is None else decision.clocks.get(hop, usual)
        return (self.escalation.due_at(urgency, hop, since, minutes) - now) / 60_000

    def lead_fields(self) -> tuple[str, ...]:
        """The fields of the packet for a unit that answers, for a unit that an officer chose."""
        return self.packets[LEAD_PACKET].fields
