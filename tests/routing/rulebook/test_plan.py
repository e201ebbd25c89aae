"""The Plan through its editions, and the bodies it names."""

from __future__ import annotations

from datetime import date

from reports.values import Decision
from routing.rulebook.book import Rulebook
from routing.rulebook.route import route
from tests.routing.rulebook.making import facts


def _on(day: str, rulebook: Rulebook, matters: str = "abduction") -> Decision:
    return route(facts(matters, "urgent", "occurrence 410422", received=f"{day}T09:00:00+08:00"), rulebook)


def test_the_same_report_cites_other_lines_in_2010_2015_and_2022(rulebook: Rulebook) -> None:
    assert _on("2010-05-01", rulebook).measures[0] == "4.3.2-2"
    assert _on("2015-05-01", rulebook).measures[0] == "2013-2020/2.1.1"
    assert _on("2022-05-01", rulebook).measures[0] == "2021-2030/2.1.1"


def test_whatever_the_edition_the_same_police_lead(rulebook: Rulebook) -> None:
    units = {
        _on(day, rulebook).lead_unit for day in ("2007-01-01", "2010-05-01", "2013-01-15", "2022-05-01", "2040-01-01")
    }
    assert units == {"public_security-410422"}


def test_the_sentence_names_the_edition_its_document_and_who_was_responsible_then(rulebook: Rulebook) -> None:
    assert "国办发〔2007〕69号）4.3.2-2 建立健全举报制度，公安部负责" in _on("2010-05-01", rulebook).why_zh
    assert "国办发〔2013〕19号" in _on("2015-05-01", rulebook).why_zh
    assert "中央综治办、司法部负责" in _on("2015-05-01", rulebook).why_zh
    assert "中央政法委、公安部负责" in _on("2022-05-01", rulebook).why_zh


def test_a_line_that_later_editions_lack_here_is_cited_from_the_first_and_said_to_be_a_gap(rulebook: Rulebook) -> None:
    decision = _on("2022-05-01", rulebook, "victim_relief")
    assert decision.measures[0] == "4.4.1-1"
    assert "行动计划（2021—2030年）的对应条款尚未录入" in decision.why_zh
    assert "not recorded here" in decision.why_en
    assert "尚未录入" not in _on("2010-05-01", rulebook, "victim_relief").why_zh


def test_between_two_editions_the_one_before_is_cited(rulebook: Rulebook) -> None:
    assert rulebook.plan.on(date(2013, 3, 1)).id == "2008-2012"
    assert rulebook.plan.on(date(2013, 3, 2)).id == "2013-2020"
    assert rulebook.plan.on(date(1999, 1, 1)).id == "2008-2012"


def test_the_day_of_a_report_is_the_one_in_china(rulebook: Rulebook) -> None:
    late = facts("abduction", "urgent", "occurrence 410422", received="2013-03-01T20:00:00+00:00")
    assert route(late, rulebook).measures[0] == "2013-2020/2.1.1"


def test_part_four_has_fifty_lines_of_which_four_are_headings(rulebook: Rulebook) -> None:
    lines = [rulebook.plan.measures[id] for id in rulebook.plan.first_lines]
    assert len(lines) == 50
    assert [line.id for line in lines if not line.responsible] == ["4.3.1", "4.4.1", "4.4.2", "4.5.4"]


def test_the_units_of_part_four_are_counted_as_the_chinese_text_has_them(rulebook: Rulebook) -> None:
    lines = [rulebook.plan.measures[id] for id in rulebook.plan.first_lines]

    def responsible(body: str) -> int:
        return sum(body in line.responsible for line in lines)

    def cooperating(body: str) -> int:
        return sum(body in line.cooperating for line in lines)

    assert responsible("public_security_ministry") == 19
    assert responsible("civil_affairs_ministry") == 10
    assert responsible("justice_ministry") == 4
    assert responsible("education_ministry") == 3
    assert responsible("labour_ministry") == 3
    assert cooperating("womens_federation_national") == 17
    assert cooperating("youth_league_centre") == 13
    assert cooperating("civil_affairs_ministry") == 12


def test_the_reporting_system_has_public_security_alone(rulebook: Rulebook) -> None:
    line = rulebook.plan.measures["4.3.2-2"]
    assert (line.responsible, line.cooperating) == (("public_security_ministry",), ())


def test_the_joint_conference_has_28_members_and_its_office_is_none_of_them(rulebook: Rulebook) -> None:
    members = [member for member in rulebook.plan.members.values() if member.member]
    assert len(members) == 28
    assert not rulebook.plan.members["joint_conference"].member


def test_a_body_that_was_closed_leads_to_one_that_stands(rulebook: Rulebook) -> None:
    here = rulebook.plan.members["health_ministry"]
    while here.successor:
        here = rulebook.plan.members[here.successor]
    assert here.zh == "国家卫生健康委"


def test_every_later_edition_says_what_it_lacks(rulebook: Rulebook) -> None:
    assert not rulebook.plan.editions[0].gaps
    assert all(edition.gaps for edition in rulebook.plan.editions[1:])
