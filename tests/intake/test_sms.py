"""The door for text messages: what the carrier sends is kept whole, what others send is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import socket
import time
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from tests.intake.doors import (
    ACCOUNT,
    EMPTY_TWIML,
    NUMBER,
    PUBLIC_URL,
    SMS_URL,
    TOKEN,
    Doors,
    ListeningBell,
    a_text,
    signature_of,
)

ANOTHER_SID = "SM" + "2" * 32


def sign_bytes(*parts: bytes) -> str:
    return base64.b64encode(
        hmac.new(TOKEN.encode(), SMS_URL.encode() + b"".join(parts), hashlib.sha1).digest()
    ).decode()


def test_a_signed_text_is_kept_whole_and_answered_with_nothing(doors: Doors, bell: ListeningBell) -> None:
    answer = doors.sms(a_text(Body="我被关在瑞丽一家砖厂"))
    assert (answer.status_code, answer.text, answer.mimetype) == (200, EMPTY_TWIML, "text/xml")
    kept = doors.only()
    assert (kept.channel, kept.state) == ("sms", "RECEIVED")
    assert kept.content.text == "我被关在瑞丽一家砖厂"
    assert kept.content.sender == "+8613800000000"
    assert bell.rung == [(kept.queue, kept.report_id)]


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(None, id="row 1: no signature"),
        pytest.param("", id="row 2: an empty signature"),
        pytest.param(("签" * 28).encode().decode("latin-1"), id="row 3: 28 Chinese characters"),
        pytest.param(
            signature_of(a_text(), f"{PUBLIC_URL}/twilio/other"), id="row 4: the signature of another address"
        ),
        pytest.param(signature_of(a_text(), SMS_URL.replace("https", "http")), id="row 5: signed for http"),
        pytest.param(signature_of(a_text(), f"{SMS_URL}/"), id="signed with a trailing slash"),
        pytest.param(signature_of(a_text(), "https://127.0.0.1/twilio/sms"), id="signed for the inner host"),
        pytest.param(signature_of(a_text(), SMS_URL.replace(".example", ".example:8443")), id="signed for a port"),
        pytest.param(signature_of(a_text(Body="别的")), id="the signature of another body"),
        pytest.param(signature_of({}), id="the signature of a request without a body"),
        pytest.param(RequestValidator("").compute_signature(SMS_URL, a_text()), id="signed with an empty token"),
        pytest.param("=" * 5000, id="a signature of five thousand signs"),
    ],
)
def test_a_wrong_signature_is_403_and_nothing_is_kept(doors: Doors, signature: str | None) -> None:
    answer = doors.sms(a_text(), headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403
    assert doors.kept() == []


@pytest.mark.parametrize("port", ["", ":443"])
def test_the_carrier_may_sign_with_or_without_the_usual_port(doors: Doors, port: str) -> None:
    signature = signature_of(a_text(), f"{PUBLIC_URL}{port}/twilio/sms")
    assert doors.sms(a_text(), headers={"X-Twilio-Signature": signature}).status_code == 200


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param("\0abc", "\ufffdabc", id="row 6: NUL becomes a mark that both databases keep"),
        pytest.param("\u202e三里屯\u2066", "\u202e三里屯\u2066", id="row 9: direction marks stay, the desk shows them"),
        pytest.param("你" * 1600, "你" * 1600, id="row 12: 1,600 Chinese characters"),
        pytest.param("a+b%20&c=d;e", "a+b%20&c=d;e", id="characters that forms escape"),
        pytest.param("</Response><Dial>110</Dial>", "</Response><Dial>110</Dial>", id="row 34: TwiML is only text"),
        pytest.param("line\r\nline\ttab\x07", "line\r\nline\ttab\ufffd", id="line ends and tabs stay, a bell does not"),
        pytest.param("👩‍👧 救命", "👩‍👧 救命", id="joined emoji stay joined"),
    ],
)
def test_a_body_is_kept_as_it_was_written(doors: Doors, body: str, text: str) -> None:
    answer = doors.sms(a_text(Body=body))
    assert (answer.status_code, answer.text) == (200, EMPTY_TWIML)
    kept = doors.only()
    assert kept.content.text == text
    assert urlencode({"Body": body}).encode() in kept.raw


@pytest.mark.parametrize(
    ("escaped", "signed", "text"),
    [
        pytest.param(b"%FF%FE", b"\xff\xfe", "\ufffd\ufffd", id="row 7: bytes that are no UTF-8, signed as they are"),
        pytest.param(b"%FF%FE", "\ufffd\ufffd".encode(), "\ufffd\ufffd", id="row 7: signed as replaced"),
        pytest.param(b"%FF%FE", b"%FF%FE", "\ufffd\ufffd", id="row 7: signed as quoted"),
        pytest.param(b"%ED%A0%80", b"\xed\xa0\x80", "\ufffd\ufffd\ufffd", id="row 8: a lone surrogate"),
    ],
)
def test_bytes_that_are_no_text_are_kept_and_the_payload_keeps_them(
    doors: Doors, escaped: bytes, signed: bytes, text: str
) -> None:
    before = {name: value for name, value in a_text().items() if name < "Body"}
    after = {name: value for name, value in a_text().items() if name > "Body"}
    parts = [(name + value).encode() for name, value in sorted(before.items())]
    parts += [b"Body", signed] + [(name + value).encode() for name, value in sorted(after.items())]
    body = urlencode(before).encode() + b"&Body=" + escaped + b"&" + urlencode(after).encode()
    answer = doors.sms({}, body=body, headers={"X-Twilio-Signature": sign_bytes(*parts)})
    assert answer.status_code == 200
    assert doors.only().content.text == text
    assert doors.only().raw == body


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("🆘", id="row 10: one emoji"),
        pytest.param("   ", id="row 11: spaces"),
        pytest.param("\u200b\u200d\ufeff", id="row 11: characters without width"),
        pytest.param("", id="nothing"),
        pytest.param("。。。", id="full stops"),
    ],
)
def test_someone_who_can_only_press_send_is_urgent_and_goes_to_a_person(doors: Doors, body: str) -> None:
    assert doors.sms(a_text(Body=body)).status_code == 200
    kept = doors.only()
    assert kept.flags == ("silent",)
    assert kept.queue == "urgent"
    assert kept.content.text == body


PICTURE = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'0' * 32}/Media/ME{'0' * 32}"


@pytest.mark.parametrize(
    ("parameters", "flags"),
    [
        pytest.param({"Body": None, "NumMedia": "1", "MediaUrl0": PICTURE}, {"media"}, id="row 13: a picture, no body"),
        pytest.param(
            {"Body": None, "NumMedia": "1"}, {"silent", "media_mismatch"}, id="row 13: a picture that is lost"
        ),
        pytest.param(
            {"NumMedia": "99", "MediaUrl0": PICTURE, "MediaUrl1": PICTURE},
            {"media", "media_mismatch"},
            id="row 15: 99 stated, 2 named",
        ),
        pytest.param({"NumMedia": "-1"}, {"media_mismatch"}, id="row 16: a negative number"),
        pytest.param({"NumMedia": "１"}, {"media_mismatch"}, id="row 16: a full-width digit"),
        pytest.param({"NumMedia": None}, set(), id="no number"),
        pytest.param(
            {f"MediaUrl{n}": PICTURE for n in range(11)} | {"NumMedia": "11"}, {"media"}, id="eleven pictures"
        ),
    ],
)
def test_media_are_counted_and_a_wrong_count_is_flagged(
    doors: Doors, parameters: dict[str, str], flags: set[str]
) -> None:
    assert doors.sms(a_text(**parameters)).status_code == 200
    assert set(doors.only().flags) == flags


@pytest.mark.parametrize(
    "parameter",
    [
        pytest.param("MediaUrl0", id="row 17: a picture elsewhere"),
        pytest.param("RecordingUrl", id="row 33: a recording"),
    ],
)
def test_an_address_in_a_message_is_kept_and_never_fetched(doors: Doors, parameter: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/latest/meta-data"
        assert doors.sms(a_text(NumMedia="1", **{parameter: address})).status_code == 200
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert urlencode({parameter: address}).encode() in doors.only().raw


def test_row_18_the_same_message_again_gets_the_same_answer_and_is_one_report(
    doors: Doors, bell: ListeningBell
) -> None:
    answers = [doors.sms(a_text()) for _ in range(3)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, EMPTY_TWIML)}
    assert len(doors.kept()) == 1
    assert len(bell.rung) == 1


def test_row_19_the_same_id_with_another_body_keeps_both_and_flags_both(doors: Doors) -> None:
    doors.sms(a_text(Body="被关在砖厂"))
    answer = doors.sms(a_text(Body="没事了"))
    assert (answer.status_code, answer.text) == (200, EMPTY_TWIML)
    first, second = doors.kept()
    assert {first.content.text, second.content.text} == {"被关在砖厂", "没事了"}
    assert "conflict" in first.flags
    assert {"conflict", f"conflict_with:{first.reference}"} <= set(second.flags)


def test_a_message_that_came_in_conflict_is_worked_on_like_any_other(doors: Doors, bell: ListeningBell) -> None:
    doors.sms(a_text(Body="被关在砖厂"))
    doors.sms(a_text(Body="救命，他们要打死我"))
    rung = {report_id for _, report_id in bell.rung}
    assert rung == {kept.report_id for kept in doors.kept()}
    assert {kept.content.text: kept.queue for kept in doors.kept()}["救命，他们要打死我"] == "urgent"


@pytest.mark.parametrize(
    "sender",
    [
        pytest.param("HOTLINE", id="letters"),
        pytest.param("12345", id="a short code"),
        pytest.param("anonymous", id="withheld"),
        pytest.param("", id="empty"),
        pytest.param("+" + "9" * 40, id="forty digits"),
    ],
)
def test_row_22_any_sender_is_taken(doors: Doors, sender: str) -> None:
    assert doors.sms(a_text(From=sender)).status_code == 200
    assert doors.only().content.sender == sender


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"MessageSid": "SM../../x"}, id="row 20: an id that is none"),
        pytest.param({"MessageSid": "SM" + "0" * 32 + "\n"}, id="row 20: an id with a line end"),
        pytest.param({"MessageSid": "SM" + "０" * 32}, id="row 20: full-width digits"),
        pytest.param({"MessageSid": None}, id="row 20: no id"),
        pytest.param({"To": "+15005550009"}, id="row 23: another number"),
        pytest.param({"To": None}, id="row 23: no number"),
        pytest.param({"AccountSid": "AC" + "2" * 32}, id="row 24: another account"),
        pytest.param({"AccountSid": None}, id="row 24: no account"),
        pytest.param({"From": None, "Body": "hiFrom+8613800000000"}, id="a sender pushed into the body"),
    ],
)
def test_a_signed_message_that_is_not_ours_is_403(doors: Doors, changes: dict[str, str]) -> None:
    assert doors.sms(a_text(**changes)).status_code == 403
    assert doors.kept() == []


def test_an_address_that_swallowed_a_parameter_does_not_pass(doors: Doors) -> None:
    # The signed string has no separators, so both requests have one signature.
    short = {name: value for name, value in a_text().items() if name != "AccountSid"}
    assert doors.sms(short, headers={"X-Twilio-Signature": signature_of(a_text())}).status_code == 403
    swallowed = doors.client.post(
        f"/twilio/sms?AccountSid{ACCOUNT}", data=short, headers={"X-Twilio-Signature": signature_of(a_text())}
    )
    assert swallowed.status_code == 403
    assert doors.kept() == []


def test_row_14_a_parameter_that_comes_twice_is_refused_and_logged(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert doors.sms([*a_text().items(), ("Body", "别的")]).status_code == 400
    assert "A parameter came twice." in caplog.text
    assert doors.kept() == []


def test_row_14_an_equal_parameter_that_the_signature_leaves_out_is_refused(doors: Doors) -> None:
    assert doors.sms([*a_text().items(), ("Body", a_text()["Body"])]).status_code == 403
    assert doors.kept() == []


def test_two_hundred_parameters_are_enough(doors: Doors) -> None:
    assert doors.sms(a_text() | {f"Extra{n}": "x" for n in range(300)}).status_code == 400
    assert doors.kept() == []


@pytest.mark.parametrize(
    "content_type",
    [
        pytest.param("application/json", id="row 25: JSON"),
        pytest.param("multipart/form-data; boundary=x", id="row 26: multipart"),
        pytest.param("text/plain", id="text"),
        pytest.param("", id="none"),
    ],
)
def test_another_content_type_is_415(doors: Doors, content_type: str) -> None:
    assert doors.sms(a_text(), content_type=content_type).status_code == 415
    assert doors.kept() == []


def test_a_captured_signature_does_not_carry_a_json_body(doors: Doors) -> None:
    answer = doors.sms({}, body=b'{"Body":"forged"}', content_type="application/json")
    assert answer.status_code == 415
    assert doors.kept() == []


def test_the_charset_that_the_carrier_names_is_no_obstacle(doors: Doors) -> None:
    assert doors.sms(a_text(), content_type="application/x-www-form-urlencoded; charset=UTF-8").status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_row_27_only_post_is_taken(doors: Doors, method: str) -> None:
    answer = getattr(doors.client, method)("/twilio/sms", data=b"Body=x")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_row_28_parameters_that_the_carrier_adds_later_are_let_through_and_kept(doors: Doors) -> None:
    assert doors.sms(a_text(FromCity="KUNMING", SomethingNew="1")).status_code == 200
    assert b"SomethingNew=1" in doors.only().raw


def test_row_29_what_the_carrier_takes_for_a_stop_word_is_one(doors: Doors) -> None:
    assert doors.sms(a_text(Body="SUSPENDER", OptOutType="STOP")).status_code == 200
    assert "contact_stopped" in doors.only().flags


@pytest.mark.parametrize("stamp", ["Thu, 01 Jan 1970 00:00:00 +0000", "2099-12-31T23:59:59Z"])
def test_row_35_a_time_that_cannot_be_is_kept_beside_the_servers_own(doors: Doors, stamp: str) -> None:
    assert doors.sms(a_text(DateSent=stamp)).status_code == 200
    kept = doors.only()
    assert abs(kept.received_at / 1000 - time.time()) < 60
    assert urlencode({"DateSent": stamp}).encode() in kept.raw


def test_a_word_of_danger_chooses_the_urgent_queue(doors: Doors) -> None:
    doors.sms(a_text(Body="救命，他们要打死我"))
    doors.sms(a_text(MessageSid=ANOTHER_SID, Body="请问站台怎么走"))
    assert [kept.queue for kept in doors.kept()] == ["urgent", "normal"]


def test_a_text_to_each_of_our_numbers_is_ours(doors: Doors) -> None:
    assert NUMBER in doors.front.secrets.numbers
    assert doors.sms(a_text(To=NUMBER)).status_code == 200
