"""Every verb of the desk and of a unit's inbox by the keyboard alone: its key, its form, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from reports.officers import Role
from tests.browser.conftest import Town, Watched
from tests.browser.test_desk_verbs import ALIKE, TEXT, WIDE, delivered, state

Look = Callable[..., Watched]
MANGSHI = "public_security-533103"
_AT = "selector => document.activeElement.matches(selector)"
_MOST_STEPS = 250


class Hands:
    """Somebody who has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Presses keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def is_at(self, selector: str) -> bool:
        """Whether the focus is on this."""
        return bool(self.page.evaluate(_AT, selector))

    def go_to(self, selector: str, key: str = "Tab") -> None:
        """Goes on by Tab until it is there."""
        for _ in range(_MOST_STEPS):
            if self.is_at(selector):
                return
            self.press(key)
        raise AssertionError(f"Tab never comes to {selector}.")

    def open(self, key: str, verb: str) -> None:
        """Presses a verb's key, and stands in its form."""
        self.press(key)
        self.page.wait_for_function(
            "verb => document.activeElement.matches(`form[action$='/${verb}'] *`)"
            " && document.activeElement.matches('input, select, textarea')",
            arg=verb,
        )

    def choose(self, value: str) -> None:
        """Chooses in the list that it stands at."""
        self.press("Home")
        for _ in range(_MOST_STEPS):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.press("ArrowDown")
        raise AssertionError(f"The list has no {value}.")

    def write(self, text: str) -> None:
        """Writes where it stands."""
        self.page.keyboard.type(text)

    def unit(self, kind: str, area: str) -> None:
        """Names a unit by its kind and area."""
        self.go_to("[name=kind]")
        self.choose(kind)
        self.go_to("[name=area]")
        self.press("ControlOrMeta+a")
        self.write(area)

    def send(self, reason: str = "按规定办理") -> None:
        """Gives the reason and sends the form."""
        self.go_to("[name=reason]")
        self.write(reason)
        with self.page.expect_navigation():
            self.press("Enter")


@pytest.fixture
def desk(town: Town, look: Look) -> Callable[[str], Hands]:
    """Opens a report at the desk."""

    def opened(reference: str) -> Hands:
        page = look(viewport=WIDE).page
        town.sign_in(page)
        town.open(page, reference)
        return Hands(page)

    return opened


def test_a_report_is_taken_set_aside_corrected_and_given_to_more_units(
    town: Town, desk: Callable[[str], Hands]
) -> None:
    reference = town.triaged(TEXT)
    hands = desk(reference)
    page = hands.page
    with page.expect_navigation():
        hands.press("t")
    expect(page.locator("#there")).to_contain_text("您正在办")
    with page.expect_navigation():
        hands.press("d")
    expect(page.locator("#there")).to_contain_text("没有人在办")
    hands.open("q", "quarantine")
    hands.send()
    state(page, "已隔离")
    hands.open("o", "reopen")
    hands.send()
    state(page, "待值班员决定")
    hands.open("e", "correct")
    hands.go_to("[name=urgency]")
    while not hands.is_at("[name=urgency][value=urgent]"):
        hands.press("ArrowDown")
    hands.go_to("[name=matters]")
    hands.go_to("[name=matters][value=forced_labour]")
    if not page.evaluate("document.activeElement.checked"):
        hands.press("Space")
    hands.go_to("[name=place]")
    hands.press("ControlOrMeta+a")
    hands.write("瑞丽市")
    hands.send()
    state(page, "已转交")
    hands.open("y", "add_copy")
    hands.unit("public_security", "芒市")
    hands.go_to("[name=packet]")
    hands.choose("notice")
    hands.send()
    expect(page.locator("tr", has=page.locator("th", has_text="芒市"))).to_have_count(1)
    delivered(town, reference, MANGSHI)
    page.reload()
    # The key of calling back goes from unit to unit; Escape leaves what is written and keeps it.
    hands.open("b", "recall")
    hands.write("写错了地方")
    hands.press("Escape")
    assert hands.is_at("summary")
    row = page.locator("tr", has=page.locator("th", has_text="芒市"))
    for _ in range(len(town.packets(reference))):
        hands.open("b", "recall")
        if row.locator(":focus").count():
            break
        hands.press("Escape")
    hands.send("不需要了")
    assert [one.state for one in town.packets(reference) if one.unit == MANGSHI] == ["REVOKED"]
    hands.open("o", "reopen")
    hands.send("再看一看")
    state(page, "待值班员决定")


