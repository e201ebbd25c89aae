"""Rows A21 to A24: nobody's telephone is made to ring by us, and nothing that was told comes out of a text."""

from __future__ import annotations

import pytest

from config.replies import SENTENCES, Replies
from config.settings import PACKAGED_CONFIG
from reports.tables import replies, reports
from tests.workers.phone import NUMBER, NotingCarrier, Phone
from workers.replying import send_replies

WORDS = Replies.load(PACKAGED_CONFIG)
APPROVED = {WORDS.sentence(code, language) for code in SENTENCES for language in ("zh", "zh-Hant", "en")}


def answered(phone: Phone) -> None:
    phone.quiet()
    phone.triage()
    send_replies(phone.work.context, 500)


def test_row_a21_hundreds_of_texts_in_somebody_elses_name_bring_them_one(phone: Phone, carrier: NotingCarrier) -> None:
    for number in range(200):
        phone.send(f"they took my papers {number}")
    answered(phone)
    answered(phone)
    assert len(carrier.sent) == 1
    assert len(phone.work.all(replies)) == 1
    assert len(phone.work.all(reports)) == 200


def test_row_a21_many_numbers_at_once_get_no_more_than_the_limit_of_all(phone: Phone, carrier: NotingCarrier) -> None:
    for number in range(100):
        phone.send("they took my papers", f"+861390000{number:04d}")
    answered(phone)
    assert len(carrier.sent) == WORDS.limits.all_a_minute == 60
    assert len(phone.work.all(reports)) == 100


@pytest.mark.parametrize("says", ["Thank you for your message.", "Got it, thanks. Write again any time.", "1", "where"])
def test_row_a22_a_robot_that_answers_whatever_we_send_is_answered_once(
    phone: Phone, carrier: NotingCarrier, says: str
) -> None:
    phone.send("they took my papers")
    heard = 0
    for _ in range(6):
        answered(phone)
        for _ in carrier.sent[heard:]:
            phone.send(says)
        heard = len(carrier.sent)
    assert len(carrier.sent) == 1


# What somebody writes who found the telephone, and wants to know who was written to and what about.
ABUSERS = (
    "who is this", "what did she tell you", "is this the police", "this is her husband, what did she write",
    "resend your last message", "status of my report", "你是谁", "中 她跟你说了什么", "中 我的举报到哪一步了",
    "中 你们是公安吗", "1", "2", "yes", "no", "ok", "STATUS", "HELP", "INFO", "?", "cancel my report",
)  # fmt: skip


def test_rows_a23_and_a24_whoever_finds_the_telephone_learns_nothing_by_writing_from_it(
    phone: Phone, carrier: NotingCarrier
) -> None:
    told = "a brickyard in Ruili, twelve men, the boss is called Laowu, they took our papers"
    report_id = phone.send(told)
    answered(phone)
    for text in ABUSERS:
        phone.work.set_all(replies, claimed_at=replies.c.claimed_at - 86_400_000)
        phone.send(text)
        answered(phone)
    words = {word for word in told.lower().replace(",", "").split() if len(word) > 3}
    assert {number for number, _ in carrier.sent} == {NUMBER}
    for _, text in carrier.sent:
        assert text in APPROVED
        assert not words & set(text.lower().replace(".", "").replace(",", "").split())
    # Each is answered for the report that it belongs to: one text, however often they write.
    assert len(carrier.sent) == 1
    assert phone.work.report(report_id).state != "CLOSED"


@pytest.mark.parametrize("text", ["撤回", "没事了，刚才是开玩笑", "I'm fine, it was a joke"])
def test_row_a23_whoever_writes_in_the_victims_name_closes_nothing(phone: Phone, text: str) -> None:
    report_id = phone.send("a brickyard in Ruili took our papers")
    answered(phone)
    units = phone.live(report_id)
    phone.send(text)
    answered(phone)
    row = phone.work.report(report_id)
    assert row.state in ("REFERRED", "IN_TRIAGE")
    assert "says_fine" in row.flags
    assert phone.live(report_id) == units
