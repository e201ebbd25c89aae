"""The courier: each way as often as the directory says, the next one after that, and an officer when none is left."""

from __future__ import annotations

import copy
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from config.outgoing import MailServer, TwilioAccount
from reports.database import Database
from reports.made_to_do import take_out
from reports.outgoing import BY_HAND, find_waiting, record_read_out
from reports.stuck import by_unit, stuck_count, stuck_packets
from reports.tables import referrals, reports
from routing.rulebook.units import Unit
from routing.rulebook.ways import Retry
from tests.waiting import wait_until
from tests.workers.made import LEAD, SENDER, RecordingSender, Work
from tests.workers.unit_server import UnitServer, mail_server, unit_server
from workers.carriers.twilio_outgoing import TwilioOutgoing
from workers.courier import carry_once, run_courier
from workers.deliver import deliver_pending
from workers.packing import pack, unpacked
from workers.renew import renew_outside
from workers.senders.mail import MailSender
from workers.senders.packet import Packet
from workers.senders.sender import DeliveryFailed
from workers.senders.sms import SMSSender
from workers.senders.unit_keys import new_key
from workers.senders.webhook import WebhookSender
from workers.stop import Stop
from workers.sweep import return_undeliverable, sweep_once

STORY, NAME = "身份证被扣在砖厂", "无名氏甲"
PAUSE = 120


@dataclass
class Failing:
    """A way that fails as it is told, and counts its tries."""

    code: str = "no_answer"
    is_final: bool = False
    tries: list[Packet] = field(default_factory=list)

    def send(self, packet: Packet, unit: Unit) -> str:
        """Never returns."""
        self.tries.append(packet)
        raise DeliveryFailed(self.code, is_final=self.is_final)


class Outside:
    """A worker whose lead unit is told from outside. The others have their inbox."""

    def __init__(self, work: Work, state: Path) -> None:
        self.work, self.state = work, state

    def told_by(self, *ways: str, **changes: Any) -> Outside:
        """The same with these ways, and other things about the unit."""
        units = copy.copy(self.work.context.rulebook.units)
        found = units.get(LEAD)
        assert found is not None
        units._made = {LEAD: replace(found, delivery=ways, private_network="127.0.0.0/8", **changes)}
        return self.but(rulebook=replace(self.work.context.rulebook, units=units))

    def with_senders(self, **senders: Any) -> Outside:
        """The same with these ways to send."""
        return self.but(senders={**self.work.context.senders, **senders})

    def but(self, **changes: Any) -> Outside:
        """The same with another context."""
        return Outside(self.work.but(**changes), self.state)

    def webhook(self, server: UnitServer, *then: str) -> Outside:
        """The same with a real webhook, and these ways after it."""
        new_key(self.state, LEAD, replace=(self.state / "units").exists())
        sender = WebhookSender(self.state, "https://hotline.example", seconds=1.0)
        return self.told_by("webhook", *then, webhook=server.address).with_senders(webhook=sender)

    def refer(self, number: int = 1) -> None:
        """Puts reports in by the door, thinks, and leaves what is told from outside to the courier."""
        for _ in range(number):
            self.work.keep(STORY, name=NAME)
        while self.work.triage():
            pass
        while deliver_pending(self.work.context, 50):
            pass

    def carry(self) -> int:
        """One pass of the courier."""
        with ThreadPoolExecutor(4) as pool:
            return carry_once(self.work.context, pool)

    def carry_out(self) -> None:
        """Every pass until nothing is due."""
        while self.carry():
            pass

    def later(self) -> None:
        """The pauses are over."""
        self.work.set_all(referrals, next_try_at=0)

    def leads(self) -> list[Any]:
        """The packets of the lead unit."""
        return sorted((row for row in self.work.all(referrals) if row.unit == LEAD), key=lambda row: row.id)

    @property
    def lead(self) -> Any:
        """The one packet of the lead unit."""
        (row,) = self.leads()
        return row


