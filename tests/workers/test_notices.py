"""Notices by mail and text: that a packet waits, and not one word about it."""

from __future__ import annotations

import base64
import json
import time
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from config.outgoing import MailServer, TwilioAccount, read_mail_server, read_twilio_account
from config.settings import SettingsError
from reports.values import UnitKind
from routing.rulebook.book import Rulebook
from routing.rulebook.units import Unit
from tests.workers.silence import black_hole, nobody
from tests.workers.unit_server import mail_server, unit_server
from workers.carriers.twilio_outgoing import TwilioOutgoing
from workers.senders.mail import MailSender
from workers.senders.packet import Packet
from workers.senders.sender import DeliveryFailed, Sender
from workers.senders.sms import SMSSender

UNIT = Unit(id="civil_affairs-530921", kind=UnitKind.CIVIL_AFFAIRS, region="530921", zh="民政局", en="Civil Affairs",
            mail="desk@example.cn", sms="+8613800000000")  # fmt: skip
CANARIES = ("身份证被扣在砖厂", "无名氏甲", "K7M2QX3TD4", "forced_labour", "immediate", "530921", "小店电话")
PACKET = Packet(
    exercise=False,
    referral_id="0123456789abcdef" * 2,
    unit=UNIT.id,
    part="copy",
    fields={"text": CANARIES[0], "reporter_name": CANARIES[1], "reference": CANARIES[2], "matters": [CANARIES[3]],
            "urgency": CANARIES[4], "places": [CANARIES[5]], "reporter_contact": CANARIES[6]},
)  # fmt: skip
NOTICE = {"zh": "有一份材料等待查收。", "en": "A packet is waiting."}
ACCOUNT_SID = "AC" + "0" * 32


def by_mail(port: int, **changes: Any) -> MailSender:
    server = MailServer(
        scheme="smtp", host="127.0.0.1", port=port, user="", password="", sender="notices@hotline.example"
    )
    return MailSender(replace(server, **changes), NOTICE)


def by_text(address: str) -> SMSSender:
    account = TwilioAccount(
        account_sid=ACCOUNT_SID, auth_token="0" * 32, number="+15005550006", base_url=address.partition("/packets")[0]
    )
    return SMSSender(TwilioOutgoing(account), NOTICE)


def failure(sender: Sender, unit: Unit = UNIT) -> tuple[str, bool]:
    with pytest.raises(DeliveryFailed) as refusal:
        sender.send(PACKET, unit)
    assert refusal.value.__cause__ is None
    return refusal.value.code, refusal.value.is_final


def test_a_mail_says_that_a_packet_waits_in_both_languages(caplog: pytest.LogCaptureFixture) -> None:
    with mail_server() as server:
        by_mail(server.port).send(PACKET, UNIT)
    assert server.recipients == ["desk@example.cn"]
    message = message_from_bytes(server.messages[0])
    assert str(make_header(decode_header(message["Subject"] or ""))) == NOTICE["zh"]
    body = message.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode().split() == [NOTICE["zh"], *NOTICE["en"].split()]
    assert message["Message-ID"] == f"<{PACKET.referral_id}@hotline.example>"


def test_a_text_says_it_in_the_units_language() -> None:
    answer = json.dumps({"sid": "SM" + "0" * 32}).encode()
    with unit_server(statuses=[201], answer=answer) as twilio:
        by_text(twilio.address).send(PACKET, UNIT)
        by_text(twilio.address).send(PACKET, replace(UNIT, languages=("en", "my")))
    first, second = (parse_qs(one.body.decode()) for one in twilio.got)
    assert first == {"To": ["+8613800000000"], "From": ["+15005550006"], "Body": [NOTICE["zh"]]}
    assert second["Body"] == [NOTICE["en"]]
    assert twilio.got[0].path == f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    assert base64.b64encode(f"{ACCOUNT_SID}:{'0' * 32}".encode()).decode() in twilio.got[0].headers["authorization"]


def test_no_notice_holds_a_word_of_the_packet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    answer = json.dumps({"sid": "SM" + "0" * 32}).encode()
    with mail_server() as mail, unit_server(statuses=[201, 500], answer=answer) as twilio:
        by_mail(mail.port).send(PACKET, UNIT)
        by_text(twilio.address).send(PACKET, UNIT)
        with suppress(DeliveryFailed):
            by_text(twilio.address).send(PACKET, UNIT)
    (message,) = mail.messages
    seen = b"".join([message, *(b"".join([one.body, str(one.headers).encode()]) for one in twilio.got)])
    payload = message_from_bytes(message).get_payload(decode=True)
    assert isinstance(payload, bytes)
    for word in CANARIES:
        assert word.encode() not in seen + payload
        assert word not in caplog.text


