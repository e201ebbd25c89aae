"""The doors of carriers beside Twilio: there where they are set up, and open to the carrier alone."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from werkzeug.test import TestResponse

from config.settings import SettingsError
from reports.keys import InnerKeys
from reports.text_statuses import DeliveryState, status_of_text
from tests.intake.carrier_doors import DOOR, set_up, signed
from tests.intake.doors import FORM_TYPE, Doors, ListeningBell, front_of

ID = "6cf7731f-1206-41b6-936a-cb5abdc16053"
SENDER = "+8613800000000"
POSTED = f"/carriers/kannel/sms?token={DOOR}&id={ID}"


@pytest.fixture
def doors(database_url: str, state: Path, inner_keys: InnerKeys, bell: ListeningBell) -> Iterator[Doors]:
    """The public app with every kind of carrier set up."""
    set_up(state)
    front = replace(front_of(state, database_url), bell=bell)
    yield Doors(front, inner_keys)
    front.database.dispose()


def post(doors: Doors, path: str, body: bytes, headers: Mapping[str, str], content_type: str) -> TestResponse:
    # The test client says nothing about the length of a body that is empty; servers and carriers do.
    length = {"CONTENT_LENGTH": str(len(body))}
    return doors.client.post(path, data=body, headers=headers, content_type=content_type, environ_overrides=length)


def by_post_url(doors: Doors, body: bytes, charset: str = "UTF-8", **changes: Any) -> TestResponse:
    """What Kannel's post-url sends."""
    headers = {"X-Kannel-From": SENDER, "X-Kannel-To": "10690000", "X-Kannel-Coding": "0", **changes.pop("headers", {})}
    content_type = changes.pop("content_type", f'text/plain; charset="{charset}"')
    return post(doors, changes.pop("path", POSTED), body, headers, content_type)


def by_json(doors: Doors, name: str, body: object, door: str = "sms", **changes: Any) -> TestResponse:
    path = changes.pop("path", f"/carriers/{name}/{door}?token={DOOR}")
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    content_type = changes.pop("content_type", "application/json")
    return post(doors, path, data, {}, content_type)


def state_of(doors: Doors, source: str, message_id: str) -> DeliveryState | None:
    with doors.database.read() as connection:
        found = status_of_text(connection, source, message_id)
    return found.state if found else None


def test_a_text_through_a_gateway_is_kept_whole_and_answered_with_nothing(doors: Doors, bell: ListeningBell) -> None:
    answer = by_post_url(doors, "我被关在瑞丽一家砖厂".encode())
    # Kannel sends on to the reporter whatever stands in the answer.
    assert (answer.status_code, answer.data) == (200, b"")
    kept = doors.only()
    assert (kept.channel, kept.content.text, kept.content.sender) == ("sms", "我被关在瑞丽一家砖厂", SENDER)
    assert kept.flags == ()
    assert bell.rung == [(kept.queue, kept.report_id)]
    assert "我被关在瑞丽一家砖厂".encode() in kept.raw
    assert SENDER.encode() in kept.raw
    assert DOOR.encode() not in kept.raw


@pytest.mark.parametrize("path", ["sms", "status"])
@pytest.mark.parametrize("name", ["nobody", "twilio", "kannel/../aliyun"])
def test_a_carrier_that_is_not_set_up_has_no_door(doors: Doors, name: str, path: str) -> None:
    assert doors.client.post(f"/carriers/{name}/{path}?token={DOOR}", data=b"x").status_code == 404


def test_without_carriers_there_is_only_twilio(database_url: str, state: Path, inner_keys: InnerKeys) -> None:
    doors = Doors(front_of(state, database_url), inner_keys)
    assert by_post_url(doors, b"help").status_code == 404
    doors.database.dispose()


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="none"),
        pytest.param("&token=", id="an empty one"),
        pytest.param(f"&token={DOOR[:-1]}", id="one that is too short"),
        pytest.param(f"&token={DOOR}x", id="one that is too long"),
        pytest.param(f"&token={DOOR}&token={DOOR}", id="the right one twice"),
        pytest.param(f"&token={DOOR}&token=x", id="the right one and another"),
        pytest.param(f"&TOKEN={DOOR}", id="in capitals"),
        pytest.param(f"&token={quote('签' * 13)}", id="Chinese characters"),
        pytest.param("&token=%00", id="a zero byte"),
    ],
)
@pytest.mark.parametrize("name", ["kannel", "aliyun", "tencent", "pretend"])
def test_without_the_token_nothing_is_kept(doors: Doors, name: str, token: str) -> None:
    path = f"/carriers/{name}/sms?id={ID}{token}"
    piece = {"phone_number": "138", "content": "x", "sequence_id": 1, "mobile": "138", "text": "x", "time": 1}
    kind = "text/plain" if name in ("kannel", "pretend") else "application/json"
    assert doors.client.post(path, data=json.dumps(piece), content_type=kind).status_code == 403
    assert (
        doors.client.post(path.replace("/sms", "/status"), data=json.dumps(piece), content_type=kind).status_code == 403
    )
    assert doors.kept() == []


