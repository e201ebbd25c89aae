"""Figures: for machines that watch, on this machine only, and for people, without a word about a single report."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import insert

from console.figures_now import standing
from reports.database import database_now
from reports.officers import Role
from reports.states import ReportState
from reports.tables import feedback, heartbeats
from reports.values import Urgency
from tests.console.house import IN_DANGER, House, a_finding, words_of

FAMILIES = {
    "hotline_receipts_guessed", "hotline_exercise_reports",
    "hotline_overdue", "hotline_stuck_packets", "hotline_stuck_oldest_seconds",
    "hotline_waiting_reports", "hotline_oldest_waiting_seconds", "hotline_pending_packets",
    "hotline_oldest_pending_packet_seconds", "hotline_reports", "hotline_hop_seconds", "hotline_attempts",
    "hotline_failures", "hotline_heartbeat_age_seconds", "hotline_breaker_open", "hotline_rulebook",
    "hotline_rulebook_refused",
}  # fmt: skip


def test_a_scrape_finds_every_family(house: House) -> None:
    house.referred()
    house.waiting()
    with house.database.write() as connection:
        connection.execute(
            insert(heartbeats).values(name="sweep", beat_at=database_now(), detail='{"breaker_open":true}')
        )
    scraped = house.nobody().get("/metrics").text
    assert set(re.findall(r"^# TYPE (\S+)", scraped, re.MULTILINE)) == FAMILIES
    assert 'hotline_waiting_reports{queue="normal"} 1.0' in scraped
    assert 'hotline_reports{state="REFERRED",urgency="urgent"} 1.0' in scraped
    assert 'hotline_breaker_open{process="sweep"} 1.0' in scraped
    assert re.search(r'hotline_hop_seconds{hop="triage",quantile="0.95"} \d', scraped)


def test_figures_for_machines_stay_on_this_machine(house: House) -> None:
    nobody = house.nobody()
    assert nobody.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200
    for address in ("10.0.0.7", "203.0.113.9", "2001:db8::1"):
        assert nobody.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 404
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        assert nobody.get("/metrics", headers={header: "203.0.113.9"}).status_code == 404


def test_no_figure_is_about_a_single_report(house: House) -> None:
    kept = house.referred()
    scraped = house.nobody().get("/metrics").text
    seen = house.officer(Role.ADMINISTRATOR).get("/statistics").text
    for page in (scraped, seen):
        for known in (kept.reference, kept.report_id, house.packet(kept), "砖厂", "533102"):
            assert known not in page


def test_the_counts_add_up(house: House) -> None:
    house.referred()
    house.triaged()
    house.triaged()
    house.waiting()
    page = words_of(house.duty().get("/statistics/now").text)
    assert "For a duty officer 0 2 0 0 2" in page
    assert "Referred 0 1 0 0 1" in page
    assert "Sum 0 4 0 0 4" in page
    assert "Read and routed 3" in page


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PRIVACY_OFFICER])
def test_whoever_sits_elsewhere_finds_no_number_that_could_point_to_a_person(house: House, role: Role) -> None:
    kept = [house.waiting() for _ in range(14)]
    house.read_all(a_finding(IN_DANGER))
    house.waiting()
    with house.database.write() as connection:
        for one, helped in zip(kept, (1, 0), strict=False):
            answer = insert(feedback).values(
                report_id=one.report_id, closed_at=1, outcome="solved", helped=helped, said_at=2
            )
            connection.execute(answer)
    page = house.officer(role).get("/statistics/now").text
    numbers = [words_of(one) for one in re.findall(r'<td class="number">(.*?)</td>', page)]
    assert [one for one in numbers if one.strip().isdigit()] == ["0", "0", "0", "0", " 20 ", "14"]
    assert sum("left out" in one for one in numbers) == 6
    assert "Immediate" not in page
    assert "rounded to tens" in page
    said = words_of(house.duty().get("/statistics/now").text)
    assert "For a duty officer 14 0 0 0 14" in said
    assert "Sum 1 1" in said


def test_the_figures_of_now_tell_nothing_beside_those_of_the_year() -> None:
    """Of 42 that are open no unit has accepted 40, says the year: exact numbers of now would say that two are."""
    counts = {state: {Urgency.URGENT: 0} for state in ReportState}
    counts[ReportState.REFERRED] = {Urgency.URGENT: 42}
    counts[ReportState.CLOSED] = {Urgency.URGENT: 13}
    elsewhere = standing(counts, 11, by_urgency=False)
    assert (elsewhere["REFERRED"]["all"], elsewhere["CLOSED"]["all"], elsewhere[" "]["all"]) == (40, 10, 60)
    at_desk = standing(counts, 1, by_urgency=True)
    assert (at_desk["REFERRED"]["urgent"], at_desk[" "]["all"]) == (42, 55)