def test_a_report_is_confirmed_taken_back_sent_elsewhere_closed_and_opened_again(
    town: Town, desk: Callable[[str], Hands]
) -> None:
    hands = desk(town.triaged(TEXT))
    page = hands.page
    hands.open("c", "confirm")
    hands.send()
    state(page, "已转交")
    hands.open("o", "reopen")
    hands.send("单位不对")
    state(page, "待值班员决定")
    hands.open("r", "reroute")
    hands.unit("public_security", "芒市")
    hands.send()
    state(page, "已转交")
    hands.press("i")
    hands.go_to("form[action$='/give_receipt'] button")
    with page.expect_navigation():
        hands.press("Enter")
    assert re.fullmatch("[0-9]{4}( [0-9]{4}){3}", page.inner_text(".digits"))
    hands.go_to("main a")
    with page.expect_navigation():
        hands.press("Enter")
    hands.open("a", "ask_reporter")
    hands.write("在几楼？")
    hands.go_to("form[action$='/ask_reporter'] button")
    with page.expect_navigation():
        hands.press("Enter")
    expect(page.locator("#reporter")).to_contain_text("在几楼？")
    hands.open("z", "close")
    hands.choose("victim_safe")
    hands.send("人已经安全")
    state(page, "已结案")
    hands.open("o", "reopen")
    hands.send("又有消息")
    state(page, "待值班员决定")


def test_two_reports_are_put_side_by_side_merged_and_taken_apart(town: Town, desk: Callable[[str], Hands]) -> None:
    first, second = town.triaged(TEXT), town.triaged(ALIKE)
    hands = desk(second)
    page = hands.page
    hands.press("m")
    hands.write(first)
    with page.expect_navigation():
        hands.press("Enter")
    hands.open("m", "merge")
    hands.send("同一间砖厂")
    page.goto(f"{town.desk}/reports/{second}")
    state(page, "已合并")
    hands.open("n", "unmerge")
    hands.send("是两件事")
    state(page, "待值班员决定")


def test_a_report_is_handed_over_bounced_taken_up_and_finished(
    town: Town, look: Look, desk: Callable[[str], Hands]
) -> None:
    reference = town.triaged(TEXT)
    hands = desk(reference)
    page = hands.page
    hands.open("c", "confirm")
    hands.send()
    lead = str(town.row(reference).lead_unit)
    delivered(town, reference, lead)
    page.reload()
    hands.open("f", "transfer")
    hands.unit("public_security", "芒市")
    hands.send("在那边")
    there = _unit(town, look, MANGSHI, delivered(town, reference, MANGSHI))
    there.open("b", "bounce")
    there.choose("not_our_area")
    # The reason stands before the proposal, and the form is sent from either.
    there.go_to("[name=reason]")
    there.write("砖厂在瑞丽一侧")
    there.go_to("form[action$='/bounce'] button")
    with there.page.expect_navigation():
        there.press("Enter")
    expect(there.page.locator(".state").first).to_have_text("已退回")
    kept = _unit(town, look, lead, delivered(town, reference, lead))
    kept.open("a", "ask_desk")
    kept.send("哪一间？")
    expect(kept.page.locator(".turns")).to_contain_text("哪一间")
    town.open(page, reference)
    hands.open("u", "answer_unit")
    hands.write("靠河的那一间。")
    hands.go_to("form[action$='/answer_unit'] button")
    with page.expect_navigation():
        hands.press("Enter")
    expect(page.locator("#asks")).to_have_count(0)
    kept.page.reload()
    with kept.page.expect_navigation():
        kept.press("t")
    expect(kept.page.locator(".state").first).to_have_text("已接收")
    kept.open("s", "act")
    kept.send("已派人到场")
    kept.open("z", "done")
    kept.send("人已救出")
    expect(kept.page.locator(".state").first).to_have_text("已办结")


