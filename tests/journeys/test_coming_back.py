"""A girl reports, comes back from another telephone, answers, hears how it ended, and has it taken up again."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from config.outcomes import Outcomes
from config.settings import PACKAGED_CONFIG
from hotline.simulated_public import InventedReport
from intake.wording import LANGUAGES, load_words
from reports.states import ReportState
from reports.values import Channel
from tests.journeys.conftest import Town
from tests.journeys.visitor import Page, Visitor

Soon = Callable[..., Any]
SAID = load_words()["vi"]["receipt"]
OUTCOMES = Outcomes.load(PACKAGED_CONFIG, [state.value for state in ReportState], LANGUAGES)
HELD = "Tôi bị bán sang làm vợ, đang bị nhốt trong nhà ở thị xã Thụy Lệ. 我被卖到云南瑞丽，关在屋里"
QUESTION = "Nhà có mấy tầng? Cửa màu gì?"
ANSWER = "Nhà hai tầng, cửa sắt màu xanh"


def test_a_girl_comes_back_with_her_number(town: Town, soon: Soon) -> None:
    reference, number = reported(town)
    soon(lambda: stands(town, reference, "REFERRED"))
    officer = town.officer("duty_officer")

    # Another telephone: no cookie, no address of hers, only the digits.
    assert OUTCOMES.told["acting"]["vi"] in come_back(town, number)[1].words

    # She is asked something, reads it and answers.
    soon(lambda: ask(officer, reference, QUESTION))
    visitor, page = come_back(town, number)
    assert QUESTION in page.words
    assert "瑞丽" not in page.words
    page = press(visitor, page, "say", text=ANSWER)
    assert SAID["kept"] in page.words
    assert ANSWER not in page.words
    soon(lambda: ANSWER in officer.get(f"/reports/{reference}").words)
    assert "已回答" in officer.get(f"/reports/{reference}").words

    # A text from anywhere adds to it as well, by the digits in it; the desk never sees them.
    text = InventedReport(
        channel=Channel.SMS, kind="journey", text=f"{number} xe màu trắng đậu trước cửa", sender="+8613800030001",
        source_id=f"SM{secrets.token_hex(16)}",
    )  # fmt: skip
    public = town.system.public()
    assert public.send(text) == 200
    public.close()
    soon(lambda: "xe màu trắng" in officer.get(f"/reports/{reference}").words)
    assert number not in officer.get(f"/reports/{reference}").words

    # It ends. She sees how, says that it did not help, and has it taken up again.
    soon(lambda: close(officer, reference, "cannot_act"))
    visitor, page = come_back(town, number)
    assert OUTCOMES.told["cannot_act"]["vi"] in page.words
    page = press(visitor, page, "helped", helped="no")
    assert SAID["not_helped"] in page.words
    page = press(visitor, page, "reopen", text="Tôi vẫn bị nhốt")
    assert SAID["reopened"] in page.words
    soon(lambda: stands(town, reference, "IN_TRIAGE"))
    desk = officer.get(f"/reports/{reference}").words
    assert "报告人请求重新处理" in desk
    assert "Tôi vẫn bị nhốt" in desk
    assert "报告人说：没有帮到" in desk
    assert OUTCOMES.told["received"]["vi"] in come_back(town, number)[1].words

    # When all is over it is erased, and her number is like any number.
    soon(lambda: close(officer, reference, "victim_safe"))
    assert OUTCOMES.told["victim_safe"]["vi"] in come_back(town, number)[1].words
    erased = town.command("erase", reference, "--ground", "request")
    assert erased.returncode == 0, erased.stderr
    assert SAID["unknown"] in come_back(town, number)[1].words
    assert "已经按期删除" in officer.get(f"/reports/{reference}").words
    assert town.command("audit", "verify").returncode == 0


def test_whoever_telephones_is_read_a_number_and_swaps_it_for_their_own(town: Town) -> None:
    reference, _ = reported(town)
    officer = town.officer("duty_officer")
    page = officer.get(f"/reports/{reference}")
    read_out = officer.post(f"/reports/{reference}/give_receipt", csrf_token=page.token(), chance=page.token("chance"))
    told = re.search(r'<p class="digits">([0-9 ]+)</p>', read_out.text)
    assert told, read_out.words

    visitor, page = come_back(town, told[1])
    assert SAID["swap_heading"] in page.words
    own = number_on(page)
    page = press(visitor, page, "swap")
    assert OUTCOMES.told["acting"]["vi"] in page.words or OUTCOMES.told["received"]["vi"] in page.words
    assert SAID["unknown"] in come_back(town, told[1])[1].words
    assert SAID["unknown"] not in come_back(town, own)[1].words


def reported(town: Town) -> tuple[str, str]:
    """A report in Vietnamese by the form, and the number that was taken for it."""
    visitor = town.passer_by()
    form = visitor.get("/?lang=vi")
    thanks = visitor.post("/?lang=vi", token=form.token("token"), text=HELD)
    found = re.search(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{6})</strong>", thanks.text)
    assert found, thanks.words
    return found[1], number_on(press(visitor, thanks, "new"))


def number_on(page: Page) -> str:
    found = re.search(r'<p class="number">([0-9 ]+)</p>', page.text)
    assert found, page.words
    return found[1]


def come_back(town: Town, number: str) -> tuple[Visitor, Page]:
    visitor = town.passer_by()
    assert SAID["number_hint"] in visitor.get("/receipt?lang=vi").words
    return visitor, visitor.post("/receipt?lang=vi", number=number, do="look")


def press(visitor: Visitor, page: Page, button: str, **typed: str) -> Page:
    """Sends the form of a button on the page."""
    forms = [
        dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', one))
        for one in re.findall(r"<form.*?</form>", page.text, re.DOTALL)
    ]
    fields = next(one for one in forms if one.get("do") == button)
    return visitor.post("/receipt?lang=vi", **{**fields, **typed})


def ask(officer: Visitor, reference: str, words: str) -> bool:
    """Whether it could be asked: as with closing, not while the machine reads."""
    page = officer.get(f"/reports/{reference}")
    fields = {"csrf_token": page.token(), "version": page.token("version"), "chance": page.token("chance")}
    return officer.post(f"/reports/{reference}/ask_reporter", words=words, **fields).status == 200


def close(officer: Visitor, reference: str, outcome: str) -> bool:
    """Whether it could be closed: the machine may still be reading what was added, and then nothing is changed."""
    page = officer.get(f"/reports/{reference}")
    fields = {"csrf_token": page.token(), "version": page.token("version"), "outcome": outcome, "reason": "看过了"}
    return officer.post(f"/reports/{reference}/close", **fields).status == 200


def stands(town: Town, reference: str, state: str) -> dict[str, Any] | None:
    report: dict[str, Any] = town.report(reference)
    return report if report["state"] == state else None
