"""A decision with another unit in the lead than the rules chose: what they keep back, they keep back from it too."""

from __future__ import annotations

from dataclasses import replace

from reports.values import Decision, Facts
from routing.rulebook.book import Rulebook
from routing.rulebook.jurisdiction import locate
from routing.rulebook.tokens import china_time, tokens_of
from routing.rulebook.units import Unit
from routing.rulebook.withhold import withhold


def redirect(facts: Facts, decision: Decision, unit: Unit, rulebook: Rulebook) -> Decision:
    """The decision with `unit` in the lead. Copies stay, but for one to the unit itself; reasons are the officer's."""
    received = china_time(facts.received_at)
    tokens = {
        **tokens_of(facts, locate(facts.labels.places, rulebook.areas), received, rulebook),
        "track": frozenset([decision.track]),
        "lead": frozenset([unit.kind.value]),
    }
    rows = rulebook.rules.leads.rows
    # The rule that decided may be gone from a newer rulebook; the last one holds for everything.
    decided = next((rule for rule in rows if rule.id == decision.rule), rows[-1])
    rule = replace(decided, to=unit.kind, fields=decided.fields or rulebook.lead_fields())
    copies = tuple(copy for copy in decision.copies if copy.unit != unit.id)
    packets = withhold(unit.id, rule, copies, rulebook.rules.withholds.all(tokens), received)
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
