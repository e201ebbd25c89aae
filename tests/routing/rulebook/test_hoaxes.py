"""Row A26: a false complaint about a unit takes a report from nobody but that unit. It goes up, and is lost nowhere."""

from __future__ import annotations

import pytest

from reports.values import Decision
from routing.areas import Level
from routing.rulebook.book import Rulebook
from routing.rulebook.route import route
from tests.routing.rulebook.making import facts

CUES = ("complained_unit_township", "complained_unit_county", "complained_unit_city", "complained_unit_province")


def told(decision: Decision) -> list[str]:
    return [decision.lead_unit, *(copy.unit for copy in decision.copies)]


@pytest.mark.parametrize("cue", CUES)
@pytest.mark.parametrize("urgency", ["immediate", "standard"])
def test_a_hoax_in_any_county_goes_to_a_unit_over_the_one_it_names(rulebook: Rulebook, cue: str, urgency: str) -> None:
    areas = rulebook.areas
    counties = [area.code for area in areas.current() if areas.level(area.code) is Level.COUNTY]
    assert len(counties) > 2_000
    for county in counties:
        decision = route(facts("abduction official_complicity", urgency, f"occurrence {county}", cues=cue), rulebook)
        # Nobody guesses who is meant: the unit that is named, or one over it, is shut out, and somebody else has it.
        assert decision.lead_unit, county
        assert decision.recused in areas.ancestors(county), county
        for unit in told(decision):
            found = rulebook.units.get(unit)
            assert found is not None, (county, unit)
            assert decision.recused not in areas.ancestors(found.region), (county, unit)
