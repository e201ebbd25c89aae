"""The privacy officer reads who looked at what, and not one word of a report."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import delete, update

from reports.audit import AuditEntry
from reports.browsing import notice_browsing
from reports.officers import Role
from reports.tables import audit_entries
from tests.console.house import RUILI, SENDER, TEXT, House, Officer, words_of


def pages_from(officer: Officer, newest: str) -> list[str]:
    """What stands on a page of the chain and on all that follow it, without the time of day above it."""
    pages = []
    while newest:
        pages.append(officer.get(newest).text.partition("<main")[2])
        following = re.search(r'href="(/audit[^"]*before=[^"]+)"', pages[-1])
        newest = html.unescape(following[1]) if following else ""
    return pages


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
    pages = pages_from(privacy, newest)
    assert {page.count("<tr>") for page in pages[:-1]} == {4}
    assert seen.reference in "".join(pages)
    assert kept.reference not in "".join(pages)


def test_links_are_the_same_whether_a_report_is_kept_from_the_reader_or_never_was(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.audit_page._PER_PAGE", 3)
    house.referred()
    kept = house.referred()
    house.referred()
    privacy = house.kept_from(kept, house.officer(Role.PRIVACY_OFFICER))
    with_it = pages_from(privacy, "/audit?officer=machine")
    about = [f"report:{kept.report_id}", *(f"referral:{packet['id']}" for packet in house.packets(kept))]
    with house.database.write() as connection:
        assert connection.execute(delete(audit_entries).where(audit_entries.c.object.in_(about))).rowcount
    assert pages_from(privacy, "/audit?officer=machine") == with_it
    assert len(with_it) > 2


@pytest.mark.parametrize("times", ["one millisecond", "a clock put back", "one by one"])
def test_pages_show_every_line_once_and_by_time(house: House, monkeypatch: pytest.MonkeyPatch, times: str) -> None:
    monkeypatch.setattr("console.audit_page._PER_PAGE", 3)
    actions = [f"step_{number}" for number in range(11)]
    entries = [AuditEntry("clerk", action, "report:none", {}) for action in actions]
    with house.database.write() as connection:
        house.services.store.chain.append(connection, entries)
        for number, action in enumerate(actions):
            at = {"one millisecond": 7, "a clock put back": number % 4, "one by one": number}[times]
            line = audit_entries.c.action == action
            connection.execute(update(audit_entries).where(line).values(at=at))
    pages = "".join(pages_from(house.officer(Role.PRIVACY_OFFICER), "/audit?officer=clerk"))
    shown = re.findall(r"step_[0-9]+", pages)
    assert sorted(shown) == sorted(actions)
    seconds = re.findall(r'<time datetime="([^"]+)"', pages)
    assert seconds == sorted(seconds, reverse=True)


@pytest.mark.parametrize("place", ["17", "x", "-1", "17-", "17-1234567", "1" * 16 + "-1"])
def test_a_place_that_no_link_names_is_refused(house: House, place: str) -> None:
    assert house.officer(Role.PRIVACY_OFFICER).get(f"/audit?before={place}").status_code == 400


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


def test_an_officer_of_a_unit_who_browses_its_packets_is_told_of_and_one_who_answers_them_is_not(house: House) -> None:
    browser, worker = house.unit(RUILI, name="Zhou"), house.unit(RUILI, name="Lin")
    for kept in [house.referred() for _ in range(3)]:
        packet = f"/inbox/{house.packet(kept)}"
        browser.get(packet)
        # The same packet again is no other report.
        browser.get(packet)
        assert worker.act(packet, "accept").status_code == 303
    notice_browsing(house.database, 2)
    shown = words_of(house.officer(Role.SUPERVISOR).get("/browsing").text)
    assert "Zhou 3" in shown
    assert "Lin" not in shown