@pytest.fixture
def outside(work: Work, state: Path) -> Outside:
    return Outside(work, state)


@pytest.fixture
def server() -> Iterator[UnitServer]:
    with unit_server() as server:
        yield server


def test_what_goes_outside_is_left_to_the_courier_and_inboxes_have_theirs_at_once(
    outside: Outside, server: UnitServer
) -> None:
    outside = outside.webhook(server)
    outside.refer()
    assert (outside.lead.state, outside.lead.way, outside.lead.attempts) == ("PENDING", "webhook", 0)
    assert {row.state for row in outside.work.all(referrals) if row.unit != LEAD} == {"DELIVERED"}
    assert server.got == []


def test_what_is_taken_out_while_a_unit_is_told_is_in_none_of_its_next_packets(outside: Outside) -> None:
    server = RecordingSender(meanwhile=lambda packet: take_from_the_others(packet))
    outside = outside.told_by("webhook").with_senders(webhook=server)
    outside.refer(2)
    work = outside.work

    def take_from_the_others(packet: Packet) -> None:
        if server.sent:
            return
        for row in [row for row in outside.leads() if row.id != packet.referral_id]:
            key = work.context.keys.opening.open_report_key(row.report_id, work.report(row.report_id).wrapped_key)
            with work.database.write() as connection:
                take_out(work.context.store, connection, row.report_id, key, "u" * 32, STORY[-5:])

    outside.carry_out()
    first, *later = server.sent
    assert first.fields["text"] == STORY
    assert later
    assert not any(STORY[-5:] in packet.fields["text"] for packet in later)


def test_what_is_taken_out_while_a_packet_is_sent_reaches_its_unit_under_another_name(outside: Outside) -> None:
    """The unit has the first delivery before we know of it, and leaves what comes under the same name again."""
    server = RecordingSender(meanwhile=lambda packet: take_from(packet))
    outside = outside.told_by("webhook").with_senders(webhook=server)
    outside.refer()
    work = outside.work

    def take_from(packet: Packet) -> None:
        if server.sent:
            return
        row = outside.lead
        key = work.context.keys.opening.open_report_key(row.report_id, work.report(row.report_id).wrapped_key)
        with work.database.write() as connection:
            take_out(work.context.store, connection, row.report_id, key, "u" * 32, STORY[-5:])

    outside.carry_out()
    while renew_outside(work.context, 50):
        pass
    taken_by_the_unit = {packet.delivery_id: packet.fields["text"] for packet in reversed(server.sent)}
    assert len(taken_by_the_unit) == 2
    assert STORY[-5:] in taken_by_the_unit[outside.lead.id]
    assert STORY[-5:] not in server.sent[-1].fields["text"]
    assert server.sent[-1].delivery_id != outside.lead.id
    assert (outside.lead.state, outside.lead.to_renew) == ("DELIVERED", 0)


def test_the_courier_delivers_with_receipt_clock_and_audit_line(outside: Outside, server: UnitServer) -> None:
    server.answer = b'{"receipt": "R-17"}'
    outside = outside.webhook(server)
    outside.refer()
    assert outside.carry() == 1
    row = outside.lead
    assert (row.state, row.way, row.unit_receipt, row.lease_token) == ("DELIVERED", "webhook", "R-17", None)
    assert row.due_at > row.delivered_at >= row.created_at
    (request,) = server.got
    data = json.loads(request.body)["data"]
    assert (data["referral"], data["fields"]["text"], data["fields"]["reporter_name"]) == (row.id, STORY, NAME)
    assert (
        outside.work.packet_of(row)
        == json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    )
    (line,) = (one for one in outside.work.audited("delivered") if one.object == f"referral:{row.id}")
    assert json.loads(line.detail)["way"] == "webhook"
    assert outside.carry() == 0


