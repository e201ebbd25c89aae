"""A unit's inbox on a telephone, and a new officer's whole first shift, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from reports.officers import NewOfficer, Officers, Role
from tests.browser.conftest import PASSWORD, Town, Watched
from tests.browser.test_desk import PHONE, TEXT
from tests.browser.test_keyboard import Hands
from tests.browser.test_public_access import violations

Look = Callable[..., Watched]
Judge = Callable[[Hands], None]


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


def test_a_new_officer_is_led_through_their_whole_first_shift_by_the_keyboard(town: Town, look: Look) -> None:
    name, told, seen = new_officer(town, "新值班员"), town.told(), look()
    page, hands = seen.page, Hands(seen.page)
    town.sign_in(page, name)
    page.goto(f"{town.desk}/handover")
    page.locator("nav.filters a", has_text="第一班").click()
    expect(page.locator(".exercise")).to_contain_text("演习")
    hands.go_to("form[action$='/begin'] button")
    with page.expect_navigation():
        hands.press("Enter")
    for number, judge in enumerate(JUDGEMENTS, 1):
        opened(hands, number)
        if number == 1:
            # Who only looks has judged nothing, and comes back to the same report.
            page.goto(f"{town.desk}/first-shift")
            expect(page.locator(".lessons li")).to_have_count(0)
            opened(hands, number)
        judge(hands)
        page.goto(f"{town.desk}/first-shift")
        expect(page.locator(f"li[value='{number}'] .right")).to_be_visible()
    expect(page.locator("#next-one")).to_have_count(0)
    assert violations(page) == []
    hands.go_to("form[action$='/end'] button")
    with page.expect_navigation():
        hands.press("Enter")
    expect(page.locator(".notice.calm")).to_contain_text("10份里做对10份")
    page.set_viewport_size(PHONE)
    assert seen.fits()
    # Of the ten nothing stands in the queue, and nothing was told.
    page.goto(f"{town.desk}/queue")
    assert re.search(r"\bEX-", page.content()) is None
    assert town.told() == told
    assert seen.wrongs == []


def test_another_act_than_a_lesson_asks_for_is_told_and_may_be_mended_on_a_telephone(town: Town, look: Look) -> None:
    seen = look(viewport=PHONE)
    page, hands = seen.page, Hands(seen.page)
    town.sign_in(page, new_officer(town, "新值班员乙"))
    page.goto(f"{town.desk}/first-shift")
    page.get_by_role("button", name="开始").click()
    opened(hands, 1)
    set_aside(hands)
    page.goto(f"{town.desk}/first-shift")
    expect(page.locator("li[value='1'] .again")).to_have_text("做了别的")
    expect(page.locator("li[value='1']")).to_contain_text("您做的：隔离。 这一课要的：问报告人。")
    assert seen.fits()
    assert violations(page) == []
    with page.expect_navigation():
        page.locator("li[value='1'] a.reference").click()
    hands.open("o", "reopen")
    hands.send()
    asked("是哪一个城市？")(hands)
    page.goto(f"{town.desk}/first-shift")
    expect(page.locator("li[value='1'] .right")).to_be_visible()
    assert seen.wrongs == []


def opened(hands: Hands, number: int) -> None:
    """The report of a lesson, once the machine has read it; the page finds that out by itself."""
    expect(hands.page.locator("#next-one")).to_contain_text(f"第{number}份")
    expect(hands.page.locator("a.go")).to_be_visible(timeout=30_000)
    with hands.page.expect_navigation():
        hands.press("o")
    expect(hands.page.locator(".exercise")).to_contain_text("演习")


def asked(words: str) -> Judge:
    def judge(hands: Hands) -> None:
        hands.open("a", "ask_reporter")
        hands.write(words)
        hands.go_to("form[action$='/ask_reporter'] button")
        with hands.page.expect_navigation():
            hands.press("Enter")

    return judge


def at(place: str) -> Judge:
    """The place is corrected."""

    def judge(hands: Hands) -> None:
        hands.open("e", "correct")
        hands.go_to("[name=place]")
        hands.press("ControlOrMeta+a")
        hands.write(place)
        hands.send()

    return judge


def to_the_police_of(place: str) -> Judge:
    def judge(hands: Hands) -> None:
        hands.open("r", "reroute")
        hands.unit("public_security", place)
        hands.send()

    return judge


def put_to_the_one_before(hands: Hands) -> None:
    # Of all first shifts that were ever begun it is offered what belongs to this one.
    expect(hands.page.locator("#links li a")).to_have_count(1)
    hands.go_to("#links li a")
    with hands.page.expect_navigation():
        hands.press("Enter")
    hands.open("m", "merge")
    hands.send()


def set_aside(hands: Hands) -> None:
    hands.open("q", "quarantine")
    hands.send()


def closed_with_words(hands: Hands) -> None:
    hands.open("z", "close")
    hands.go_to("form[action$='/close'] [name=outcome]")
    hands.choose("told_whom_to_turn_to")
    hands.go_to("form[action$='/close'] [name=words]")
    hands.write("请找劳动保障监察，电话12333。")
    hands.send("欠薪，没有强迫")


# What is right about each of the ten.
JUDGEMENTS: tuple[Judge, ...] = (
    asked("是哪一个城市的鼓楼区？"), at("瑞丽市"), to_the_police_of("平顶山市"), put_to_the_one_before, at("洪洞县"),
    set_aside, closed_with_words, at("义乌市"), asked("方便的时候，请再告诉我们一次。"), at("林州市"),
)  # fmt: skip
