"""Whoever is in charge at a silent unit is told once, and nothing of the report; or it is said that nobody was."""

from __future__ import annotations

import copy
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from marshmallow import ValidationError

from reports.deputies import claim_notices
from reports.tables import escalations
from routing.rulebook.book import Rulebook
from routing.rulebook.unit_shapes import OverrideSchema
from routing.rulebook.units import Unit
from tests.workers.made import LEAD, Work
from tests.workers.test_escalate import keep_immediate, next_pass, only_the_lead, run_out
from workers.carriers.carrier import CarrierUnknown, Sent
from workers.deputies import tell_deputies
from workers.senders.packet import Packet
from workers.senders.sms import SMSSender

NUMBER, MAIL = "+8613800000001", "deputy@example.cn"


@dataclass
class Gateway:
    """Takes text messages, or fails as it is told."""

    fails: str = ""
    texts: list[tuple[str, str]] = field(default_factory=list)

    def send(self, to: str, text: str) -> Sent:
        """Notes the message. Raises CarrierUnknown where it is to fail."""
        if self.fails:
            raise CarrierUnknown(self.fails)
        self.texts.append((to, text))
        return Sent(source="twilio", message_id="SM1")


@dataclass
class Mails:
    """Notes to whom a mail went."""

    sent: list[tuple[str, Packet]] = field(default_factory=list)

    def send(self, packet: Packet, unit: Unit) -> str:
        """No receipt."""
        self.sent.append((unit.mail, packet))
        return ""


def with_deputy(work: Work, gateway: Gateway, mails: Mails | None = None, **changes: str) -> Work:
    """The same with a lead unit whose deputy can be told."""
    rulebook = work.context.rulebook
    units = copy.copy(rulebook.units)
    found = units.get(LEAD)
    assert found is not None
    units._made = {LEAD: replace(found, **(changes or {"deputy_sms": NUMBER}))}
    senders: dict[str, Any] = {"deputy_sms": SMSSender(gateway, rulebook.units.terms.deputy_notice)}
    if mails is not None:
        senders["deputy_mail"] = mails
    return work.but(rulebook=replace(rulebook, units=units), senders={**work.context.senders, **senders})


def to_the_deputy(work: Work, number: int = 1) -> None:
    """Reports whose lead unit let its clock run out, and was reminded in vain."""
    keep_immediate(work, number)
    only_the_lead(work)
    run_out(work)
    for _ in range(2):
        next_pass(work)


def notices(work: Work) -> list[str]:
    return [row.notice for row in work.all(escalations) if row.step == "deputy"]


def again_due(work: Work) -> None:
    work.set_all(escalations, notice_next_at=0)


def test_the_deputy_is_told_once_and_nothing_of_the_report(work: Work) -> None:
    gateway = Gateway()
    work = with_deputy(work, gateway)
    to_the_deputy(work)
    assert notices(work) == ["WAITING"]
    assert tell_deputies(work.context, 10) == 1
    again_due(work)
    assert tell_deputies(work.context, 10) == 0
    assert gateway.texts == [(NUMBER, work.context.rulebook.units.terms.deputy_notice["zh"])]
    assert notices(work) == ["SENT"]
    (line,) = work.audited("deputy_told")
    assert json.loads(line.detail) == {"unit": LEAD, "way": "sms", "why": None}
    assert line.object.startswith("referral:")


def test_the_words_for_deputies_tell_nothing_and_fit_one_message(rulebook: Rulebook) -> None:
    for words in rulebook.units.terms.deputy_notice.values():
        assert len(words) <= 70
        for betraying in ("拐", "举报", "traffick", "report", "紧急", "urgent"):
            assert betraying not in words.lower()


def test_a_unit_without_a_deputy_goes_on_without_and_that_is_said(work: Work) -> None:
    to_the_deputy(work)
    assert notices(work) == ["NOBODY"]
    assert tell_deputies(work.context, 10) == 0
    assert next_pass(work) == 1


def test_where_a_text_fails_the_mail_goes(work: Work) -> None:
    mails = Mails()
    work = with_deputy(work, Gateway("sms_unreachable"), mails, deputy_sms=NUMBER, deputy_mail=MAIL)
    to_the_deputy(work)
    assert tell_deputies(work.context, 10) == 1
    assert [(to, packet.fields) for to, packet in mails.sent] == [(MAIL, {})]
    assert notices(work) == ["SENT"]


def test_a_gateway_that_is_away_is_tried_as_often_as_the_directory_says_then_given_up(work: Work) -> None:
    gateway = Gateway("sms_unreachable")
    work = with_deputy(work, gateway)
    to_the_deputy(work)
    tries = work.context.rulebook.units.terms.retries["sms"].tries
    assert tell_deputies(work.context, 10) == 1
    assert tell_deputies(work.context, 10) == 0, "it rests"
    for _ in range(tries + 3):
        again_due(work)
        tell_deputies(work.context, 10)
    assert notices(work) == ["FAILED"]
    (line,) = work.audited("deputy_not_told")
    assert json.loads(line.detail)["why"] == "sms_unreachable"
    gateway.fails = ""
    again_due(work)
    assert tell_deputies(work.context, 10) == 0


def test_whoever_dies_at_a_notice_leaves_it_to_be_sent(work: Work) -> None:
    gateway = Gateway()
    work = with_deputy(work, gateway)
    to_the_deputy(work)
    assert len(claim_notices(work.database, 10, 15)) == 1
    assert tell_deputies(work.context, 10) == 0
    again_due(work)
    assert tell_deputies(work.context, 10) == 1
    assert len(gateway.texts) == 1


def test_two_couriers_at_once_send_each_once(work: Work) -> None:
    gateway = Gateway()
    work = with_deputy(work, gateway)
    to_the_deputy(work, 6)
    start = threading.Barrier(2)

    def tell(_number: int) -> int:
        start.wait(10)
        return tell_deputies(work.context, 50)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(tell, range(2))) == 6
    assert len(gateway.texts) == 6


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"deputy_sms": "138"}, "a number such as"), ({"deputy_mail": "x"}, "a mail address such as")],
)
def test_a_deputy_without_a_sound_address_is_named(changes: dict[str, str], says: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        OverrideSchema().load({"unit": LEAD, **changes})
    assert says in str(refusal.value)