def test_a_server_that_failed_once_gets_the_same_again_after_two_minutes(outside: Outside, server: UnitServer) -> None:
    server.statuses = [500, 200]
    outside = outside.webhook(server)
    outside.refer()
    outside.carry_out()
    row = outside.lead
    assert (row.state, row.attempts, row.failure) == ("PENDING", 1, "server_error")
    assert row.next_try_at / 1000 - time.time() == pytest.approx(PAUSE, abs=3)
    assert len(server.got) == 1
    outside.later()
    outside.carry_out()
    assert outside.lead.state == "DELIVERED"
    first, second = server.got
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


def test_an_answer_that_was_lost_is_asked_for_again_and_delivered_once(outside: Outside, server: UnitServer) -> None:
    def drop(handler: Any) -> None:
        server.before = lambda handler: None
        handler.connection.shutdown(socket.SHUT_RDWR)

    server.before = drop
    outside = outside.webhook(server)
    outside.refer()
    outside.carry_out()
    assert (outside.lead.state, outside.lead.failure) == ("PENDING", "no_answer")
    outside.later()
    outside.carry_out()
    assert len({one.headers["idempotency-key"] for one in server.got}) == 1
    assert len([one for one in outside.work.audited("delivered") if one.object == f"referral:{outside.lead.id}"]) == 1


def test_after_twenty_tries_the_packet_is_with_an_officer_and_its_clock_runs(outside: Outside) -> None:
    failing = Failing()
    outside = outside.told_by("webhook").with_senders(webhook=failing)
    outside.refer()
    due_at = outside.lead.due_at
    for number in range(1, 20):
        assert outside.carry() == 1
        assert (outside.lead.way, outside.lead.attempts) == ("webhook", number)
        assert outside.carry() == 0, "it must not be tried again before its pause is over"
        outside.later()
    assert outside.carry() == 1
    row = outside.lead
    assert len(failing.tries) == 20
    assert (row.state, row.way, row.ways_failed) == ("PENDING", BY_HAND, "webhook:no_answer")
    assert row.due_at == due_at is not None
    outside.later()
    assert outside.carry() == 0
    assert return_undeliverable(outside.work.context, 50) == 0
    assert outside.work.states() == ["REFERRED"]
    (line,) = outside.work.audited("way_given_up")
    assert json.loads(line.detail) == {"unit": LEAD, "way": "webhook", "why": "no_answer", "next": "by_hand"}


def test_an_address_that_is_gone_is_with_an_officer_at_once(outside: Outside, server: UnitServer) -> None:
    server.statuses = [410]
    outside = outside.webhook(server)
    outside.refer()
    outside.carry_out()
    assert (outside.lead.way, outside.lead.ways_failed) == (BY_HAND, "webhook:gone")
    assert len(server.got) == 1


def test_a_packet_that_is_refused_goes_the_next_way_at_once(outside: Outside, server: UnitServer) -> None:
    server.statuses = [422]
    answer = json.dumps({"sid": "SM" + "0" * 32}).encode()
    with unit_server(statuses=[201], answer=answer) as twilio:
        account = TwilioAccount(
            account_sid="AC" + "0" * 32, auth_token="0" * 32, number="+15005550006",
            base_url=twilio.address.partition("/packets")[0],
        )  # fmt: skip
        gateway = SMSSender(TwilioOutgoing(account), outside.work.context.rulebook.units.terms.notice)
        outside = outside.webhook(server, "sms").with_senders(sms=gateway)
        units = outside.work.context.rulebook.units
        units._made[LEAD] = replace(units.recipient(LEAD), sms="+8613800000000")
        outside.refer()
        outside.carry_out()
    row = outside.lead
    assert (row.state, row.way, row.ways_failed) == ("DELIVERED", "sms", "webhook:refused")
    (text,) = twilio.got
    assert parse_qs(text.body.decode())["Body"] == ["有一份材料等待贵单位查收，请登录系统查看。"]
    # The packet itself waits in the unit's inbox.
    assert STORY.encode() in outside.work.packet_of(row)


