"""A decision with another unit than the rules chose, in the lead or beside it: what they keep back stays kept back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from reports.values import Copied, Decision, Facts
from routing.rulebook.book import Rulebook
from routing.rulebook.jurisdiction import locate
from routing.rulebook.rules import LeadRule, WithholdRow
from routing.rulebook.tokens import china_time, tokens_of
from routing.rulebook.units import Unit
from routing.rulebook.withhold import withhold


def redirect(facts: Facts, decision: Decision, unit: Unit, rulebook: Rulebook) -> Decision:
    """The decision with `unit` in the lead. Copies stay, but for one to the unit itself; reasons are the officer's."""
    received = china_time(facts.received_at)
    decided, holding = _rows_for(facts, decision, unit, received, rulebook)
    rule = replace(decided, to=unit.kind, fields=decided.fields or rulebook.lead_fields())
    copies = tuple(copy for copy in decision.copies if copy.unit != unit.id)
    packets = withhold(unit.id, rule, copies, holding, received)
    told = {copy.unit for copy in copies}
    return replace(
        decision,
        lead_kind=unit.kind,
        lead_region=unit.region,
        lead_unit=unit.id,
        lead_fields=packets.lead_fields,
        copies=packets.copies,
        withheld=(*(line for line in decision.withheld if line.from_whom in told), *packets.withheld),
        why_zh=f"值班人员改派{unit.zh}。",
        why_en=f"Sent to {unit.en} by the duty officer.",
    )


def with_copy(facts: Facts, decision: Decision, unit: Unit, fields: tuple[str, ...], rulebook: Rulebook) -> Decision:
    """The decision with one more unit told beside the lead, which gets these fields without what is kept back from it.

    unit is neither the lead nor copied already.
    """
    received = china_time(facts.received_at)
    decided, holding = _rows_for(facts, decision, unit, received, rulebook)
    copy = Copied(kind=unit.kind, region=unit.region, unit=unit.id, fields=fields, why="duty_officer")
    packets = withhold("", replace(decided, fields=()), (copy,), holding, received)
    return replace(
        decision, copies=(*decision.copies, *packets.copies), withheld=(*decision.withheld, *packets.withheld)
    )


def without_copy(decision: Decision, unit_id: str) -> Decision:
    """The decision without the copy to this unit, and without what was kept back from it; the lead stays."""
    return replace(
        decision,
        copies=tuple(copy for copy in decision.copies if copy.unit != unit_id),
        withheld=tuple(line for line in decision.withheld if line.from_whom != unit_id),
    )


def _rows_for(
    facts: Facts, decision: Decision, unit: Unit, received: datetime, rulebook: Rulebook
) -> tuple[LeadRule, Sequence[WithholdRow]]:
    """The rule that decided, and the rows that keep something back where this unit is told."""
    tokens = {
        **tokens_of(facts, locate(facts.labels.places, rulebook.areas), received, rulebook),
        "track": frozenset([decision.track]),
        "lead": frozenset([unit.kind.value]),
    }
    rows = rulebook.rules.leads.rows
    # The rule that decided may be gone from a newer rulebook; the last one holds for everything.
    decided = next((rule for rule in rows if rule.id == decision.rule), rows[-1])
    return decided, rulebook.rules.withholds.all(tokens)
