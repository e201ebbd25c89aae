"""Joining: what adds to a report is moved to it whole, once, and the report is read again; nothing is lost by it."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import update

from reports.claims import claim_waiting
from reports.content import Content, NewReport
from reports.correspondents import Wrote, write_about
from reports.joining import join
from reports.keeping import Keeper
from reports.own_reports import own_reports
from reports.records import finding_from_json
from reports.recusals import lift_area
from reports.states import ReportState
from reports.steps import Outcome, Standing
from reports.tables import correspondents, decisions, findings, messages, referrals, reports
from reports.values import Channel, Urgency
from routing.rulebook.units import Unit
from tests.reports.made import counted, stored_counts
from tests.workers.made import RecordingSender, Work
from tests.workers.phone import NUMBER, OTHER, RUILI, YEXIAN, ListeningReader, Phone
from workers.deliver import deliver_pending
from workers.renew import renew_inboxes, renew_outside
from workers.senders.packet import Packet
from workers.sweep import sweep_once
from workers.triage import hand_to_a_person, triage_waiting


@pytest.fixture
def phone(work: Work) -> Phone:
    """Somebody's telephone, and a worker that listens."""
    return Phone(work.but(reader=ListeningReader()))


def assert_counts_hold(phone: Phone) -> None:
    assert stored_counts(phone.work.database) == counted(phone.work.database)


def test_texts_of_one_number_wait_for_each_other_and_are_read_as_one_report(phone: Phone) -> None:
    first = phone.send("they took my papers")
    phone.triage()
    assert phone.work.report(first).state == "RECEIVED"
    second = phone.send("and we may not leave")
    phone.triage()
    assert phone.work.report(first).state == "RECEIVED"
    row = phone.work.report(second)
    assert (row.state, row.merged_into) == ("MERGED", first)
    assert phone.says(first) == "they took my papers\nand we may not leave"
    phone.quiet()
    phone.triage()
    assert phone.work.report(first).state == "IN_TRIAGE"
    assert len(phone.work.all(findings)) == 1
    assert_counts_hold(phone)


def test_a_text_that_completes_what_was_told_is_not_left_waiting(phone: Phone) -> None:
    first = phone.send("they took my papers")
    phone.triage()
    phone.send("a brickyard in Ruili")
    phone.triage()
    assert (phone.work.report(first).state, phone.lead(first)) == ("REFERRED", f"public_security-{RUILI}")


def test_a_text_that_is_clear_by_itself_does_not_wait(phone: Phone) -> None:
    first = phone.send("a brickyard in Ruili took our papers")
    phone.triage()
    assert phone.work.report(first).state == "REFERRED"


def test_danger_breaks_the_quiet_at_once(phone: Phone) -> None:
    first = phone.send("they took my papers")
    phone.triage()
    phone.send("I am locked in")
    phone.triage()
    row = phone.work.report(first)
    assert (row.state, row.urgency_rank) == ("IN_TRIAGE", Urgency.IMMEDIATE.rank)


def test_whoever_never_stops_writing_is_read_after_the_longest_quiet(phone: Phone) -> None:
    first = phone.send("one thing")
    machine = phone.work.context.machine
    for number in range(int(machine.longest_quiet_seconds / (machine.quiet_seconds - 5)) + 1):
        assert phone.work.report(first).state == "RECEIVED"
        phone.work.age(machine.quiet_seconds - 5)
        phone.send(f"and another {number}")
        phone.triage()
    assert phone.work.report(first).state == "IN_TRIAGE"


def test_other_numbers_and_senders_that_are_no_numbers_are_reports_of_their_own(phone: Phone) -> None:
    ids = [phone.send("x", sender) for sender in (NUMBER, OTHER, "10086", "10086", "Bank", "Bank", "", "")]
    phone.triage()
    assert all(phone.work.report(report_id).merged_into is None for report_id in ids)
    # Nobody can write again from a sender that is no number, so nobody waits for it.
    assert [phone.work.report(report_id).state for report_id in ids] == ["RECEIVED"] * 2 + ["IN_TRIAGE"] * 6


def test_after_a_long_silence_a_text_begins_a_new_report(phone: Phone) -> None:
    first = phone.send("a brickyard in Ruili")
    phone.triage()
    silence = int((phone.work.context.machine.conversation_days + 1) * 86_400_000)
    phone.work.set_all(correspondents, wrote_at=correspondents.c.wrote_at - silence)
    second = phone.send("another thing in Yexian")
    phone.triage()
    assert {phone.work.report(one).state for one in (first, second)} == {"REFERRED"}
    assert phone.lead(second) == f"public_security-{YEXIAN}"


