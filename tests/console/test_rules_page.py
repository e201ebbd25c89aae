"""The rules for reading: in words, by section, kind, line and province; which version serves, and is it sound."""

from __future__ import annotations

import re
import time

import pytest
from werkzeug.test import TestResponse

from console.rule_words import RowsAsked, page_of, rows_asked
from routing.rulebook.shelf import Shelf, Use
from tests.console.house import House, Officer, words_of

MOST_BYTES, MOST_SECONDS = 60_000, 0.15
PAGES = (
    "/rules", "/rules?table=copy", "/rules?table=withhold", "/rules?kind=civil_affairs", "/rules?line=4.3.1-4",
    "/rules?province=530000", "/rules?province=610000&kind=public_security", "/rules/lines", "/rules/lines/4.3.2-2",
    "/rules/lines/2021-2030/2.1.1",
)  # fmt: skip


def page(house: House, path: str, language: str = "en") -> TestResponse:
    return house.duty(language=language).get(path)


def _quickest(officer: Officer, path: str) -> tuple[TestResponse, float]:
    """A page, and the seconds that the quickest of a few tries took: others may be at work on the machine."""
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        shown = officer.get(path)
        best = min(best, time.perf_counter() - started)
        if best < MOST_SECONDS:
            break
    return shown, best


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_small_quick_and_in_words(house: House, language: str) -> None:
    officer = house.duty("Chen", language)
    officer.get("/rules")
    for path in PAGES:
        shown, took = _quickest(officer, path)
        assert shown.status_code == 200, path
        assert len(shown.data) < MOST_BYTES, (path, len(shown.data))
        assert took < MOST_SECONDS, (path, took)
        # The id of a row stands small beside it; nothing else is said in codes.
        said = words_of(re.sub(r"<code.*?</code>|<option.*?</option>", "", shown.text))
        codes = re.findall(r"\b[a-z]+_[a-z_]+\b", said)
        assert codes == [], path


def test_it_says_which_rulebook_serves_since_when_and_by_whom(house: House) -> None:
    fingerprint = house.services.rulebook.fingerprint
    seen = words_of(page(house, "/rules").text)
    assert fingerprint[:12] in seen
    assert "came with this version" in seen
    shelf = Shelf(house.services.settings.state)
    with shelf.alone():
        shelf.put_into_use(Use(fingerprint=fingerprint, at="2026-03-01T09:30:00+08:00", by="zhao", before=""))
    assert "in use since 2026-03-01 09:30, activated by zhao" in words_of(page(house, "/rules").text)


def test_it_says_what_the_check_found_and_draws_who_leads_with_its_table(house: House) -> None:
    shown = page(house, "/rules").text
    seen = words_of(shown)
    assert "Checked: no hole, no mistake. Proved on " in seen
    assert "3211 areas" in seen
    assert "Worth knowing" in seen
    matters = house.services.taxonomy.codes("matters")
    assert shown.count('class="kind-') == 8 * len(matters)
    table = words_of(shown[shown.index("As a table") :])
    assert "Forced labour Public security Public security Public security Public security Duty desk" in table
    assert "Unaccompanied child Public security Civil affairs Civil affairs Civil affairs Duty desk" in table


def test_a_kind_of_unit_shows_every_row_about_it_and_no_other(house: House) -> None:
    shown = page(house, "/rules?kind=border_defence").text
    rows = re.findall(r'<tr id="([a-z0-9-]+)">', shown)
    assert set(rows) == {
        "being-taken-out", "to-be-taken-out", "on-the-way-across", "own-story-not-for-police", "made-to-do"
    }  # fmt: skip


def test_a_line_shows_its_text_its_bodies_and_the_rows_that_cite_it(house: House) -> None:
    shown = page(house, "/rules/lines/4.3.1-4").text
    seen = words_of(shown)
    assert "Ministry of Public Security, Ministry of Labour and Social Security" in seen
    assert "All-China Federation of Trade Unions" in seen
    assert {"forced-work-labour", "buyers-employers-brokers"} <= set(re.findall(r'<tr id="([a-z0-9-]+)">', shown))
    later = words_of(page(house, "/rules/lines/2021-2030/2.1.1").text)
    assert "国办发〔2021〕13号" in later
    assert "Goes on with 2013-2020/2.1.1" in later
    assert page(house, "/rules/lines/9.9.9").status_code == 404


def test_a_province_shows_its_own_document_or_that_it_has_none(house: House) -> None:
    yunnan, shaanxi = (page(house, f"/rules?province={code}").text for code in ("530000", "610000"))
    assert "2008年11月21日" in yunnan
    assert 'id="yunnan-staying-on"' in yunnan
    assert "Shaanxi Province has no document of its own; the national rules hold there as they are." in words_of(
        shaanxi
    )
    assert 'id="yunnan-staying-on"' not in shaanxi
    assert 'id="crime"' in shaanxi


@pytest.mark.parametrize("asked", ["table=leads", "kind=x", "line=1", "province=530100", "province=810000", "page=x"])
def test_what_nobody_has_is_refused(house: House, asked: str) -> None:
    assert page(house, f"/rules?{asked}").status_code == 400


def test_a_rulebook_of_thousands_of_rows_is_shown_a_page_at_a_time_each_row_once(house: House) -> None:
    found = rows_asked(house.services.rulebook, RowsAsked())
    everything = [one for rows in found.values() for one in rows]
    seen, number, has_more = [], 0, True
    while has_more:
        rows, has_more = page_of(found, number, 7)
        here = [one for shown in rows.values() for one in shown]
        assert 0 < len(here) <= 7
        seen, number = [*seen, *here], number + 1
    assert seen == everything
    assert page(house, "/rules?kind=labour&page=9").status_code == 200
