"""A report that an officer sends to another unit than the rules chose."""

from __future__ import annotations

from reports.values import Decision, Facts
from routing.rulebook.book import Rulebook
from routing.rulebook.redirect import redirect
from routing.rulebook.route import route
from tests.routing.rulebook.making import facts


def _to(unit_id: str, asked: Facts, rulebook: Rulebook) -> Decision:
    unit = rulebook.units.get(unit_id)
    assert unit is not None
    return redirect(asked, route(asked, rulebook), unit, rulebook)


def test_the_unit_leads_and_the_copies_stay(rulebook: Rulebook) -> None:
    decision = _to("public_security-410400", facts("forced_labour", "urgent", "occurrence 410422"), rulebook)
    assert (decision.lead_unit, decision.lead_region) == ("public_security-410400", "410400")
    assert [copy.kind.value for copy in decision.copies] == ["labour", "trade_union"]


def test_a_unit_that_was_copied_leads_alone(rulebook: Rulebook) -> None:
    decision = _to("labour-410422", facts("forced_labour", "urgent", "occurrence 410422"), rulebook)
    assert [copy.kind.value for copy in decision.copies] == ["trade_union"]


def test_what_was_asked_to_be_kept_back_is_kept_back_from_that_unit_too(rulebook: Rulebook) -> None:
    asked = facts("forced_labour", "standard", "occurrence 410422", contact="anonymous")
    decision = _to("public_security-410400", asked, rulebook)
    assert not {"reporter_name", "reporter_contact"}.intersection(decision.lead_fields)
    assert [kept.from_whom for kept in decision.withheld] == ["public_security-410400"]


def test_a_report_that_the_desk_held_gets_a_lead_s_packet(rulebook: Rulebook) -> None:
    decision = _to("public_security-410400", facts("abduction", "urgent"), rulebook)
    assert "text" in decision.lead_fields