def test_the_token_may_come_in_a_header_instead(doors: Doors) -> None:
    answer = by_post_url(
        doors, b"help", path=f"/carriers/kannel/sms?id={ID}", headers={"Authorization": f"Bearer {DOOR}"}
    )
    assert answer.status_code == 200
    assert doors.only().content.text == "help"


@pytest.mark.parametrize(
    ("body", "charset", "coding", "flags"),
    [
        pytest.param("被关在砖厂".encode(), "UTF-8", "0", (), id="UTF-8"),
        pytest.param("被关在砖厂".encode("utf-16-be"), "UTF-16BE", "2", (), id="UCS-2, as Kannel says it"),
        pytest.param("被关在砖厂".encode("utf-16-be"), "UCS-2", "2", (), id="UCS-2, as others say it"),
        pytest.param("被关在砖厂".encode("utf-16-be"), "", "2", (), id="UCS-2 by its coding alone"),
        pytest.param("被关在砖厂".encode("gbk"), "GBK", "1", (), id="GBK"),
        pytest.param("被关在砖厂".encode("gb18030"), "gb2312", "1", (), id="GB18030 that says GB2312"),
        pytest.param("被关在砖厂".encode("gbk"), "UTF-8", "0", ("charset_unsure",), id="GBK that says UTF-8"),
        pytest.param("被关在砖厂".encode("gbk"), "8-BIT", "1", ("charset_unsure",), id="GBK that says nothing"),
        pytest.param("被关在砖厂".encode("utf-16-be"), "UTF-8", "0", ("charset_unsure",), id="UCS-2 that says UTF-8"),
        pytest.param("被关在砖厂".encode(), "UTF-16BE", "2", ("charset_unsure",), id="UTF-8 that says UCS-2"),
        pytest.param("被关在砖厂".encode(), "klingon", "0", ("charset_unsure",), id="a charset that nobody knows"),
        pytest.param("被关在砖厂".encode(), "rot13", "0", ("charset_unsure",), id="an encoding that is no charset"),
    ],
)
def test_a_text_is_read_whatever_the_gateway_says_about_its_bytes(
    doors: Doors, body: bytes, charset: str, coding: str, flags: tuple[str, ...]
) -> None:
    content_type = f'text/plain; charset="{charset}"' if charset else "application/octet-stream"
    answer = by_post_url(doors, body, content_type=content_type, headers={"X-Kannel-Coding": coding})
    assert answer.status_code == 200
    kept = doors.only()
    assert (kept.content.text, kept.flags) == ("被关在砖厂", flags)
    assert kept.raw.endswith(b"\r\n\r\n" + body)


def test_a_character_that_was_cut_between_two_parts_costs_one_mark_and_not_the_text(doors: Doors) -> None:
    body = "被关在砖厂👩".encode("utf-16-be")[:-2]
    by_post_url(doors, body, "UTF-16BE", headers={"X-Kannel-UDH": "%05%00%03M%02%01", "X-Kannel-Coding": "2"})
    kept = doors.only()
    assert kept.content.text == "被关在砖厂\ufffd"
    assert set(kept.flags) == {"charset_unsure", "part:77:1:2"}


@pytest.mark.parametrize(
    ("header", "flags"),
    [
        ("%05%00%03M%02%01", ("part:77:1:2",)),
        ("%05%00%03+%02%02", ("part:32:2:2",)),
        ("%06%08%04%01%00%03%02", ("part:256:2:3",)),
        ("%0B%05%04%15%81%00%00%00%03M%02%01", ("part:77:1:2",)),
        ("%05%00%03M%02%03", ()),
        ("%05%00%03M%02%00", ()),
        ("%FF%00%03M%02%01", ()),
        ("%05%00%FF", ()),
        ("%00", ()),
        ("", ()),
    ],
)
def test_which_part_of_a_longer_text_it_is_stands_beside_it(doors: Doors, header: str, flags: tuple[str, ...]) -> None:
    assert by_post_url(doors, b"help", headers={"X-Kannel-UDH": header}).status_code == 200
    assert doors.only().flags == flags


