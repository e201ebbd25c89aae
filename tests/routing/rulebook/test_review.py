"""What `rules check` says of rows that never decide, contradict or repeat each other, and of what has ended."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from routing.rulebook.book import Rulebook
from routing.rulebook.load import read_rulebook
from routing.rulebook.review import Review, review

TODAY = date(2012, 6, 1)
LEAD = """
[[lead]]
id = "{id}"
when = {when}
to = "{to}"
region = "{region}"
packet = "lead"
measures = ["4.3.2-2"]
zh = "某规则"
en = "A rule"

"""


def _with(folder: Path, name: str, old: str, new: str) -> Review:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return review(read_rulebook(folder), TODAY)


def _with_rule(folder: Path, before: str, id: str, when: str, to: str = "public_security") -> Review:
    row = LEAD.format(id=id, when=when, to=to, region="none" if to == "duty_desk" else "present_place")
    return _with(folder, "rules.toml", f'[[lead]]\nid = "{before}"', f'{row}[[lead]]\nid = "{before}"')


def _mistakes(found: Review) -> list[str]:
    return [str(mistake) for mistake in found.mistakes]


def test_the_rulebook_that_comes_with_this_version_has_no_mistakes(rulebook: Rulebook) -> None:
    assert not review(rulebook, TODAY).mistakes


def test_a_rule_whose_reports_one_before_it_has_never_decides(folder: Path) -> None:
    [mistake] = _mistakes(_with_rule(folder, "immediate-danger", "kiln", '{ matters_any = ["forced_labour"] }'))
    assert "kiln" in mistake
    assert "none: " in mistake
    assert "crime (line" in mistake


def test_a_rule_whose_reports_several_before_it_share_never_decides(folder: Path) -> None:
    when = '{ matters_any = ["abduction", "forced_labour"] }'
    [mistake] = _mistakes(_with_rule(folder, "immediate-danger", "both", when))
    assert "file-at-once (line" in mistake
    assert "crime (line" in mistake


def test_a_rule_that_only_the_hour_sets_apart_does_decide(folder: Path) -> None:
    when = '{ matters_any = ["forced_labour"], hours = [22, 6] }'
    assert not _mistakes(_with_rule(folder, "crime", "night", when))


def test_a_rule_that_leads_elsewhere_for_the_same_case_contradicts(folder: Path) -> None:
    when = '{ matters_any = ["victim_relief"] }'
    mistakes = _mistakes(_with_rule(folder, "relief-needed", "police-first", when))
    assert any("the `when` of police-first" in mistake and "leading elsewhere" in mistake for mistake in mistakes)


def test_a_copy_that_says_what_another_says_is_named(folder: Path) -> None:
    old = '[[copy]]\nid = "legal-aid"'
    twice = """[[copy]]
id = "food"
when = { family_any = ["relief"] }
to = "civil_affairs"
region = "lead"
packet = "care"
measures = []
zh = "有救助需要"
en = "somebody needs relief"

"""
    [mistake] = _mistakes(_with(folder, "rules.toml", old, twice + old))
    assert "food" in mistake
    assert "what relief (rules.toml, line" in mistake


def test_a_copy_beside_the_duty_desk_is_never_heard(folder: Path) -> None:
    found = _with(
        folder, "rules.toml", 'when = { lead = ["civil_affairs"], cues_any', 'when = { lead = ["duty_desk"], cues_any'
    )
    [mistake] = _mistakes(found)
    assert "found-adult-police" in mistake


def test_a_kind_of_unit_that_does_not_exist_is_named(folder: Path) -> None:
    [mistake] = _mistakes(_with(folder, "units.toml", 'kind = "trade_union"', 'kind = "youth_league"'))
    assert "forced-work-trade-union" in mistake
    assert "trade_union" in mistake


def test_a_document_that_has_ended_is_a_remark_and_no_mistake(folder: Path) -> None:
    found = review(read_rulebook(folder), date(2031, 1, 1))
    assert not found.mistakes
    said = "\n".join(found.remarks)
    assert "overlays/yunnan-2008.toml" in said
    assert "ended on 2012-12-31" in said
    assert "plan-2021-2030.toml: the last edition ended on 2030-12-31" in said
    assert "ended on" not in "\n".join(review(read_rulebook(folder), TODAY).remarks)


def test_what_the_data_lacks_is_said(rulebook: Rulebook) -> None:
    said = "\n".join(review(rulebook, TODAY).remarks)
    assert "plan-2013-2020.toml: The dashes under measure (2)" in said


def test_a_packet_that_nobody_gets_is_a_remark(folder: Path) -> None:
    found = _with(
        folder,
        "packets.toml",
        "[packets.link]",
        '[packets.spare]\nzh = "备用"\nen = "Spare"\nfields = []\n\n[packets.link]',
    )
    assert "packets.toml: no row uses the packet spare." in found.remarks


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ('matters_any = ["forced_labour"], cues_any = ["health_need"]', "a report is about that too"),
        ('family_any = ["crime"], cues_any = ["health_need", "consulate"]', "a report is about that too"),
        ('matters_none = ["victim_relief"], cues_any = ["health_need"]', "met only where an officer says so"),
        ('family_none = ["relief"], cues_any = ["health_need"]', "met only where an officer says so"),
        ('matters_any = ["victim_relief", "forced_labour"], cues_any = ["health_need"]', ""),
        ('family_any = ["relief"], cues_any = ["health_need"]', ""),
        ('matters_any = ["forced_labour"], cues_none = ["health_need"]', ""),
        ('matters_any = ["forced_labour"], cues_any = ["consulate"]', ""),
        ('cues_any = ["health_need"]', ""),
    ],
)
def test_a_circumstance_that_the_machine_never_tells_beside_a_rows_matters_is_a_remark(
    folder: Path, when: str, holds: str
) -> None:
    old = 'when = { matters_any = ["victim_relief"], cues_any = ["health_need"] }'
    found = [one for one in _with(folder, "rules.toml", old, f"when = {{ {when} }}").remarks if "asks for" in one]
    if not holds:
        assert found == []
        return
    (said,) = found
    assert "[[copy]] medical-care asks for health_need" in said
    assert "only beside victim_relief" in said
    assert holds in said


def test_the_rules_that_come_with_this_version_ask_for_what_the_machine_tells(rulebook: Rulebook) -> None:
    assert not [one for one in review(rulebook, TODAY).remarks if "asks for" in one]


def test_a_year_whose_moved_days_are_missing_is_said_once_they_should_be_known(folder: Path) -> None:
    rulebook = read_rulebook(folder)
    said = {day: [one for one in review(rulebook, day).remarks if "holidays" in one] for day in (
        date(2026, 6, 1), date(2026, 12, 1), date(2028, 1, 1)
    )}  # fmt: skip
    assert said[date(2026, 6, 1)] == []
    assert "make-up working days of 2027" in said[date(2026, 12, 1)][0]
    assert "make-up working days of 2028" in said[date(2028, 1, 1)][0]


def test_a_duty_desk_whose_deputy_nobody_can_reach_is_a_remark(folder: Path) -> None:
    said = "units.toml, line "
    assert any(said in one and "the duty desk names nobody in charge" in one for one in _remarks(folder))
    path = folder / "units.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('id = "duty_desk"', 'id = "duty_desk"\ndeputy_sms = "+8613800000001"', 1), "utf-8")
    assert not any("the duty desk names nobody in charge" in one for one in _remarks(folder))


def _remarks(folder: Path) -> tuple[str, ...]:
    return review(read_rulebook(folder), TODAY).remarks
