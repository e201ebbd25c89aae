"""Every verb of the desk, played by officers of the desk and of two units in real browsers, each by its own key."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from reports.officers import Role
from tests.browser.conftest import Town, Watched, axe

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
TEXT = "我被关在云南省瑞丽市的砖厂，老板打人，不给工钱，面包车云A·12345"
ALIKE = "云南瑞丽的砖厂里夜里有人喊救命，门口停着云A12345的面包车"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page, with everything opened."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in axe(page, WCAG)]


def use(page: Page, verb: str, reason: str = "按规定办理", **fields: str) -> None:
    """Uses a verb: its form is opened by its key, filled in and sent."""
    form = page.locator(f"form[action$='/{verb}']").first
    form.evaluate("one => { const box = one.closest('details'); if (box) box.open = true; }")
    for name, value in fields.items():
        field = form.locator(f"[name={name}]").first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    if form.locator("[name=reason]").count():
        form.locator("[name=reason]").fill(reason)
    with page.expect_navigation():
        form.locator("button").last.click()


def state(page: Page, name: str) -> None:
    """The report stands so."""
    expect(page.locator(".state").first).to_have_text(name)


def delivered(town: Town, reference: str, unit: str) -> str:
    """The id of a unit's packet once it has it."""
    return str(
        town.until(
            lambda: next(
                (one.id for one in town.packets(reference) if one.unit == unit and one.state == "DELIVERED"), None
            )
        )
    )


def test_each_verb_is_one_key_away(town: Town, look: Callable[..., Watched]) -> None:
    reference = town.triaged(TEXT)
    page = look().page
    town.sign_in(page)
    town.open(page, reference)
    for verb in ("confirm", "correct", "reroute", "close", "quarantine"):
        key = page.locator(f"details:has(form[action$='/{verb}']) > summary").get_attribute("data-key")
        assert key
        assert len(key) == 1
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(key)
        page.wait_for_function(
            "verb => { const at = document.activeElement; const box = at.closest('details');"
            " return !!box && box.open && at.matches('input, select, textarea')"
            " && !!box.querySelector(`form[action$='/${verb}']`); }",
            arg=verb,
        )


def test_a_report_goes_through_every_verb_and_nothing_is_lost(town: Town, look: Callable[..., Watched]) -> None:
    reference = town.triaged(TEXT)
    seen = look(viewport=WIDE)
    page = seen.page
    town.sign_in(page)
    town.open(page, reference)
    # Take it on.
    with page.expect_navigation():
        page.locator("form[action$='/take'] button").click()
    expect(page.locator("form[action$='/let_go']")).to_have_count(1)
    # Set aside, and take it out again.
    use(page, "quarantine")
    state(page, "已隔离")
    use(page, "reopen")
    state(page, "待值班员决定")
    # Correct: what was the machine's stays beside it.
    form = page.locator("form[action$='/correct']")
    form.evaluate("one => one.closest('details').open = true")
    form.locator("input[name=matters][value=forced_labour]").check()
    form.locator("input[name=urgency][value=urgent]").check()
    form.locator("[name=place]").first.fill("瑞丽市")
    use(page, "correct")
    state(page, "已转交")
    lead = str(town.row(reference).lead_unit)
    delivered(town, reference, lead)
    assert page.locator("figure.tiles svg[role=img]").count() == 1
    # One more unit, and back.
    page.reload()
    use(page, "add_copy", kind="public_security", area="芒市", packet="notice")
    other = "public_security-533103"
    delivered(town, reference, other)
    page.reload()
    row = page.locator("tr", has=page.locator("th", has_text="芒市"))
    row.locator("summary").click()
    row.locator("[name=reason]").fill("不需要了")
    with page.expect_navigation():
        row.locator("form button").click()
    assert [one.state for one in town.packets(reference) if one.unit == other] == ["REVOKED"]
    # Hand it over: the first unit keeps it until the other accepts.
    use(page, "transfer", kind="public_security", area="芒市")
    packet = delivered(town, reference, other)
    unit = look(viewport=PHONE).page
    town.sign_in(unit, town.officer("verbs at Mangshi", Role.UNIT_OFFICER, other))
    unit.goto(f"{town.desk}/inbox/{packet}")
    bounce = unit.locator("form[action$='/bounce']")
    bounce.evaluate("one => one.closest('details').open = true")
    bounce.locator("[name=code]").select_option("not_our_area")
    bounce.locator("[name=reason]").fill("砖厂在瑞丽一侧")
    bounce.locator("[name=kind]").select_option("public_security")
    bounce.locator("[name=area]").fill("瑞丽市")
    with unit.expect_navigation():
        bounce.locator("button").click()
    page.reload()
    expect(page.locator("main")).to_contain_text("退回来了。")
    expect(page.locator("main")).to_contain_text("建议转给")
    assert any(one.unit == lead and one.state == "DELIVERED" for one in town.packets(reference))
    # Refer it where the unit says it belongs, ask the reporter, close it with words, and open it again.
    use(page, "reroute", kind="public_security", area="瑞丽市")
    state(page, "已转交")
    page.locator("form[action$='/give_receipt']").evaluate("one => one.closest('details').open = true")
    with page.expect_navigation():
        page.locator("form[action$='/give_receipt'] button").click()
    assert re.fullmatch("[0-9]{4}( [0-9]{4}){3}", page.inner_text(".digits"))
    town.open(page, reference)
    page.locator("form[action$='/ask_reporter']").evaluate("one => one.closest('details').open = true")
    page.fill("#ask_reporter-words", "在几楼？")
    with page.expect_navigation():
        page.locator("form[action$='/ask_reporter'] button").click()
    expect(page.locator("#reporter")).to_contain_text("在几楼？")
    use(page, "close", outcome="victim_safe", words="谢谢，人已经安全。")
    state(page, "已结案")
    expect(page.locator("#reporter")).to_contain_text("谢谢，人已经安全。")
    use(page, "reopen")
    state(page, "待值班员决定")
    # Everything that was done stands in its history, with its reasons.
    told = page.locator(".history").first.inner_text()
    for word in ("隔离", "更正标签", "加送一个单位", "移交", "改派", "结案", "重新打开", "不需要了", "砖厂在瑞丽一侧"):
        assert word in told, word
    assert violations(page) == []
    assert seen.wrongs == []


