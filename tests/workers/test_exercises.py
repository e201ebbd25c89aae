"""What is played runs the same code and goes nowhere: no way out, no figure, no report that was told has any of it."""

from __future__ import annotations

import copy
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select, update

from config.figures import Counting
from config.settings import PACKAGED_CONFIG
from console.hop_times import hop_times
from reports.claims import waiting_now
from reports.content import AwaitedAttachment
from reports.correspondence import helped_counts
from reports.database import Database, read_now
from reports.deputies import WAITING, claim_notices
from reports.escalations import ran_out
from reports.facts import facts_of
from reports.history import decided_reports
from reports.judged_twice import judged_twice
from reports.officers import Officer, Role
from reports.outgoing import claim_outgoing, put_unit_off
from reports.queue_view import inbox_counts, inbox_page, overdue_counts, queue_page, state_counts
from reports.referrals import claim_pending, pending_count
from reports.replies import Wanted, want
from reports.states import AttachmentState, ReferralState, ReportState
from reports.stuck import stuck_count, stuck_packets
from reports.tables import attachments, counts, escalations, feedback, referrals, remarks, replies, reports
from tests.workers.made import LEAD, Work
from tests.workers.phone import NUMBER, OTHER, ListeningReader, NotingCarrier, Phone, words_when
from workers.courier import carry_once
from workers.deliver import deliver_pending
from workers.deputies import tell_deputies
from workers.escalate import escalate
from workers.fetching import FetchFailed
from workers.files import delete_one, fetch_one
from workers.renew import renew_inboxes, renew_outside
from workers.replying import send_replies
from workers.senders.packet import Packet
from workers.senders.sender import DeliveryFailed
from workers.stand_in import EXERCISE

PLAYED, TOLD = "+8613800000002", OTHER
WAYS = ("inbox", "webhook", "mail", "sms")
IN_DANGER = "locked in, near Ruili"
UNIT = Officer(id="u" * 32, name="unit", role=Role.UNIT_OFFICER, unit=LEAD, active=True)


@dataclass
class LiveEndpoint:
    """Somebody's server, mailbox or telephone. fails says whether it takes what comes."""

    fails: bool = False
    got: list[tuple[bool, str]] = field(default_factory=list)

    def send(self, packet: Packet, unit: Any) -> str:
        """Notes whether what came was played. Raises DeliveryFailed where it fails."""
        self.got.append((packet.exercise, unit.id))
        if self.fails:
            raise DeliveryFailed("no_answer", is_final=True)
        return "taken"


@dataclass
class Configuration:
    """One way to set the house up."""

    delivery: tuple[str, ...]
    deputy: tuple[str, ...]
    failing: frozenset[str]
    answers: bool
    has_carrier: bool


def any_configuration(seed: int) -> Configuration:
    """One of the ways to set a house up, another for each seed; every first way to tell a unit has its turn."""
    chance = random.Random(seed)  # noqa: S311
    others = [way for way in WAYS if way != WAYS[seed % len(WAYS)]]
    chance.shuffle(others)
    return Configuration(
        delivery=(WAYS[seed % len(WAYS)], *others[: chance.randrange(4)]),
        deputy=tuple(way for way in ("deputy_sms", "deputy_mail") if chance.random() < 0.6),
        failing=frozenset(way for way in (*WAYS[1:], "deputy_sms", "deputy_mail") if chance.random() < 0.4),
        answers=chance.random() < 0.7,
        has_carrier=chance.random() < 0.7,
    )


