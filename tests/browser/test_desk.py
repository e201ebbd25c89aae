"""The desk in a real browser: a night's work by keyboard alone, a unit's packet, and what must never run."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import FloatRect, Page, expect

from scripts.browser import sign_in
from tests.browser.conftest import Town, Watched

PHONE = {"width": 390, "height": 800}
TEXT = "我被关在云南省瑞丽市的砖厂，老板打人，不给工钱，不让走"
PAYLOADS = (
    "<script>alert(1)</script>瑞丽砖厂",
    "<img src=x onerror=alert(2)>瑞丽砖厂",
    '"><svg/onload=alert(3)> 瑞丽砖厂',
    "<iframe srcdoc='<script>alert(4)</script>'></iframe>",
    '<a href="javascript:alert(5)" autofocus onfocus=alert(5)>砖厂</a>',
    "</textarea></p><style>@import '//elsewhere.example/x.css';</style>",
)

# What a report's page has, in the order in which it is read.
_PARTS = (".said", "section.why", ".texting", ".verbs", ".further")


def test_a_report_is_triaged_from_sign_in_to_confirm_by_keyboard_alone(
    town: Town, look: Callable[..., Watched]
) -> None:
    reference = town.triaged(TEXT)
    seen = look()
    page, keys = seen.page, seen.page.keyboard
    page.goto(f"{town.desk}/queue")
    # The name has the focus; Tab leads to the password.
    page.wait_for_function("document.activeElement.id === 'name'")
    keys.type("duty")
    keys.press("Tab")
    keys.type(town.password("duty"))
    keys.press("Enter")
    page.wait_for_selector("table.queue")
    _tab_to(page, f"a[href='/reports/{reference}']")
    keys.press("Enter")
    page.wait_for_url(f"**/reports/{reference}")
    _tab_to(page, "#confirm-reason")
    keys.type("地点清楚，马上去")
    keys.press("Enter")
    expect(page.locator(".state").first).to_have_text("已转交")
    assert town.row(reference).state == "REFERRED"
    assert seen.wrongs == []


def test_on_a_telephone_why_comes_right_after_the_text_and_before_all_that_can_be_done(
    town: Town, look: Callable[..., Watched]
) -> None:
    reference = town.triaged(TEXT)
    seen = look(viewport=PHONE)
    page = seen.page
    town.sign_in(page)
    page.goto(f"{town.desk}/reports/{reference}")
    text, why, texting, verbs, further = _tops(page)
    assert text < why < texting < verbs < further
    assert seen.fits()
    # Whoever tabs or listens comes to them in the same order: nothing is moved by the stylesheet alone.
    assert page.evaluate(
        "selectors => selectors.map(one => document.querySelector(one)).every((one, at, all) =>"
        " !at || all[at - 1].compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING)",
        list(_PARTS),
    )
    # A wide screen has why beside the text, and what can be done right under it.
    page.set_viewport_size({"width": 1440, "height": 900})
    text, why, texting, verbs, further = _tops(page)
    assert text == why < texting < verbs
    said, reason, under = (_box(page, one) for one in (".said", "section.why", ".texting"))
    assert reason["x"] >= said["x"] + said["width"]
    assert 0 < under["y"] - said["y"] - said["height"] <= 20
    assert 0 < further - reason["y"] - reason["height"] <= 20
    assert seen.wrongs == []


def test_the_first_stop_leads_past_the_bar_to_the_content(town: Town, look: Callable[..., Watched]) -> None:
    page = look().page
    town.sign_in(page)
    page.goto(f"{town.desk}/statistics")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'main'")


def test_a_unit_accepts_its_packet_on_a_telephone_and_finishes_it(town: Town, look: Callable[..., Watched]) -> None:
    reference = town.triaged(TEXT)
    officer = look().page
    town.sign_in(officer)
    officer.goto(f"{town.desk}/reports/{reference}")
    officer.fill("#confirm-reason", "核实过")
    officer.locator("form[action$=confirm] button").click()
    unit = town.row(reference).lead_unit
    town.delivered(reference)
    seen = look(viewport=PHONE)
    page = seen.page
    town.sign_in(page, town.unit_officer(unit))
    assert seen.fits()
    town.turn_to(page, reference).click()
    expect(page.locator("dd.text")).to_contain_text("砖厂")
    assert seen.fits()
    # The next step is in reach before anything is scrolled.
    expect(page.get_by_role("button", name="接收")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="接收").click()
    expect(page.locator(".state")).to_have_text("已接收")
    page.fill("#act-reason", "车已出发")
    page.get_by_role("button", name="报告已开始行动").click()
    page.fill("#done-reason", "人已救出")
    page.get_by_role("button", name="办结").click()
    expect(page.locator(".state")).to_have_text("已办结")
    officer.goto(f"{town.desk}/reports/{reference}")
    expect(officer.locator(".history").first).to_contain_text("人已救出")
    assert seen.wrongs == []


def test_on_a_telephone_a_report_opens_wherever_its_card_is_touched(town: Town, look: Callable[..., Watched]) -> None:
    reference = town.triaged(TEXT)
    page = look(viewport=PHONE, has_touch=True).page
    town.sign_in(page)
    expect(town.turn_to(page, reference)).to_be_visible()
    card = page.locator(f"#r-{reference}")
    box = card.bounding_box()
    assert box is not None
    with page.expect_navigation():
        card.tap(position={"x": box["width"] / 2, "y": box["height"] - 6})
    assert reference in page.url


def test_two_reports_are_compared_on_a_telephone_without_moving_sideways(
    town: Town, look: Callable[..., Watched]
) -> None:
    first, second = town.triaged(TEXT), town.triaged(TEXT)
    for language in ("zh", "en"):
        page = look(viewport=PHONE).page
        sign_in(page, town.desk, "duty", town.password("duty"), language)
        page.goto(f"{town.desk}/reports/{first}/beside?with={second}")
        page.wait_for_load_state()
        wide = page.locator(".wide:has(table.beside)")
        assert wide.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_what_a_text_message_holds_never_runs(town: Town, look: Callable[..., Watched]) -> None:
    references = [town.read(payload) for payload in PAYLOADS]
    seen = look()
    town.sign_in(seen.page)
    for reference, payload in zip(references, PAYLOADS, strict=True):
        town.open(seen.page, reference)
        assert seen.page.inner_text(".said .text") == payload
        seen.page.locator("form[action$=contact]").evaluate("form => { form.reason.value = '回电'; form.submit(); }")
        seen.page.wait_for_url("**/contact")
        seen.page.fill("#quarantine-reason, #close-reason", payload, force=True)
    seen.page.goto(f"{town.desk}/queue")
    assert seen.wrongs == []


def test_every_page_of_the_desk_fits_a_telephone_in_both_languages(town: Town, look: Callable[..., Watched]) -> None:
    reference = town.triaged(TEXT)
    seen = look(viewport=PHONE)
    page = seen.page
    town.sign_in(page)
    for _ in ("zh", "en"):
        for path in ("/queue", "/queue?state=REFERRED", f"/reports/{reference}", "/statistics", "/nowhere"):
            page.goto(town.desk + path)
            _open_everything(page)
            assert seen.fits(), (path, page.get_attribute("html", "lang"))
        page.goto(f"{town.desk}/statistics")
        with page.expect_navigation():
            page.locator("form[action='/language'] button").click()


def test_every_page_is_built_so_that_it_can_be_heard(town: Town, look: Callable[..., Watched]) -> None:
    """One h1, no level left out, a name for every field, button and link, a language, no id twice."""
    reference = town.triaged(TEXT)
    page = look().page
    page.goto(f"{town.desk}/sign-in")
    assert page.evaluate(_FAULTS) == []
    town.sign_in(page)
    for path in ("/queue", f"/reports/{reference}", "/statistics", "/nowhere"):
        page.goto(town.desk + path)
        assert page.evaluate(_FAULTS) == [], path
    page.goto(f"{town.desk}/reports/{reference}")
    _open_everything(page)
    page.locator("#correct-matters input:checked").first.uncheck()
    page.locator("form[action$=correct] button").click()
    page.wait_for_selector("[role=alert] a")
    assert page.evaluate(_FAULTS) == []
    # Each fault leads to its field.
    for link in page.locator("[role=alert] a").all():
        assert page.locator(str(link.get_attribute("href"))).count() == 1


def test_an_axis_of_evidence_is_switched_off_without_a_script(town: Town, look: Callable[..., Watched]) -> None:
    reference = town.triaged(TEXT)
    page = look(java_script_enabled=False).page
    town.sign_in(page)
    page.goto(f"{town.desk}/reports/{reference}")
    axis = page.locator(".legend input").first
    name = str(axis.get_attribute("id"))
    mark = page.locator(f".text mark.{name}").first
    expect(mark).not_to_have_css("border-bottom-color", "rgba(0, 0, 0, 0)")
    axis.uncheck()
    expect(mark).to_have_css("border-bottom-color", "rgba(0, 0, 0, 0)")


def _tab_to(page: Page, selector: str) -> None:
    """Presses Tab until the element has the focus, as an officer without a mouse does."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def _open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