def test_two_reports_of_one_case_are_found_compared_put_together_and_taken_apart(
    town: Town, look: Callable[..., Watched]
) -> None:
    first, second = town.triaged(TEXT), town.triaged(ALIKE)
    seen = look(viewport=WIDE)
    page = seen.page
    town.sign_in(page)
    town.open(page, second)
    link = page.locator("#links a", has_text=first)
    expect(link).to_have_count(1)
    expect(page.locator("#links li", has_text=first)).to_contain_text("同一车牌")
    link.click()
    page.wait_for_url("**/beside?with=*")
    assert page.locator("tr.verdict-same").count() >= 1
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    assert seen.fits()
    page.set_viewport_size(WIDE)
    use(page, "merge")
    page.wait_for_url(f"**/reports/{first}*")
    expect(page.locator(".said")).to_contain_text("喊救命")
    page.goto(f"{town.desk}/reports/{second}")
    state(page, "已合并")
    use(page, "unmerge")
    state(page, "待值班员决定")
    expect(page.locator(".said")).to_contain_text("喊救命")
    page.goto(f"{town.desk}/reports/{first}")
    expect(page.locator(".said")).not_to_contain_text("喊救命")
    assert seen.wrongs == []


def test_nothing_is_shown_before_it_was_said_why(town: Town, look: Callable[..., Watched]) -> None:
    reference = town.triaged(TEXT)
    officer, other = look().page, look(viewport=PHONE)
    town.sign_in(officer)
    town.open(officer, reference)
    use(officer, "confirm")
    town.delivered(reference)
    page = other.page
    town.sign_in(page, town.officer("second at the desk", Role.DUTY_OFFICER))
    page.goto(f"{town.desk}/reports/{reference}")
    assert "砖厂" not in page.content()
    assert violations(page) == []
    assert other.fits()
    page.check("input[name=why][value=unit_asks]")
    page.fill("#open_report-reason", "瑞丽市局来电")
    page.locator("form[action$='/open_report'] button").click()
    expect(page.locator(".said")).to_contain_text("砖厂")
    expect(page.locator(".looks")).to_contain_text("瑞丽市局来电")
    assert other.wrongs == []
