"""Delivery: each unit gets one packet with what it may know, once; what cannot be delivered comes back to a person."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from reports.tables import referrals, reports
from reports.values import Urgency
from tests.reports.made import counted, stored_counts
from tests.workers.made import LEAD, Work, a_finding
from workers.deliver import deliver_pending
from workers.senders.packet import Packet
from workers.senders.sender import DeliveryFailed
from workers.sweep import return_undeliverable

STORY, NAME, CONTACT, PLACE = "身份证被扣在砖厂", "无名氏甲", "小店电话 0000", "桥头第三间"
PERSONAL = {"text": STORY, "reporter_name": NAME, "reporter_contact": CONTACT}


def keep_with_everything(work: Work) -> str:
    return work.keep(STORY, name=NAME, contact=CONTACT, place=PLACE)


def deliver(work: Work, grace_seconds: float = 0) -> int:
    return deliver_pending(work.context, work.context.machine.batch, grace_seconds)


def fail_with(code: str) -> object:
    def fail(packet: Packet) -> None:
        raise DeliveryFailed(code)

    return fail


@pytest.fixture
def referred(work: Work) -> Work:
    """One report that waits to be told to its lead and its copies."""
    keep_with_everything(work)
    work.triage()
    return work


def test_each_unit_gets_one_packet_and_its_receipt_clock_and_audit_line(referred: Work) -> None:
    rows = referred.all(referrals)
    assert deliver(referred) == len(rows) >= 2
    assert sorted(packet.unit for packet in referred.sender.sent) == sorted(row.unit for row in rows)
    for row in referred.all(referrals):
        assert (row.state, row.unit_receipt, row.lease_token) == ("DELIVERED", f"receipt-{row.unit}", None)
        assert row.due_at > row.delivered_at >= row.created_at
    assert {line.object for line in referred.audited("delivered")} == {f"referral:{row.id}" for row in rows}


def test_the_lead_is_told_the_story_and_how_to_reach_the_reporter(referred: Work) -> None:
    deliver(referred)
    (lead,) = (packet for packet in referred.sender.sent if packet.part == "lead")
    assert lead.unit == LEAD
    assert lead.fields["text"] == f"{STORY}\n{PLACE}"
    assert {name: lead.fields[name] for name in ("reporter_name", "reporter_contact")} == {
        "reporter_name": NAME,
        "reporter_contact": CONTACT,
    }
    assert set(lead.fields["why"]) == {"zh", "en"}


@pytest.mark.parametrize(
    "matter",
    ["abduction", "missing_person", "buying", "infant_sale", "sexual_exploitation", "forced_labour", "child_labour",
     "forced_begging", "forced_marriage"],
)  # fmt: skip
def test_no_packet_holds_a_field_outside_its_list(work: Work, matter: str) -> None:
    labels = replace(a_finding(matter).labels, persons=("child", "woman"), contact=("text_only",))
    work.reader.read = lambda text: a_finding(labels=labels)
    keep_with_everything(work)
    work.triage()
    deliver(work)
    sealed = [(row, work.packet_of(row)) for row in work.all(referrals)]
    assert sealed
    for row, packet in sealed:
        fields = json.loads(packet)["fields"]
        assert set(fields) <= set(row.fields.split())
        for name, words in PERSONAL.items():
            if name not in row.fields.split():
                assert words.encode() not in packet, f"{row.unit} is told {name}"
        if "text" not in row.fields.split():
            assert PLACE.encode() not in packet
    assert all(STORY.encode() in packet for row, packet in sealed if row.part == "lead")


def test_what_a_unit_got_is_kept_sealed_word_for_word(referred: Work) -> None:
    deliver(referred)
    sent = {packet.referral_id: packet.to_bytes() for packet in referred.sender.sent}
    assert {row.id: referred.packet_of(row) for row in referred.all(referrals)} == sent
    assert all(STORY.encode() not in row.sealed_packet for row in referred.all(referrals))


def test_delivering_twice_tells_nobody_twice(referred: Work) -> None:
    deliver(referred)
    before = (referred.all(referrals), len(referred.sender.sent))
    referred.lapse()
    assert deliver(referred) == 0
    assert (referred.all(referrals), len(referred.sender.sent)) == (before[0], before[1])


def test_many_senders_at_once_share_the_packets(work: Work) -> None:
    for _ in range(12):
        work.keep()
    work.triage()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: deliver_pending(work.context, 5), range(16)))
    told = [packet.referral_id for packet in work.sender.sent]
    assert sorted(told) == sorted(row.id for row in work.all(referrals))
    assert {row.state for row in work.all(referrals)} == {"DELIVERED"}
    assert len(work.audited("delivered")) == len(told)


def test_a_sender_that_is_late_writes_nothing_over_the_one_that_took_over(referred: Work) -> None:
    number = len(referred.all(referrals))

    def lapse_and_deliver_elsewhere(packet: Packet) -> None:
        referred.sender.meanwhile = lambda packet: None
        referred.lapse()
        assert deliver(referred) == number

    referred.sender.meanwhile = lapse_and_deliver_elsewhere
    assert deliver(referred) == number
    assert {row.attempts for row in referred.all(referrals)} == {2}
    # At-least-once: the unit heard twice, and knows the packet by its id; here it stands delivered once.
    assert len(referred.audited("delivered")) == number


def test_a_referral_called_back_while_it_is_being_sent_stays_called_back(referred: Work) -> None:
    def call_back(packet: Packet) -> None:
        with referred.database.write() as connection:
            referred.context.store.revoke_live_referrals(
                connection, referred.all(reports)[0].id, "o" * 32, keep=frozenset()
            )
        referred.sender.meanwhile = lambda packet: None

    referred.sender.meanwhile = call_back
    deliver(referred)
    assert {(row.state, row.sealed_packet, row.delivered_at) for row in referred.all(referrals)} == {
        ("REVOKED", None, None)
    }
    assert referred.audited("delivered") == []


def test_a_unit_that_cannot_be_told_does_not_hold_up_the_others(referred: Work) -> None:
    def fail_for_the_lead(packet: Packet) -> None:
        if packet.part == "lead":
            raise DeliveryFailed("line_busy")

    referred.sender.meanwhile = fail_for_the_lead
    deliver(referred)
    by_part = {row.part: row for row in referred.all(referrals)}
    assert (by_part["lead"].state, by_part["lead"].failure) == ("PENDING", "line_busy")
    assert by_part["copy"].state == "DELIVERED"


def test_a_packet_is_put_off_twice_as_long_each_time_and_after_five_attempts_a_person_has_the_report(
    referred: Work,
) -> None:
    report_id = referred.all(reports)[0].id
    referred.sender.meanwhile = fail_with("line_busy")
    pauses = []
    for attempt in range(1, 6):
        assert return_undeliverable(referred.context, 50) == 0
        assert deliver(referred) >= 2
        row = referred.all(referrals)[0]
        assert (row.state, row.attempts, row.failure) == ("PENDING", attempt, "line_busy")
        assert deliver(referred) == 0, "it must not be tried again before its pause is over"
        pauses.append(round(row.next_try_at / 1000 - time.time()))
        referred.set_all(referrals, next_try_at=0)
    assert pauses == pytest.approx([10, 20, 40, 80, 160], abs=2)
    assert deliver(referred) == 0

    assert return_undeliverable(referred.context, 50) == 1
    row = referred.report(report_id)
    assert (row.state, row.failure, row.urgency_rank) == ("IN_TRIAGE", "line_busy", Urgency.URGENT.rank)
    now = int(time.time() * 1000)
    assert row.due_at / 60_000 == pytest.approx(
        now / 60_000 + referred.context.rulebook.desk_wait(Urgency.URGENT, now), abs=1
    )
    assert {one.state for one in referred.all(referrals)} == {"FAILED"}
    (line,) = referred.audited("undeliverable")
    assert json.loads(line.detail)["unit"] in {one.unit for one in referred.all(referrals)}
    assert len(referred.audited("failed")) == len(referred.all(referrals))
    assert stored_counts(referred.database) == counted(referred.database) == {("IN_TRIAGE", 1): 1}
    assert return_undeliverable(referred.context, 50) == 0


def test_a_report_that_was_closed_meanwhile_stays_closed_when_its_packet_fails(referred: Work) -> None:
    referred.set_all(referrals, attempts=5)
    referred.set_all(reports, state="CLOSED")
    assert return_undeliverable(referred.context, 50) == 0
    assert referred.states() == ["CLOSED"]
    assert {one.state for one in referred.all(referrals)} == {"FAILED"}


def test_a_packet_that_is_being_sent_for_the_last_time_is_not_given_up_meanwhile(referred: Work) -> None:
    referred.set_all(referrals, attempts=4)
    referred.sender.meanwhile = lambda packet: assert_nothing_was_given_up(referred)
    deliver(referred)
    assert {one.state for one in referred.all(referrals)} == {"DELIVERED"}


def assert_nothing_was_given_up(work: Work) -> None:
    assert return_undeliverable(work.context, 50) == 0
    assert "FAILED" not in {one.state for one in work.all(referrals)}


def test_a_way_to_tell_units_that_nobody_knows_ends_before_a_person(referred: Work) -> None:
    unknown = referred.but(senders={})
    for _ in range(5):
        assert deliver(unknown) >= 2
        unknown.lapse()
    assert return_undeliverable(unknown.context, 50) == 1
    assert unknown.states() == ["IN_TRIAGE"]


def test_a_packet_waits_for_its_grace_when_the_sweep_asks(referred: Work) -> None:
    assert deliver(referred, grace_seconds=3) == 0
    referred.age(4)
    assert deliver(referred, grace_seconds=3) >= 2


def test_the_most_urgent_packets_are_sent_first(work: Work) -> None:
    for urgency in (Urgency.STANDARD, Urgency.IMMEDIATE, Urgency.URGENT):
        work.reader.read = lambda text, urgency=urgency: a_finding(urgency=urgency)
        work.keep()
        work.triage()
    number = len(work.all(referrals)) // 3
    assert deliver_pending(work.context, number) == number
    assert {packet.fields["urgency"] for packet in work.sender.sent} == {"immediate"}