def test_what_a_door_says_adds_to_a_report_is_joined_to_it_whatever_its_channel(phone: Phone) -> None:
    first = phone.send("a brickyard took our papers")
    phone.quiet()
    phone.triage()
    later = phone.send("it is in Ruili", "", channel=Channel.WEB, source="web", follows=first)
    phone.triage()
    assert phone.work.report(later).merged_into == first
    assert phone.says(first) == "a brickyard took our papers\nit is in Ruili"
    assert phone.lead(first) == f"public_security-{RUILI}"
    (joined,), (added,) = phone.work.audited("joined"), phone.work.audited("added")
    assert (joined.object, added.object) == (f"report:{later}", f"report:{first}")
    assert json.loads(added.detail)["from_report"] == later


def test_a_repeat_of_a_delivery_that_was_joined_is_told_what_it_was_told_first(phone: Phone) -> None:
    phone.send("a brickyard took our papers")
    keeper = Keeper(phone.work.database, phone.work.door_keys)
    again = NewReport(
        channel=Channel.SMS, source="twilio", source_id="SM9", content=Content(text="in Ruili", sender=NUMBER), raw=b"1"
    )
    told_first = keeper.keep(again, urgent=False)
    phone.triage()
    assert keeper.keep(again, urgent=False) == replace(told_first, repeated=True)
    assert len(phone.work.all(messages)) == 2
    assert phone.triage() == 0


def test_the_first_finding_stays_and_the_new_one_stands_beside_it(phone: Phone) -> None:
    first = phone.send("they took my papers")
    phone.quiet()
    phone.triage()
    phone.send("I am in Ruili")
    phone.triage()
    assert [row.number for row in phone.work.all(findings)] == [1, 2]
    assert [row.number for row in phone.work.all(decisions)] == [1, 2]
    assert phone.work.report(first).state == "REFERRED"
    (line,) = phone.work.audited("read_again")
    assert json.loads(line.detail)["to"] == "REFERRED"
    assert_counts_hold(phone)


def referred(phone: Phone, text: str = "a brickyard in Ruili took our papers") -> str:
    """A report whose units have their packets."""
    report_id = phone.send(text)
    phone.triage()
    deliver_pending(phone.work.context, 50)
    return report_id


def test_a_unit_that_has_the_case_gets_what_is_new_in_the_same_packet_and_is_not_told_twice(phone: Phone) -> None:
    report_id = referred(phone)
    before = phone.live(report_id)
    phone.send("there are twelve of us")
    phone.triage()
    assert phone.work.report(report_id).to_read_at is not None
    phone.quiet()
    phone.triage()
    assert phone.live(report_id) == before
    assert renew_inboxes(phone.work.context, 50) == len(before)
    assert renew_inboxes(phone.work.context, 50) == 0
    (lead,) = [row for row in phone.work.all(referrals) if row.part == "lead"]
    assert "there are twelve of us" in phone.work.packet_of(lead).decode()
    assert lead.renewed_at >= lead.delivered_at
    assert len(phone.work.audited("renewed")) == len(before)
    assert_counts_hold(phone)


def test_a_packet_that_nobody_has_packed_yet_holds_everything_and_needs_no_renewal(phone: Phone) -> None:
    report_id = phone.send("a brickyard in Ruili took our papers")
    phone.triage()
    phone.send("there are twelve of us")
    phone.triage()
    phone.quiet()
    phone.triage()
    deliver_pending(phone.work.context, 50)
    assert renew_inboxes(phone.work.context, 50) == 0
    (lead,) = [row for row in phone.work.all(referrals) if row.report_id == report_id and row.part == "lead"]
    assert "there are twelve of us" in phone.work.packet_of(lead).decode()


def test_somebody_who_was_taken_elsewhere_is_told_of_there_and_the_first_unit_is_called_back(phone: Phone) -> None:
    report_id = referred(phone)
    phone.send("now they drove me to Yexian")
    phone.triage()
    assert phone.lead(report_id) == f"public_security-{YEXIAN}"
    assert f"public_security-{RUILI}" not in phone.live(report_id)
    assert_counts_hold(phone)