def test_the_words_of_the_house_tell_nothing(rulebook: Rulebook) -> None:
    notice = rulebook.units.terms.notice
    for language in ("zh", "en"):
        for word in ("拐", "紧急", "报警", "traffick", "urgent", "police", "hotline"):
            assert word not in notice[language]


@pytest.mark.parametrize(("answer", "is_final"), [("550 no such box", True), ("450 try later", False)])
def test_a_mailbox_that_is_not_there_is_final_and_one_that_is_full_is_not(answer: str, is_final: bool) -> None:
    with mail_server(refuses=answer) as server:
        assert failure(by_mail(server.port)) == ("mail_refused", is_final)


@pytest.mark.parametrize(("status", "is_final"), [(400, True), (404, True), (429, False), (503, False)])
def test_a_number_that_never_will_do_is_final(status: int, is_final: bool) -> None:
    refusal = json.dumps(
        {"code": 21211, "message": "The number +8613800000000 is not valid", "status": status}
    ).encode()
    with unit_server(statuses=[status], answer=refusal) as twilio:
        assert failure(by_text(twilio.address)) == ("sms_refused", is_final)
    assert len(twilio.got) == 1


def test_a_gateway_that_answers_nonsense_is_away() -> None:
    with unit_server(statuses=[201], answer=b"<html>") as twilio:
        assert failure(by_text(twilio.address)) == ("sms_unreachable", False)


def test_servers_that_are_away_or_silent_are_waited_for_a_few_seconds_only() -> None:
    gone = int(nobody().rpartition(":")[2])
    assert failure(by_mail(gone)) == ("mail_unreachable", False)
    assert failure(by_text(f"http://127.0.0.1:{gone}")) == ("sms_unreachable", False)
    started = time.monotonic()
    with black_hole() as hole:
        port = int(hole.rpartition(":")[2])
        assert failure(by_mail(port)) == ("mail_unreachable", False)
        assert failure(by_text(f"http://127.0.0.1:{port}")) == ("sms_unreachable", False)
    assert time.monotonic() - started < 40


def test_mail_that_leaves_this_machine_is_encrypted_or_not_sent() -> None:
    # Any other address is another machine, though this one answers here.
    with mail_server(host="127.0.0.2") as server:
        assert failure(by_mail(server.port, host="127.0.0.2")) == ("mail_unreachable", False)
    assert server.messages == []


def test_what_is_not_set_up_or_has_no_address_is_final() -> None:
    assert failure(MailSender(None, NOTICE)) == ("not_set_up", True)
    assert failure(SMSSender(None, NOTICE)) == ("not_set_up", True)
    assert failure(by_mail(1), replace(UNIT, mail="")) == ("no_address", True)
    assert failure(by_text("http://127.0.0.1:1"), replace(UNIT, sms="")) == ("no_address", True)


def test_nothing_is_set_up_where_nothing_is_said(tmp_path: Path) -> None:
    assert read_mail_server({}, tmp_path) is None
    with pytest.raises(SettingsError, match="TWILIO_ACCOUNT_SID"):
        read_twilio_account({}, tmp_path)


def test_a_mail_server_with_a_user_has_its_password_in_a_file(tmp_path: Path) -> None:
    said = {"HOTLINE_MAIL_SERVER": "smtps://notices%40hotline.example@mail.example", "HOTLINE_MAIL_FROM": "n@h.example"}
    with pytest.raises(SettingsError, match="mail-password"):
        read_mail_server(said, tmp_path)
    (tmp_path / "mail-password").write_text("a secret\n")
    server = read_mail_server(said, tmp_path)
    assert server is not None
    assert (server.host, server.port, server.user, server.password, server.is_this_machine) == (
        "mail.example", 465, "notices@hotline.example", "a secret", False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("server", "sender"),
    [
        ("mail.example", "n@h.example"),
        ("smtp://", "n@h.example"),
        ("smtp://user:secret@mail.example", "n@h.example"),
        ("smtp://mail.example:none", "n@h.example"),
        ("http://mail.example", "n@h.example"),
        ("smtp://mail.example", ""),
        ("smtp://mail.example", "n@h.example\nBcc: x@y.example"),
        ("", "n@h.example"),
    ],
)
def test_a_setting_of_another_shape_is_refused_without_quoting_it(server: str, sender: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refusal:
        read_mail_server({"HOTLINE_MAIL_SERVER": server, "HOTLINE_MAIL_FROM": sender}, tmp_path)
    assert "secret" not in str(refusal.value)
    assert "HOTLINE_MAIL" in str(refusal.value)