class House:
    """A hotline that is set up in one way, with every endpoint noting what reaches it."""

    def __init__(self, work: Work, made: Configuration) -> None:
        self.endpoints = {
            way: LiveEndpoint(way in made.failing) for way in ("webhook", "mail", "sms", "deputy_sms", "deputy_mail")
        }
        self.carrier = NotingCarrier()
        units = copy.copy(work.context.rulebook.units)
        found = units.get(LEAD)
        assert found is not None
        deputy = {"deputy_sms": "+8613800000001", "deputy_mail": "deputy@example.cn"}
        units._made = {LEAD: replace(found, delivery=made.delivery, **{one: deputy[one] for one in made.deputy})}
        self.work = work.but(
            reader=ListeningReader(),
            rulebook=replace(work.context.rulebook, units=units),
            senders={**work.context.senders, **self.endpoints},
            answers=made.answers,
            replies=words_when(is_day=True),
            carrier=self.carrier if made.has_carrier else None,
        )
        self.phone = Phone(self.work, sent=len(work.all(reports)))

    def run(self) -> None:
        """Reads, tells, lets every clock run out, escalates, renews and texts, until nothing is left to be done."""
        context = self.work.context
        for _ in range(4):
            self.phone.quiet()
            self.phone.triage()
            with ThreadPoolExecutor(2) as pool:
                while deliver_pending(context, 50) + carry_once(context, pool):
                    pass
            tell_deputies(context, 50)
            self.work.lapse()
            renew_inboxes(context, 50)
            renew_outside(context, 50)
            send_replies(context, 50)
            self._run_out()
            escalate(context, 50)
        deliver_pending(context, 50)

    def _run_out(self) -> None:
        with self.work.database.write() as connection:
            then = read_now(connection) - 3_600_000
            for table in (reports, referrals):
                running = table.c.next_step_at.is_not(None)
                connection.execute(update(table).where(running).values(due_at=then, next_step_at=then))

    def ask(self, report_id: str, number: str, *, exercise: bool) -> None:
        """An officer has a text sent to whoever reported."""
        index = self.work.context.number_index(number, exercise=exercise)
        wanted = Wanted(report_id=report_id, number_index=index, code="note_waits", language="zh", asked_by="o" * 32,
                        once=f"officer:{report_id}", zone="+86")  # fmt: skip
        with self.work.database.write() as connection:
            want(self.work.context.store, connection, wanted)


@pytest.mark.parametrize("seed", range(8))
def test_however_the_house_is_set_up_nothing_played_reaches_anybody_outside(work: Work, seed: int) -> None:
    made = any_configuration(seed)
    house = House(work, made)
    played = house.phone.send(IN_DANGER, PLAYED, exercise=True)
    house.run()
    house.ask(played, PLAYED, exercise=True)
    house.phone.send("more, near Ruili", PLAYED, exercise=True)
    house.run()
    assert [one.got for one in house.endpoints.values()] == [[]] * 5
    assert house.carrier.sent == []
    row = house.work.report(played)
    assert (row.exercise, row.state) == (1, "REFERRED")
    packets = [one for one in house.work.all(referrals) if one.report_id == played]
    assert {one.exercise for one in packets} == {1}
    # It went the way that it would have gone: units above were told, and whoever is told from outside got as far.
    assert {one.state for one in packets if one.part == "lead"} >= {"ESCALATED", "DELIVERED"}
    outside = [one for one in packets if one.unit == LEAD and made.delivery[0] != "inbox"]
    assert {(one.way, one.unit_receipt) for one in outside} <= {(made.delivery[0], EXERCISE)}
    for one in packets:
        if one.sealed_packet is not None:
            assert b'"exercise":true' in house.work.packet_of(one)


@pytest.mark.parametrize("played", [True, False])
def test_every_line_of_the_log_about_a_report_says_whether_it_is_played(
    work: Work, caplog: pytest.LogCaptureFixture, played: bool
) -> None:
    caplog.set_level(0)
    made = Configuration(("webhook", "sms"), ("deputy_sms",), frozenset(["webhook"]), answers=True, has_carrier=True)
    house = House(work, made)
    house.phone.send(IN_DANGER, PLAYED, exercise=played)
    house.run()
    lines = [vars(record) for record in caplog.records if {"referral", "reference"} & vars(record).keys()]
    says = {bool(line.get("exercise")) or str(line.get("reference", "")).startswith("EX-") for line in lines}
    assert says == {played}


def test_what_was_told_goes_out_all_the_same(work: Work) -> None:
    house = House(work, Configuration(("sms",), ("deputy_mail",), frozenset(), answers=True, has_carrier=True))
    told = house.phone.send(IN_DANGER, TOLD)
    house.run()
    house.ask(told, TOLD, exercise=False)
    house.run()
    assert house.endpoints["sms"].got
    assert house.endpoints["deputy_mail"].got
    assert {exercise for one in house.endpoints.values() for exercise, _ in one.got} == {False}
    assert {to for to, _ in house.carrier.sent} == {TOLD}


