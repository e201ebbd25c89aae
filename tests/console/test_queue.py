"""The queue: the most urgent first, then the oldest; a page at a time; counts that are right."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlalchemy import insert, update

from reports.database import database_now
from reports.identity import new_id, new_reference
from reports.queue_view import After, queue_page
from reports.states import ReportState
from reports.tables import conversations, reports
from reports.values import Place, PlaceRole, Urgency
from tests.console.house import IN_DANGER, LABELS, House, Kept, a_finding, words_of


def test_the_most_urgent_come_first_then_the_oldest(house: House) -> None:
    order = {}
    for urgency in (Urgency.LOW, Urgency.IMMEDIATE, Urgency.STANDARD, Urgency.IMMEDIATE, Urgency.URGENT):
        kept = house.triaged(finding=a_finding(replace(LABELS, urgency=urgency)))
        order.setdefault(urgency, []).append(kept.reference)
    expected = [reference for urgency in Urgency for reference in order[urgency]]
    page = house.duty().get("/queue").text
    assert re.findall(r'href="/reports/([^"]+)"', page) == expected


def test_a_row_says_what_who_where_how_and_what_is_doubtful(house: House) -> None:
    labels = replace(LABELS, contact=("unsafe_to_call",))
    kept = house.triaged(finding=a_finding(labels))
    row = words_of(house.duty().get("/queue").text)
    expected = (
        "Forced labour", kept.reference, "Man · reported by: Victim", "Yunnan, Dehong, Ruili City", "Text · Chinese",
        "Ruili City Public Security Bureau", "The evidence is weak", "Calling is not safe", "14 min left",
    )  # fmt: skip
    for said in expected:
        assert said in row


def test_a_place_that_could_be_several_or_none_is_said(house: House) -> None:
    several = Place(code="530000", role=PlaceRole.OCCURRENCE, candidates=("530921", "533102"))
    house.triaged(finding=a_finding(replace(LABELS, places=(several,))))
    house.triaged(finding=a_finding(replace(LABELS, places=())))
    row = words_of(house.duty().get("/queue").text)
    assert "Yunnan Province Missing: which place of several" in row
    assert "no place known" in row


def test_what_nobody_has_read_is_not_said_to_lack_a_place(house: House) -> None:
    house.waiting()
    row = words_of(house.duty().get("/queue").text)
    assert "not read yet" in row.lower()
    assert "no place known" not in row


def test_a_report_without_words_says_so_once(house: House) -> None:
    kept = house.triaged()
    with house.database.write() as connection:
        silent = update(reports).where(reports.c.id == kept.report_id)
        connection.execute(silent.values(flags=f"{house.row(kept)['flags']} silent".strip()))
    row = words_of(house.duty().get("/queue").text)
    assert "Missing: any words" in row
    assert "No words" not in row


def test_deciding_together_is_offered_only_where_something_can_be_ticked(house: House) -> None:
    house.triaged(finding=a_finding(IN_DANGER))
    assert "Look at these together" not in house.duty().get("/queue").text
    house.triaged()
    assert "Look at these together" in house.duty().get("/queue").text


def test_a_clock_that_ran_out_says_by_how_much(house: House) -> None:
    kept = house.triaged()
    with house.database.write() as connection:
        connection.execute(update(reports).values(due_at=database_now() - 3 * 3_600_000 - 30_000))
    for path in ("/queue", f"/reports/{kept.reference}"):
        assert '<span class="clock late">3 h late</span>' in house.duty().get(path).text


def test_a_referred_report_shows_how_far_its_lead_unit_is(house: House) -> None:
    kept = house.referred(finding=a_finding(IN_DANGER))
    page = words_of(house.duty().get("/queue?state=REFERRED").text)
    assert "Ruili City Public Security Bureau Delivered" in page
    house.unit().act(f"/inbox/{house.packet(kept)}", "accept")
    page = words_of(house.duty().get("/queue?state=REFERRED").text)
    assert "Ruili City Public Security Bureau Accepted" in page
    assert "14 min left" in page


def test_every_report_is_on_exactly_one_page_and_the_counts_agree(house: House) -> None:
    expected = _fill(house, 130)
    officer, found, path = house.duty(), [], "/queue"
    while path:
        page = officer.get(path).text
        found += re.findall(r'href="/reports/([^"]+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert found == expected
    assert "Open <b>130</b>" in officer.get("/queue").text


def test_counts_follow_every_verb(house: House) -> None:
    chen = house.duty()
    kept = [house.triaged() for _ in range(4)]
    house.waiting()
    pages = [f"/reports/{one.reference}" for one in kept]
    chen.act(pages[0], "confirm")
    chen.act(pages[1], "quarantine")
    chen.act(pages[2], "close", outcome="noise")
    page = words_of(chen.get("/queue").text)
    for said in ("Open 2", "Waiting to be read 1", "For a duty officer 1", "Referred 1", "Quarantined 1", "Closed 1"):
        assert said in page


def test_a_state_that_is_none_is_refused(house: House) -> None:
    for asked in ("OPEN", "in_triage", "' OR 1=1"):
        assert house.duty().get("/queue", query_string={"state": asked}).status_code == 400


def test_an_empty_queue_says_so(house: House) -> None:
    assert "No reports here." in house.duty().get("/queue").text


def test_a_page_of_the_queue_is_light(house: House) -> None:
    for _ in range(50):
        house.triaged()
    assert len(house.duty().get("/queue").data) < 90_000


def _fill(house: House, number: int) -> list[str]:
    """Reports with many equal urgencies and times; their references in the order of the queue."""
    rows = []
    with house.database.write() as connection:
        connection.execute(insert(conversations).values(id="0" * 32, channel="sms", started_at=0))
        for place in range(number):
            state = ReportState.IN_TRIAGE if place % 3 else ReportState.RECEIVED
            rows.append(
                {
                    "id": new_id(), "reference": new_reference(), "conversation_id": "0" * 32, "channel": "sms",
                    "state": state.value, "urgency_rank": place % 4, "queue": "normal", "received_at": place % 7,
                    "wrapped_key": b"",
                }
            )  # fmt: skip
        connection.execute(insert(reports), rows)
        triaged = [row for row in rows if row["state"] == "IN_TRIAGE"]
        for rank in range(4):
            here = sum(1 for row in triaged if row["urgency_rank"] == rank)
            connection.exec_driver_sql(
                f"INSERT INTO counts (state, urgency_rank, number) VALUES ('IN_TRIAGE', {rank}, {here})"
            )
    rows.sort(key=lambda row: (row["urgency_rank"], row["received_at"], row["id"]))
    return [str(row["reference"]) for row in rows]


def test_what_came_in_a_flood_stands_behind_the_others_of_its_urgency_and_no_further(house: House) -> None:
    flooded = [house.triaged(text=f"flooded {number}") for number in range(3)]
    _mark(house, *flooded)
    urgent = house.triaged(text="urgent, came last")
    calm = house.triaged(text="calm", finding=a_finding(replace(LABELS, urgency=Urgency.STANDARD)))
    duty = house.duty()
    order = re.findall(r'href="/reports/([0-9A-Z-]{11})"', duty.get("/queue").text)
    assert list(dict.fromkeys(order)) == [one.reference for one in (urgent, *flooded, calm)]
    assert "One of very many from one source" in duty.get("/queue").text


def test_a_flood_is_paged_through_with_each_report_once(house: House) -> None:
    kept = [house.triaged(text=str(number)) for number in range(7)]
    _mark(house, *kept[:4])
    states, seen, after = (ReportState.IN_TRIAGE,), [], None
    with house.database.read() as connection:
        while True:
            page, after = queue_page(connection, states, 2, After.read(str(after)) if after else None)
            seen += [row.reference for row in page]
            if after is None:
                break
    assert seen == [one.reference for one in (*kept[4:], *kept[:4])]


def _mark(house: House, *kept: Kept) -> None:
    ids = [one.report_id for one in kept]
    with house.database.write() as connection:
        connection.execute(update(reports).where(reports.c.id.in_(ids)).values(marked=1, flags="flood"))
