"""Putting one report to another and taking it out again: nothing is lost, and nobody is told twice."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from reports.database import database_now
from reports.receipts import ReceiptBook
from reports.reporter_view import view
from reports.states import ReportState
from reports.tables import attachments, messages, receipts, recusals, reports
from reports.values import Place, PlaceRole, Urgency
from tests.console.house import LABELS, MANGSHI, RUILI, House, Kept, Officer, a_finding, version_in, words_of

FIRST, SECOND = "瑞丽砖厂关着三个人", "砖厂那边夜里有人喊救命，车牌云A12345"
AT_MANGSHI = a_finding(replace(LABELS, places=(Place(code="533103", role=PlaceRole.OCCURRENCE),)))


def at(kept: Kept) -> str:
    return f"/reports/{kept.reference}"


def versions(officer: Officer, source: Kept, target: Kept) -> dict[str, str]:
    page = officer.get(f"{at(source)}/beside", query_string={"with": target.reference}).text
    found = re.findall(
        rf'action="{at(source)}/merge".*?name="version" value="(\d+)".*?name="other_version" value="(\d+)"', page, re.S
    )
    return {"version": found[0][0], "other_version": found[0][1], "other": target.reference}


def merge(officer: Officer, source: Kept, target: Kept, **changes: str) -> Any:
    fields = {**versions(officer, source, target), "reason": "同一件事", **changes}
    return officer.post(f"{at(source)}/merge", fields)


def marked(officer: Officer, kept: Kept) -> str:
    """What the report says, with its evidence marked."""
    page = officer.get(at(kept)).text
    return page[page.index('class="said"') : page.index('class="verbs"')]


def texts(officer: Officer, kept: Kept) -> str:
    """What the report says."""
    return re.sub("<[^>]*>", "", marked(officer, kept))


def everything(house: House) -> dict[str, Any]:
    """Where every message, file and receipt lies."""
    with house.database.read() as connection:
        return {
            table.name: sorted(connection.execute(select(table.c.id, table.c.report_id)).all())
            for table in (messages, attachments, receipts)
        }


def test_two_waiting_reports_are_put_together_and_taken_apart_again(house: House) -> None:
    first, second, chen = house.triaged(FIRST), house.triaged(SECOND), house.duty("Chen")
    before = everything(house)
    assert merge(chen, second, first).status_code == 303
    seen = texts(chen, first)
    assert "三个人" in seen
    assert "云A12345" in seen
    assert house.row(second)["state"] == "MERGED"
    assert f'href="{at(first)}"' in chen.get(at(second)).text
    assert second.reference in chen.get(at(first)).text
    assert "Chen put it to another report · Merged 同一件事" in words_of(chen.get(at(second)).text)
    assert chen.act(at(second), "unmerge", reason="不是一件事").status_code == 303
    assert everything(house) == before
    assert (house.row(second)["state"], house.row(second)["merged_into"]) == ("IN_TRIAGE", None)
    assert "云A12345" in texts(chen, second)
    assert "云A12345" not in texts(chen, first)


def test_what_both_say_becomes_one_finding_with_its_words_marked_where_they_stand(house: House) -> None:
    first = house.triaged()
    urgent = a_finding(
        replace(LABELS, matters=("sexual_exploitation",), urgency=Urgency.IMMEDIATE, contact=("anonymous",))
    )
    second, chen = house.triaged(finding=urgent), house.duty()
    merge(chen, second, first)
    row = house.row(first)
    assert set(row["matters"].split()) == {"forced_labour", "sexual_exploitation"}
    assert row["urgency_rank"] == Urgency.IMMEDIATE.rank
    # The evidence of each stands on its own words.
    said = marked(chen, first)
    assert len(re.findall(r'<mark class="axis-places"[^>]*>瑞丽</mark>', said)) == 2
    chen.act(at(second), "unmerge")
    assert house.row(first)["matters"] == "forced_labour"
    # The machine never lowers an urgency by itself, nor does taking something out.
    assert house.row(first)["urgency_rank"] == Urgency.IMMEDIATE.rank


def test_each_unit_of_both_is_told_once(house: House) -> None:
    first, second = house.referred(FIRST), house.referred(SECOND, AT_MANGSHI)
    chen = house.duty()
    assert merge(chen, second, first).status_code == 303
    house.deliver()
    assert {packet["state"] for packet in house.packets(second)} == {"REVOKED"}
    live = [(packet["unit"], packet["state"]) for packet in house.packets(first) if packet["state"] != "REVOKED"]
    units = [unit for unit, _ in live]
    assert len(units) == len(set(units))
    assert {(RUILI, "DELIVERED"), (MANGSHI, "DELIVERED")} <= set(live)
    # Whoever had the other report sees what both say, and not who reported this one.
    wang = house.unit(MANGSHI)
    packet = wang.get(f"/inbox/{house.packet(first, MANGSHI)}").text
    assert "云A12345" in packet
    assert "三个人" in packet


def test_a_unit_that_has_the_other_report_reads_what_is_new_in_the_same_packet(house: House) -> None:
    first, second = house.referred(FIRST), house.referred(SECOND)
    liu, chen = house.unit(RUILI), house.duty()
    packet = house.packet(first)
    liu.act(f"/inbox/{packet}", "accept")
    merge(chen, second, first)
    row = next(one for one in house.packets(first) if one["id"] == packet)
    assert (row["state"], row["to_renew"]) == ("ACCEPTED", 1)
    assert house.packet(first) == packet


def test_what_one_reporter_asked_to_be_kept_back_is_kept_back_of_both(house: House) -> None:
    first = house.referred(FIRST)
    wish = a_finding(replace(LABELS, contact=("anonymous",)))
    second, chen = house.referred(SECOND, wish), house.duty()
    had = {packet["unit"]: packet["fields"] for packet in house.packets(first)}
    assert "reporter_contact" in had[RUILI]
    merge(chen, second, first)
    (now,) = [packet["fields"] for packet in house.packets(first) if packet["unit"] == RUILI]
    assert "reporter_contact" not in now


def test_both_reporters_keep_their_receipts_and_see_how_it_stands(house: House) -> None:
    first, second, chen = house.referred(FIRST), house.triaged(SECOND), house.duty()
    page = chen.get(at(second)).text
    chance = re.search(r'name="chance" value="([0-9a-f]{32})"', page)
    assert chance is not None
    given = chen.post(f"{at(second)}/give_receipt", {"chance": chance[1]}).text
    digits = re.search(r'<p class="digits">([0-9 ]+)</p>', given)
    assert digits is not None
    assert merge(chen, second, first).status_code == 303
    book = ReceiptBook(house.database, house.services.keys.receipts)
    presented = book.present(digits[1])
    assert presented is not None
    assert presented.report_id == first.report_id
    with house.database.read() as connection:
        assert view(connection, presented, 60).state is ReportState.REFERRED
    chen.act(at(second), "unmerge")
    again = book.present(digits[1])
    assert again is not None
    assert again.report_id == second.report_id


def test_a_report_that_is_with_its_units_is_not_put_to_one_that_waits(house: House) -> None:
    first, second, chen = house.triaged(FIRST), house.referred(SECOND), house.duty()
    answer = merge(chen, second, first)
    assert answer.status_code == 422
    assert f"{first.reference} is not yet. Do it the other way round" in words_of(answer.text)
    assert house.row(second)["state"] == "REFERRED"


@pytest.mark.parametrize("guard", ["officer", "unit", "exercise"])
def test_what_is_kept_from_somebody_is_not_put_to_what_they_may_see(house: House, guard: str) -> None:
    first, second = house.triaged(FIRST), house.triaged(SECOND)
    chen, wang = house.duty(), house.duty()
    with house.database.write() as connection:
        mine = reports.c.id == second.report_id
        if guard == "officer":
            connection.execute(
                insert(recusals).values(report_id=second.report_id, officer_id=wang.id, since=database_now())
            )
        elif guard == "unit":
            connection.execute(update(reports).where(mine).values(recused="533102"))
        else:
            connection.execute(update(reports).where(mine).values(exercise=1))
    answer = merge(chen, second, first)
    assert answer.status_code == 422
    assert "they cannot be merged" in words_of(answer.text)


@pytest.mark.parametrize("changed", ["source", "target"])
def test_of_two_officers_the_second_is_told_and_nothing_is_moved(house: House, changed: str) -> None:
    first, second, chen, wang = house.triaged(FIRST), house.triaged(SECOND), house.duty("Chen"), house.duty("Wang")
    seen_by_wang = versions(wang, second, first)
    before = everything(house)
    chen.act(at(second if changed == "source" else first), "correct", matters="abduction", urgency="urgent",
             place="瑞丽市", place_role="occurrence")  # fmt: skip
    answer = wang.post(f"{at(second)}/merge", {**seen_by_wang, "reason": "我写的理由"})
    assert answer.status_code == 409
    assert "我写的理由" in answer.text
    assert everything(house) == before


def test_two_officers_who_put_two_reports_to_each_other_do_not_both_succeed(house: House) -> None:
    first, second, chen, wang = house.triaged(FIRST), house.triaged(SECOND), house.duty(), house.duty()
    chens, wangs = versions(chen, first, second), versions(wang, second, first)
    assert chen.post(f"{at(first)}/merge", {**chens, "reason": "一件事"}).status_code == 303
    assert wang.post(f"{at(second)}/merge", {**wangs, "reason": "一件事"}).status_code == 409
    assert (house.row(first)["state"], house.row(second)["state"]) == ("MERGED", "IN_TRIAGE")


def test_three_reports_are_taken_apart_in_the_order_in_which_they_were_put_together(house: House) -> None:
    first, second, third = house.triaged(FIRST), house.triaged(SECOND), house.triaged("第三个人说的，广场上")
    chen = house.duty()
    before = everything(house)
    merge(chen, third, second)
    merge(chen, second, first)
    refused = chen.act(at(third), "unmerge")
    assert refused.status_code == 422
    assert f"has been put to {first.reference} since" in words_of(refused.text)
    assert "广场上" in texts(chen, first)
    chen.act(at(second), "unmerge")
    chen.act(at(third), "unmerge")
    assert everything(house) == before
    for kept, word in ((first, "三个人"), (second, "云A12345"), (third, "广场上")):
        assert word in texts(chen, kept)


def test_what_an_officer_put_to_another_is_taken_out_and_not_reopened_empty(house: House) -> None:
    first, second, chen = house.triaged(FIRST), house.triaged(SECOND), house.duty()
    merge(chen, second, first)
    assert "/unmerge" in chen.get(at(second)).text
    version = version_in(chen.get(at(second)).text)
    assert chen.post(f"{at(second)}/reopen", {"version": version, "reason": "看看"}).status_code == 409
    assert house.row(second)["state"] == "MERGED"


@pytest.mark.parametrize("verb", ["merge", "unmerge"])
def test_each_wants_a_reason(house: House, verb: str) -> None:
    first, second, chen = house.triaged(FIRST), house.triaged(SECOND), house.duty()
    if verb == "merge":
        assert merge(chen, second, first, reason=" ").status_code == 422
        return
    merge(chen, second, first)
    assert chen.act(at(second), "unmerge", reason=" ").status_code == 422
    assert house.row(second)["state"] == "MERGED"


def test_counts_are_right_after_merging_and_taking_apart(house: House) -> None:
    first, second, chen = house.triaged(FIRST), house.triaged(SECOND), house.duty()
    merge(chen, second, first)
    chen.act(at(second), "unmerge")
    with house.database.read() as connection:
        waiting = connection.execute(
            select(func.count()).select_from(reports).where(reports.c.state == "IN_TRIAGE")
        ).scalar_one()
    assert waiting == 2
    assert re.search("For a duty officer 2", words_of(chen.get("/queue").text))


@pytest.mark.parametrize("held", ["source", "target"])
def test_a_report_that_another_officer_is_on_is_not_put_to_any_other(house: House, held: str) -> None:
    first, second, chen, wang = house.triaged(FIRST), house.triaged(SECOND), house.duty("Chen"), house.duty("Wang")
    chen.post(f"{at(second if held == 'source' else first)}/take", {"from_whom": ""})
    answer = merge(wang, second, first)
    assert answer.status_code == 409
    assert "Chen" in words_of(answer.text)
    assert house.row(second)["state"] == "IN_TRIAGE"
