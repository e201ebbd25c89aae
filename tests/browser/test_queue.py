"""The queue in a real browser: by keys alone, up to date by itself, and with two officers who see each other."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import delete, select

from reports.tables import officers, sessions
from tests.browser.conftest import Town, Watched
from tests.browser.test_desk import TEXT

Look = Callable[..., Watched]
PHONE = {"width": 390, "height": 800}
ASK = "htmx.trigger(document.querySelector('#live'), 'every')"
# A sound card of ours, which counts the tones.
HEARD = """window.tones = 0; window.AudioContext = class {
  state = "suspended"; currentTime = 0; destination = {};
  resume() { this.state = "running"; return Promise.resolve(); }
  createOscillator() { return { frequency: {}, connect: to => to, start: () => { window.tones += 1; }, stop() {} }; }
  createGain() { return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: to => to }; }
};"""
COME = """([names, cut]) => {
  const place = document.querySelector("[data-alarms]");
  place.dataset.alarms = names;
  place.toggleAttribute("data-alarms-cut", cut);
  document.dispatchEvent(new CustomEvent("htmx:after:swap", { detail: { ctx: { title: document.title } } }));
}"""
FOCUSED = "document.activeElement.getAttribute('href') || document.activeElement.id || document.activeElement.tagName"


def asked_again(page: Page) -> None:
    """Lets the list ask for itself now, as it does every few seconds."""
    with page.expect_response(lambda answer: "/queue" in answer.url):
        page.evaluate(ASK)


def walk_to(page: Page, reference: str) -> None:
    """Turns over pages until one has the report, and walks down its rows, however many others wait in this town."""
    while not page.locator(f"#r-{reference}").count():
        with page.expect_navigation():
            page.keyboard.press("n")
    for _ in range(page.locator("table.queue tbody tr").count()):
        page.keyboard.press("j")
        if page.evaluate(FOCUSED) == f"/reports/{reference}":
            break
    expect(page.locator(f"#r-{reference} a").first).to_be_focused()


def confirmed(town: Town, page: Page) -> str:
    """A report of somebody in danger that an officer sent to its unit, and that arrived there. Its reference."""
    # Of a county of its own, so that its unit's first page shows it whatever else was told.
    reference = town.triaged(f"救命！{TEXT.replace('瑞丽市', '陇川县')}")
    page.goto(f"{town.desk}/reports/{reference}")
    page.fill("#confirm-reason", "核实过")
    page.locator("form[action$=confirm] button").click()
    expect(page.locator(".heading .state")).to_have_text("已转交")
    town.delivered(reference)
    return reference


def test_a_report_is_found_opened_taken_and_let_go_by_keys_alone(town: Town, look: Look) -> None:
    reference = town.triaged(TEXT)
    seen = look()
    page, keys = seen.page, seen.page.keyboard
    town.sign_in(page)
    page.goto(f"{town.desk}/rules")
    keys.press("g")
    keys.press("q")
    page.wait_for_url("**/queue")
    walk_to(page, reference)
    keys.press("Enter")
    page.wait_for_url(f"**/reports/{reference}")
    keys.press("t")
    expect(page.locator("#there")).to_contain_text("您正在办")
    # The page says so before its script hears keys again.
    page.wait_for_load_state("load")
    keys.press("g")
    keys.press("q")
    page.wait_for_url("**/queue")
    keys.press("2")
    page.wait_for_url("**/queue?view=mine")
    expect(page.locator(".filters [aria-current]").first).to_contain_text("我在办的")
    expect(page.locator(f"#r-{reference} .on-it")).to_have_text("您")
    walk_to(page, reference)
    keys.press("Enter")
    page.wait_for_url(f"**/reports/{reference}")
    keys.press("d")
    expect(page.locator("#there")).to_contain_text("没有人在办")
    assert seen.wrongs == []


def test_the_question_mark_shows_the_keys_of_the_page_and_single_keys_can_be_switched_off(
    town: Town, look: Look
) -> None:
    town.triaged(TEXT)
    page = look().page
    town.sign_in(page)
    page.goto(f"{town.desk}/queue")
    page.keyboard.press("?")
    shown = page.locator("#keys")
    expect(shown).to_be_visible()
    for said in ("下一份、上一份", "我在办的", "筛选", "一起看选中的", "g q"):
        assert said.replace(" ", "") in shown.inner_text().replace("\n", "").replace(" ", "")
    verb = "getComputedStyle(document.querySelector('summary[data-key]'), '::after').content"
    assert page.evaluate(verb).startswith('"/"')
    expect(page.get_by_text("按 ? 看这一页的按键")).to_be_visible()
    page.locator("#single-keys").uncheck()
    expect(page.get_by_text("按 ? 看这一页的按键")).to_be_hidden()
    assert page.evaluate(verb) == "none"
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    # The focus leaves what is hidden with the next frame.
    page.wait_for_function("document.activeElement.id !== 'single-keys'")
    before = page.evaluate(FOCUSED)
    page.keyboard.press("j")
    page.keyboard.press("2")
    assert page.evaluate(FOCUSED) == before
    assert page.url.endswith("/queue")
    # Nothing typed into a field is a key.
    page.locator("[data-keys]").click()
    page.locator("#single-keys").check()
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED).startswith("/reports/")


def test_the_list_keeps_up_by_itself_and_leaves_the_focus_and_the_ticks(town: Town, look: Look) -> None:
    # However many others wait in this town, these two are on one page: nobody else tells of Xinjiang.
    first = town.triaged("石河子一家中介收了五千块钱，说能出国打工")
    seen = look()
    page = seen.page
    town.sign_in(page)
    page.goto(f"{town.desk}/queue?view=unassigned&province=65")
    page.locator(f"#r-{first} input").check()
    page.locator(f"#r-{first} a").first.focus()
    second = town.triaged(TEXT.replace("云南省瑞丽市", "新疆石河子市"))
    asked_again(page)
    expect(page.locator(f"#r-{second}")).to_be_visible()
    expect(page.locator(f"#r-{first} input")).to_be_checked()
    expect(page.locator(f"#r-{first} a").first).to_be_focused()
    assert seen.wrongs == []


def test_somebody_in_danger_is_announced_once_in_words_and_in_the_title(town: Town, look: Look) -> None:
    seen = look()
    page = seen.page
    town.sign_in(page)
    page.goto(f"{town.desk}/queue")
    expect(page.locator(".news")).to_be_hidden()
    page.evaluate("document.hasFocus = () => false")
    town.read(f"救命！{TEXT}")
    asked_again(page)
    expect(page.locator(".news")).to_have_text("有 1 份新的危急报告")
    expect(page).to_have_title(re.compile(r"^\(1\) 有 1 份新的危急报告$"))
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page).to_have_title(re.compile("队列"))
    page.evaluate("document.querySelector('.news').textContent = ''")
    asked_again(page)
    expect(page.locator(".news")).to_be_hidden()
    sound = page.locator("[data-sound]")
    assert sound.get_attribute("aria-pressed") == "false"
    sound.click()
    assert sound.get_attribute("aria-pressed") == "true"
    page.reload()
    assert sound.get_attribute("aria-pressed") == "true"
    assert seen.wrongs == []


def test_whoever_works_on_a_report_hears_of_somebody_new_in_danger(town: Town, look: Look) -> None:
    reference = town.triaged(TEXT)
    seen = look()
    page = seen.page
    page.add_init_script(HEARD)
    town.sign_in(page)
    page.goto(f"{town.desk}/queue")
    page.locator("[data-sound]").click()
    page.wait_for_function("window.tones > 0")
    page.goto(f"{town.desk}/reports/{reference}")
    expect(page.locator(".news")).to_be_hidden()
    town.read(f"救命！{TEXT}")
    with page.expect_response(lambda answer: "/there" in answer.url):
        page.evaluate(ASK.replace("#live", "#there"))
    expect(page.locator(".news")).to_have_text("有 1 份新的危急报告")
    # The browser lets a page sound once somebody has touched it.
    page.keyboard.press("Shift")
    page.wait_for_function("window.tones > 0")
    # What came while another page was on its way is said by that page.
    town.read(f"救命！{TEXT}")
    page.goto(f"{town.desk}/queue")
    expect(page.locator(".news")).to_have_text("有 1 份新的危急报告")
    page.reload()
    expect(page.locator(".news")).to_be_hidden()
    assert page.evaluate("sessionStorage.length") == 1
    page.locator("form[action='/sign-out'] button").click()
    expect(page.locator("#password")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    assert seen.wrongs == []


def test_a_units_inbox_keeps_up_by_itself_and_tells_of_somebody_new_in_danger(town: Town, look: Look) -> None:
    desk = look().page
    town.sign_in(desk)
    first = confirmed(town, desk)
    seen = look(viewport=PHONE)
    page = seen.page
    town.sign_in(page, town.unit_officer(town.row(first).lead_unit))
    page.goto(f"{town.desk}/inbox")
    expect(page.locator(".queue a", has_text=first)).to_have_count(1)
    expect(page.locator(".news")).to_be_hidden()
    second = confirmed(town, desk)
    with page.expect_response(lambda answer: "/inbox" in answer.url):
        page.evaluate(ASK)
    expect(page.locator(".queue a", has_text=second)).to_have_count(1)
    expect(page.locator(".news")).to_have_text("有 1 份新的危急报告")
    assert seen.fits()
    assert seen.wrongs == []


def test_what_moves_up_among_the_newest_is_not_announced_as_new(town: Town, look: Look) -> None:
    page = look().page
    town.sign_in(page)
    page.goto(f"{town.desk}/queue")

    def come(names: str, cut: bool) -> str:
        page.locator(".news").evaluate("news => { news.textContent = ''; }")
        page.evaluate(COME, [names, cut])
        return str(page.locator(".news").text_content())

    come("C B A", cut=True)
    assert come("B A Z", cut=True) == ""
    assert come("D B A", cut=True) == "有 1 份新的危急报告"
    # Where all are named, one that became urgent late may stand anywhere among them.
    assert come("D A Y", cut=False) == "有 1 份新的危急报告"


def test_a_page_that_cannot_renew_itself_says_so(town: Town, look: Look) -> None:
    page = look().page
    town.sign_in(page)
    page.goto(f"{town.desk}/queue")
    expect(page.get_by_text("这一页不会自己更新")).to_be_hidden()
    page.route("**/htmx-*.js", lambda route: route.abort())
    page.reload()
    expect(page.get_by_text("这一页不会自己更新")).to_be_visible()


def test_whose_session_is_over_is_sent_to_sign_in_by_the_page_itself(town: Town, look: Look) -> None:
    town.triaged(TEXT)
    page = look().page
    name = "left the desk"
    town.duty_officer(name)
    town.sign_in(page, name)
    page.goto(f"{town.desk}/queue")
    with town.database.write() as connection:
        who = select(officers.c.id).where(officers.c.name == name).scalar_subquery()
        connection.execute(delete(sessions).where(sessions.c.officer_id == who))
    page.evaluate(ASK)
    page.wait_for_url("**/sign-in?**")
    assert page.locator("table.queue").count() == 0


def test_what_was_being_written_when_a_session_ended_is_still_there_and_what_was_reported_is_not(
    town: Town, look: Look
) -> None:
    reference = town.triaged(TEXT)
    seen = look(viewport=PHONE)
    page, name = seen.page, "on the telephone"
    town.duty_officer(name)
    town.sign_in(page, name)
    page.goto(f"{town.desk}/reports/{reference}")
    page.fill("#confirm-reason", "写了半个小时的理由")
    with town.database.write() as connection:
        who = select(officers.c.id).where(officers.c.name == name).scalar_subquery()
        connection.execute(delete(sessions).where(sessions.c.officer_id == who))
    page.evaluate("htmx.trigger(document.querySelector('#there'), 'every')")
    expect(page.get_by_role("alert")).to_contain_text("您已经退出登录")
    expect(page.get_by_role("textbox")).to_have_value("写了半个小时的理由")
    assert "砖厂" not in str(page.locator("main").inner_text())
    assert name not in str(page.locator("body").inner_text())
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="登录").click()
    again = opened.value
    again.wait_for_url("**/sign-in?**")
    again.fill("#name", name)
    again.fill("#password", town.password(name))
    again.keyboard.press("Enter")
    again.wait_for_url(f"**/reports/{reference}")
    expect(page.get_by_role("textbox")).to_have_value("写了半个小时的理由")
    assert seen.fits()
    assert seen.wrongs == []


def test_two_officers_see_each_other_on_one_report_and_the_second_loses_nothing(town: Town, look: Look) -> None:
    reference = town.triaged(TEXT)
    town.duty_officer("wang")
    mine, theirs = look().page, look(viewport=PHONE).page
    town.sign_in(mine)
    town.sign_in(theirs, "wang")
    for page in (mine, theirs):
        page.goto(f"{town.desk}/reports/{reference}")
    theirs.fill("#confirm-reason", "写好的理由")
    mine.keyboard.press("t")
    expect(mine.locator("#there")).to_contain_text("wang")
    theirs.evaluate("htmx.trigger(document.querySelector('#there'), 'every')")
    expect(theirs.locator("#there")).to_contain_text("duty正在办")
    expect(theirs.locator("#confirm-reason")).to_have_value("写好的理由")
    theirs.locator("form[action$=confirm] button").click()
    expect(theirs.locator("#faults")).to_contain_text("duty正在办这份报告。什么都没有改")
    expect(theirs.locator("#confirm-reason")).to_have_value("写好的理由")
    assert town.row(reference).state == "IN_TRIAGE"


def test_without_scripts_the_queue_is_the_same_and_links_refresh_it(town: Town, look: Look) -> None:
    reference = town.triaged(TEXT)
    page = look(java_script_enabled=False, viewport=PHONE).page
    town.sign_in(page)
    page.goto(f"{town.desk}/queue")
    expect(page.get_by_text("这一页不会自己更新")).to_be_visible()
    page.get_by_role("link", name="刷新").click()
    page.locator(".filters a", has_text="没人在办").click()
    page.locator(f"#r-{reference} a").first.click()
    page.get_by_role("button", name="我来办").click()
    expect(page.locator("#there")).to_contain_text("您正在办")


def test_content_is_veiled_for_whoever_wants_that_until_they_point_at_it(town: Town, look: Look) -> None:
    reference = town.triaged(TEXT)
    page = look().page
    town.sign_in(page)
    page.goto(f"{town.desk}/reports/{reference}")
    text = page.locator(".said .text").first
    expect(text).to_have_css("filter", "none")
    page.keyboard.press("h")
    expect(text).to_have_css("filter", re.compile("blur"))
    page.reload()
    expect(text).to_have_css("filter", re.compile("blur"))
    text.hover()
    expect(text).to_have_css("filter", "none")


def test_the_servers_time_is_shown_and_goes_on_whatever_the_officers_clock_says(town: Town, look: Look) -> None:
    page = look().page
    page.clock.install(time="2001-02-03T04:05:06")
    town.sign_in(page)
    page.goto(f"{town.desk}/queue")
    clock = page.locator("time[data-clock]")
    before = clock.inner_text()
    assert re.fullmatch(r"\d\d:\d\d", before)
    assert not str(clock.get_attribute("datetime")).startswith("2001")
    page.clock.fast_forward("02:00:00")
    later = clock.inner_text()
    assert (int(later[:2]) - int(before[:2])) % 24 in (2, 3)
