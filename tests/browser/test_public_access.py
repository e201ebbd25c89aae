"""The public pages for everybody: with a screen reader, with the keyboard only, at four times the size, in the dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from config.public_page import PublicPage
from config.settings import PACKAGED_CONFIG
from hotline.poster import Ways, poster
from intake.wording import LANGUAGES, load_words
from routing.finding.venues import Venues
from tests.browser.conftest import Town, Watched

Look = Callable[..., Watched]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A page of 1280 pixels at 400 %, which WCAG 2.2 asks for in 1.4.10.
NARROW = {"width": 320, "height": 256}
# What WCAG 2.2 asks a page to bear in 1.4.12.
SPACED = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    "p { margin-bottom: 2em !important }"
)


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
    page.evaluate("document.querySelectorAll('details').forEach(function (one) { one.open = true })")
    return name


def violations(page: Page) -> list[Any]:
    found = Axe().run(page, options={"runOnly": WCAG, "resultTypes": ["violations"]}).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_wrong_with_any_page(town: Town, look: Look, language: str) -> None:
    seen = look(viewport={"width": 390, "height": 800})
    for name in pages(seen.page, town, language):
        assert violations(seen.page) == [], name
    assert seen.wrongs == []


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