def test_a_notice_by_mail_holds_nothing_of_the_packet_that_waits_in_the_inbox(outside: Outside) -> None:
    with mail_server() as mail:
        place = MailServer(
            scheme="smtp", host="127.0.0.1", port=mail.port, user="", password="", sender="n@hotline.example"
        )
        notice = outside.work.context.rulebook.units.terms.notice
        outside = outside.told_by("mail", mail="desk@example.cn").with_senders(mail=MailSender(place, notice))
        outside.refer()
        outside.carry_out()
    assert (outside.lead.state, outside.lead.way) == ("DELIVERED", "mail")
    (report,) = outside.work.all(reports)
    (message,) = mail.messages
    for word in (STORY, NAME, SENDER, report.reference, "forced_labour", "urgent"):
        assert word.encode() not in message


def test_all_ways_are_tried_in_their_order_and_the_inbox_ends_them(outside: Outside) -> None:
    senders: dict[str, Any] = {way: Failing(code=f"no_{way}", is_final=True) for way in ("webhook", "mail", "sms")}
    outside = outside.told_by("sms", "webhook", "mail", "inbox").with_senders(**senders)
    outside.refer()
    outside.carry_out()
    row = outside.lead
    assert (row.state, row.way) == ("DELIVERED", "inbox")
    assert row.ways_failed == "sms:no_sms webhook:no_webhook mail:no_mail"


def test_a_unit_that_is_only_told_by_hand_is_with_an_officer_from_the_beginning(outside: Outside) -> None:
    outside = outside.told_by("by_hand")
    outside.refer()
    assert (outside.lead.way, outside.lead.ways_failed) == (BY_HAND, "")
    assert outside.carry() == 0


def test_a_way_that_nobody_knows_ends_with_an_officer(outside: Outside) -> None:
    outside = outside.told_by("webhook")
    outside.refer()
    for _ in range(20):
        outside.carry_out()
        outside.later()
    assert outside.lead.ways_failed == "webhook:KeyError"


def test_a_unit_that_lost_a_way_in_the_directory_begins_with_what_it_has_now(outside: Outside) -> None:
    before = outside.told_by("webhook").with_senders(webhook=Failing())
    before.refer()
    before.carry_out()
    after = before.told_by("inbox")
    after.later()
    after.carry_out()
    assert (after.lead.state, after.lead.way, after.lead.ways_failed) == (
        "DELIVERED",
        "inbox",
        "webhook:directory_changed",
    )


def test_a_sender_that_breaks_is_tried_again_like_one_that_fails(outside: Outside) -> None:
    def break_once(packet: Packet) -> None:
        sender.meanwhile = lambda packet: None
        raise RuntimeError(STORY)

    sender = RecordingSender(meanwhile=break_once)
    outside = outside.told_by("webhook").with_senders(webhook=sender)
    outside.refer()
    outside.carry_out()
    assert outside.lead.failure == "RuntimeError"
    outside.later()
    outside.carry_out()
    assert outside.lead.state == "DELIVERED"


def test_a_report_that_does_not_open_is_with_an_officer_at_once(outside: Outside) -> None:
    sender = RecordingSender()
    outside = outside.told_by("webhook").with_senders(webhook=sender)
    outside.refer()
    outside.work.set_all(reports, wrapped_key=b"broken")
    outside.carry_out()
    assert outside.lead.way == BY_HAND
    assert outside.lead.failure
    assert sender.sent == []


def test_a_courier_that_died_in_the_middle_counts_as_a_try(outside: Outside) -> None:
    failing = Failing()
    outside = outside.told_by("webhook").with_senders(webhook=failing)
    outside.refer()
    outside.work.set_all(referrals, attempts=20, failure=None)
    outside.carry_out()
    assert failing.tries == []
    assert (outside.lead.way, outside.lead.ways_failed) == (BY_HAND, "webhook:no_answer")