def test_the_machine_takes_no_case_from_a_unit_that_accepted_it(phone: Phone) -> None:
    report_id = referred(phone)
    accept(phone)
    phone.send("now they drove me to Yexian")
    phone.quiet()
    phone.triage()
    row = phone.work.report(report_id)
    assert (row.state, "more_told" in row.flags) == ("IN_TRIAGE", True)
    assert phone.live(report_id)[f"public_security-{RUILI}"] == "ACCEPTED"


def test_danger_elsewhere_is_told_at_once_to_whoever_is_there_beside_the_unit_that_has_the_case(phone: Phone) -> None:
    report_id = referred(phone)
    accept(phone)
    phone.send("locked in in Yexian now")
    phone.triage()
    row = phone.work.report(report_id)
    assert (row.state, row.urgency_rank) == ("REFERRED", Urgency.IMMEDIATE.rank)
    live = phone.live(report_id)
    assert {f"public_security-{RUILI}", f"public_security-{YEXIAN}"} <= set(live)


def accept(phone: Phone) -> None:
    rows = update(referrals).where(referrals.c.part == "lead")
    with phone.work.database.write() as connection:
        connection.execute(rows.values(state="ACCEPTED", accepted_at=referrals.c.delivered_at))


def by_an_officer(phone: Phone, report_id: str, after: ReportState, verb: str) -> None:
    """An officer judges the report, as the desk writes it."""
    row = phone.work.report(report_id)
    standing = Standing(
        report_id=report_id, reference=row.reference, state=ReportState(row.state),
        urgency=Urgency.from_rank(row.urgency_rank), version=row.version, to_read_at=row.to_read_at,
    )  # fmt: skip
    outcome = Outcome(standing=standing, after=after, urgency=standing.urgency, actor="officer", action=verb)
    keys = phone.work.context.keys.opening
    with phone.work.database.write() as connection:
        key = keys.open_report_key(report_id, row.wrapped_key)
        phone.work.context.store.remark(connection, report_id, key, "officer", verb, "why")
        phone.work.context.store.advance(connection, [outcome])


def test_what_joins_a_closed_report_brings_it_back_before_a_person(phone: Phone) -> None:
    report_id = referred(phone)
    by_an_officer(phone, report_id, ReportState.CLOSED, "closed")
    phone.send("we are still here")
    phone.quiet()
    phone.triage()
    row = phone.work.report(report_id)
    assert (row.state, "more_told" in row.flags, row.due_at is not None) == ("IN_TRIAGE", True, True)
    assert_counts_hold(phone)


def test_no_reading_ends_a_recusal_or_sets_one_again_that_two_reviewers_lifted(phone: Phone) -> None:
    report_id = phone.send("the Ruili police are in it")
    phone.quiet()
    phone.triage()
    assert phone.work.report(report_id).recused == RUILI
    phone.send("never mind")
    phone.quiet()
    phone.triage()
    row = phone.work.report(report_id)
    assert (row.recused, row.state) == (RUILI, "IN_TRIAGE")
    lifted = phone.send("the Yexian police are in it", OTHER)
    phone.quiet()
    phone.triage()
    with phone.work.database.write() as connection:
        lift_area(phone.work.context.store.chain, connection, lifted, YEXIAN, "reviewers")
    phone.send("we may not leave", OTHER)
    phone.quiet()
    phone.triage()
    assert len([row for row in phone.work.all(findings) if row.report_id == lifted]) == 2
    assert phone.work.report(lifted).recused is None


def test_the_machine_does_not_judge_over_an_officer(phone: Phone) -> None:
    report_id = phone.send("they took my papers")
    phone.quiet()
    phone.triage()
    by_an_officer(phone, report_id, ReportState.QUARANTINED, "quarantined")
    phone.send("I am in Ruili")
    phone.quiet()
    phone.triage()
    row = phone.work.report(report_id)
    assert (row.state, len(phone.work.all(findings)), phone.live(report_id)) == ("IN_TRIAGE", 1, {})


def test_the_machine_never_lowers_an_urgency_by_what_joins(phone: Phone) -> None:
    report_id = referred(phone, "locked in in Ruili")
    phone.send("never mind, I am fine")
    phone.quiet()
    phone.triage()
    row = phone.work.report(report_id)
    # Whoever holds the telephone may have been made to write it: a person looks, and the units keep the case.
    assert (row.state, row.urgency_rank) == ("IN_TRIAGE", Urgency.IMMEDIATE.rank)
    assert phone.live(report_id)
    newest = finding_from_json(phone.work.all(findings)[-1].body)
    assert newest.labels.urgency is Urgency.IMMEDIATE


