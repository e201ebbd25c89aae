"""What a duty officer sees of the ILO's indicators and of Palermo's act, means and purpose."""

from __future__ import annotations

from dataclasses import replace

from reports.values import Dimension, DimensionState, Evidence
from tests.console.house import LABELS, House, a_finding
from tests.console.test_recusal import labels_form

SEEN, DENIED, UNTOLD = DimensionState.SEEN, DimensionState.NOT_SEEN, DimensionState.NOT_TOLD
SHOWN = (
    Dimension("exploitation", SEEN, ("work_pay",)),
    Dimension("coercion", DENIED),
    Dimension("vulnerability", UNTOLD),
    Dimension("act", UNTOLD),
    Dimension("means", DENIED),
    Dimension("purpose", SEEN, ("work_pay",)),
)
EVIDENCE = (Evidence(axis="ilo", code="work_pay", start=9, end=13),)


def test_each_sign_is_seen_denied_or_untold_with_the_words_that_show_it(house: House) -> None:
    finding = a_finding(replace(LABELS, persons=("child",)), dimensions=SHOWN, evidence=EVIDENCE)
    kept = house.triaged(finding=finding)
    page = house.duty().get(f"/reports/{kept.reference}").text
    assert "Low or no salary <q>不给工钱</q>" in page
    for shown in ("Signs of trafficking", "Low or no salary", "Coercion at destination", "denied"):
        assert shown in page, shown
    assert "not told: Abuse of vulnerability at destination" in page
    assert "Of a child no means need be shown." in page


def test_signs_stay_beside_what_an_officer_corrects(house: House) -> None:
    kept, chen = house.triaged(finding=a_finding(dimensions=SHOWN, evidence=EVIDENCE)), house.duty("Chen")
    chen.act(f"/reports/{kept.reference}", "correct", **labels_form(replace(LABELS, matters=("abduction",))))
    assert "Low or no salary" in chen.get(f"/reports/{kept.reference}").text


def test_a_report_read_before_there_were_signs_has_no_empty_list_of_them(house: House) -> None:
    kept = house.triaged(finding=a_finding())
    assert "Signs of trafficking" not in house.duty().get(f"/reports/{kept.reference}").text
