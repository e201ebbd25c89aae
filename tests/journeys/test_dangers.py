"""One story for each danger, from the first contact to how it ended and whether it helped.

A child, a border, a unit that is complained of, and somebody who does not want the police to know their story. Whose
telephone others read is in test_conversation.py, whoever cannot speak in test_calls.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from config.outcomes import Outcomes
from config.settings import PACKAGED_CONFIG
from intake.wording import LANGUAGES, load_words
from reports.states import ReportState
from tests.journeys.conftest import Town
from tests.journeys.test_coming_back import close, number_on
from tests.journeys.visitor import Page, Visitor

Soon = Callable[..., Any]
SAID = load_words()["zh"]["receipt"]
FORM = "application/x-www-form-urlencoded"
OUTCOMES = Outcomes.load(PACKAGED_CONFIG, [state.value for state in ReportState], LANGUAGES)


def reported(town: Town, text: str) -> tuple[str, str]:
    """A report by the form, and the number that was taken for it."""
    visitor = town.passer_by()
    form = visitor.get("/?lang=zh")
    thanks = visitor.post("/?lang=zh", token=form.token("token"), text=text)
    found = re.search(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{6})</strong>", thanks.text)
    assert found, thanks.words
    return found[1], number_on(press(visitor, thanks, "new"))


def press(visitor: Visitor, page: Page, button: str, **typed: str) -> Page:
    """Sends the form of a button on the page."""
    forms = [
        dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', one))
        for one in re.findall(r"<form.*?</form>", page.text, re.DOTALL)
    ]
    return visitor.post("/receipt?lang=zh", **{**next(one for one in forms if one.get("do") == button), **typed})


def judged(town: Town, soon: Soon, officer: Visitor, reference: str, **labels: str | list[str]) -> dict[str, Any]:
    """A duty officer reads it once the machine has, and gives it these labels. What the report is then."""
    soon(lambda: town.report(reference)["state"] != "RECEIVED")

    def corrected() -> bool:
        page = officer.get(f"/reports/{reference}")
        fields = {"csrf_token": page.token(), "version": page.token("version"), "reason": "核实过", **labels}
        return officer.send(f"/reports/{reference}/correct", urlencode(fields, doseq=True).encode(), FORM).status == 200

    soon(corrected)
    report: dict[str, Any] = town.report(reference)
    assert report["state"] == "REFERRED"
    return report


def packet_of(unit: Visitor, text: str) -> Page | None:
    """The packet in a unit's inbox that has these words."""
    return next((page for link in unit.get("/inbox").links("/inbox/") if text in (page := unit.get(link)).words), None)


def ends(town: Town, soon: Soon, officer: Visitor, reference: str, number: str, outcome: str) -> None:
    """It is closed; the reporter reads how, and says that it helped."""
    soon(lambda: close(officer, reference, outcome))
    visitor = town.passer_by()
    page = visitor.post("/receipt?lang=zh", number=number, do="look")
    assert OUTCOMES.told[outcome]["zh"] in page.words
    press(visitor, page, "helped", helped="yes")
    assert "报告人说：帮到了" in officer.get(f"/reports/{reference}").words


def test_a_child_who_is_pressed_on_the_internet_is_heard_and_nobody_at_home_is_told(town: Town, soon: Soon) -> None:
    told = "我14岁，网上认识的男的让我拍照片，说不拍就发给我同学，我在河南叶县，不要告诉我爸妈"
    reference, number = reported(town, told)
    officer = town.officer("duty_officer")
    report = judged(
        town, soon, officer, reference, matters="sexual_exploitation", urgency="urgent", persons="child",
        reporter="victim", place="叶县", place_role="occurrence",
    )  # fmt: skip
    assert report["lead"]["unit"] == "public_security-410422"
    police = town.officer("unit_officer", "public_security-410422")
    packet = soon(lambda: packet_of(police, "不要告诉我爸妈"))
    assert "联系方式" not in packet.words
    ends(town, soon, officer, reference, number, "victim_safe")


def test_somebody_taken_over_the_border_is_told_to_the_place_they_were_taken_from(town: Town, soon: Soon) -> None:
    told = "我妹妹昨天从云南瑞丽被带到缅甸木姐，手机只剩一点电，说要三万块才放人"
    reference, number = reported(town, told)
    officer = town.officer("duty_officer")
    report = judged(
        town, soon, officer, reference, matters=["abduction", "cross_border"], urgency="urgent", persons="woman",
        reporter="family", cues="victim_abroad", place="瑞丽市", place_role="occurrence",
    )  # fmt: skip
    assert report["lead"]["unit"] == "public_security-533102"
    assert "foreign_affairs-533100" in [packet["unit"] for packet in report["referrals"]]
    lead = town.officer("unit_officer", report["lead"]["unit"])
    assert soon(lambda: packet_of(lead, "缅甸木姐"))
    ends(town, soon, officer, reference, number, "solved")


def test_the_unit_that_is_complained_of_sees_nothing_and_the_one_over_it_has_the_case(town: Town, soon: Soon) -> None:
    told = "瑞丽砖厂关着人，当地公安局里有人收了老板的钱，报过两次都没用"
    reference, number = reported(town, told)
    officer = town.officer("duty_officer")
    report = judged(
        town, soon, officer, reference, matters="official_complicity", urgency="urgent", persons="man",
        reporter="witness", cues="complained_unit_county", place="瑞丽市", place_role="occurrence",
    )  # fmt: skip
    assert not any(
        packet["unit"].endswith("-533102") and packet["state"] != "REVOKED" for packet in report["referrals"]
    )
    assert report["lead"]["unit"]
    accused = town.officer("unit_officer", "public_security-533102")
    over_it = town.officer("unit_officer", report["lead"]["unit"])
    assert soon(lambda: packet_of(over_it, "收了老板的钱"))
    assert packet_of(accused, "收了老板的钱") is None
    assert accused.get(f"/reports/{reference}").status == 404
    ends(town, soon, officer, reference, number, "cannot_act")


def test_whoever_does_not_want_the_police_to_know_keeps_the_story_until_they_agree(town: Town, soon: Soon) -> None:
    told = "我被他们骗来做足疗，不是我自愿的，在河南叶县，先不要告诉警察，我怕"
    reference, number = reported(town, told)
    officer = town.officer("duty_officer")
    report = judged(
        town, soon, officer, reference, matters="sexual_exploitation", urgency="standard", persons="woman",
        reporter="victim", contact="not_police", place="叶县", place_role="occurrence",
    )  # fmt: skip
    police = town.officer("unit_officer", "public_security-410422")
    assert report["lead"]["unit"] == "public_security-410422"
    soon(lambda: police.get("/inbox").links("/inbox/"))
    assert packet_of(police, "我怕") is None
    desk = officer.get(f"/reports/{reference}").words
    assert "案情原文留在值班台" in desk
    ends(town, soon, officer, reference, number, "told_whom_to_turn_to")