@pytest.mark.parametrize("way", ["a query by GET", "a form by POST"])
def test_gateways_that_know_no_headers_send_parameters(doors: Doors, way: str) -> None:
    fields = {
        "id": ID,
        "from": SENDER,
        "to": "10690000",
        "text": "被关在砖厂 &=+%".encode("utf-16-be"),
        "charset": "UTF-16BE",
        "coding": "2",
        "udh": b"\x05\x00\x03\x4d\x02\x01",
        "something_new": "1",
    }
    if way == "a query by GET":
        answer = doors.client.get(f"/carriers/kannel/sms?{urlencode({**fields, 'token': DOOR})}")
    else:
        path = f"/carriers/kannel/sms?token={DOOR}&text=another"
        answer = doors.client.post(path, data=urlencode(fields), content_type=FORM_TYPE)
    assert answer.status_code == 200
    kept = doors.only()
    assert (kept.content.text, kept.content.sender, kept.flags) == ("被关在砖厂 &=+%", SENDER, ("part:77:1:2",))


def test_the_same_text_again_is_one_report_and_another_text_under_its_id_is_kept_beside(doors: Doors) -> None:
    assert [by_post_url(doors, "被关在砖厂".encode()).status_code for _ in range(5)] == [200] * 5
    assert len(doors.kept()) == 1
    assert by_post_url(doors, "没事了".encode()).status_code == 200
    assert {kept.content.text for kept in doors.kept()} == {"被关在砖厂", "没事了"}
    assert all("conflict" in kept.flags for kept in doors.kept())


def test_two_carriers_may_give_the_same_id_to_two_texts(doors: Doors) -> None:
    by_post_url(doors, b"one")
    by_post_url(doors, b"two", path=POSTED.replace("kannel", "pretend"))
    assert [sorted(kept.flags) for kept in doors.kept()] == [[], []]
    assert {kept.content.text for kept in doors.kept()} == {"one", "two"}


@pytest.mark.parametrize(
    ("path", "content_type", "status"),
    [
        pytest.param(POSTED.partition("&id")[0], "text/plain", 400, id="no id"),
        pytest.param(f"{POSTED}/../x", "text/plain", 400, id="an id with slashes"),
        pytest.param(POSTED.replace(ID, "x" * 65), "text/plain", 400, id="an id that is too long"),
        pytest.param(f"{POSTED}&id=2", "text/plain", 400, id="two ids"),
        pytest.param(f"{POSTED}&text=other", "text/plain", 400, id="a text beside the body"),
        pytest.param(POSTED + "&x=1" * 300, "text/plain", 400, id="three hundred parameters"),
        pytest.param(POSTED, "application/json", 415, id="JSON"),
        pytest.param(POSTED, "multipart/form-data; boundary=x", 415, id="multipart"),
        pytest.param(POSTED, "", 415, id="no type"),
    ],
)
def test_what_no_gateway_sends_is_refused_in_one_line(doors: Doors, path: str, content_type: str, status: int) -> None:
    answer = doors.client.post(path, data=b"help", content_type=content_type)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert doors.kept() == []


@pytest.mark.parametrize("method", ["put", "delete", "patch", "head"])
def test_other_methods_are_not_taken(doors: Doors, method: str) -> None:
    assert getattr(doors.client, method)(POSTED, data=b"x").status_code == 405
    assert doors.kept() == []


def test_a_body_of_a_megabyte_is_refused_whole(doors: Doors) -> None:
    assert by_post_url(doors, b"x" * 1024 * 1024).status_code == 413
    assert doors.kept() == []


def test_a_batch_of_a_hundred_long_texts_comes_through(doors: Doors) -> None:
    batch = [{**ALIYUN, "sequence_id": n, "content": f"第{n}条" + "被关在砖厂，" * 150} for n in range(100)]
    body = json.dumps(batch, ensure_ascii=False).encode()
    assert len(body) > 256 * 1024
    assert by_json(doors, "aliyun", body).status_code == 200
    assert len(doors.kept()) == 100