def test_two_workers_that_join_at_once_make_one_report_of_everything(phone: Phone) -> None:
    for number in range(12):
        phone.send(f"text {number} from Ruili", urgent_number(number))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: triage_waiting(phone.work.context, "normal", 3), range(12)))
    phone.triage()
    phone.quiet()
    phone.triage()
    own = [row for row in phone.work.all(reports) if row.merged_into is None]
    assert {row.state for row in own} == {"REFERRED"}
    assert len(own) == 2
    said = "\n".join(phone.says(row.id) for row in own)
    assert sorted(said.split("\n")) == sorted(f"text {number} from Ruili" for number in range(12))
    assert len(phone.work.audited("joined")) == 10
    assert_counts_hold(phone)


def urgent_number(number: int) -> str:
    return (NUMBER, OTHER)[number % 2]


def test_a_worker_that_lost_its_lease_joins_nothing(phone: Phone) -> None:
    first = phone.send("they took my papers")
    phone.triage()
    second = phone.send("and more")
    (late,) = claim_waiting(phone.work.database, "normal", 5, 15, 5)
    phone.work.lapse()
    phone.triage()
    with phone.work.database.write() as connection:
        context = phone.work.context
        assert join(context.store, connection, context.keys, late, first) is None
    assert phone.says(first) == "they took my papers\nand more"
    assert len(phone.work.audited("joined")) == 1
    assert phone.work.report(second).state == "MERGED"


@pytest.mark.parametrize("target", ["nobody", "itself", "broken"])
def test_what_cannot_be_joined_is_triaged_by_itself(phone: Phone, target: str) -> None:
    first = phone.send("a brickyard")
    phone.quiet()
    phone.triage()
    if target == "broken":
        phone.work.set_all(reports, wrapped_key=b"spoilt")
    follows = {"nobody": "0" * 32, "itself": "", "broken": first}[target]
    second = phone.send("a mine in Ruili", "", follows=follows)
    if target == "itself":
        phone.work.set_all(reports, follows=second)
    phone.triage()
    row = phone.work.report(second)
    assert (row.state, row.merged_into) == ("REFERRED", None)
    assert phone.says(second) == "a mine in Ruili"


def test_a_chain_of_additions_ends_in_the_first_report(phone: Phone) -> None:
    first = phone.send("one", "")
    second = phone.send("two", "", follows=first)
    third = phone.send("three", "", follows=second)
    phone.triage()
    fourth = phone.send("four", "", follows=third)
    phone.triage()
    assert {phone.work.report(one).merged_into for one in (second, third, fourth)} <= {first, second}
    assert sorted(phone.says(first).split("\n")) == ["four", "one", "three", "two"]
    assert all(phone.says(one) == "" for one in (second, third, fourth))


def test_what_was_joined_to_a_report_that_is_joined_itself_stands_where_all_of_it_lies(phone: Phone) -> None:
    first = phone.send("a brickyard in Ruili", "")
    second = phone.send("two", "", follows=first)
    third = phone.send("locked in", "", follows=second)
    phone.work.triage("urgent")
    assert phone.work.report(third).merged_into == second
    phone.triage()
    phone.work.set_all(reports, partner="p" * 32)
    with phone.work.database.read() as connection:
        stand = own_reports(connection, "p" * 32)
    assert {one.report_id: one.state for one in stand} == dict.fromkeys((first, second, third), ReportState.REFERRED)


def test_what_joins_while_a_report_is_being_read_is_read_after_it(phone: Phone) -> None:
    first = phone.send("a brickyard in Ruili")
    (held,) = claim_waiting(phone.work.database, "normal", 5, 15, 5)
    later = phone.send("we are twelve", "", follows=first)
    assert phone.work.triage() == 1
    assert phone.work.report(later).merged_into == first
    # The one that was reading still finishes what it began.
    standing = Standing(
        report_id=first, reference=held.reference, state=held.state, urgency=held.urgency, lease_token=held.token,
        to_read_at=held.to_read_at,
    )  # fmt: skip
    step = Outcome(standing=standing, after=ReportState.IN_TRIAGE, urgency=Urgency.URGENT, actor="machine", action="x")
    with phone.work.database.write() as connection:
        assert phone.work.context.store.advance(connection, [step])
    assert phone.work.report(first).to_read_at is not None
    phone.triage()
    row = phone.work.report(first)
    assert (row.state, row.to_read_at) == ("REFERRED", None)