def test_a_unit_that_cannot_be_reached_is_called_once_for_all_its_packets(outside: Outside) -> None:
    failing = Failing()
    outside = outside.told_by("webhook").with_senders(webhook=failing)
    outside.refer(number=25)
    outside.carry_out()
    assert len(failing.tries) == 1
    assert {row.attempts for row in outside.leads()} == {1}
    assert {row.failure for row in outside.leads()} == {"no_answer"}
    for _ in range(19):
        outside.later()
        outside.carry_out()
    assert {row.way for row in outside.leads()} == {BY_HAND}
    assert len(failing.tries) == 20


def test_a_refusal_of_one_packet_does_not_hold_up_the_others(outside: Outside, server: UnitServer) -> None:
    server.statuses = [400, 200]
    outside = outside.webhook(server)
    outside.refer(number=5)
    outside.carry_out()
    assert sorted(row.state for row in outside.leads()) == ["DELIVERED"] * 4 + ["PENDING"]


def test_a_slow_unit_does_not_hold_up_another(outside: Outside) -> None:
    slow = RecordingSender(meanwhile=lambda packet: time.sleep(0.8))
    fast = RecordingSender()
    outside = outside.told_by("webhook").with_senders(webhook=slow, sms=fast)
    units = outside.work.context.rulebook.units
    other = next(row.unit for row in _copies(outside))
    units._made[other] = replace(units.recipient(other), delivery=("sms",))
    outside.refer(number=3)
    started = time.monotonic()
    outside.carry()
    assert time.monotonic() - started < 2.4 + 3
    assert {packet.unit for packet in fast.sent} == {other}


def _copies(outside: Outside) -> list[Any]:
    outside.refer()
    outside.work.set_all(referrals, state="REVOKED")
    return [row for row in outside.work.all(referrals) if row.unit != LEAD]


def test_two_couriers_at_once_share_the_packets(outside: Outside) -> None:
    sender = RecordingSender(meanwhile=lambda packet: time.sleep(0.005))
    outside = outside.told_by("webhook").with_senders(webhook=sender)
    outside.refer(number=20)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: outside.carry_out(), range(2)))
    assert {row.state for row in outside.leads()} == {"DELIVERED"}
    told = [packet.referral_id for packet in sender.sent]
    assert sorted(told) == sorted(row.id for row in outside.leads())


def test_a_packet_called_back_while_it_was_sent_stays_called_back(outside: Outside) -> None:
    def call_back(packet: Packet) -> None:
        context = outside.work.context
        with context.database.write() as connection:
            context.store.revoke_live_referrals(connection, outside.work.all(reports)[0].id, "o" * 32, keep=frozenset())

    outside = outside.told_by("webhook").with_senders(webhook=RecordingSender(meanwhile=call_back))
    outside.refer()
    outside.carry_out()
    assert outside.lead.state == "REVOKED"
    assert outside.lead.sealed_packet is None


def read_out(outside: Outside, version: int) -> None:
    context = outside.work.context
    with context.database.write() as connection:
        referral = find_waiting(connection, outside.lead.id).referral
        packed = pack(
            context.keys, referral, unpacked(connection, [referral])[referral.referral_id], context.rulebook.made_to_do
        )
        record_read_out(context.store, connection, referral.referral_id, version, "o" * 32, packed.sealed, 60)


def test_an_officer_may_read_out_before_the_last_try_and_then_nobody_tries_again(outside: Outside) -> None:
    failing = Failing()
    outside = outside.told_by("webhook").with_senders(webhook=failing)
    outside.refer()
    outside.carry_out()
    read_out(outside, outside.lead.version)
    outside.later()
    outside.carry_out()
    assert (outside.lead.state, outside.lead.way) == ("DELIVERED", BY_HAND)
    assert len(failing.tries) == 1


def test_a_packet_read_out_while_it_was_sent_is_delivered_once(outside: Outside) -> None:
    sender = RecordingSender(meanwhile=lambda packet: read_out(outside, outside.lead.version))
    outside = outside.told_by("webhook").with_senders(webhook=sender)
    outside.refer()
    outside.carry_out()
    assert (outside.lead.state, outside.lead.way) == ("DELIVERED", BY_HAND)
    about = f"referral:{outside.lead.id}"
    assert [line for line in outside.work.audited("delivered") if line.object == about] == []
    assert [line.object for line in outside.work.audited("read_out")] == [about]