def test_no_word_and_no_number_is_found_in_what_is_logged_when_things_go_wrong(
    doors: Doors, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(0)
    words, number = "金丝雀一号", "13800009999"
    piece = {**ALIYUN, "content": words, "phone_number": number, "text": words, "mobile": number, "time": 1}
    query = urlencode({"id": ID, "from": number, "text": words, "token": DOOR})

    def everything() -> list[int]:
        answers = [
            by_post_url(doors, words.encode(), headers={"X-Kannel-From": number}),
            by_post_url(doors, words.encode(), path=f"/carriers/kannel/sms?text={quote(words)}&token={DOOR}"),
            doors.client.get(f"/carriers/kannel/sms?{query}"),
            doors.client.get(f"/carriers/kannel/sms?{query}x"),
            by_json(doors, "aliyun", [piece]),
            by_json(doors, "aliyun", [{**piece, "content": {}}, words]),
            by_json(doors, "tencent", piece),
        ]
        for answer in answers:
            assert words.encode() not in answer.data
            assert number.encode() not in answer.data
        return [answer.status_code for answer in answers]

    assert everything() == [200, 400, 200, 403, 200, 400, 200]

    def broken(*arguments: object, **options: object) -> None:
        raise ValueError(f"cannot write {arguments!r}")

    monkeypatch.setattr("reports.audit.AuditChain.append", broken)
    monkeypatch.setattr("reports.keeping.Keeper._delivery", broken)
    assert everything() == [500, 400, 500, 403, 500, 400, 500]
    for word in (words, number, DOOR, quote(words)):
        assert word not in caplog.text


def test_a_long_text_that_the_gateway_put_together_is_kept_whole(doors: Doors) -> None:
    text = "被关在砖厂，" * 1500
    assert by_post_url(doors, text.encode("utf-16-be"), "UTF-16BE").status_code == 200
    assert doors.only().content.text == text


@pytest.mark.parametrize("body", [b"", b"   ", "。".encode(), "🆘".encode()])
def test_someone_who_can_only_press_send_is_urgent_through_a_gateway_too(doors: Doors, body: bytes) -> None:
    assert by_post_url(doors, body).status_code == 200
    assert (doors.only().flags, doors.only().queue) == (("silent",), "urgent")


class TestASignedGateway:
    """A gateway that signs each request by Standard Webhooks."""

    BODY = urlencode({"id": ID, "from": SENDER, "text": "被关在砖厂"}).encode()

    def post(self, doors: Doors, body: bytes, headers: dict[str, str], **changes: Any) -> int:
        path = changes.pop("path", "/carriers/signing/sms")
        content_type = changes.pop("content_type", FORM_TYPE)
        return post(doors, path, body, headers, content_type).status_code

    def test_what_it_signed_is_kept_once(self, doors: Doors) -> None:
        now = int(time.time())
        assert self.post(doors, self.BODY, signed(self.BODY, now)) == 200
        # Captured and sent again, as it was and with a fresh signature: the text is known.
        assert self.post(doors, self.BODY, signed(self.BODY, now)) == 200
        assert self.post(doors, self.BODY, signed(self.BODY, now + 1)) == 200
        assert doors.only().content.text == "被关在砖厂"

    def test_one_of_several_signatures_is_enough_while_a_key_is_changed(self, doors: Doors) -> None:
        headers = signed(self.BODY, int(time.time()))
        headers["webhook-signature"] = "v1,AAAA v2,xxx " + headers["webhook-signature"]
        assert self.post(doors, self.BODY, headers) == 200

    @pytest.mark.parametrize(
        "changes",
        [
            pytest.param({"webhook-signature": ""}, id="an empty signature"),
            pytest.param({"webhook-signature": "v1,"}, id="nothing behind the version"),
            pytest.param({"webhook-signature": "v1,签".encode().decode("latin-1")}, id="Chinese"),
            pytest.param({"webhook-id": "msg_2"}, id="another id"),
            pytest.param({"webhook-timestamp": "1"}, id="1970"),
            pytest.param({"webhook-timestamp": "-1"}, id="a negative time"),
            pytest.param({"webhook-timestamp": "９" * 10}, id="full-width digits"),
            pytest.param({"webhook-timestamp": "9" * 4000}, id="a time without end"),
        ],
    )
    def test_a_wrong_signature_is_403(self, doors: Doors, changes: dict[str, str]) -> None:
        headers = {**signed(self.BODY, int(time.time())), **changes}
        headers = {name: value.encode().decode("latin-1") for name, value in headers.items()}
        assert self.post(doors, self.BODY, headers) == 403
        assert doors.kept() == []

    @pytest.mark.parametrize("seconds", [-301, 301, -86400])
    def test_an_old_one_is_403(self, doors: Doors, seconds: int) -> None:
        assert self.post(doors, self.BODY, signed(self.BODY, int(time.time()) + seconds)) == 403

    def test_another_body_another_key_or_no_signature_is_403(self, doors: Doors) -> None:
        now = int(time.time())
        assert self.post(doors, self.BODY + b"&text=x", signed(self.BODY, now)) == 403
        assert self.post(doors, self.BODY, signed(self.BODY, now, key="e" * 40)) == 403
        assert self.post(doors, self.BODY, {}) == 403
        assert self.post(doors, self.BODY, {}, path=f"/carriers/signing/sms?token={DOOR}") == 403
        assert doors.kept() == []

    def test_what_the_signature_does_not_cover_is_not_taken(self, doors: Doors) -> None:
        headers = signed(b"", int(time.time()))
        query = urlencode({"id": ID, "from": SENDER, "text": "forged"})
        assert doors.client.get(f"/carriers/signing/sms?{query}", headers=headers).status_code == 415
        assert self.post(doors, b"", headers, path=f"/carriers/signing/sms?{query}") == 400
        assert self.post(doors, b"", headers, content_type="text/plain") == 415
        assert doors.kept() == []


def test_a_gateways_reports_are_written_down_and_never_taken_back(doors: Doors) -> None:
    def report(mask: str, **options: Any) -> int:
        path = f"/carriers/kannel/status?token={DOOR}&id=0192&status={mask}"
        return doors.client.get(options.pop("path", path)).status_code

    assert report("8") == 200
    assert state_of(doors, "carrier:kannel", "0192") is DeliveryState.SENT
    # Kannel's own reports overtake one another.
    assert [report(mask) for mask in ("1", "8", "4", "32", "x", "")] == [200] * 6
    assert state_of(doors, "carrier:kannel", "0192") is DeliveryState.DELIVERED
    assert report("2", path="/carriers/kannel/status?token=x&id=0193&status=2") == 403
    assert report("2", path=f"/carriers/kannel/status?token={DOOR}&status=2") == 400
    assert state_of(doors, "carrier:kannel", "0193") is None


ALIYUN = {
    "phone_number": "13800000000",
    "send_time": "2026-11-25 08:00:00",
    "content": "被关在砖厂",
    "sign_name": "某某中心",
    "dest_code": "1234",
    "sequence_id": 1234567890,
}


def test_alibabas_batch_becomes_a_report_for_each_text_with_its_own_bytes_alone(doors: Doors) -> None:
    other = {**ALIYUN, "phone_number": "13800000001", "content": "第二条 [[[{{{", "sequence_id": "1234567891"}
    answer = by_json(doors, "aliyun", [ALIYUN, other])
    assert answer.status_code == 200
    assert answer.get_json()["code"] == 0
    kept = {kept.content.text: kept for kept in doors.kept()}
    assert set(kept) == {"被关在砖厂", "第二条 [[[{{{"}
    assert kept["被关在砖厂"].content.sender == "13800000000"
    assert json.loads(kept["被关在砖厂"].raw) == ALIYUN
    assert b"13800000001" not in kept["被关在砖厂"].raw
    assert by_json(doors, "aliyun", [other, ALIYUN]).status_code == 200
    assert len(doors.kept()) == 2


def test_a_batch_that_came_half_way_is_whole_after_it_came_again(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = [{**ALIYUN, "sequence_id": n, "content": f"第{n}条"} for n in range(4)]
    hallway, calls = doors.app.view_functions["texts.carriers_aliyun_sms"].__self__._hallway, []  # type: ignore[attr-defined]
    keep = hallway.receive

    def third_fails(new: Any) -> Any:
        calls.append(new)
        if len(calls) == 3:
            raise RuntimeError("the disk is full")
        return keep(new)

    monkeypatch.setattr(hallway, "receive", third_fails)
    assert by_json(doors, "aliyun", batch).status_code == 500
    assert len(doors.kept()) == 2
    assert by_json(doors, "aliyun", batch).status_code == 200
    assert sorted(kept.content.text for kept in doors.kept()) == ["第0条", "第1条", "第2条", "第3条"]


def test_a_text_of_alibabas_without_an_id_is_not_lost(doors: Doors) -> None:
    bare = {name: value for name, value in ALIYUN.items() if name != "sequence_id"}
    for _ in range(2):
        assert by_json(doors, "aliyun", [bare]).status_code == 200
    assert doors.only().content.text == "被关在砖厂"
    assert by_json(doors, "aliyun", [{**bare, "send_time": "2026-11-25 08:00:07"}]).status_code == 200
    assert len(doors.kept()) == 2


def test_alibabas_reports_name_a_text_by_the_id_that_we_gave_it(doors: Doors) -> None:
    batch = [
        {"phone_number": "138", "success": True, "err_code": "DELIVERED", "biz_id": "9", "out_id": "ours"},
        {"phone_number": "138", "success": False, "err_code": "MK:0001", "biz_id": "10"},
        {"phone_number": "138", "success": True},
    ]
    answer = by_json(doors, "aliyun", batch, "status")
    assert (answer.status_code, answer.get_json()["code"]) == (200, 0)
    assert state_of(doors, "carrier:aliyun", "ours") is DeliveryState.DELIVERED
    assert state_of(doors, "carrier:aliyun", "10") is DeliveryState.UNDELIVERED


TENCENT = {
    "extend": "01", "mobile": "13800000000", "nationcode": "86", "sign": "某某中心", "text": "被关在砖厂",
    "time": 1457336869,
}  # fmt: skip


def test_a_reply_through_tencent_is_kept_once_though_it_has_no_id(doors: Doors) -> None:
    for _ in range(3):
        answer = by_json(doors, "tencent", TENCENT)
        assert (answer.status_code, answer.get_json()["result"]) == (200, 0)
    kept = doors.only()
    assert (kept.content.text, kept.content.sender) == ("被关在砖厂", "+8613800000000")
    # The same words a little later are somebody who asks again.
    assert by_json(doors, "tencent", {**TENCENT, "time": 1457336900}).status_code == 200
    assert len(doors.kept()) == 2


def test_tencents_reports_come_in_batches(doors: Doors) -> None:
    batch = [
        {"mobile": "138", "nationcode": "86", "report_status": "SUCCESS", "errmsg": "DELIVRD", "sid": "5000:1"},
        {"mobile": "138", "nationcode": "86", "report_status": "FAIL", "errmsg": "MK:0001", "sid": "5000:2"},
        {"mobile": "138", "nationcode": "86", "report_status": "MAYBE", "sid": "5000:3"},
    ]
    assert by_json(doors, "tencent", batch, "status").get_json()["result"] == 0
    found = [state_of(doors, "carrier:tencent", f"5000:{n}") for n in (1, 2, 3)]
    assert found == [DeliveryState.DELIVERED, DeliveryState.UNDELIVERED, None]


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 400, id="nothing"),
        pytest.param(b"null", 400, id="null"),
        pytest.param(b"[1]", 400, id="a number"),
        pytest.param(b"[{}", 400, id="cut short"),
        pytest.param(b"[{},]", 400, id="a comma too many"),
        pytest.param(b"[{}] {}", 400, id="something behind"),
        pytest.param(b"\xff\xfe{\0}\0", 400, id="UTF-16"),
        pytest.param(b'{"text":"a","text":"b"}', 400, id="a name twice"),
        pytest.param(b"[" * 60_000, 400, id="brackets without end"),
        pytest.param(b'{"time":' + b"9" * 5000 + b"}", 400, id="a number without end"),
        pytest.param(b"[]", 200, id="an empty batch"),
    ],
)
def test_json_that_no_carrier_sends_is_refused_without_falling_over(
    doors: Doors, name: str, body: bytes, status: int
) -> None:
    assert by_json(doors, name, body).status_code == status
    assert by_json(doors, name, body, "status").status_code == status
    assert doors.kept() == []


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_only_json_is_taken_from_those_that_send_json(doors: Doors, name: str) -> None:
    assert by_json(doors, name, [ALIYUN], content_type=FORM_TYPE).status_code == 415
    assert doors.client.get(f"/carriers/{name}/sms?token={DOOR}").status_code == 405


def test_a_lone_surrogate_in_json_is_kept_as_a_mark(doors: Doors) -> None:
    assert by_json(doors, "tencent", b'{"mobile":"138","time":1,"text":"\\ud83d help \\u0000"}').status_code == 200
    assert doors.only().content.text == "\ufffd help \ufffd"


def test_a_carrier_without_its_secret_stops_the_start(database_url: str, state: Path) -> None:
    set_up(state)
    (state / "carriers" / "aliyun" / "door").write_text("short\n")
    with pytest.raises(SettingsError, match=r"carriers/aliyun/door should hold 32 to 128 letters") as refusal:
        front_of(state, database_url)
    assert "5 characters of another shape" in str(refusal.value)
