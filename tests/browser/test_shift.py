"""A unit's inbox on a telephone, and a new officer's whole first shift, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from reports.officers import NewOfficer, Officers, Role
from tests.browser.conftest import PASSWORD, Town, Watched
from tests.browser.test_desk import PHONE, TEXT
from tests.browser.test_public_access import violations

Look = Callable[..., Watched]


def new_officer(town: Town, name: str, role: Role = Role.DUTY_OFFICER, unit: str = "duty_desk") -> str:
    Officers(town.database).add(NewOfficer(name=name, role=role, unit=unit, password=PASSWORD), actor="test")
    town.knows(name)
    return name


def test_a_unit_asks_the_desk_from_a_telephone_reads_the_answer_and_prints_its_sheet(town: Town, look: Look) -> None:
    reference, desk = town.triaged(TEXT), look()
    town.sign_in(desk.page)
    desk.page.goto(f"{town.desk}/reports/{reference}")
    desk.page.fill("#confirm-reason", "核实过")
    desk.page.locator("form[action$=confirm] button").click()
    unit = str(town.row(reference).lead_unit)
    town.delivered(reference)
    seen = look(viewport=PHONE)
    page = seen.page
    town.sign_in(page, new_officer(town, "民警乙", Role.UNIT_OFFICER, unit))
    town.turn_to(page, reference).click()
    page.locator("summary", has_text="问值班台").click()
    page.fill("#ask_desk-reason", "砖厂有两家，哪一家？")
    page.locator("form[action$=ask_desk] button").click()
    expect(page.locator(".turns")).to_contain_text("哪一家")
    assert seen.fits()
    town.open(desk.page, reference)
    desk.page.fill("form[action$=answer_unit] textarea", "靠河的那一家。")
    desk.page.locator("form[action$=answer_unit] button").click()
    expect(desk.page.locator("#asks")).to_have_count(0)
    page.reload()
    expect(page.locator(".turns .ours")).to_contain_text("靠河")
    assert violations(page) == []
    # On paper stand the unit, who printed it, the packet and lines to sign on, and nothing that is pressed.
    page.emulate_media(media="print")
    assert page.locator("header.sheet").is_visible()
    assert page.locator("dd.text").is_visible()
    assert page.locator(".signatures").is_visible()
    assert not page.locator(".verbs").is_visible()
    assert not page.locator("header.top").is_visible()
    assert seen.wrongs + desk.wrongs == []


def test_a_supervisor_keeps_the_roster_and_hands_the_desk_over_on_a_telephone(town: Town, look: Look) -> None:
    town.triaged(TEXT)
    name = new_officer(town, "主管甲", Role.SUPERVISOR)
    seen = look(viewport=PHONE)
    page = seen.page
    town.sign_in(page, name)
    page.goto(f"{town.desk}/handover")
    page.locator("nav.filters a", has_text="值班表").click()
    page.select_option("#add_shift-officer", label=name)
    page.fill("#add_shift-starts", "2026-01-01T08:00")
    page.fill("#add_shift-ends", "2026-01-01T07:00")
    page.locator("form[action$=add] button").click()
    expect(page.locator("#faults")).to_contain_text("结束要在开始之后")
    assert page.input_value("#add_shift-starts") == "2026-01-01T08:00"
    tomorrow = page.evaluate("new Date(Date.now() + 864e5).toISOString().slice(0, 10)")
    page.fill("#add_shift-starts", f"{tomorrow}T08:00")
    page.fill("#add_shift-ends", f"{tomorrow}T20:00")
    page.fill("#add_shift-sms", "+8613800000000")
    page.locator("form[action$=add] button").click()
    expect(page.locator("th[scope=row]", has_text=name)).to_be_visible()
    assert seen.fits()
    page.goto(f"{town.desk}/handover")
    assert seen.fits()
    with page.expect_download() as downloading:
        page.locator("a[href='/handover.csv']").click()
    assert downloading.value.suggested_filename.endswith(".csv")
    assert seen.wrongs == []


def test_a_new_officer_is_led_through_their_whole_first_shift(town: Town, look: Look) -> None:
    name = new_officer(town, "新值班员")
    told = town.told()
    seen = look()
    page = seen.page
    town.sign_in(page, name)
    page.goto(f"{town.desk}/handover")
    page.locator("nav.filters a", has_text="第一班").click()
    expect(page.locator(".exercise")).to_contain_text("演习")
    page.get_by_role("button", name="开始").click()
    for number in range(1, 11):
        expect(page.locator("#next-one")).to_contain_text(f"第{number}份")
        # The page finds out by itself that the machine has read it.
        expect(page.locator("a.go")).to_be_visible(timeout=30_000)
        reference = page.locator("#next-one .reference").inner_text()
        page.locator("a.go").click()
        expect(page.locator(".exercise")).to_contain_text("演习")
        decide(page, number)
        page.goto(f"{town.desk}/first-shift")
        if page.locator("#next-one .reference", has_text=reference).count():
            page.get_by_role("button", name="看过了，不改").click()
        expect(page.locator(f"li[value='{number}']")).to_be_visible()
    expect(page.locator("#next-one")).to_have_count(0)
    assert violations(page) == []
    page.get_by_role("button", name="结束这一班").click()
    expect(page.locator(".notice.calm")).to_contain_text("10份里做对")
    right = page.locator(".lessons .right").count()
    expect(page.locator(".notice.calm")).to_contain_text(f"做对{right}份")
    # Whatever the machine makes of the texts as it learns, whoever follows the hints is mostly right.
    assert right >= 6
    page.set_viewport_size(PHONE)
    assert seen.fits()
    # Of the ten nothing stands in the queue, and nothing was told.
    page.goto(f"{town.desk}/queue")
    assert re.search(r"\bEX-", page.content()) is None
    assert town.told() == told
    assert seen.wrongs == []


def decide(page: Page, number: int) -> None:
    """What the hint leads to: the wages are no forced labour; else as the machine proposes, if it proposes a unit."""
    if number == 6:
        page.locator("summary", has_text="更正标签").click()
        page.uncheck("input[name=matters][value=forced_labour]")
        page.check("input[name=matters][value=out_of_scope]")
        page.fill("#correct-reason", "可以离开，只是欠薪")
        with page.expect_navigation():
            page.locator("form[action$='/correct'] button").last.click()
    elif page.locator("#confirm-reason").count():
        page.fill("#confirm-reason", "同意")
        page.locator("form[action$='/confirm'] button").click()
        expect(page.locator(".state").first).to_have_text("已转交")
