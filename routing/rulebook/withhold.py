"""What is kept back from a packet, from whom, why, and when it is looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reports.values import Copied, UnitKind, Withheld
from routing.rulebook.rules import LeadRule, WithholdRow


@dataclass(frozen=True)
class Packets:
    """The fields of the lead's packet and the copies, without what is kept back, and a line for each thing that is."""

    lead_fields: tuple[str, ...]
    copies: tuple[Copied, ...]
    withheld: tuple[Withheld, ...]


def withhold(
    lead: str, rule: LeadRule, copies: Sequence[Copied], rows: Sequence[WithholdRow], received: datetime
) -> Packets:
    """The packets after the rows that hold. lead is the lead unit's id. Only what a packet had can be kept back."""
    withheld: list[Withheld] = []

    def kept(unit: str, kind: UnitKind, fields: tuple[str, ...]) -> tuple[str, ...]:
        for row in rows:
            taken = tuple(field for field in fields if field in row.fields)
            if taken and (not row.kinds or kind in row.kinds):
                withheld.append(_line(row, unit, taken, received))
                fields = tuple(field for field in fields if field not in taken)
        return fields

    lead_fields = kept(lead, rule.to, rule.fields)
    others = tuple(replace(copy, fields=kept(copy.unit, copy.kind, copy.fields)) for copy in copies)
    return Packets(lead_fields, others, tuple(withheld))


def _line(row: WithholdRow, unit: str, fields: tuple[str, ...], received: datetime) -> Withheld:
    review = received + timedelta(hours=row.review_hours)
    return Withheld(
        from_whom=unit, fields=fields, rule=row.id, why_zh=row.zh, why_en=row.en, review_at=review.isoformat()
    )
