"""Rules that a province adds by its own document."""

from __future__ import annotations

from pathlib import Path

from reports.values import Decision
from routing.rulebook.book import Rulebook
from routing.rulebook.load import load_rulebook
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


REPLACED = """
[[lead]]
id = "yunnan-complaint"
replaces = "complaint"
when = { matters_any = ["official_complicity"] }
to = "public_security"
region = "one_level_up"
packet = "lead"
copies_only = []
measures = ["4.3.2-2"]
zh = "云南：由上一级公安机关主办，不知会他人"
en = "Yunnan: one level up, and nobody else"

[[lead]]
id = "yunnan-infants"
before = "file-at-once"
when = { matters_any = ["infant_sale"] }
to = "public_security"
region = "present_place"
packet = "lead"
measures = ["4.3.2-2"]
zh = "云南：买卖婴儿专案办理"
en = "Yunnan: sales of infants are a case of their own"
"""


def _with_replaced(folder: Path) -> Rulebook:
    with (folder / "overlays" / "yunnan-2008.toml").open("a", encoding="utf-8") as file:
        file.write(REPLACED)
    return load_rulebook(folder)


def _rule(book: Rulebook, matters: str, area: str, day: str = "2010-05-01") -> str:
    return route(facts(matters, "standard", f"occurrence {area}", received=f"{day}T09:00:00"), book).rule


def test_a_row_is_replaced_there_and_then_and_nowhere_else(folder: Path) -> None:
    book = _with_replaced(folder)
    assert _rule(book, "official_complicity", "530924") == "yunnan-complaint"
    assert _rule(book, "official_complicity", "410422") == "complaint"
    assert _rule(book, "official_complicity", "530924", "2013-05-01") == "complaint"


def test_a_new_rule_stands_where_it_says(folder: Path) -> None:
    book = _with_replaced(folder)
    assert _rule(book, "infant_sale", "530924") == "yunnan-infants"
    assert _rule(book, "infant_sale", "410422") == "file-at-once"


def test_what_a_rule_lets_be_copied_counts_for_the_row_that_replaces_it_too(folder: Path) -> None:
    path = folder / "overlays" / "yunnan-2008.toml"
    row = """
[[copy]]
id = "yunnan-relief"
replaces = "relief"
when = { family_any = ["relief"] }
to = "civil_affairs"
region = "lead"
packet = "notice"
measures = []
zh = "云南：只作知会"
en = "Yunnan: a notice only"
"""
    path.write_text(path.read_text(encoding="utf-8") + row, encoding="utf-8")
    asked = facts("official_complicity victim_relief", "standard", "occurrence 530924", received="2010-05-01T09:00:00")
    [copy] = route(asked, load_rulebook(folder)).copies
    assert (copy.why, copy.unit) == ("yunnan-relief", "civil_affairs-530900")
    assert "text" not in copy.fields


def test_a_rulebook_without_overlays_is_sound(folder: Path) -> None:
    (folder / "overlays" / "yunnan-2008.toml").unlink()
    assert not load_rulebook(folder).rules.overlays.all
    (folder / "overlays").rmdir()
    assert load_rulebook(folder).rules.leads.rows
