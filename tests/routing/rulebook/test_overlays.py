"""Rules that a province adds by its own document."""

from __future__ import annotations

from reports.values import Decision
from routing.rulebook.book import Rulebook
from routing.rulebook.route import route
from tests.routing.rulebook.making import facts


def _stay(rulebook: Rulebook, area: str, day: str, persons: str = "woman") -> Decision:
    asked = facts(
        "reintegration",
        "standard",
        f"occurrence {area}",
        persons=persons,
        cues="wants_to_stay",
        received=f"{day}T09:00:00",
    )
    return route(asked, rulebook)


def test_in_yunnan_a_woman_who_cannot_go_home_may_stay(rulebook: Rulebook) -> None:
    assert "经批准留下" in _stay(rulebook, "530924", "2010-05-01").why_zh
    assert "4.4.2-3" in _stay(rulebook, "530924", "2010-05-01").measures


def test_so_may_a_foreign_woman(rulebook: Rulebook) -> None:
    assert "没有限定国籍" in _stay(rulebook, "530924", "2010-05-01", "woman foreign_national").why_zh


def test_outside_yunnan_nothing_is_said_of_staying(rulebook: Rulebook) -> None:
    assert "批准留下" not in _stay(rulebook, "522301", "2010-05-01").why_zh


def test_before_the_document_and_after_its_end_nothing_is_said_of_it(rulebook: Rulebook) -> None:
    assert "批准留下" in _stay(rulebook, "530924", "2008-11-21").why_zh
    assert "批准留下" not in _stay(rulebook, "530924", "2008-11-20").why_zh
    assert "批准留下" not in _stay(rulebook, "530924", "2013-01-01").why_zh


def test_the_provincial_office_has_cases_of_several_places(rulebook: Rulebook) -> None:
    places = ("occurrence 530924", "origin 410422")
    copied = {
        copy.unit
        for copy in route(facts("buying", "standard", *places, received="2010-05-01T09:00:00"), rulebook).copies
    }
    assert "joint_conference_office-530000" in copied
    before = {copy.unit for copy in route(facts("buying", "standard", *places), rulebook).copies}
    assert "joint_conference_office-530000" not in before


def test_an_overlay_names_its_document_and_where_it_was_read(rulebook: Rulebook) -> None:
    overlay = next(one for one in rulebook.rules.overlays.all if one.id == "yunnan-2008")
    assert "2008年11月21日" in overlay.document
    assert "未见原文" in overlay.source