def _unit(town: Town, look: Look, unit: str, packet: str) -> Hands:
    page = look(viewport=WIDE).page
    town.sign_in(page, town.officer(f"keys at {unit} {packet[-6:]}", Role.UNIT_OFFICER, unit))
    page.goto(f"{town.desk}/inbox/{packet}")
    return Hands(page)


def test_a_report_that_no_work_calls_for_is_opened_for_a_reason(
    town: Town, look: Look, desk: Callable[[str], Hands]
) -> None:
    reference = town.triaged(TEXT)
    first = desk(reference)
    first.open("c", "confirm")
    first.send()
    lead = str(town.row(reference).lead_unit)
    delivered(town, reference, lead)
    page = look(viewport=WIDE).page
    town.sign_in(page, town.officer("keys on a second look", Role.DUTY_OFFICER))
    page.goto(f"{town.desk}/reports/{reference}")
    hands = Hands(page)
    hands.press("v", "ArrowDown")
    assert hands.is_at("[name=why][value=unit_asks]:checked")
    hands.send("瑞丽市局来电")
    expect(page.locator(".said")).to_contain_text("砖厂")


def test_what_was_wrong_with_a_form_is_where_the_keyboard_stands_and_leads_to_the_field(
    town: Town, desk: Callable[[str], Hands]
) -> None:
    hands = desk(town.triaged(TEXT))
    hands.open("r", "reroute")
    hands.unit("public_security", "没有这个地方")
    hands.send("试一试")
    assert hands.is_at("#faults")
    hands.go_to("#faults a")
    hands.press("Enter")
    assert hands.is_at("#reroute-area")
    hands.press("ControlOrMeta+a")
    hands.write("瑞丽市")
    # The reason that was typed is still there.
    hands.go_to("#reroute-reason")
    with hands.page.expect_navigation():
        hands.press("Enter")
    state(hands.page, "已转交")


def test_tab_goes_through_a_report_in_the_order_it_is_read_and_out_of_it_again(
    town: Town, desk: Callable[[str], Hands]
) -> None:
    hands = desk(town.triaged(TEXT))
    page = hands.page
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    expected = page.evaluate(
        "() => { const seen = new Set(); return [...document.querySelectorAll("
        "'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex=\"0\"]')]"
        ".filter(one => one.checkVisibility() && !one.disabled && one.tabIndex >= 0)"
        # Of a group of radio buttons one is in the order.
        ".filter(one => one.type !== 'radio' || (!seen.has(one.name) && seen.add(one.name)))"
        ".map(one => one.id || one.name || one.textContent.trim()).length; }"
    )
    page.evaluate("document.activeElement.blur()")
    places = []
    for _ in range(expected + 5):
        hands.press("Tab")
        at = page.evaluate(
            "() => { const at = document.activeElement; if (at === document.body) return null;"
            " at.dataset.place ||= document.querySelectorAll('[data-place]').length + 1;"
            " const ring = getComputedStyle(at); const box = at.getBoundingClientRect();"
            " return [Number(at.dataset.place), ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) > 0,"
            " box.bottom > 0 && box.top < innerHeight]; }"
        )
        if at is None or (places and at[0] == places[0][0]):
            break
        places.append(at)
    numbers = [number for number, _, _ in places]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == expected
    assert all(ring for _, ring, _ in places)
    assert all(shown for _, _, shown in places)
    order = page.evaluate("[...document.querySelectorAll('[data-place]')].map(one => Number(one.dataset.place))")
    assert order == sorted(order)
