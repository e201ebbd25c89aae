"""The public pages for everybody: with a screen reader, with the keyboard only, at four times the size, in the dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from config.public_page import PublicPage
from config.settings import PACKAGED_CONFIG
from hotline.poster import Ways, poster
from intake.wording import LANGUAGES, load_words
from reports.keys import InnerKeys
from reports.notes import say
from reports.states import ReportState
from reports.store import Store
from routing.finding.venues import Venues
from tests.browser.conftest import Town, Watched, axe
from tests.reports.made import a_step, advance, standing_now

Look = Callable[..., Watched]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A page of 1280 pixels at 400 %, which WCAG 2.2 asks for in 1.4.10.
NARROW = {"width": 320, "height": 256}
# What WCAG 2.2 asks a page to bear in 1.4.12.
SPACED = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    "p { margin-bottom: 2em !important }"
)

# What is heard in the order of the markup is seen in that order: on one column nothing stands over what came before.
OUT_OF_ORDER = """() => {
  const wrong = [];
  let lowest = -Infinity, before = '';
  document.querySelectorAll('main h1, main h2, main p, main label, main textarea, main summary, main button, main li')
    .forEach(one => {
      const box = one.getBoundingClientRect();
      if (!one.checkVisibility() || !box.height || one.closest('.leave')) return;
      const top = box.top + scrollY;
      if (top < lowest - 1) wrong.push(one.tagName + ' ' + one.textContent.slice(0, 30) + ' is over ' + before);
      lowest = Math.max(lowest, top);
      before = one.tagName + ' ' + one.textContent.slice(0, 30);
    });
  return wrong;
}"""


def pages(page: Page, town: Town, language: str) -> Iterator[str]:
    """Walks through every page of a language, with everything that unfolds unfolded."""
    at = f"{town.public}/?lang={language}"
    page.goto(f"{at}&v=42102")
    yield unfolded(page, "the form")
    page.evaluate("document.querySelector('[name=token]').value = 'x'")
    page.click("button")
    page.locator("#said").wait_for()
    yield unfolded(page, "the form after a refusal")
    page.evaluate("document.querySelector('[name=token]').value = 'x'")
    page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('form'))")
    page.wait_for_selector("div.notice >> nth=0")
    yield unfolded(page, "the form given back")
    page.fill("#text", "有人被关在云南瑞丽的砖厂")
    page.click("button")
    page.wait_for_selector(".reference")
    yield unfolded(page, "the thanks")
    page.click(".offer button")
    page.wait_for_selector(".number")
    yield unfolded(page, "the number to come back with")
    page.click("main button")
    page.wait_for_selector(".told")
    yield unfolded(page, "how it stands")
    page.goto(f"{town.public}/receipt?lang={language}")
    page.fill("#number", "1234")
    page.click("main button")
    page.get_by_role("alert").wait_for()
    yield unfolded(page, "a number that is unknown")
    page.goto(f"{town.public}/nothing?lang={language}")
    yield unfolded(page, "a page that is not there")


def unfolded(page: Page, name: str) -> str:
    page.wait_for_load_state()
    page.evaluate("document.querySelectorAll('details').forEach(function (one) { one.open = true })")
    return name


def violations(page: Page) -> list[Any]:
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in axe(page, WCAG)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_wrong_with_any_page(town: Town, look: Look, language: str) -> None:
    seen = look(viewport={"width": 390, "height": 800})
    for name in pages(seen.page, town, language):
        assert violations(seen.page) == [], name
    assert seen.wrongs == []


def test_axe_finds_nothing_wrong_with_the_end_of_a_matter_in_any_language(town: Town, look: Look) -> None:
    """A question that waits, and then how it ended, whether it helped and taking it up again."""
    seen = look(viewport=NARROW)
    page = seen.page
    page.goto(f"{town.public}/?lang=zh")
    page.fill("#text", "云南瑞丽有人被关在砖厂，不给工钱")
    page.click("button")
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{6}", page.inner_text(".reference"))
    assert found
    reference = found[0]
    page.click(".offer button")
    number = page.inner_text(".number")
    town.until(lambda: town.row(reference).state != "RECEIVED")
    ask_and_close(town, reference, close=False)
    for closes in (False, True):
        if closes:
            ask_and_close(town, reference, close=True)
        for language in LANGUAGES:
            page.goto(f"{town.public}/receipt?lang={language}")
            page.fill("#number", number)
            page.click("main button")
            page.wait_for_selector(".told")
            unfolded(page, "")
            assert violations(page) == [], (language, closes)
            assert seen.fits(), (language, closes)
            assert page.evaluate(OUT_OF_ORDER) == [], (language, closes)
    assert seen.wrongs == []


def ask_and_close(town: Town, reference: str, *, close: bool) -> None:
    row, keys = town.row(reference), InnerKeys.load(town.state)
    if close:
        step = a_step(standing_now(town.database, row.id), ReportState.CLOSED, action="closed",
                      detail={"outcome": "cannot_act"})  # fmt: skip
        advance(Store(town.database), step)
        return
    with town.database.write() as connection:
        key = keys.opening.open_report_key(row.id, row.wrapped_key)
        say(connection, row.id, key, "officer", "在几楼？<b>", note_id="a" * 32)


def test_axe_finds_nothing_wrong_in_the_dark(town: Town, look: Look) -> None:
    seen = look(color_scheme="dark")
    for name in pages(seen.page, town, "my"):
        assert violations(seen.page) == [], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_four_times_the_size_and_with_wide_spacing_nothing_lies_beyond_the_edge(
    town: Town, look: Look, language: str
) -> None:
    seen = look(viewport=NARROW, bypass_csp=True)
    for name in pages(seen.page, town, language):
        assert seen.fits(), name
        assert seen.page.evaluate(OUT_OF_ORDER) == [], name
        seen.page.add_style_tag(content=SPACED)
        assert seen.fits(), f"{name}, spaced"


def test_the_keyboard_alone_is_enough_and_always_shows_where_it_is(town: Town, look: Look) -> None:
    seen, before = look(), town.count()
    page = seen.page
    page.goto(f"{town.public}/?lang=en")
    order: list[str] = []
    while not order or order[-1] != "BUTTON" and len(order) < 40:
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        width, style, top = page.evaluate(
            "(function (one) { var seen = getComputedStyle(one); var box = one.getBoundingClientRect();"
            " return [parseInt(seen.outlineWidth), seen.outlineStyle, box.bottom - 60] })(document.activeElement)"
        )
        assert width >= 2, order
        assert style == "solid", order
        assert top > 0 or order[-1] == "A", "hidden under the bar"
        if order[-1] == "text":
            page.keyboard.type("Men are locked in a brick factory in Ruili")
    links = len(LANGUAGES) - 1
    assert order == ["A"] * (1 + links + 2) + ["text", "place", "SUMMARY", "files", "BUTTON"]
    page.keyboard.press("Enter")
    page.wait_for_selector(".reference")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert town.count() == before + 1


def test_the_form_prints_without_what_only_a_screen_needs(town: Town, look: Look) -> None:
    page = look().page
    page.goto(town.public)
    page.emulate_media(media="print")
    assert not page.is_visible(".leave")
    assert page.is_visible(".danger")


@pytest.mark.parametrize("languages", [("my",), ("my", "km"), ("my", "km", "ru"), ("my", "km", "ru", "mn")])
def test_a_poster_in_the_longest_languages_fits_on_one_page(
    look: Look, tmp_path: Path, languages: tuple[str, ...]
) -> None:
    facts = PublicPage.load(PACKAGED_CONFIG)
    venue = Venues.load(PACKAGED_CONFIG).find("42102")
    assert venue is not None
    ways = Ways(address="https://hotline.example/?v=42102", number="+15005550006", facts=facts)
    sheet = tmp_path / "sheet.html"
    sheet.write_text(poster(venue, "4.2.2-2", ways, [load_words()[one] for one in languages]), encoding="utf-8")
    page = look().page
    page.goto(sheet.as_uri())
    assert violations(page) == []
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True))) == 1