_FAULTS = """() => {
  const faults = [], named = one => (one.getAttribute('aria-label') || one.innerText || one.value || '').trim();
  const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(one => Number(one.tagName[1]));
  if (levels.filter(level => level === 1).length !== 1) faults.push('h1: ' + levels);
  levels.forEach((level, at) => { if (at && level > levels[at - 1] + 1) faults.push('level left out: ' + levels); });
  document.querySelectorAll('input:not([type=hidden]), select, textarea').forEach(one => {
    if (!one.labels.length && !one.getAttribute('aria-label')) faults.push('no label: ' + one.outerHTML);
  });
  document.querySelectorAll('a, button, summary').forEach(one => {
    if (!named(one) && one.checkVisibility()) faults.push('no name: ' + one.outerHTML);
  });
  document.querySelectorAll('th').forEach(one => { if (!one.scope) faults.push('no scope: ' + one.outerHTML); });
  document.querySelectorAll('[aria-describedby], [aria-labelledby]').forEach(one => {
    for (const id of (one.getAttribute('aria-describedby') || one.getAttribute('aria-labelledby')).split(' '))
      if (!document.getElementById(id)) faults.push('points nowhere: ' + id);
  });
  const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach(id => faults.push('twice: ' + id));
  if (!document.documentElement.lang || !document.title || !document.querySelector('main')) faults.push('no frame');
  return faults;
}"""


def _tops(page: Page) -> list[float]:
    return [_box(page, one)["y"] for one in _PARTS]


def _box(page: Page, selector: str) -> FloatRect:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box