def test_an_officer_who_has_seen_all_of_it_leaves_nothing_to_be_read_again(phone: Phone) -> None:
    report_id = phone.send("they took my papers")
    phone.quiet()
    phone.triage()
    phone.send("and more")
    phone.triage()
    by_an_officer(phone, report_id, ReportState.IN_TRIAGE, "corrected")
    assert phone.work.report(report_id).to_read_at is None
    assert phone.triage() == 0


def test_an_officer_who_has_not_seen_what_joined_is_told_so(phone: Phone) -> None:
    report_id = phone.send("they took my papers")
    phone.quiet()
    phone.triage()
    version = phone.work.report(report_id).version
    phone.send("and more")
    phone.triage()
    assert phone.work.report(report_id).version > version


def test_a_text_that_cannot_be_read_again_is_handed_to_a_person_and_the_units_keep_the_case(phone: Phone) -> None:
    report_id = referred(phone)
    phone.send("poison")
    for _ in range(phone.work.context.machine.attempts + 1):
        phone.work.triage()
    assert hand_to_a_person(phone.work.context, 50) == 1
    row = phone.work.report(report_id)
    assert (row.state, row.to_read_at) == ("IN_TRIAGE", None)
    assert phone.live(report_id)
    assert hand_to_a_person(phone.work.context, 50) == 0


def test_what_waits_for_more_texts_comes_back_by_the_sweep_alone(phone: Phone) -> None:
    """Nobody hears the bell: Redis is away."""
    phone.work.context.bell.answers = False  # type: ignore[attr-defined]
    report_id = phone.send("they took my papers")
    sweep_once(phone.work.context)
    assert phone.work.report(report_id).state == "RECEIVED"
    phone.work.age(phone.work.context.machine.grace_seconds + 1)
    assert sweep_once(phone.work.context).triaged == 1
    assert phone.work.report(report_id).state == "RECEIVED"
    assert sweep_once(phone.work.context).triaged == 0
    phone.quiet()
    assert sweep_once(phone.work.context).triaged == 1
    assert phone.work.report(report_id).state == "IN_TRIAGE"


def test_a_unit_that_cannot_be_told_what_is_new_is_left_to_an_officer(phone: Phone) -> None:
    report_id = referred(phone)
    phone.send("there are twelve of us")
    phone.quiet()
    phone.triage()
    phone.work.set_all(reports, wrapped_key=b"spoilt")
    for _ in range(phone.work.context.machine.attempts):
        assert renew_inboxes(phone.work.context, 50)
        phone.work.lapse()
    assert renew_inboxes(phone.work.context, 50) == 0
    assert "unit_behind" in phone.work.report(report_id).flags


@dataclass
class NotingSender:
    """A unit's own server, which notes what it is given."""

    packets: list[Packet] = field(default_factory=list)

    def send(self, packet: Packet, unit: Unit) -> str:
        self.packets.append(packet)
        return ""


def test_a_unit_that_is_told_from_outside_is_told_again_under_another_id(phone: Phone) -> None:
    report_id = referred(phone)
    phone.work.set_all(referrals, way="webhook")
    server = NotingSender()
    courier = phone.work.but(senders={"webhook": server}).context
    phone.send("there are twelve of us")
    phone.quiet()
    phone.triage()
    assert renew_inboxes(phone.work.context, 50) == 0
    assert renew_outside(courier, 50) == len(phone.live(report_id))
    assert renew_outside(courier, 50) == 0
    lead = next(packet for packet in server.packets if packet.part == "lead")
    assert "there are twelve of us" in lead.fields["text"]
    assert lead.delivery_id == f"{lead.referral_id}.{lead.revision}" != lead.referral_id


