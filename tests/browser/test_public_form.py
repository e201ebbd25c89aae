"""Somebody reports through the public page, with and without its script, and nothing they wrote is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from intake.wording import load_words
from tests.browser.attacks import ATTACKS
from tests.browser.conftest import Town, Watched

Look = Callable[..., Watched]
WORDS = load_words()
TELEPHONE = {"width": 390, "height": 800}


def elsewhere(route: Route) -> None:
    route.fulfill(content_type="text/html", body="<title>Weather</title><p>Sunny</p>")


def send(page: Page) -> None:
    page.click("button")


def pressed_at_once(page: Page) -> None:
    """Between one key and the next no time goes by: three presses are within a moment on any machine."""
    page.clock.set_fixed_time("2026-01-01T12:00:00")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
@pytest.mark.parametrize(
    ("locale", "lang", "tag"), [("zh-CN", "zh", "zh-Hans"), ("en-GB", "en", "en"), ("my", "my", "my")]
)
def test_a_report_is_left_in_the_browsers_language_on_a_telephone(
    town: Town, look: Look, locale: str, lang: str, tag: str, script: bool
) -> None:
    seen = look(locale=locale, java_script_enabled=script, viewport=TELEPHONE)
    before = town.count()
    page = seen.page
    page.goto(town.public)
    assert page.get_attribute("html", "lang") == tag
    page.fill("#text", "有人被关在云南瑞丽的砖厂" if lang == "zh" else "Men are locked in a brick factory in Ruili")
    page.locator("summary").first.click()
    page.locator("input[name=wishes]").first.check()
    send(page)
    page.wait_for_selector(".reference")
    assert page.inner_text("h1") == WORDS[lang]["thanks"]["heading"]
    assert town.count() == before + 1
    assert seen.wrongs == []


def test_pressing_send_twice_makes_one_report(town: Town, look: Look) -> None:
    seen, before = look(), town.count()
    seen.page.goto(town.public)
    seen.page.fill("#text", "我在瑞丽的砖厂出不去")
    seen.page.dblclick("button")
    seen.page.wait_for_selector(".reference")
    assert town.count() == before + 1


def test_a_lost_connection_leaves_the_words_on_the_page_and_the_second_try_sends_them(town: Town, look: Look) -> None:
    seen, before = look(viewport=TELEPHONE), town.count()
    page = seen.page
    page.goto(f"{town.public}/?lang=vi")
    page.fill("#text", "Tôi bị nhốt ở Thụy Lệ")
    page.fill("#place", "Thụy Lệ")
    page.context.set_offline(True)
    send(page)
    page.wait_for_selector("#lost", state="visible")
    assert WORDS["vi"]["lost"]["sentence"] in page.inner_text("#lost")
    assert page.evaluate("document.activeElement.id") == "lost"
    assert page.input_value("#text") == "Tôi bị nhốt ở Thụy Lệ"
    assert town.count() == before
    page.context.set_offline(False)
    send(page)
    page.wait_for_selector(".reference")
    assert town.count() == before + 1


def test_an_answer_that_is_lost_on_its_way_back_does_not_make_two_reports(town: Town, look: Look) -> None:
    seen, before = look(), town.count()
    page = seen.page
    page.goto(town.public)
    page.fill("#text", "我在瑞丽的砖厂出不去")

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/*", lose)
    send(page)
    page.wait_for_selector("#lost", state="visible")
    assert town.count() == before + 1
    page.unroute("**/*")
    send(page)
    page.wait_for_selector(".reference")
    assert town.count() == before + 1


def test_without_the_script_the_browser_sends_a_lost_form_again(town: Town, look: Look) -> None:
    seen, before = look(java_script_enabled=False), town.count()
    page = seen.page
    page.goto(town.public)
    page.fill("#text", "我在瑞丽的砖厂出不去")
    page.context.set_offline(True)
    send(page)
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.reload()
    page.wait_for_selector(".reference")
    assert town.count() == before + 1


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_form_that_is_refused_keeps_every_word_and_goes_through_the_second_time(
    town: Town, look: Look, script: bool
) -> None:
    seen, before = look(java_script_enabled=script), town.count()
    page = seen.page
    page.goto(f"{town.public}/?v=42102&lang=en")
    page.fill("#text", "They keep me here")
    page.evaluate("document.querySelector('[name=token]').value = 'x'")
    send(page)
    page.get_by_role("alert").filter(has_text=WORDS["en"]["again"]["heading"]).wait_for()
    assert page.input_value("#text") == "They keep me here"
    assert page.is_checked("input[name=venue]")
    assert town.count() == before
    send(page)
    page.wait_for_selector(".reference")
    assert town.count() == before + 1


def test_leaving_takes_the_page_out_of_the_history(town: Town, look: Look) -> None:
    page = look().page
    page.goto("about:blank")
    page.goto(town.public)
    page.fill("#text", "写了一半")
    page.route("**/leave", elsewhere)
    page.click(".leave")
    page.get_by_text("Sunny").wait_for()
    page.go_back()
    assert page.url == "about:blank"


def test_leaving_does_not_wait_for_an_address_of_ours_that_is_slow(town: Town, look: Look) -> None:
    page = look().page
    page.goto("about:blank")
    page.goto(town.public)
    page.route("**/leave", lambda route: None)
    page.route("https://www.weather.com.cn/", elsewhere)
    page.click(".leave", no_wait_after=True)
    page.get_by_text("Sunny").wait_for()
    page.go_back()
    assert page.url == "about:blank"


def test_leaving_works_without_the_script_and_leaves_an_empty_form_behind(town: Town, look: Look) -> None:
    page = look(java_script_enabled=False).page
    page.goto(town.public)
    page.fill("#text", "写了一半")
    page.route("**/leave", elsewhere)
    page.click(".leave")
    page.get_by_text("Sunny").wait_for()
    page.go_back()
    assert page.input_value("#text") == ""


def test_escape_three_times_leaves_and_once_does_not(town: Town, look: Look) -> None:
    page = look().page
    pressed_at_once(page)
    page.goto(town.public)
    page.route("**/leave", elsewhere)
    page.focus("#text")
    page.keyboard.type("a")
    for key in ("Escape", "Escape", "b", "Escape", "Escape", "c"):
        page.keyboard.press(key)
    assert page.input_value("#text") == "abc"
    for _ in range(3):
        page.keyboard.press("Escape")
    page.get_by_text("Sunny").wait_for()


def test_escape_leaves_from_the_page_after_sending_too(town: Town, look: Look) -> None:
    page = look().page
    pressed_at_once(page)
    page.goto(town.public)
    page.fill("#text", "我在瑞丽的砖厂出不去")
    send(page)
    reference = page.inner_text(".reference")
    page.route("**/leave", elsewhere)
    for _ in range(3):
        page.keyboard.press("Escape")
    page.get_by_text("Sunny").wait_for()
    assert reference not in page.content()
    page.go_back()
    assert reference not in page.content()


def test_the_request_that_leaves_tells_nobody_where_it_came_from(town: Town, look: Look) -> None:
    page = look().page
    page.goto(town.public)
    page.route("**/leave", elsewhere)
    with page.expect_request("**/leave") as leaving:
        page.click(".leave")
    assert "referer" not in leaving.value.all_headers()


def test_changing_the_language_takes_the_words_along_and_needs_no_cookie(
    town: Town, look: Look, tmp_path: Path
) -> None:
    seen, before = look(), town.count()
    page = seen.page
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG")
    page.goto(f"{town.public}/?v=42102")
    page.fill("#text", "ជួយខ្ញុំផង")
    page.set_input_files("#files", picture)
    page.locator("summary").first.click()
    page.check("input[value=text_only]")
    page.uncheck("input[name=venue]")
    page.get_by_role("link", name=WORDS["km"]["page"]["language_name"]).click()
    page.wait_for_selector("html[lang=km]")
    assert page.inner_text("h1") == WORDS["km"]["form"]["text_label"]
    assert page.input_value("#text") == "ជួយខ្ញុំផង"
    assert page.is_checked("input[value=text_only]")
    assert not page.is_checked("input[name=venue]")
    assert page.evaluate("document.getElementById('files').files.length") == 1
    assert page.url.endswith("/?lang=km&v=42102")
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    send(page)
    page.wait_for_selector(".reference")
    assert page.inner_text("h1") == WORDS["km"]["thanks"]["heading"]
    assert town.count() == before + 1
    assert seen.wrongs == []


def test_changing_the_language_without_the_script_keeps_the_poster(town: Town, look: Look) -> None:
    page = look(java_script_enabled=False).page
    page.goto(f"{town.public}/?v=42102")
    page.get_by_role("link", name=WORDS["lo"]["page"]["language_name"]).click()
    page.wait_for_selector("html[lang=lo]")
    assert page.is_checked("input[name=venue]")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_row_a10_nothing_that_is_written_ever_runs_or_is_worked_out(town: Town, look: Look, script: bool) -> None:
    seen = look()
    page = seen.page
    if not script:
        page.route("**/page.js", lambda route: route.abort())
    for attacks in zip(*[iter(ATTACKS)] * 3, strict=True):
        page.goto(f"{town.public}/?lang=en")
        page.locator("summary").first.click()
        page.fill("#text", "\n".join(attacks))
        for field, attack in zip(("#place", "#contact", "#name"), attacks, strict=True):
            page.fill(field, attack)
        page.evaluate("document.querySelector('[name=token]').value = 'x'")
        send(page)
        page.get_by_role("alert").filter(has_text=WORDS["en"]["again"]["heading"]).wait_for()
        assert page.input_value("#text").replace("\ufffd", "\0") == "\n".join(attacks)
        assert page.input_value("#name").replace("\ufffd", "\0") == attacks[-1]
        assert page.locator("script").count() == 1
        assert "49" not in page.inner_text("main")
    assert seen.wrongs == []
