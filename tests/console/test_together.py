"""Texts that say the same, decided in one go: side by side, with what differs, and with no danger among them."""

from __future__ import annotations

import re
from dataclasses import replace

from console.alike import compared
from reports.values import Urgency
from tests.console.house import IN_DANGER, LABELS, House, Kept, a_finding, words_of

AD = "贷款办卡加微信，额度高放款快，详情回复1"
CALM = a_finding(replace(LABELS, urgency=Urgency.LOW), evidence=())


def ad(house: House, text: str = AD) -> Kept:
    return house.triaged(text, CALM)


def shown(page: str) -> list[str]:
    return re.findall(r'name="shown" value="([^"]+)"', page)


def ticked(page: str) -> list[str]:
    return re.findall(r'name="report" value="([^"]+)" checked', page)


def form(page: str, **fields: str) -> dict[str, object]:
    """The form of the page as it came, with these fields filled in."""
    versions = dict(re.findall(r'name="(version:[^"]+)" value="([^"]+)"', page))
    return {**versions, "shown": shown(page), "report": ticked(page), "reason": "广告", **fields}


def test_those_that_are_like_one_are_found_and_what_differs_is_marked(house: House) -> None:
    first, same = ad(house), ad(house, AD.replace("回复1", "回复7"))
    resembling, other = ad(house, "贷款加微信，额度高，有工作就行"), ad(house, "村里有个女人是买来的，天天挨打")
    chen = house.duty("Chen")
    page = chen.post("/queue/together", {"report": first.reference}).text
    assert shown(page)[:2] == [first.reference, same.reference]
    assert ticked(page) == [first.reference, same.reference]
    assert other.reference not in page
    assert "回复<mark>7</mark>" in page
    assert resembling.reference not in ticked(page)
    # What is shown was opened by the officer; what was only compared was not.
    assert (chen.id, "opened") in house.audit(same.report_id)
    assert (chen.id, "opened") not in house.audit(other.report_id)


def test_all_that_are_ticked_are_set_aside_for_one_reason(house: House) -> None:
    kept = [ad(house, f"{AD}{number}") for number in range(5)]
    chen = house.duty("Chen")
    page = chen.post("/queue/together", {"report": kept[0].reference}).text
    done = chen.post("/queue/together/decide", form(page, verb="quarantine"))
    assert (done.status_code, "Done with 5." in done.text) == (200, True)
    assert {house.row(one)["state"] for one in kept} == {"QUARANTINED"}
    for one in kept:
        assert (
            "Chen set it aside 广告" in words_of(chen.get(f"/reports/{one.reference}").text)
            or "广告" in chen.get(f"/reports/{one.reference}").text
        )
    assert "Quarantined <b>5</b>" in chen.get("/queue").text


def test_what_somebody_else_changed_or_is_on_stays_as_it_is_and_is_told(house: House) -> None:
    kept = [ad(house, f"{AD}{number}") for number in range(4)]
    chen, liu = house.duty("Chen"), house.duty("Liu")
    page = chen.post("/queue/together", {"report": [one.reference for one in kept]}).text
    liu.act(f"/reports/{kept[1].reference}", "correct", matters=["forced_labour"], urgency="low", reporter="victim",
            place=["533102"], place_role=["occurrence"])  # fmt: skip
    liu.post(f"/reports/{kept[2].reference}/take")
    told = chen.post("/queue/together/decide", form(page, verb="close", outcome="noise", report=[*ticked(page)]))
    said = words_of(told.text)
    assert told.status_code == 409
    assert "Done with 2." in said
    assert f"{kept[2].reference} Not changed: Liu is on it." in said
    assert f"{kept[1].reference} Not changed:" in said
    assert [house.row(one)["state"] for one in (kept[0], kept[3])] == ["CLOSED", "CLOSED"]
    assert house.row(kept[2])["state"] == "IN_TRIAGE"


def test_nobody_in_danger_is_ever_among_them(house: House) -> None:
    calm, danger = ad(house), house.triaged(AD, a_finding(IN_DANGER, evidence=()))
    chen = house.duty()
    assert f'value="{danger.reference}"' not in chen.get("/queue").text
    page = chen.post("/queue/together", {"report": [calm.reference, danger.reference]}).text
    assert shown(page) == [calm.reference]
    assert "is not among these" in page
    forged = {**form(page), f"version:{danger.reference}": "2", "report": danger.reference, "verb": "quarantine"}
    assert "cannot be done as the report stands" in chen.post("/queue/together/decide", forged).text
    assert house.row(danger)["state"] == "IN_TRIAGE"


def test_without_a_reason_or_an_outcome_nothing_is_done_and_nothing_typed_is_lost(house: House) -> None:
    kept = [ad(house, f"{AD}{number}") for number in range(3)]
    chen = house.duty()
    page = chen.post("/queue/together", {"report": [one.reference for one in kept]}).text
    for fields in ({"verb": "quarantine", "reason": " "}, {"verb": "close", "reason": "都是广告", "outcome": ""}):
        told = chen.post("/queue/together/decide", {**form(page, report=kept[0].reference), **fields})
        assert told.status_code == 422
        assert ticked(told.text) == [kept[0].reference]
        assert fields["reason"].strip() in told.text
    assert {house.row(one)["state"] for one in kept} == {"IN_TRIAGE"}


def test_a_text_is_shown_as_text_and_without_what_a_victim_was_made_to_do(house: House) -> None:
    kept = ad(house, "<script>alert(1)</script>他们逼我去骗人")
    chen = house.duty()
    chen.act(f"/reports/{kept.reference}", "take_out", words="他们逼我去骗人")
    page = chen.post("/queue/together", {"report": kept.reference}).text
    assert "&lt;script&gt;alert(1)" in page
    assert "他们逼我去骗人" not in page


def test_the_letters_that_differ_are_marked_wherever_they_stand() -> None:
    assert str(compared("加微信123", "加微信124").shown) == "加微信12<mark>4</mark>"
    assert compared("加微信123", "加 微信123").is_same
    assert not compared("加微信123", "村里有个女人").is_same