class NobodyThere:
    """A provider that must not be asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fetch(self, url: str) -> Any:
        self.asked.append(url)
        raise FetchFailed("asked")

    delete = fetch


def test_a_file_of_an_exercise_is_fetched_from_nobody_and_deleted_nowhere(work: Work) -> None:
    awaited = AwaitedAttachment(url="https://api.twilio.com/Media/ME1", source_id="MM1:0")
    Phone(work).send(IN_DANGER, exercise=True, awaited=(awaited,))
    provider: Any = NobodyThere()
    while fetch_one(work.context, provider) or delete_one(work.context, provider):
        pass
    (file,) = work.all(attachments)
    assert (file.state, file.failure, provider.asked) == (AttachmentState.LOST.value, EXERCISE, [])


def test_the_same_number_played_and_told_are_two_reports_in_either_order(work: Work) -> None:
    phone = Phone(work.but(reader=ListeningReader()))
    reported = [phone.send(f"near Ruili {one}", NUMBER, exercise=bool(one % 2)) for one in range(4)]
    phone.quiet()
    phone.triage()
    assert [phone.work.report(one).merged_into for one in reported] == [None, None, reported[0], reported[1]]


@pytest.mark.parametrize("played", [True, False])
def test_a_door_that_says_so_joins_neither_to_the_other(work: Work, played: bool) -> None:
    phone = Phone(work.but(reader=ListeningReader()))
    first = phone.send("near Ruili", exercise=not played)
    phone.triage()
    second = phone.send("more of it, near Yexian", OTHER, follows=first, exercise=played)
    phone.quiet()
    phone.triage()
    assert (work.report(second).state, work.report(second).merged_into) == ("REFERRED", None)
    assert "more of it" not in phone.says(first)


def figures(work: Work) -> dict[str, Any]:
    """Everything that is counted or listed of what was told."""
    found: dict[str, Any] = {"waiting": {queue: one[0] for queue, one in waiting_now(work.database).items()}}
    found["pending"] = pending_count(work.database)[0]
    with work.database.read() as connection:
        found["states"] = {state: by for state, by in state_counts(connection).items() if any(by.values())}
        found["queue"] = [row.reference for row in queue_page(connection, list(ReportState), 50)[0]]
        found["inbox"] = [row.reference for row in inbox_page(connection, UNIT, list(ReferralState), 50)[0]]
        found["inbox counts"] = {state: one for state, one in inbox_counts(connection, UNIT).items() if one}
        found["overdue"] = overdue_counts(connection)
        found["stuck"] = (stuck_count(connection), stuck_packets(connection))
        found["hops"] = {hop: len(times) for hop, times in hop_times(connection).items()}
        found["decided"] = [one.reference for one in decided_reports(connection)]
        found["judged"] = [one.reference for one in judged_twice(connection)]
        ids = [row.id for row in work.all(reports)]
        found["facts"] = list(facts_of(connection, ids, Counting.load(PACKAGED_CONFIG)))
        found["helped"] = dict(helped_counts(connection))
    return found


def played_through(work: Work, database: Database) -> House:
    """An exercise with everything in it that a figure could count."""
    made = Configuration(("webhook",), ("deputy_sms",), frozenset(["webhook"]), answers=True, has_carrier=True)
    house = House(work, made)
    ids = [house.phone.send(IN_DANGER, f"+86138000001{one:02}", exercise=True) for one in range(3)]
    house.run()
    house.phone.send("unread", "+8613800000199", exercise=True)
    with database.write() as connection:
        now = read_now(connection)
        connection.execute(
            feedback.insert().values(report_id=ids[0], closed_at=now, outcome="x", helped=1, said_at=now)
        )
        connection.execute(
            remarks.insert().values(id="r" * 32, report_id=ids[1], officer_id="o" * 32, verb="confirmed", said_at=now,
                                    sealed_text=b"x")
        )  # fmt: skip
    return house


def test_no_figure_and_no_list_has_any_of_an_exercise(work: Work, database: Database) -> None:
    house = House(work, Configuration(("inbox",), (), frozenset(), answers=False, has_carrier=False))
    house.phone.send(IN_DANGER, TOLD)
    for _ in range(3):
        house.run()
    before = figures(work)
    played_through(work, database)
    assert figures(work) == before
    with database.read() as connection:
        assert sum(state_counts(connection, exercise=True)[ReportState.REFERRED].values()) == 3
        assert len(queue_page(connection, [ReportState.REFERRED], 50, exercise=True)[0]) == 3
    assert {row.exercise for row in work.all(counts)} == {0, 1}


@pytest.mark.parametrize("played_first", [True, False])
def test_what_was_told_is_kept_under_an_id_that_an_exercise_used(work: Work, played_first: bool) -> None:
    phone = Phone(work.but(reader=ListeningReader()))
    first = phone.send("one thing, near Ruili", exercise=played_first, source_id="SM-same")
    second = phone.send("another, near Ruili", exercise=not played_first, source_id="SM-same")
    assert first != second
    assert [(row.exercise, row.flags) for row in work.all(reports)] == [
        (int(played_first), ""),
        (int(not played_first), ""),
    ]


def test_texts_of_an_exercise_take_nothing_from_what_may_be_sent_to_others(work: Work) -> None:
    few = words_when(is_day=True)
    few.limits = replace(few.limits, all_a_minute=1)
    house = House(work, Configuration(("inbox",), (), frozenset(), answers=False, has_carrier=True))
    house.work = house.work.but(replies=few)
    for number, exercise in ((PLAYED, True), (TOLD, False)):
        report_id = house.phone.send(IN_DANGER, number, exercise=exercise)
        house.phone.triage()
        house.ask(report_id, number, exercise=exercise)
        send_replies(house.work.context, 10)
    assert house.carrier.sent
    assert {row.state for row in work.all(replies)} == {"SENT"}


def test_who_waits_for_help_is_read_before_whoever_plays(work: Work) -> None:
    phone = Phone(work.but(reader=ListeningReader(), machine=replace(work.context.machine, batch=1)))
    phone.send("near Ruili", PLAYED, exercise=True)
    told = phone.send("near Ruili", TOLD)
    phone.quiet()
    phone.work.triage("normal")
    assert [row.id for row in work.all(reports) if row.state != "RECEIVED"] == [told]


def test_who_waits_for_help_is_told_on_before_whoever_plays(work: Work) -> None:
    """Units, clocks and notices: however many were played first, and however urgent they are."""
    made = Configuration(("webhook",), ("deputy_sms",), frozenset(), answers=False, has_carrier=False)
    house = House(work, made)
    database, told = work.database, {}
    for number, exercise in ((PLAYED, True), (TOLD, False)):
        report_id = house.phone.send(IN_DANGER, number, exercise=exercise)
        house.phone.triage()
        told[exercise] = report_id
    assert [one.report_id for one in claim_pending(database, 1, 60, 9)] == [told[False]]
    work.lapse()
    deliver_pending(house.work.context, 50)
    assert [one.report_id for one in claim_outgoing(database, 9, 1, 60)] == [told[False]]
    work.lapse()
    with ThreadPoolExecutor(2) as pool:
        while carry_once(house.work.context, pool):
            pass
    house._run_out()
    assert [(one.report_id, one.exercise) for one in ran_out(database, 1)] == [(told[False], False)]
    for _ in range(2):
        # A reminder first, then whoever is on duty there.
        house._run_out()
        escalate(house.work.context, 50)
    with database.write() as connection:
        waiting = connection.execute(select(escalations).where(escalations.c.notice == WAITING)).all()
        of_played = escalations.c.report_id == told[True]
        connection.execute(update(escalations).where(of_played).values(notice_next_at=escalations.c.notice_next_at - 1))
    assert {row.report_id for row in waiting} == set(told.values())
    assert [one.exercise for one in claim_notices(database, 1, 60)] == [False]


def test_a_unit_that_cannot_be_reached_rests_for_what_was_told_alone(work: Work) -> None:
    made = Configuration(("webhook", "mail"), (), frozenset(["webhook"]), answers=False, has_carrier=False)
    house = House(work, made)
    for number, exercise in ((PLAYED, True), (TOLD, False)):
        house.phone.send(IN_DANGER, number, exercise=exercise)
        house.phone.triage()
    deliver_pending(house.work.context, 50)
    (held, *_) = claim_outgoing(work.database, 9, 1, 60)
    with work.database.write() as connection:
        assert not held.exercise
        assert put_unit_off(connection, held, "no_answer", 3, 60) == 1
    rows = work.all(referrals)
    assert {bool(row.exercise) for row in rows if row.failure} == {False}
