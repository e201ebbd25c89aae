"""Triage: a waiting report becomes a decided one in one step; twice, late or at once has the effect of once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from reports.audit import verify
from reports.database import database_now
from reports.records import decision_from_json, finding_from_json
from reports.states import ReportState
from reports.tables import conversations, decisions, findings, messages, referrals, reports
from reports.values import Channel, Evidence, Finding, Urgency
from routing.rulebook.route import route
from tests.reports.made import counted, stored_counts
from tests.workers.made import LEAD, RUILI, SENDER, ToldReader, Work, a_finding
from workers.context import NUMBER_PURPOSE
from workers.deliver import deliver_pending
from workers.triage import Facts, hand_to_a_person, state_after, triage_waiting

ROOT = Path(__file__).resolve().parents[2]


def minutes_left(work: Work, report_id: str) -> float:
    with work.database.read() as connection:
        query = select((reports.c.due_at - database_now()) / 60_000.0).where(reports.c.id == report_id)
        return float(connection.execute(query).scalar_one())


def assert_each_was_decided_once(work: Work, number: int) -> None:
    """Every report has one finding, one decision, one packet a unit, and stands once in counts and audit chain."""
    assert [row.number for row in work.all(findings)] == [1] * number
    assert [row.number for row in work.all(decisions)] == [1] * number
    told = [(row.report_id, row.unit) for row in work.all(referrals)]
    assert len(told) == len(set(told))
    assert sum(unit == LEAD for _, unit in told) == number
    assert len(work.audited("triaged")) == number
    assert stored_counts(work.database) == counted(work.database) == {("REFERRED", 1): number}


def test_what_the_reader_went_by_is_kept_by_the_message_whose_words_it_is(work: Work) -> None:
    class Marking(ToldReader):
        def read(self, text: str) -> Finding:
            start = text.index("砖厂")
            words = (Evidence(axis="matters", code="forced_labour", start=start, end=start + 2),)
            return replace(super().read(text), evidence=words)

    report_id = work.keep("瑞丽的砖厂")
    work.but(reader=Marking()).triage()
    (finding,), (message,) = work.all(findings), work.all(messages)
    (kept,) = finding_from_json(finding.body).evidence
    assert message.report_id == report_id
    assert (kept.message, kept.start, kept.end) == (message.id, 3, 5)


def test_a_plain_report_is_referred_with_its_finding_decision_packets_clock_and_audit_line(work: Work) -> None:
    report_id = work.keep("瑞丽的厂扣身份证")
    assert work.triage() == 1
    row = work.report(report_id)
    (finding,), (decision,) = work.all(findings), work.all(decisions)
    assert finding_from_json(finding.body) == a_finding()
    decided = decision_from_json(decision.body)
    assert (row.state, row.lead_unit, row.rule) == ("REFERRED", LEAD, decided.rule)
    assert (row.matters, row.language, row.urgency_rank) == ("forced_labour", "zh", Urgency.URGENT.rank)
    assert {(one.unit, one.part, one.state) for one in work.all(referrals)} == {
        (LEAD, "lead", "PENDING"),
        *((copy.unit, copy.part, "PENDING") for copy in decided.copies),
    }
    now = int(time.time() * 1000)
    wait = work.context.rulebook.hop_wait(decided, Urgency.URGENT, "acceptance", now, now)
    assert minutes_left(work, report_id) == pytest.approx(wait, abs=1)
    (line,) = work.audited("triaged")
    detail = json.loads(line.detail)
    assert (line.actor, line.object) == ("machine", f"report:{report_id}")
    assert (detail["from"], detail["to"], detail["unit"]) == ("RECEIVED", "REFERRED", LEAD)
    assert detail["referrals"] == 1 + len(decided.copies)
    assert_each_was_decided_once(work, 1)


def test_where_a_number_was_issued_is_in_no_reading_no_decision_and_no_packet(work: Work) -> None:
    senders = ("", "+8613800000000", "+8613888800000", "+84912345678", "08775551234")
    for sender in senders:
        work.keep("瑞丽的厂扣身份证", sender=sender)
    assert work.triage() == len(senders)
    assert set(work.reader.texts) == {"瑞丽的厂扣身份证"}
    assert len({row.body for row in work.all(findings)}) == 1
    assert len({row.body for row in work.all(decisions)}) == 1
    while deliver_pending(work.context, 50):
        pass
    told = [work.packet_of(row).decode() for row in work.all(referrals)]
    assert len(told) >= len(senders)
    assert not [place for place in ("昆明", "Kunming", "北京", "Beijing", "越南", "Vietnam") if place in "".join(told)]
    details = "".join(line.detail for line in work.audited("triaged"))
    assert not [code for code in ("530100", "110000", "530400") if code in details]


def test_what_the_reader_doubts_waits_for_a_duty_officer_with_its_clock_running(work: Work) -> None:
    report_id = work.keep("doubt")
    work.triage()
    row = work.report(report_id)
    assert (row.state, row.urgency_rank) == ("IN_TRIAGE", Urgency.IMMEDIATE.rank)
    assert minutes_left(work, report_id) == pytest.approx(work.context.rulebook.desk_minutes(Urgency.IMMEDIATE), abs=1)
    assert work.all(referrals) == []
    assert len(work.all(decisions)) == 1
    assert stored_counts(work.database) == {("IN_TRIAGE", 0): 1}


def test_danger_told_weakly_is_sent_at_once_and_marked_as_unsure(work: Work) -> None:
    report_id = work.keep("weak")
    work.triage()
    row = work.report(report_id)
    assert (row.state, row.flags) == ("REFERRED", "unsure")
    assert [packet.unit for packet in work.all(referrals) if packet.part == "lead"] == [f"public_security-{RUILI}"]


def test_plain_noise_is_set_aside_without_a_clock_and_nobody_is_told(work: Work) -> None:
    report_id = work.keep("noise")
    work.triage()
    row = work.report(report_id)
    assert (row.state, row.due_at, work.all(referrals)) == ("QUARANTINED", None, [])
    assert stored_counts(work.database) == {("QUARANTINED", 3): 1}


@pytest.mark.parametrize(
    ("changes", "flags", "wanted"),
    [
        ({"matter": "spam", "urgency": Urgency.LOW}, (), ReportState.QUARANTINED),
        ({"matter": "spam", "urgency": Urgency.LOW, "needs_person": True}, (), ReportState.IN_TRIAGE),
        ({"matter": "spam", "urgency": Urgency.STANDARD}, (), ReportState.IN_TRIAGE),
        ({"matter": "forced_labour"}, (), ReportState.REFERRED),
        ({"matter": "forced_labour", "needs_person": True}, (), ReportState.IN_TRIAGE),
        ({"matter": "forced_labour", "urgency": Urgency.IMMEDIATE, "needs_person": True}, (), ReportState.REFERRED),
        (
            {"urgency": Urgency.IMMEDIATE, "needs_person": True, "doubts": ("place_ambiguous",)},
            (),
            ReportState.IN_TRIAGE,
        ),
        ({"urgency": Urgency.IMMEDIATE, "needs_person": True}, ("conflict",), ReportState.IN_TRIAGE),
        ({"matter": "forced_labour"}, ("conflict",), ReportState.IN_TRIAGE),
        ({"matter": "forced_labour"}, ("flood",), ReportState.REFERRED),
        ({"matter": "enquiry", "urgency": Urgency.STANDARD}, (), ReportState.IN_TRIAGE),
    ],
)
def test_whatever_the_machine_is_unsure_of_goes_to_a_person(
    work: Work, changes: dict[str, object], flags: tuple[str, ...], wanted: ReportState
) -> None:
    finding = a_finding(**changes)  # type: ignore[arg-type]
    facts = Facts(
        labels=finding.labels,
        channel=Channel.SMS,
        received_at="2010-06-01T12:00:00+08:00",
        needs_person=finding.needs_person,
    )
    assert state_after(finding, route(facts, work.context.rulebook), flags) is wanted


def test_the_same_id_with_another_body_is_compared_by_a_person(work: Work) -> None:
    report_id = work.keep(flags=("conflict", "conflict_with:0000-000000"))
    work.triage()
    assert work.report(report_id).state == "IN_TRIAGE"
    assert work.all(referrals) == []


@pytest.mark.parametrize("content", [{"sender": SENDER}, {"sender": "", "contact": "138 0000 0000"}])
def test_a_reporters_number_is_found_again_by_its_keyed_index_alone(work: Work, content: dict[str, str]) -> None:
    work.keep(**content)
    work.triage()
    (row,) = work.all(conversations)
    assert row.number_index == work.context.keys.numbers.of(NUMBER_PURPOSE, SENDER)


def test_fifty_reports_are_triaged_in_one_go(work: Work) -> None:
    for _ in range(50):
        work.keep()
    assert work.triage() == 50
    assert work.triage() == 0
    assert len(work.reader.texts) == 50
    assert_each_was_decided_once(work, 50)
    assert verify(work.database, work.context.keys.checkpoints, ROOT / "none").faults == ()


def test_a_report_the_reader_cannot_bear_does_not_hold_up_those_beside_it(work: Work) -> None:
    good = [work.keep(), work.keep()]
    poison = work.keep("poison")
    good += [work.keep(), work.keep()]
    assert work.triage() == 5
    assert {work.report(one).state for one in good} == {"REFERRED"}
    row = work.report(poison)
    assert (row.state, row.attempts, row.failure, row.lease_until) == ("RECEIVED", 1, "ValueError", 0)


def test_a_report_that_would_be_thought_over_for_ever_does_not_hold_up_those_beside_it(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def think_for_ever(text: str) -> None:
        while text.startswith("endless"):
            pass

    monkeypatch.setattr("workers.triage._MOST_SECONDS", 0.2)
    work.reader.meanwhile = think_for_ever
    before, endless, after = work.keep(), work.keep("endless"), work.keep()
    assert work.triage() == 3
    assert {work.report(one).state for one in (before, after)} == {"REFERRED"}
    row = work.report(endless)
    assert (row.state, row.failure, row.attempts) == ("RECEIVED", "TookTooLong", 1)


def test_what_nobody_could_read_in_five_attempts_is_before_a_person_with_its_clock_running(work: Work) -> None:
    report_id = work.keep("poison", urgent=True)
    for attempt in range(1, 6):
        assert hand_to_a_person(work.context, 50) == 0
        assert work.triage("urgent") == 1
        assert work.report(report_id).attempts == attempt
    assert work.triage("urgent") == 0
    assert hand_to_a_person(work.context, 50) == 1
    row = work.report(report_id)
    assert (row.state, row.urgency_rank, row.failure) == ("IN_TRIAGE", Urgency.IMMEDIATE.rank, "ValueError")
    assert minutes_left(work, report_id) == pytest.approx(work.context.rulebook.desk_minutes(Urgency.IMMEDIATE), abs=1)
    (line,) = work.audited("gave_up")
    assert json.loads(line.detail)["attempts"] == 5
    assert hand_to_a_person(work.context, 50) == 0
    assert stored_counts(work.database) == {("IN_TRIAGE", 0): 1}


def test_a_report_whose_seal_is_broken_is_before_a_person_after_five_attempts(work: Work) -> None:
    report_id = work.keep()
    work.set_all(reports, wrapped_key=b"\0" * 80)
    for _ in range(5):
        assert work.triage() == 1
    assert hand_to_a_person(work.context, 50) == 1
    assert work.report(report_id).state == "IN_TRIAGE"


def test_after_a_crash_each_report_is_taken_alone_and_new_ones_are_not_held_up_by_it(work: Work) -> None:
    crashed = [work.keep() for _ in range(3)]
    work.set_all(reports, attempts=1)
    fresh = [work.keep() for _ in range(2)]
    assert [work.triage() for _ in range(5)] == [1, 1, 1, 2, 0]
    assert {work.report(one).state for one in crashed + fresh} == {"REFERRED"}


def test_many_workers_at_once_decide_each_report_once(work: Work) -> None:
    for _ in range(24):
        work.keep()
    small = work.with_machine(batch=3)
    with ThreadPoolExecutor(4) as pool:
        claimed = list(pool.map(lambda _: small.triage(), range(12)))
    assert sum(claimed) == 24
    assert_each_was_decided_once(work, 24)


@pytest.mark.parametrize("first_to_finish", ["the late one", "the one that took over"])
def test_a_worker_that_is_late_writes_nothing_whoever_finishes_first(work: Work, first_to_finish: str) -> None:
    taken_over = work.keep()
    work.keep()
    reading, go_on = [threading.Event(), threading.Event()], [threading.Event(), threading.Event()]

    def hold(text: str) -> Finding:
        number = 0 if threading.current_thread().name.endswith("_0") else 1
        reading[number].set()
        assert go_on[number].wait(20)
        return a_finding(reader=("late", "other")[number])

    work.reader.read = hold
    with ThreadPoolExecutor(2, thread_name_prefix="worker") as pool:
        late = pool.submit(work.triage)
        assert reading[0].wait(20)
        work.lapse()
        # Whoever takes over is a second worker, with a claim of its own for each report that was tried before.
        other = pool.submit(lambda: [work.triage(), work.triage()])
        assert reading[1].wait(20)
        order = [(go_on[0], late), (go_on[1], other)]
        for event, worker in order if first_to_finish == "the late one" else reversed(order):
            event.set()
            worker.result(20)
    assert_each_was_decided_once(work, 2)
    readers = {row.report_id: finding_from_json(row.body).reader for row in work.all(findings)}
    assert readers[taken_over] == "other"


def test_a_worker_killed_between_claim_and_finish_loses_nothing(work: Work, state: Path) -> None:
    ids = [work.keep() for _ in range(4)]
    url = work.database.engine.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.workers.stuck_worker", url, str(state)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "reading\n"
    assert [work.report(one).attempts for one in ids] == [1] * 4
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert work.states() == ["RECEIVED"] * 4
    assert work.triage() == 0, "the dead worker's lease still runs"
    work.lapse()
    assert [work.triage() for _ in range(5)] == [1, 1, 1, 1, 0]
    assert_each_was_decided_once(work, 4)


def test_triage_of_an_empty_queue_writes_nothing(work: Work) -> None:
    work.keep(urgent=True)
    assert triage_waiting(work.context, "normal", 50) == 0
    with work.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(findings)).scalar_one() == 0