def test_what_is_told_while_a_unit_is_told_again_reaches_it_too(phone: Phone) -> None:
    report_id = referred(phone)
    phone.work.set_all(referrals, way="webhook")
    more = ["they beat us"]

    def tell_more(_packet: Packet) -> None:
        while more:
            phone.send(more.pop())
            phone.quiet()
            phone.triage()

    server = RecordingSender(meanwhile=tell_more)
    courier = phone.work.but(senders={"webhook": server}).context
    phone.send("there are twelve of us")
    phone.quiet()
    phone.triage()
    while renew_outside(courier, 50):
        pass
    packets = [row for row in phone.work.all(referrals) if row.unit in phone.live(report_id)]
    assert all("they beat us" in phone.work.packet_of(row).decode() for row in packets if "text" in row.fields.split())
    newest = {packet.referral_id: packet for packet in server.sent if "text" in packet.fields}
    assert all("they beat us" in packet.fields["text"] for packet in newest.values())
    told_before = [packet for packet in server.sent if "they beat us" not in packet.fields.get("text", "they beat us")]
    assert {packet.delivery_id for packet in told_before}.isdisjoint(one.delivery_id for one in newest.values())


def test_a_unit_that_an_officer_told_is_told_again_by_one(phone: Phone) -> None:
    report_id = referred(phone)
    phone.work.set_all(referrals, way="by_hand")
    phone.send("there are twelve of us")
    phone.quiet()
    phone.triage()
    assert renew_outside(phone.work.context, 50)
    assert "unit_behind" in phone.work.report(report_id).flags


def test_a_stop_word_is_not_read_as_what_happened(phone: Phone) -> None:
    report_id = referred(phone, "locked in in Ruili")
    before = phone.live(report_id)
    phone.send("退订")
    phone.triage()
    assert (phone.lead(report_id), phone.live(report_id)) == (f"public_security-{RUILI}", before)


def test_a_reading_the_machine_is_not_sure_of_takes_nothing_from_a_unit(phone: Phone) -> None:
    report_id = referred(phone, "locked in in Ruili")
    phone.send("maybe they drive me to Yexian")
    phone.triage()
    row = phone.work.report(report_id)
    assert (row.state, "more_told" in row.flags) == ("REFERRED", True)
    assert {f"public_security-{RUILI}", f"public_security-{YEXIAN}"} <= set(phone.live(report_id))


def test_a_unit_that_is_complained_of_loses_its_packet_and_hears_nothing_more(phone: Phone) -> None:
    report_id = referred(phone)
    phone.send("the local police are in it")
    phone.triage()
    (county,) = [row for row in phone.work.all(referrals) if row.unit == f"public_security-{RUILI}"]
    assert (county.state, county.shut) == ("REVOKED", 1)
    assert f"public_security-{RUILI}" not in phone.live(report_id)
    renew_inboxes(phone.work.context, 50)
    assert "police are in it" not in phone.work.packet_of(county).decode()


def test_a_complaint_the_machine_is_not_sure_of_is_not_passed_to_whom_it_is_about(phone: Phone) -> None:
    report_id = referred(phone, "locked in in Ruili")
    phone.send("maybe the local police are in it")
    phone.triage()
    renew_inboxes(phone.work.context, 50)
    (county,) = [row for row in phone.work.all(referrals) if row.unit == f"public_security-{RUILI}"]
    assert (county.state, county.shut) == ("DELIVERED", 0)
    assert "police are in it" not in phone.work.packet_of(county).decode()
    assert len(phone.live(report_id)) > 1


def test_of_two_texts_in_two_hands_one_is_first(phone: Phone) -> None:
    """Also where the number wrote long ago, so that both would begin anew."""
    phone.send("long ago")
    phone.triage()
    phone.work.set_all(correspondents, wrote_at=1)
    one, other = (
        Wrote(phone.send(text), phone.work.context.number_index(NUMBER, exercise=False)) for text in ("one", "other")
    )
    began, found = threading.Event(), []

    def write_other() -> None:
        began.set()
        with phone.work.database.write() as connection:
            found.append(write_about(connection, [other], 7))

    late = threading.Thread(target=write_other)
    with phone.work.database.write() as connection:
        assert write_about(connection, [one], 7) == {}
        late.start()
        assert began.wait(5)
        time.sleep(0.3)
    late.join()
    assert found == [{other.report_id: one.report_id}]


def test_the_time_that_a_reporter_is_left_to_write_is_not_counted_as_the_machines(phone: Phone) -> None:
    report_id = phone.send("they took my papers")
    phone.triage()
    phone.quiet()
    phone.triage()
    row = phone.work.report(report_id)
    assert row.routed_at - row.received_at > phone.work.context.machine.quiet_seconds * 1000
    assert row.routed_at - row.ready_at < 20_000
