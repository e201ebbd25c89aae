"""Putting one report to another and taking it out again: nothing is lost, and nobody is told twice."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from console import recusal_verbs
from reports.database import database_now
from reports.errors import StaleVersion
from reports.notes import notes_for
from reports.receipts import Presented, ReceiptBook
from reports.recusals import let_back, lift_area, lifted_areas
from reports.reporter_view import say_whether_it_helped, view
from reports.states import ReportState
from reports.tables import attachments, findings, messages, receipts, recusals, referrals, reports
from reports.values import Evidence, Place, PlaceRole, Urgency
from reports.whereabouts import where_it_lies
from reports.written_down import WrittenDown, add_words, is_written_down, note_recordings
from tests.console.house import (
    EVIDENCE,
    IN_DANGER,
    LABELS,
    MANGSHI,
    RUILI,
    TEXT,
    House,
    Kept,
    Officer,
    a_finding,
    version_in,
    words_of,
)  # fmt: skip
from tests.reports.made import claim

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


@pytest.mark.parametrize("taken_first", ["last", "first"])
def test_once_all_that_was_put_to_it_is_taken_out_a_report_stands_on_its_own_words(
    house: House, taken_first: str
) -> None:
    first, chen = house.triaged(), house.duty()
    others = [house.triaged(finding=a_finding(replace(LABELS, matters=(one,)))) for one in ("abduction", "buying")]
    for other in others:
        assert merge(chen, other, first).status_code == 303
    assert set(house.row(first)["matters"].split()) == {"forced_labour", "abduction", "buying"}
    for other in others if taken_first == "first" else reversed(others):
        assert chen.act(at(other), "unmerge").status_code == 303
    assert house.row(first)["matters"] == "forced_labour"


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
    seen = versions(chen, second, first)
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
    answer = chen.post(f"{at(second)}/merge", {**seen, "reason": "同一件事"})
    assert answer.status_code == 422
    why = "never put together" if guard == "exercise" else "they cannot be merged"
    assert why in words_of(answer.text)
    assert house.row(second)["merged_into"] is None


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


@pytest.mark.parametrize("held", ["source", "target"])
def test_whoever_may_not_take_a_report_out_is_told_who_is_on_either_of_them(house: House, held: str) -> None:
    first, second, chen, wang = house.triaged(FIRST), house.triaged(SECOND), house.duty("Chen"), house.duty("Wang")
    assert merge(wang, second, first).status_code == 303
    chen.post(f"{at(second if held == 'source' else first)}/take", {"from_whom": ""})
    answer = wang.act(at(second), "unmerge")
    assert answer.status_code == 409
    assert "Chen is on this report" in words_of(answer.text)
    assert house.row(second)["state"] == "MERGED"


@pytest.mark.parametrize("changed", ["source", "target"])
def test_whoever_puts_together_what_a_colleague_changed_is_told_who_it_was(house: House, changed: str) -> None:
    first, second, chen, wang = house.triaged(FIRST), house.triaged(SECOND), house.duty("Chen"), house.duty("Wang")
    versions = {"version": wang.version(at(second)), "other_version": wang.version(at(first))}
    chen.act(at(second if changed == "source" else first), "quarantine")
    asked = wang.post(f"{at(second)}/merge", {"other": first.reference, "reason": "同一件事", **versions})
    assert asked.status_code == 409
    assert "Chen changed this report a moment ago" in words_of(asked.text)
    assert 'value="同一件事"' in asked.text


def test_a_report_is_put_to_no_other_past_somebody_who_is_kept_from_it_at_that_moment(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, wang, named = house.triaged(FIRST), house.triaged(SECOND), house.duty("Wang"), house.duty("Zhou")
    form, answers = {**versions(wang, second, first), "reason": "同一件事"}, list[int]()
    merging = threading.Thread(target=lambda: answers.append(wang.post(f"{at(second)}/merge", form).status_code))
    keep_words = recusal_verbs.remark

    def slowly(*about: Any) -> None:
        # Who is kept away is written by now, and nobody else sees it yet.
        merging.start()
        merging.join(0.5)
        keep_words(*about)

    monkeypatch.setattr(recusal_verbs, "remark", slowly)
    kept_away = {"whom": named.id, "reason": "写的就是他"}
    assert house.duty("Lin").post(f"{at(second)}/recusal/keep_away", kept_away).status_code == 303
    merging.join()
    assert answers == [422]
    assert named.client.get(at(second)).status_code == 404
    assert named.client.get(at(first)).status_code == 200


@pytest.mark.parametrize("then", ["merge", "unmerge"])
def test_what_the_machine_has_yet_to_read_it_reads_wherever_the_words_are_put(house: House, then: str) -> None:
    first, second, wang = house.triaged(FIRST), house.triaged(SECOND), house.duty("Wang")
    if then == "unmerge":
        assert merge(wang, second, first).status_code == 303
    house.added(house.waiting("他们说明天要打死我"), second.report_id)
    if then == "merge":
        assert merge(wang, second, first).status_code == 303
    else:
        assert wang.act(at(second), "unmerge").status_code == 303
    lies_in = first if then == "merge" else second
    assert lies_in.report_id in [one.report_id for one in claim(house.database)]


def chance_on(officer: Officer, kept: Kept) -> str:
    found = re.search(r'name="chance" value="([0-9a-f]{32})"', officer.get(at(kept)).text)
    assert found is not None
    return found[1]


def give(house: House, officer: Officer, kept: Kept) -> Presented:
    """A receipt of a report, as its reporter holds it."""
    page = officer.post(f"{at(kept)}/give_receipt", {"chance": chance_on(officer, kept)}).text
    digits = re.search(r'<p class="digits">([0-9 ]+)</p>', page)
    assert digits is not None
    presented = ReceiptBook(house.database, house.services.keys.receipts).present(digits[1])
    assert presented is not None
    return presented


def present_again(house: House, presented: Presented) -> Presented:
    """The same receipt, presented once more."""
    with house.database.read() as connection:
        row = connection.execute(select(receipts).where(receipts.c.id == presented.receipt_id)).one()
        lies_in = where_it_lies(connection, row.report_id)
    assert lies_in is not None
    return replace(presented, report_id=lies_in)


def ask(officer: Officer, kept: Kept, words: str) -> None:
    assert officer.act(at(kept), "ask_reporter", chance=chance_on(officer, kept), words=words).status_code == 303


def reads(house: House, presented: Presented) -> list[str]:
    with house.database.read() as connection:
        return [note.text for note in notes_for(connection, presented)]


def test_what_is_said_to_one_reporter_never_reaches_the_other(house: House) -> None:
    first, second, third, chen = house.triaged(FIRST), house.triaged(SECOND), house.triaged("广场上"), house.duty()
    mine = {kept.reference: give(house, chen, kept) for kept in (first, second, third)}
    ask(chen, second, "您几点听到的？")
    merge(chen, third, second)
    merge(chen, second, first)
    assert "Whoever reported what was put to this one does not see" in words_of(chen.get(at(first)).text)
    for kept, words in ((first, "门朝哪边？"), (second, "车还在吗？"), (third, "广场在哪里？")):
        ask(chen, kept, words)
    expected = {first: ["门朝哪边？"], second: ["您几点听到的？", "车还在吗？"], third: ["广场在哪里？"]}
    for kept, words in expected.items():
        assert reads(house, mine[kept.reference]) == words
        # Whoever lost their receipt finds again what was said to them, and nothing else.
        assert reads(house, give(house, chen, kept)) == words
    chen.act(at(first), "close", outcome="solved", words="谢谢您，人找到了。")
    assert "谢谢您，人找到了。" in reads(house, mine[first.reference])
    assert reads(house, mine[second.reference]) == expected[second]


def test_what_a_reporter_adds_after_a_merge_is_theirs_with_its_receipt_and_question(
    house: House,
) -> None:
    first, second, chen = house.triaged(FIRST), house.triaged(SECOND), house.duty()
    one, other = give(house, chen, first), give(house, chen, second)
    merge(chen, second, first)
    added = house.waiting("又看见那辆车了")
    later = give(house, chen, added)
    ask(chen, added, "车往哪边开？")
    house.added(added, to=other.own_report_id)
    assert "又看见那辆车了" in texts(chen, first)
    ask(chen, first, "门朝哪边？")
    ask(chen, second, "车还在吗？")
    assert reads(house, one) == ["门朝哪边？"] == reads(house, give(house, chen, first))
    assert reads(house, later) == ["车往哪边开？", "车还在吗？"] == reads(house, give(house, chen, second))
    # What went along with the second goes back with it.
    assert chen.act(at(second), "unmerge").status_code == 303
    assert "又看见那辆车了" in texts(chen, second)
    assert "又看见那辆车了" not in texts(chen, first)
    assert present_again(house, later).report_id == second.report_id
    assert reads(house, later) == ["车往哪边开？", "车还在吗？"]


def test_whether_it_helped_is_each_reporters_own_answer(house: House) -> None:
    first, second, chen = house.triaged(FIRST), house.triaged(SECOND), house.duty()
    one, other = give(house, chen, first), give(house, chen, second)
    merge(chen, second, first)
    chen.act(at(first), "close", outcome="solved", words="")
    with house.database.write() as connection:
        say_whether_it_helped(house.database, connection, present_again(house, one), helped=True)
        assert view(connection, present_again(house, other), 30).helped is None
        say_whether_it_helped(house.database, connection, present_again(house, other), helped=False)
    with house.database.read() as connection:
        assert [view(connection, present_again(house, who), 30).helped for who in (one, other)] == [True, False]


def test_the_evidence_of_both_stays_on_its_words_when_more_is_told(house: House) -> None:
    first = house.triaged(TEXT)
    second, chen = (
        house.triaged("砖厂那边" + TEXT, a_finding(evidence=tuple(moved(one, 4) for one in EVIDENCE))),
        house.duty(),
    )
    merge(chen, second, first)
    before = re.findall("<mark.*?</mark>", marked(chen, first), re.S)
    assert before
    house.added(house.waiting("门口有狗"), to=first.report_id)
    assert "门口有狗" in texts(chen, first)
    assert re.findall("<mark.*?</mark>", marked(chen, first), re.S) == before


def write_down(officer: Officer, kept: Kept, recording: str, words: str) -> None:
    form = {"words": words, "chance": "a" * 32}
    assert officer.post(f"{at(kept)}/recordings/{recording}/words", form).status_code == 303


def marks(officer: Officer, kept: Kept) -> list[str]:
    """The words that are marked, in the order they stand, with what each speaks for."""
    return re.findall(r"<mark [^>]*title=.*?</mark>", marked(officer, kept), re.S)


def test_words_written_down_after_a_merge_leave_every_mark_on_its_words(house: House) -> None:
    first, second, chen = house.triaged(), house.triaged(), house.duty()
    recordings = {kept.reference: house.recorded(kept) for kept in (first, second)}
    merge(chen, second, first)
    before = marks(chen, first)
    assert len(before) == 2 * len(EVIDENCE)
    for kept, words in ((first, "门口有狗"), (second, "有人在哭")):
        write_down(chen, first, recordings[kept.reference], words)
        assert words in texts(chen, first)
        assert marks(chen, first) == before


@pytest.mark.parametrize("joined", [False, True])
def test_words_written_down_after_a_merge_go_back_with_their_recording(house: House, joined: bool) -> None:
    first, second, chen = house.triaged(), house.triaged(), house.duty()
    came_as = house.waiting("我再说一遍") if joined else second
    ours, theirs = house.recorded(first), house.recorded(came_as)
    if joined:
        house.added(came_as, to=second.report_id)
    merge(chen, second, first)
    write_down(chen, first, ours, "门口有狗")
    write_down(chen, first, theirs, "有人在哭")
    assert chen.act(at(second), "unmerge").status_code == 303
    assert ("门口有狗" in texts(chen, first), "有人在哭" in texts(chen, first)) == (True, False)
    assert ("门口有狗" in texts(chen, second), "有人在哭" in texts(chen, second)) == (False, True)
    for kept in (first, second):
        assert len(marks(chen, kept)) == len(EVIDENCE)


def test_what_a_machine_wrote_down_is_said_to_be_so_wherever_it_lies(house: House) -> None:
    first, second, chen = house.triaged(), house.triaged(), house.duty()
    recording = house.recorded(second)
    merge(chen, second, first)
    note_recordings(house.database)
    with house.database.write() as connection:
        written = WrittenDown(attachment_id=recording, actor="machine", words="有人在哭", once="1" * 32)
        add_words(house.services.store, connection, house.services.keys, written)
        is_written_down(connection, recording)
    assert "machine_transcript" in house.row(first)["flags"].split()
    assert chen.act(at(second), "unmerge").status_code == 303
    assert "machine_transcript" in house.row(second)["flags"].split()


@pytest.mark.parametrize("judged", [False, True])
def test_what_is_taken_out_takes_its_marks_along_and_no_other(house: House, judged: bool) -> None:
    first, second, third = (house.triaged() for _ in range(3))
    chen = house.duty()
    merge(chen, second, first)
    merge(chen, third, first)
    if judged:
        chen.act(at(first), "correct", matters="abduction", urgency="urgent", place="瑞丽市", place_role="occurrence")
    before = marks(chen, first)
    assert len(before) == 3 * len(EVIDENCE)
    house.added(house.waiting("门口有狗，还有一个很大的院子"), to=first.report_id)
    assert chen.act(at(second), "unmerge").status_code == 303
    assert marks(chen, first) == before[: 2 * len(EVIDENCE)]
    assert marks(chen, second) == before[: len(EVIDENCE)]


def as_before_marks_were_kept_by_message(house: House) -> None:
    """Every finding as it was kept then: its offsets count in all that its report tells."""
    with house.database.write() as connection:
        for row in connection.execute(select(findings)).all():
            body = json.loads(row.body)
            body["evidence"] = [{name: one[name] for name in one if name != "message"} for one in body["evidence"]]
            this = (findings.c.report_id == row.report_id) & (findings.c.number == row.number)
            connection.execute(update(findings).where(this).values(body=json.dumps(body)))


def test_what_was_found_before_marks_were_kept_by_message_is_put_together_and_taken_apart_as_well(house: House) -> None:
    first, second, third = (house.triaged() for _ in range(3))
    as_before_marks_were_kept_by_message(house)
    chen = house.duty()
    own = marks(chen, first)
    assert len(own) == len(EVIDENCE)
    merge(chen, second, first)
    merge(chen, third, first)
    assert marks(chen, first) == 3 * own
    for other in (second, third):
        assert chen.act(at(other), "unmerge").status_code == 303
        assert marks(chen, other) == own
    assert marks(chen, first) == own


def moved(evidence: Evidence, by: int) -> Evidence:
    return replace(evidence, start=evidence.start + by, end=evidence.end + by)


def test_a_recusal_that_is_lifted_is_lifted_of_all_that_stands_together(house: House) -> None:
    first, second, chen, wang = house.triaged(FIRST), house.triaged(SECOND), house.duty(), house.duty()
    merge(chen, second, first)
    house.kept_from(second, wang)
    with house.database.write() as connection:
        let_back(house.services.store.chain, connection, second.report_id, wang.id, "two")
        with pytest.raises(StaleVersion):
            let_back(house.services.store.chain, connection, first.report_id, wang.id, "two")
    assert [wang.get(at(kept)).status_code for kept in (first, second)] == [200, 200]
    assert chen.act(at(second), "unmerge").status_code == 303
    assert [wang.get(at(kept)).status_code for kept in (first, second)] == [200, 200]


def test_units_that_two_reviewers_cleared_are_cleared_of_all_that_stands_together(house: House) -> None:
    first, second, chen = house.triaged(FIRST), house.triaged(SECOND), house.duty()
    with house.database.write() as connection:
        connection.execute(update(reports).values(recused="533102"))
    assert merge(chen, second, first).status_code == 303
    with house.database.write() as connection:
        lift_area(house.services.store.chain, connection, first.report_id, "533102", "two")
        assert all(lifted_areas(connection, kept.report_id) == {"533102"} for kept in (first, second))
    assert [house.row(kept)["recused"] for kept in (first, second)] == [None, None]


def test_a_recusal_of_one_of_two_that_were_put_together_binds_both_and_outlives_the_merge(house: House) -> None:
    first, second, chen, wang = house.triaged(FIRST), house.triaged(SECOND), house.duty(), house.duty()
    merge(chen, second, first)
    assert chen.post(f"{at(second)}/recusal/keep_away", {"whom": wang.id, "reason": "认识"}).status_code == 303
    for kept in (first, second):
        assert wang.get(at(kept)).status_code == 404
    assert chen.act(at(second), "unmerge").status_code == 303
    for kept in (first, second):
        assert wang.get(at(kept)).status_code == 404


@pytest.mark.parametrize("sooner", ["urgency", "clock"])
def test_two_waiting_reports_are_due_when_the_more_pressing_of_them_was(house: House, sooner: str) -> None:
    slow = replace(LABELS, urgency=Urgency.LOW)
    first = house.triaged(FIRST, a_finding(slow))
    second = house.triaged(SECOND, a_finding(IN_DANGER if sooner == "urgency" else slow))
    chen, now = house.duty(), house.row(first)["received_at"]
    with house.database.write() as connection:
        for kept, due in ((first, now + 90_000_000), (second, now + 80_000_000)):
            connection.execute(
                update(reports).where(reports.c.id == kept.report_id).values(due_at=due, next_step_at=due)
            )
    merge(chen, second, first)
    row = house.row(first)
    assert row["due_at"] == row["next_step_at"]
    if sooner == "urgency":
        minutes = house.services.rulebook.desk_minutes(Urgency.IMMEDIATE)
        assert row["due_at"] <= now + (minutes + 10) * 60_000
    else:
        assert abs(row["due_at"] - now - 80_000_000) < 60_000


def test_a_merge_that_makes_a_case_more_urgent_gives_its_units_less_time(house: House) -> None:
    first = house.referred(FIRST, a_finding(replace(LABELS, urgency=Urgency.LOW)))
    second, chen = house.triaged(SECOND, a_finding(IN_DANGER)), house.duty()
    before = {packet["id"]: packet["due_at"] for packet in house.packets(first)}
    merge(chen, second, first)
    most = house.services.rulebook.clocks[Urgency.IMMEDIATE]["acceptance"]
    for packet in house.packets(first):
        if packet["id"] in before and packet["due_at"] is not None:
            assert packet["due_at"] < before[packet["id"]]
            assert packet["due_at"] == packet["next_step_at"]
            assert packet["due_at"] - packet["delivered_at"] <= (most + 10) * 60_000


def test_a_unit_that_works_on_one_alone_goes_on_although_the_other_was_called_back_from_it(house: House) -> None:
    first, second, chen = house.referred(FIRST), house.referred(SECOND), house.duty()
    with house.database.write() as connection:
        ours = referrals.c.report_id == first.report_id
        connection.execute(update(referrals).where(ours).values(state="REVOKED", due_at=None, next_step_at=None))
    working = {packet["unit"] for packet in house.packets(second) if packet["state"] == "DELIVERED"}
    assert len(working) > 1
    merge(chen, second, first)
    house.deliver()
    now = {packet["unit"] for packet in house.packets(first) if packet["state"] == "DELIVERED"}
    assert working <= now


def test_a_report_that_units_still_work_on_is_not_put_to_one_that_waits(house: House) -> None:
    first, second, chen = house.triaged(FIRST), house.referred(SECOND), house.duty()
    liu = house.unit(RUILI)
    liu.act(f"/inbox/{house.packet(second)}", "bounce", code="not_our_area", reason="不归我们管")
    assert house.row(second)["state"] == "IN_TRIAGE"
    live = [packet["id"] for packet in house.packets(second) if packet["state"] == "DELIVERED"]
    assert live
    answer = merge(chen, second, first)
    assert answer.status_code == 422
    assert "merging would call them back" in words_of(answer.text)
    assert merge(chen, first, second).status_code == 303
    assert live == [packet["id"] for packet in house.packets(second) if packet["state"] == "DELIVERED"]


def test_a_question_of_a_unit_is_answered_before_its_report_is_put_to_another(house: House) -> None:
    first, second, chen = house.referred(FIRST), house.referred(SECOND), house.duty()
    packet = house.packet(second)
    house.unit(RUILI).act(f"/inbox/{packet}", "ask_desk", reason="哪一家？")
    answer = merge(chen, second, first)
    assert answer.status_code == 422
    assert "Answer it first" in words_of(answer.text)
    chen.post(f"{at(second)}/answer_unit", {"referral": packet, "reason": "靠河那一家"})
    with house.database.write() as connection:
        house.services.store.mark(connection, second.report_id, ["unit_asks", "unit_behind", "asked_to_reopen"])
    assert merge(chen, second, first).status_code == 303
    assert house.row(first)["flags"].split() == ["asked_to_reopen"]
