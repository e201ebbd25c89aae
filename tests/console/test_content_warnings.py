"""Before a text that is hard to read a word of warning stands, for the sake of whoever reads many of them."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import PACKAGED_CONFIG
from console.content_warnings import AXES, ContentWarnings
from reports.values import Dimension, DimensionState, Urgency
from routing.finding.taxonomy import Taxonomy
from tests.console.house import IN_DANGER, LABELS, RUILI, TEXT, House, a_finding, words_of

ABUSE = replace(IN_DANGER, matters=("sexual_exploitation",), persons=("child",))


def test_the_warning_stands_before_the_text_wherever_it_is_read(house: House) -> None:
    duty, kept = house.duty(), house.referred(finding=a_finding(ABUSE))
    other = house.triaged(finding=a_finding(ABUSE))
    asks = words_of(duty.client.get(f"/reports/{kept.reference}").text)
    warning = "May be hard to read: sexual violence, harm to a child"
    assert warning in asks
    assert TEXT not in asks
    beside = f"/reports/{other.reference}/beside?with={kept.reference}"
    for page in (
        duty.get(f"/reports/{kept.reference}"), duty.get(beside), house.unit(RUILI).get(f"/inbox/{house.packet(kept)}"),
    ):  # fmt: skip
        said = words_of(page.text)
        assert 0 < said.index(warning) < said.index("砖厂")


def test_the_warning_stands_before_each_text_that_is_decided_together_with_others(house: House) -> None:
    labels = replace(LABELS, matters=("sexual_exploitation",))
    kept = [house.triaged(finding=a_finding(one)) for one in (labels, LABELS)]
    page = house.duty().post("/queue/together", {"report": [one.reference for one in kept]})
    said = words_of(page.text)
    assert said.count("May be hard to read: sexual violence") == 1
    assert said.index(kept[0].reference) < said.index("May be hard to read") < said.index("砖厂")


def test_what_the_text_shows_is_warned_of_whatever_its_matter(house: House) -> None:
    beaten = Dimension("coercion", DimensionState.SEEN, ("held_violence",))
    kept = house.triaged(finding=a_finding(dimensions=(beaten,)))
    assert "May be hard to read: violence, somebody locked in" in words_of(
        house.duty().get(f"/reports/{kept.reference}").text
    )


def test_where_nothing_is_hard_to_read_nothing_is_said(house: House) -> None:
    harmless = replace(LABELS, matters=("enquiry",), urgency=Urgency.LOW)
    for kept in (house.triaged(finding=a_finding(harmless)), house.unread()):
        assert "May be hard to read" not in house.duty().get(f"/reports/{kept.reference}").text


def test_every_code_is_one_that_there_is(taxonomy: Taxonomy) -> None:
    indicators = tomllib.loads((PACKAGED_CONFIG / "dimensions.toml").read_text(encoding="utf-8"))["indicators"]
    for kind in ContentWarnings.load().kinds:
        for axis in AXES:
            known = indicators if axis == "indicators" else taxonomy.codes(axis)
            assert kind.codes[axis] <= set(known)


@pytest.mark.parametrize("row", ['zh = "x"', 'zh = "x"\nen = "x"\nlanguage = ["zh"]'])
def test_a_table_that_is_not_whole_does_not_load(tmp_path: Path, row: str) -> None:
    table = tmp_path / "warnings.toml"
    table.write_text(f"[one]\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="should give zh, en and lists under"):
        ContentWarnings.load(table)
