"""The privacy officer reads who looked at what, and not one word of a report."""

from __future__ import annotations

import re

import pytest

from reports.browsing import notice_browsing
from reports.officers import Role
from tests.console.house import SENDER, TEXT, House, words_of


def test_who_looked_at_what_is_there_and_what_they_saw_is_not(house: House) -> None:
    kept, officer = house.triaged(name="王某"), house.duty("Lin")
    officer.get(f"/reports/{kept.reference}")
    officer.act(f"/reports/{kept.reference}", "close", outcome="helped", reason="她已经回家")
    page = house.officer(Role.PRIVACY_OFFICER).get(f"/audit?reference={kept.reference}")
    shown = words_of(page.text)
    assert "Lin opened" in shown
    assert kept.reference in shown
    for word in (TEXT, "砖厂", "王某", SENDER, "她已经回家"):
        assert word not in page.text


def test_reading_the_audit_is_written_down_too(house: House) -> None:
    privacy = house.officer(Role.PRIVACY_OFFICER)
    privacy.get("/audit")
    assert (privacy.id, "read_audit") in house.audit()


def test_a_privacy_officer_who_is_kept_from_a_report_does_not_find_it_in_the_audit_either(house: House) -> None:
    kept = house.referred()
    privacy = house.kept_from(kept, house.officer(Role.PRIVACY_OFFICER))
    assert kept.reference not in privacy.get("/audit").text
    assert kept.reference not in words_of(privacy.get(f"/audit?reference={kept.reference}").text)


def test_what_is_kept_from_the_reader_leaves_no_gap_and_ends_no_list(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.audit_page._PER_PAGE", 3)
    seen = house.referred()
    kept = house.referred()
    privacy, other = house.kept_from(kept, house.officer(Role.PRIVACY_OFFICER)), house.officer(Role.PRIVACY_OFFICER)
    newest = "/audit?officer=machine"
    assert kept.reference in other.get(newest).text
    pages = ""
    while newest:
        page = privacy.get(newest).text
        pages += page
        following = re.search(r'href="(/audit[^"]*before=[0-9]+[^"]*)"', page)
        newest = following[1].replace("&amp;", "&") if following else ""
        assert page.count("<tr>") in ((4,) if following else range(1, 5))
    assert seen.reference in pages
    assert kept.reference not in pages


def test_whoever_browses_is_shown_to_supervisor_and_privacy_officer(house: House) -> None:
    browser = house.duty("Zhou")
    for kept in [house.triaged() for _ in range(3)]:
        browser.get(f"/reports/{kept.reference}")
    notice_browsing(house.database, 2)
    privacy, supervisor = house.officer(Role.PRIVACY_OFFICER), house.officer(Role.SUPERVISOR, name="Chief")
    for officer in (privacy, supervisor):
        assert "Zhou 3" in words_of(officer.get("/browsing").text)
    # Whoever is to ask is told on the page they sit at, and whoever it is about is not.
    for officer, page in ((supervisor, "/queue"), (privacy, "/audit")):
        assert "To ask about: 1 times" in words_of(officer.get(page).text)
    for officer in (browser, house.duty()):
        assert "To ask about" not in words_of(officer.get("/queue").text)
    found = re.search(r'name="hour" value="([0-9]+)"', supervisor.get("/browsing").text)
    assert found is not None
    assert supervisor.post("/browsing/seen", {"officer": browser.id, "hour": found[1]}).status_code == 303
    assert "Chief" in words_of(privacy.get("/browsing").text)
    assert "To ask about" not in words_of(supervisor.get("/queue").text)
