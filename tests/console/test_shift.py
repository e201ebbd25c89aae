"""Whoever takes over the desk sees every clock that runs; and a roster says who is there, kept by supervisors."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from console.handover_page import _MOST_SHOWN
from reports.database import read_now
from reports.officers import Role
from reports.tables import audit_entries, referrals, reports, shifts
from reports.values import Place, PlaceRole
from routing.rulebook.tokens import CHINA_TIME
from tests.console.house import IN_DANGER, TEXT, House, Officer, a_finding, words_of


def lines(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_the_note_has_every_clock_and_the_one_that_runs_out_first_first(house: House) -> None:
    chen = house.duty()
    assert "No clock is running." in chen.get("/handover").text
    waiting, referred = house.triaged(), house.referred(finding=a_finding(IN_DANGER))
    late = house.triaged()
    with house.database.write() as connection:
        long_ago = read_now(connection) - 3_600_000
        connection.execute(update(reports).where(reports.c.id == late.report_id).values(due_at=long_ago))
    page = chen.get("/handover").text
    copies = [packet["part"] for packet in house.packets(referred)].count("copy")
    assert re.findall(r'<span class="reference">([^<]+)', page) == [
        late.reference, *[referred.reference] * (1 + copies), waiting.reference
    ]  # fmt: skip
    said = words_of(page)
    assert f"{3 + copies} clocks are running." in said
    assert "1 overdue" in said
    assert "Ruili City Public Security Bureau" in said
    assert TEXT not in page


def test_the_note_has_the_clock_of_a_unit_that_got_a_copy_and_none_of_one_that_is_only_told(house: House) -> None:
    child = replace(IN_DANGER, matters=("abduction",), persons=("child",))
    kept, chen = house.referred(finding=a_finding(child)), house.duty()
    parts = {packet["unit"]: packet["part"] for packet in house.packets(kept)}
    copied = [unit for unit, part in parts.items() if part == "copy"]
    assert copied
    with house.database.write() as connection:
        lead = connection.execute(select(referrals).where(referrals.c.part == "lead")).mappings().one()
        # As of a place that is only told: reminded, and asked for nothing.
        connection.execute(
            insert(referrals).values({**lead, "id": "1" * 32, "part": "link", "dispatch_key": "another"})
        )
    header, *rows = lines(chen.get("/handover.csv"))
    part, unit = header.index("Part"), header.index("Unit")
    assert sorted(row[part] for row in rows) == sorted(["Lead", *["Copy"] * len(copied)])
    said = words_of(chen.get("/handover").text)
    assert f"{len(rows)} clocks are running." in said
    for row in rows:
        assert f"{row[unit]} Copy" in said or row[part] == "Lead"
    assert chen.act(f"/reports/{kept.reference}", "close", outcome="victim_safe", words="").status_code == 303
    assert "No clock is running." in chen.get("/handover").text


def test_what_is_over_and_what_is_played_is_no_clock_to_hand_over(house: House) -> None:
    chen, closed = house.duty(), house.triaged()
    house.triaged(exercise=True)
    assert chen.act(f"/reports/{closed.reference}", "close", outcome="no_result").status_code in (303, 422)
    chen.act(f"/reports/{closed.reference}", "quarantine")
    assert "No clock is running." in chen.get("/handover").text


def test_the_table_has_the_same_and_that_it_was_taken_is_written_down(house: House) -> None:
    chen, kept = house.duty(), house.triaged()
    answer = chen.get("/handover.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert re.fullmatch(r'attachment; filename="handover-[0-9-]+\.csv"', answer.headers["Content-Disposition"])
    header, row = lines(answer)
    assert header[3] == "Reference"
    assert row[3] == kept.reference
    assert (chen.id, "handover_taken") in house.audit()
    assert TEXT not in answer.text


def form(who: Officer, **changes: str) -> dict[str, str]:
    tomorrow = datetime.now(CHINA_TIME) + timedelta(days=1)
    return {
        "officer": who.id, "part": "on_duty", "starts": tomorrow.strftime("%Y-%m-%dT08:00"),
        "ends": tomorrow.strftime("%Y-%m-%dT20:00"), "sms": "+86 138 0000 0000", "mail": "", **changes,
    }  # fmt: skip


def test_a_supervisor_keeps_the_roster_and_everybody_at_the_desk_sees_it(house: House) -> None:
    wang, chen = house.officer(Role.SUPERVISOR, name="Wang"), house.duty("Chen")
    assert wang.post("/roster/add", form(chen)).status_code == 303
    page = chen.get("/roster").text
    assert '<th scope="row">Chen</th>' in page
    assert "can be told" in page
    # Nobody is there until then, nor afterwards.
    assert len(re.findall(r"<time[^>]*>[^<]*</time> – <time", page)) >= 2
    assert "13800000000" not in page
    assert "Take away" not in page
    with house.database.read() as connection:
        (row,) = connection.execute(select(shifts)).all()
    assert b"138" not in bytes(row.sealed_reach)
    assert wang.post(f"/roster/{row.id}/remove").status_code == 303
    assert wang.post(f"/roster/{row.id}/remove").status_code == 303
    assert "Chen</th>" not in chen.get("/roster").text
    with house.database.read() as connection:
        done = connection.execute(select(audit_entries.c.action).where(audit_entries.c.object.like("shift:%")))
        assert list(done.scalars()) == ["shift_added", "shift_removed"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"officer": "0" * 32}, "Choose somebody of the desk who may sign in."),
        ({"part": "boss"}, "Choose on duty, on call or in charge."),
        ({"starts": "morgen"}, "“morgen” came."),
        ({"starts": "2099-01-01T08:00", "ends": "2099-01-01T09:00"}, "A year ahead is the furthest."),
        ({"ends": "2020-01-01T08:00"}, "The end must come after the beginning."),
        ({"starts": "2020-01-01T08:00", "ends": "2020-01-01T09:00"}, "That time is over already."),
        ({"starts": "2020-01-01T08:00"}, "Days at most: 1."),
        ({"sms": "ring me"}, "Write one mobile number"),
        ({"sms": "1380000000"}, "Write one mobile number"),
        ({"sms": "0691 4123456"}, "Write one mobile number"),
        ({"mail": "me"}, "Write one address"),
        ({"mail": "me@-.-"}, "Write one address"),
    ],
)
def test_a_line_that_cannot_be_says_what_is_wanted_and_loses_nothing(
    house: House, changes: dict[str, str], said: str
) -> None:
    wang, chen = house.officer(Role.SUPERVISOR), house.duty()
    answer = wang.post("/roster/add", form(chen, **changes))
    assert answer.status_code == 422
    assert said in words_of(answer.text)
    for typed in changes.values():
        assert typed in answer.text or typed in ("0" * 32, "boss")
    with house.database.read() as connection:
        assert connection.execute(select(shifts)).all() == []


def test_a_gap_within_the_next_shift_is_in_the_note_of_whoever_hands_over(house: House) -> None:
    wang, chen = house.officer(Role.SUPERVISOR), house.duty("Chen")

    def on_duty() -> str:
        page = chen.get("/handover").text
        return words_of(page[page.index("On duty") : page.index("On call")])

    assert on_duty().strip() == "On duty Nobody"
    with house.database.read() as connection:
        now = datetime.fromtimestamp(read_now(connection) / 1000, CHINA_TIME)
    ends = (now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    wang.post("/roster/add", form(chen, starts=(now - timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M"), ends=ends))
    assert "Chen" in on_duty()
    assert f"Nobody {ends.replace('T', ' ')}" in on_duty()
    later = (now + timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M")
    wang.post("/roster/add", form(wang, starts=ends, ends=later))
    assert "Nobody" not in on_duty()


def test_a_table_with_more_clocks_than_it_holds_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.handover_page._MOST_WRITTEN", 2)
    chen = house.duty()
    for _ in range(3):
        house.triaged()
    assert lines(chen.get("/handover.csv"))[3:] == [["1 more are running and not in this table."]]


def test_nobody_is_on_the_roster_twice_for_the_same(house: House) -> None:
    wang, chen = house.officer(Role.SUPERVISOR), house.duty()
    assert wang.post("/roster/add", form(chen)).status_code == 303
    again = wang.post("/roster/add", form(chen))
    assert again.status_code == 422
    assert "Take the other line away first" in words_of(again.text)
    assert wang.post("/roster/add", form(chen, part="deputy")).status_code == 303


def test_whoever_sits_at_the_desk_no_longer_is_not_on_its_roster(house: House) -> None:
    wang, chen = house.officer(Role.SUPERVISOR), house.duty("Chen")
    wang.post("/roster/add", form(chen))
    with house.database.write() as connection:
        house.services.officers.change(connection, chen.id, Role.PRIVACY_OFFICER, "duty_desk", wang.id)
    assert "Chen" not in wang.get("/roster").text


def test_a_note_with_more_clocks_than_fit_counts_all_of_them(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.handover_page._MOST_SHOWN", 1)
    chen, kept = house.duty(), [house.triaged() for _ in range(4)]
    house.kept_from(kept[3], chen)
    with house.database.write() as connection:
        long_ago = read_now(connection) - 3_600_000
        late = [one.report_id for one in kept if one is not kept[0]]
        connection.execute(update(reports).where(reports.c.id.in_(late)).values(due_at=long_ago))
    said = words_of(chen.get("/handover").text)
    assert "3 clocks are running." in said
    assert "2 overdue" in said
    assert "2 more are not listed here" in said


def test_the_longest_note_is_no_heavier_than_any_other_page(house: House) -> None:
    """With the longest names that the rules could give to every clock."""
    chen, matters = house.duty(), ("forced_criminality", "illegal_broker", "cross_border")
    places = (Place(code="530925", role=PlaceRole.OCCURRENCE),)
    labels = replace(IN_DANGER, matters=matters, places=places)
    sizes = []
    for _ in range(2):
        house.referred(finding=a_finding(labels))
        page = chen.get("/handover")
        sizes.append((page.text.count("<tr class="), len(page.data)))
    (few, size), (more, larger) = sizes
    a_clock = (larger - size) / (more - few)
    assert a_clock > 400
    assert size + (_MOST_SHOWN - few) * a_clock < 60_000
