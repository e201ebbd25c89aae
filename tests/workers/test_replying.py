"""Texts to reporters: one at most, a sentence of the table, to nobody who may be hurt by it, and never twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from config.replies import Replies
from config.settings import PACKAGED_CONFIG
from reports.content import Content
from reports.correspondents import stop_texting
from reports.replies import Wanted, claim_reply, replies_of, want
from reports.states import ReplyState
from reports.tables import correspondents, decisions, findings, messages, replies, reports
from reports.text_statuses import DeliveryState, StatusUpdate, note_status
from reports.unsafe_numbers import heed_wishes
from reports.values import Channel, Urgency
from tests.workers.phone import NUMBER, OTHER, RUILI, NotingCarrier, Phone, words_when
from workers.carriers.carrier import CarrierRefused, CarrierUnknown
from workers.replying import send_replies
from workers.triage import hand_to_a_person

ROOT = Path(__file__).resolve().parents[2]
WORDS = Replies.load(PACKAGED_CONFIG)


def answered(phone: Phone) -> int:
    """Everything is read whose quiet is over, and what waits is sent. How many texts were claimed."""
    phone.quiet()
    phone.triage()
    return send_replies(phone.work.context, 50)


def states(phone: Phone) -> list[tuple[str, str]]:
    return [(row.code, row.state) for row in phone.work.all(replies)]


def test_whoever_does_not_name_the_place_is_asked_for_it_once_and_a_bare_name_answers(
    phone: Phone, carrier: NotingCarrier
) -> None:
    report_id = phone.send("they took my papers")
    assert answered(phone) == 1
    assert carrier.sent == [(NUMBER, WORDS.sentence("where", "en"))]
    phone.send("Ruili")
    phone.triage()
    assert (phone.work.report(report_id).state, phone.lead(report_id)) == ("REFERRED", f"public_security-{RUILI}")
    phone.send("and hurry")
    assert answered(phone) == 0
    assert len(carrier.sent) == 1


@pytest.mark.parametrize(
    ("text", "urgency"), [("1", Urgency.IMMEDIATE), ("yes", Urgency.IMMEDIATE), ("2", Urgency.URGENT)]
)
def test_whoever_does_not_say_whether_it_is_urgent_is_asked_that_and_a_yes_answers(
    phone: Phone, carrier: NotingCarrier, text: str, urgency: Urgency
) -> None:
    report_id = phone.send("maybe something is wrong at a kiln near Ruili")
    assert answered(phone) == 1
    assert carrier.sent == [(NUMBER, WORDS.sentence("danger", "en"))]
    phone.send(text)
    phone.quiet()
    phone.triage()
    assert phone.work.report(report_id).urgency_rank == urgency.rank


def test_whoever_has_told_everything_is_thanked(phone: Phone, carrier: NotingCarrier) -> None:
    phone.send("a brickyard in Ruili took our papers")
    assert answered(phone) == 1
    assert carrier.sent == [(NUMBER, WORDS.sentence("received", "en"))]
    assert states(phone) == [("received", "SENT")]
    assert [line.action for line in phone.work.audited("reply_sent")] == ["reply_sent"]


@pytest.mark.parametrize(("text", "language"), [("中 简体", "zh"), ("中 繁體這裡關著", "zh-Hant"), ("plain", "en")])
def test_a_reporter_is_answered_in_their_own_language(
    phone: Phone, carrier: NotingCarrier, text: str, language: str
) -> None:
    phone.send(text)
    answered(phone)
    assert carrier.sent == [(NUMBER, WORDS.sentence("where", language))]


def test_nothing_is_sent_where_answering_is_off(phone: Phone, carrier: NotingCarrier) -> None:
    quiet = Phone(phone.work.but(answers=False))
    quiet.send("they took my papers")
    assert answered(quiet) == 0
    assert (quiet.work.all(replies), carrier.sent) == ([], [])


@pytest.mark.parametrize(
    ("text", "sender", "flags"),
    [
        ("do not call me, they listen", NUMBER, ()),
        ("noise", NUMBER, ()),
        ("اردو", NUMBER, ()),
        ("STOP", NUMBER, ()),
        ("I'm fine", NUMBER, ()),
        ("they took my papers", "10086", ()),
        ("they took my papers", "Bank", ()),
        ("they took my papers", "", ()),
        ("they took my papers", NUMBER, ("conflict", "conflict_with:0000-000000")),
        ("they took my papers", NUMBER, ("flood",)),
        ("", NUMBER, ("silent",)),
    ],
)
def test_nobody_is_answered_who_may_be_hurt_by_it_or_is_not_there(
    phone: Phone, carrier: NotingCarrier, text: str, sender: str, flags: tuple[str, ...]
) -> None:
    report_id = phone.send(text, sender, flags=flags)
    answered(phone)
    assert carrier.sent == []
    assert phone.work.report(report_id).state != "CLOSED"


def test_a_number_that_once_said_it_is_not_safe_is_never_texted_again(phone: Phone, carrier: NotingCarrier) -> None:
    phone.send("in Ruili, do not call, they listen")
    answered(phone)
    phone.work.set_all(correspondents, wrote_at=1)
    phone.send("another thing, a month later")
    answered(phone)
    assert len(phone.work.all(reports)) == 2
    assert carrier.sent == []


@pytest.mark.parametrize("by_person", [False, True])
@pytest.mark.parametrize("quiet", [False, True])
def test_a_question_that_waits_is_not_sent_where_a_later_text_says_it_is_not_safe(
    phone: Phone, carrier: NotingCarrier, quiet: bool, by_person: bool
) -> None:
    """Neither while the later text waits for its quiet time, nor where a person is to decide over what it says."""
    report_id = phone.send("they took my papers")
    phone.quiet()
    phone.triage()
    assert states(phone) == [("where", "WAITING")]
    if by_person:
        phone.work.set_all(findings, author="officer")
        phone.work.set_all(decisions, author="officer")
    phone.send("do not call, he reads my phone")
    if quiet:
        phone.quiet()
    phone.triage()
    assert states(phone) == [("where", "WITHHELD")]
    assert json.loads(phone.work.audited("reply_withheld")[0].detail)["why"] == "unsafe"
    assert ask(phone, wanted(phone, report_id)) is None
    assert (send_replies(phone.work.context, 50), carrier.sent) == (0, [])


def test_a_text_that_is_withheld_while_it_is_being_claimed_is_not_sent(phone: Phone, carrier: NotingCarrier) -> None:
    report_id = phone.send("they took my papers")
    phone.quiet()
    phone.triage()
    store, finding = phone.work.context.store, phone.work.context.reader.read("do not call")
    with ThreadPoolExecutor(1) as pool:
        with phone.work.database.write() as connection:
            heed_wishes(store, connection, report_id, finding)
            claimed = pool.submit(claim_reply, store, WORDS.limits, WORDS.hours)
            time.sleep(0.2)
        assert claimed.result(10) is None
    assert (states(phone), carrier.sent) == ([("where", "WITHHELD")], [])


def test_what_a_call_or_a_form_says_is_not_safe_holds_for_a_number_that_never_texted(
    phone: Phone, carrier: NotingCarrier
) -> None:
    told = Content(text="locked in, in Ruili, do not call", contact=NUMBER)
    first = phone.send("", channel=Channel.WEB, source="web", content=told)
    phone.triage()
    assert ask(phone, wanted(phone, first)) is None
    phone.send("they took my papers")
    answered(phone)
    assert len(phone.work.all(reports)) == 2
    assert (phone.work.all(replies), carrier.sent) == ([], [])


def test_row_29_whoever_opted_out_at_the_carrier_is_never_texted_and_the_case_goes_on(
    phone: Phone, carrier: NotingCarrier
) -> None:
    phone.send("they took my papers")
    phone.triage()
    phone.send("SUSPENDER", flags=("contact_stopped",))
    answered(phone)
    report_id = phone.work.all(reports)[0].id
    assert ask(phone, wanted(phone, report_id)) is None
    assert (send_replies(phone.work.context, 50), carrier.sent) == (0, [])
    assert phone.work.report(report_id).state in ("IN_TRIAGE", "REFERRED")


def test_what_a_form_says_is_not_safe_holds_though_the_machine_gave_up_reading_it(
    phone: Phone, carrier: NotingCarrier
) -> None:
    told = Content(text="poison", contact=NUMBER, wishes=("unsafe_to_call",))
    report_id = phone.send("", channel=Channel.WEB, source="web", content=told)
    for _ in range(phone.work.context.machine.attempts):
        phone.work.triage("normal")
    assert hand_to_a_person(phone.work.context, 50) == 1
    assert phone.work.report(report_id).state == "IN_TRIAGE"
    assert ask(phone, wanted(phone, report_id)) is None
    phone.send("they took my papers")
    answered(phone)
    assert (phone.work.all(replies), carrier.sent) == ([], [])


def test_a_stop_word_ends_contact_at_once_and_the_case_goes_on(phone: Phone, carrier: NotingCarrier) -> None:
    report_id = phone.send("they took my papers")
    phone.quiet()
    phone.triage()
    assert states(phone) == [("where", "WAITING")]
    phone.send("退订")
    phone.triage()
    assert send_replies(phone.work.context, 50) == 0
    assert (states(phone), carrier.sent) == ([("where", "WITHHELD")], [])
    (line,) = phone.work.audited("reply_withheld")
    assert json.loads(line.detail)["why"] == "stopped"
    phone.quiet()
    phone.triage()
    row = phone.work.report(report_id)
    assert (row.state, "contact_stopped" in row.flags) == ("IN_TRIAGE", True)
    phone.send("they are back, in Ruili")
    assert answered(phone) == 0
    assert phone.work.report(report_id).state == "REFERRED"


@pytest.mark.parametrize("text", ["没事了", "I'm fine", "false alarm"])
def test_all_is_well_closes_nothing_and_is_marked_for_an_officer(phone: Phone, text: str) -> None:
    report_id = phone.send("a brickyard in Ruili took our papers")
    phone.triage()
    before = phone.live(report_id)
    phone.send(text)
    phone.quiet()
    phone.triage()
    row = phone.work.report(report_id)
    assert row.state in ("REFERRED", "IN_TRIAGE")
    assert "says_fine" in row.flags
    assert phone.live(report_id) == before


def wanted(phone: Phone, report_id: str, number: str = NUMBER, **changes: Any) -> Wanted:
    values = {
        "report_id": report_id, "number_index": phone.work.context.number_index(number, exercise=False),
        "code": "question_waits",
        "language": "en", "asked_by": "officer", "once": f"officer:{report_id}", "zone": "+86",
    }  # fmt: skip
    return Wanted(**{**values, **changes})


def ask(phone: Phone, one: Wanted) -> str | None:
    with phone.work.database.write() as connection:
        return want(phone.work.context.store, connection, one)


def test_the_same_text_asked_for_twice_is_one(phone: Phone, carrier: NotingCarrier) -> None:
    report_id = phone.send("do it")
    one = wanted(phone, report_id)
    with ThreadPoolExecutor(4) as pool:
        made = [reply for reply in pool.map(lambda _: ask(phone, one), range(4)) if reply]
    assert len(made) == 1
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: send_replies(phone.work.context, 50), range(4))) == 1
    assert len(carrier.sent) == 1


def test_a_text_goes_to_no_other_number_than_the_one_it_was_asked_for(phone: Phone, carrier: NotingCarrier) -> None:
    """The report came from a form that named one number; another one texted what was added to it."""
    told = Content(text="they took my papers", contact=OTHER)
    report_id = phone.send("", channel=Channel.WEB, source="web", content=told)
    phone.triage()
    phone.send("we are twelve", follows=report_id)
    phone.quiet()
    phone.triage()
    ask(phone, wanted(phone, report_id, OTHER))
    assert send_replies(phone.work.context, 50) == 1
    (reply,) = phone.work.all(replies)
    assert (reply.state, reply.failure, carrier.sent) == ("REFUSED", "no_number", [])


def test_limits_hold_for_a_number_and_for_everybody(phone: Phone, carrier: NotingCarrier) -> None:
    limits = WORDS.limits
    report_id = phone.send("first")
    for number in range(limits.any_a_week + 2):
        ask(phone, wanted(phone, report_id, once=f"{number}"))
    send_replies(phone.work.context, 50)
    assert len(carrier.sent) == limits.any_a_week
    assert [state for _, state in states(phone)].count("WITHHELD") == 2
    for number in range(limits.all_a_minute + 5):
        other = f"+861380000{number + 100:04d}"
        ask(phone, wanted(phone, phone.send("another", other), other, once=f"all{number}"))
    send_replies(phone.work.context, 500)
    assert len(carrier.sent) == limits.all_a_minute
    assert [state for _, state in states(phone)].count("WAITING") == 5 + limits.any_a_week
    phone.work.set_all(replies, claimed_at=replies.c.claimed_at - 61_000)
    assert send_replies(phone.work.context, 500) == 5 + limits.any_a_week


def test_two_robots_that_answer_each_other_stop_at_once(phone: Phone, carrier: NotingCarrier) -> None:
    for number in range(8):
        phone.work.set_all(correspondents, wrote_at=1)
        phone.send(f"thank you for your message {number}")
        answered(phone)
    assert len(phone.work.all(reports)) == 8
    assert len(carrier.sent) == 1


def test_an_answer_that_comes_too_late_is_not_sent(phone: Phone, carrier: NotingCarrier) -> None:
    phone.send("they took my papers")
    phone.quiet()
    phone.triage()
    phone.work.set_all(replies, asked_at=replies.c.asked_at - WORDS.limits.automatic_within_minutes * 60_000 - 1000)
    send_replies(phone.work.context, 50)
    assert (states(phone), carrier.sent) == ([("where", "WITHHELD")], [])


@pytest.mark.parametrize(
    ("fault", "becomes"),
    [
        (CarrierRefused("sms_refused"), "REFUSED"),
        (CarrierUnknown("sms_unreachable"), "UNKNOWN"),
        (RuntimeError("x"), "UNKNOWN"),
    ],
)
def test_what_was_not_surely_sent_is_never_sent_again_and_what_nobody_knows_is_shown_to_a_person(
    phone: Phone, carrier: NotingCarrier, fault: Exception, becomes: str
) -> None:
    tries = []

    def fail(to: str) -> None:
        tries.append(to)
        raise fault

    carrier.meanwhile = fail
    report_id = phone.send("they took my papers")
    answered(phone)
    for _ in range(3):
        phone.work.set_all(replies, claimed_at=1)
        send_replies(phone.work.context, 50)
    assert (tries, states(phone)) == ([NUMBER], [("where", becomes)])
    assert ("reply_unknown" in phone.work.report(report_id).flags) == (becomes == "UNKNOWN")


def test_what_the_carrier_says_afterwards_is_shown_even_of_what_nobody_knew(
    phone: Phone, carrier: NotingCarrier
) -> None:
    def lost(to: str) -> None:
        raise CarrierUnknown("no_answer", source="noting", message_id="M77")

    carrier.meanwhile = lost
    report_id = phone.send("they took my papers")
    answered(phone)
    with phone.work.database.write() as connection:
        note_status(connection, "noting", StatusUpdate(message_id="M77", state=DeliveryState.DELIVERED))
    with phone.work.database.read() as connection:
        (reply,) = replies_of(connection, report_id)
    assert (reply.state, reply.failure) == (ReplyState.UNKNOWN, "no_answer")
    assert reply.status is not None
    assert reply.status.state is DeliveryState.DELIVERED


def test_a_worker_killed_between_claim_and_sending_leaves_a_text_that_is_never_sent(
    phone: Phone, carrier: NotingCarrier, database_url: str, state: Path
) -> None:
    """A real process, killed while the carrier holds its call."""
    report_id = phone.send("they took my papers")
    phone.quiet()
    phone.triage()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.workers.stuck_sender", database_url, str(state)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "sending\n"
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    assert states(phone) == [("where", "SENDING")]
    assert send_replies(phone.work.context, 50) == 0
    phone.work.set_all(replies, claimed_at=replies.c.claimed_at - 60_000)
    assert send_replies(phone.work.context, 50) == 0
    assert (states(phone), carrier.sent) == ([("where", "UNKNOWN")], [])
    assert "reply_unknown" in phone.work.report(report_id).flags


def test_one_who_was_only_slow_does_not_overwrite_what_was_decided_meanwhile(
    phone: Phone, carrier: NotingCarrier
) -> None:
    phone.send("they took my papers")
    phone.quiet()
    phone.triage()
    told, go = threading.Event(), threading.Event()

    def slow(to: str) -> None:
        told.set()
        assert go.wait(10)

    carrier.meanwhile = slow
    thread = threading.Thread(target=send_replies, args=(phone.work.context, 1))
    thread.start()
    assert told.wait(10)
    phone.work.set_all(replies, claimed_at=1)
    send_replies(phone.work.context, 1)
    go.set()
    thread.join()
    assert states(phone) == [("where", "UNKNOWN")]
    assert len(carrier.sent) == 1


def test_no_number_and_no_word_of_a_reporter_lies_in_what_is_kept_of_texts(phone: Phone) -> None:
    phone.send("they took my papers")
    answered(phone)
    kept = json.dumps(
        [[str(value) for value in row] for row in (*phone.work.all(replies), *phone.work.all(correspondents))]
    )
    assert NUMBER[1:] not in kept
    assert "papers" not in kept


def test_stopping_twice_is_stopping_once(phone: Phone) -> None:
    report_id = phone.send("they took my papers")
    phone.triage()
    index = phone.work.context.number_index(NUMBER, exercise=False)
    with phone.work.database.write() as connection:
        assert stop_texting(connection, report_id, index, unsafe=True)
        assert not stop_texting(connection, report_id, index, unsafe=True)
    assert ask(phone, wanted(phone, phone.work.all(reports)[0].id)) is None
    assert claim_reply(phone.work.context.store, WORDS.limits, WORDS.hours) is None


def test_at_night_a_text_that_nobody_waits_for_waits_for_the_day(phone: Phone, carrier: NotingCarrier) -> None:
    night = Phone(phone.work.but(replies=words_when(is_day=False)))
    report_id = phone.send("a brickyard in Ruili took our papers")
    answered(phone)
    carrier.sent.clear()
    # Somebody who wrote a quarter of an hour ago may be asleep by now.
    phone.work.set_all(messages, received_at=messages.c.received_at - 900_000)
    ask(phone, wanted(phone, report_id))
    assert send_replies(night.work.context, 50) == 0
    assert states(phone)[-1] == ("question_waits", "WAITING")
    assert send_replies(phone.work.context, 50) == 1
    assert carrier.sent == [(NUMBER, WORDS.sentence("question_waits", "en"))]


def test_whoever_wrote_just_now_is_answered_at_any_hour(phone: Phone, carrier: NotingCarrier) -> None:
    night = Phone(phone.work.but(replies=words_when(is_day=False)))
    report_id = night.send("they took my papers")
    assert answered(night) == 1
    ask(night, wanted(night, report_id))
    assert send_replies(night.work.context, 50) == 1
    assert [words for _, words in carrier.sent] == [WORDS.sentence(code, "en") for code in ("where", "question_waits")]


def test_a_text_that_was_read_late_wakes_nobody(phone: Phone, carrier: NotingCarrier) -> None:
    """The machine was away for an hour of the night: who wrote then is not answered when it comes back."""
    night = Phone(phone.work.but(replies=words_when(is_day=False)))
    night.send("they took my papers")
    night.work.age(3600)
    assert answered(night) == 0
    assert (states(night), carrier.sent) == ([("where", "WAITING")], [])


def test_another_number_that_writes_about_the_same_report_wakes_nobody(phone: Phone, carrier: NotingCarrier) -> None:
    night = Phone(phone.work.but(replies=words_when(is_day=False)))
    report_id = night.send("a brickyard in Ruili took our papers")
    answered(night)
    carrier.sent.clear()
    night.work.set_all(messages, received_at=messages.c.received_at - 900_000)
    night.work.set_all(correspondents, wrote_at=correspondents.c.wrote_at - 900_000)
    night.send("we are twelve", OTHER, follows=report_id)
    night.triage()
    ask(night, wanted(night, report_id))
    assert (send_replies(night.work.context, 50), carrier.sent) == (0, [])


def closed(phone: Phone, report_id: str, state: str = "CLOSED") -> None:
    """The report was closed, and the machine was asked to tell so."""
    phone.work.set_all(reports, state=state)
    ask(phone, wanted(phone, report_id, code="done", asked_by="machine", once=f"closed:{report_id}"))


def test_the_end_of_a_matter_is_told_in_the_morning_though_it_was_asked_for_at_night(
    phone: Phone, carrier: NotingCarrier
) -> None:
    report_id = phone.send("a brickyard in Ruili took our papers")
    answered(phone)
    # The day before yesterday.
    phone.work.set_all(replies, claimed_at=replies.c.claimed_at - 2 * 86_400_000)
    closed(phone, report_id)
    phone.work.set_all(replies, asked_at=replies.c.asked_at - 9 * 3_600_000)
    assert send_replies(phone.work.context, 50) == 1
    assert carrier.sent[-1] == (NUMBER, WORDS.sentence("done", "en"))


def test_the_end_of_a_matter_is_not_told_once_it_was_taken_up_again(phone: Phone, carrier: NotingCarrier) -> None:
    report_id = phone.send("a brickyard in Ruili took our papers")
    phone.triage()
    closed(phone, report_id, state="IN_TRIAGE")
    send_replies(phone.work.context, 50)
    assert ("done", "WITHHELD") in states(phone)
    assert WORDS.sentence("done", "en") not in [words for _, words in carrier.sent]
