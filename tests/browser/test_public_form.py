"""Somebody reports through the public page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Town, Watched


@pytest.mark.parametrize(
    ("locale", "lang", "thanks"), [("zh-CN", "zh", "收到了"), ("en-GB", "en", "Received")], ids=["zh", "en"]
)
def test_a_report_is_left_in_either_language_without_javascript_on_a_telephone(
    town: Town, look: Callable[..., Watched], locale: str, lang: str, thanks: str
) -> None:
    seen = look(locale=locale, java_script_enabled=False, viewport={"width": 390, "height": 800})
    before = town.count()
    page = seen.page
    page.goto(town.public)
    assert page.get_attribute("html", "lang") in (lang, f"{lang}-Hans")
    page.fill("#text", "有人被关在云南瑞丽的砖厂" if lang == "zh" else "Men are locked in a brick factory in Ruili")
    page.locator("input[name=wishes]").first.check()
    page.get_by_role("button").click()
    assert thanks in page.inner_text("h1")
    assert town.count() == before + 1
    assert seen.wrongs == []


def test_the_form_fits_a_telephone(town: Town, look: Callable[..., Watched]) -> None:
    seen = look(viewport={"width": 390, "height": 800})
    for lang in ("zh", "en"):
        seen.page.goto(f"{town.public}/?lang={lang}")
        assert seen.fits()


def test_pressing_send_twice_makes_one_report(town: Town, look: Callable[..., Watched]) -> None:
    seen, before = look(), town.count()
    seen.page.goto(town.public)
    seen.page.fill("#text", "我在瑞丽的砖厂出不去")
    seen.page.get_by_role("button").dblclick()
    seen.page.wait_for_load_state("networkidle")
    seen.page.wait_for_selector(".reference")
    assert town.count() == before + 1