def test_what_is_stuck_is_told_by_unit_with_its_reasons(outside: Outside) -> None:
    outside = outside.told_by("mail", "webhook").with_senders(
        mail=Failing(code="mail_refused", is_final=True), webhook=Failing()
    )
    outside.refer(number=2)
    database: Database = outside.work.database
    with database.read() as connection:
        assert stuck_packets(connection) == ()
    outside.carry_out()
    with database.read() as connection:
        (unit,) = by_unit(stuck_packets(connection))
        assert stuck_count(connection) == 2
    assert (unit.unit, len(unit.packets), unit.by_hand) == (LEAD, 2, 0)
    assert unit.reasons == ("mail:mail_refused", "webhook:no_answer")
    assert unit.since == min(row.created_at for row in outside.leads())


def test_a_packet_that_is_late_is_stuck_though_nothing_failed(outside: Outside) -> None:
    outside = outside.told_by("webhook").with_senders(webhook=RecordingSender())
    outside.refer()
    outside.work.set_all(referrals, due_at=1)
    with outside.work.database.read() as connection:
        (packet,) = stuck_packets(connection)
    assert packet.left is not None
    assert packet.left < 0
    assert (packet.way, packet.reasons) == ("webhook", ())


def test_the_sweep_never_waits_for_a_line_outside(outside: Outside) -> None:
    asked: list[Packet] = []

    def wait(packet: Packet) -> None:
        asked.append(packet)
        time.sleep(5)

    outside = outside.told_by("webhook").with_senders(webhook=RecordingSender(meanwhile=wait))
    outside.work.keep(STORY)
    outside.work.age(10)
    started = time.monotonic()
    for _ in range(3):
        sweep_once(outside.work.context)
        outside.work.lapse()
        outside.work.age(10)
    assert outside.lead.way == "webhook"
    assert asked == []
    assert time.monotonic() - started < 12


def test_the_courier_runs_until_it_is_told_to_stop_and_says_that_it_lives(
    outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    sender = RecordingSender(meanwhile=_once(RuntimeError(STORY + NAME + SENDER)))
    outside = outside.told_by("webhook").with_senders(webhook=sender)
    outside = outside.but(machine=replace(outside.work.context.machine, sweep_seconds=0.05))
    units = outside.work.context.rulebook.units
    units.terms = replace(units.terms, retries={**units.terms.retries, "webhook": Retry(tries=3, pause_seconds=1)})
    stop = Stop()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run_courier, outside.work.context, stop)
        outside.refer()
        try:
            wait_until(lambda: outside.lead.state == "DELIVERED")
        finally:
            stop.ask()
        running.result(15)
    for word in (STORY, NAME, SENDER):
        assert word not in caplog.text
    assert "RuntimeError" in [getattr(line, "code", "") for line in caplog.records]


def _once(fault: Exception) -> Callable[[Packet], None]:
    faults = [fault]

    def fail(packet: Packet) -> None:
        if faults:
            raise faults.pop()

    return fail


def test_nothing_personal_is_in_any_log_or_row_beside_the_sealed_ones(
    outside: Outside, server: UnitServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    server.statuses = [500, 410]
    outside = outside.webhook(server)
    outside.refer()
    outside.carry_out()
    outside.later()
    outside.carry_out()
    assert outside.lead.way == BY_HAND
    rows = [str(row._mapping) for row in outside.work.all(referrals)]
    lines = [str(row._mapping) for action in ("way_given_up", "delivered") for row in outside.work.audited(action)]
    for word in (STORY, NAME, SENDER):
        assert word not in caplog.text
        assert all(word not in one for one in (*rows, *lines))
    with suppress(AttributeError):
        assert all(STORY not in str(record.__dict__) for record in caplog.records)
