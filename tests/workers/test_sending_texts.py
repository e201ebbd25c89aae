"""Sending a text by each carrier: taken, surely not taken, and nobody knows; never twice, and never quoted."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from config.carriers import Aliyun, Gateway, Simulator, Tencent
from config.outgoing import TwilioAccount
from config.settings import Settings, SettingsError
from tests.intake.carrier_doors import DOOR, set_up
from tests.workers.silence import black_hole, nobody
from tests.workers.unit_server import UnitServer, unit_server
from workers.carriers.aliyun_outgoing import AliyunOutgoing
from workers.carriers.carrier import CarrierRefused, CarrierUnknown, Outgoing, Sent
from workers.carriers.gateway_outgoing import GatewayOutgoing
from workers.carriers.outgoing import outgoing_carriers
from workers.carriers.simulator_outgoing import SimulatorOutgoing
from workers.carriers.switchboard import Switchboard
from workers.carriers.tencent_outgoing import TencentOutgoing
from workers.carriers.twilio_outgoing import TwilioOutgoing

TO, WORDS = "+8613800000000", "您有一条新消息。"
OURS = "0192aa"
STATUS_URL = f"https://hotline.example/carriers/mobile/status?token={DOOR}"
SID = "SM" + "0" * 32


def by_twilio(address: str, **changes: Any) -> Outgoing:
    account = {"account_sid": "AC" + "0" * 32, "auth_token": "0" * 32, "number": "+15005550006", "base_url": address}
    return TwilioOutgoing(TwilioAccount(**{**account, **changes}))


def by_gateway(address: str) -> Outgoing:
    gateway = Gateway(
        name="mobile", proof="token", send_url=f"{address}/cgi-bin/sendsms", user="hotline", number="10690000"
    )
    return GatewayOutgoing(gateway, "secret-of-the-gateway", STATUS_URL, lambda: OURS)


def by_aliyun(address: str) -> Outgoing:
    account = Aliyun(
        name="ali", access_key="LTAI00000000", sign_name="某某中心", templates={WORDS: "SMS_1"}, send_url=address
    )
    return AliyunOutgoing(account, "secret-of-aliyun", lambda: OURS)


def by_tencent(address: str) -> Outgoing:
    account = Tencent(
        name="qq", secret_id="AKID00000000", app_id="1400000000", sign_name="某某中心", templates={WORDS: "1001"},
        send_url=address,
    )  # fmt: skip
    return TencentOutgoing(account, "secret-of-tencent")


CARRIERS = {"twilio": by_twilio, "gateway": by_gateway, "aliyun": by_aliyun, "tencent": by_tencent}
TAKEN = {
    "twilio": (201, {"sid": SID}),
    "gateway": (202, "0: Accepted for delivery"),
    "aliyun": (200, {"Code": "OK", "Message": "OK", "BizId": "9006^0", "RequestId": "r"}),
    "tencent": (200, {"Response": {"RequestId": "r", "SendStatusSet": [{"SerialNo": "5000:1", "Code": "Ok"}]}}),
}  # fmt: skip
EACH = pytest.mark.parametrize("name", list(CARRIERS))


@contextmanager
def stand_in(status: int, answer: object) -> Iterator[UnitServer]:
    body = answer if isinstance(answer, bytes) else (answer if isinstance(answer, str) else json.dumps(answer)).encode()
    with unit_server(statuses=[status], answer=body, headers={"Content-Type": "application/json"}) as server:
        yield server


def at(server: UnitServer) -> str:
    return f"http://127.0.0.1:{server.port}"


def refused(send: Callable[[], object]) -> CarrierRefused | CarrierUnknown:
    with pytest.raises((CarrierRefused, CarrierUnknown)) as fault:
        send()
    assert fault.value.__cause__ is None
    # Neither the number nor the words stand in what may be logged.
    assert TO[3:] not in str(fault.value)
    assert WORDS not in str(fault.value)
    return fault.value


@EACH
def test_a_text_that_was_taken_has_the_id_that_its_reports_will_have(name: str) -> None:
    with stand_in(*TAKEN[name]) as server:
        sent = CARRIERS[name](at(server)).send(TO, WORDS)
    assert (
        sent
        == {
            "twilio": Sent(source="twilio", message_id=SID),
            "gateway": Sent(source="carrier:mobile", message_id=OURS),
            "aliyun": Sent(source="carrier:ali", message_id=OURS),
            "tencent": Sent(source="carrier:qq", message_id="5000:1"),
        }[name]
    )
    assert len(server.got) == 1


@EACH
def test_an_answer_that_makes_no_sense_leaves_it_open_and_the_text_is_not_sent_again(name: str) -> None:
    for status, answer in ((200, b"<html>"), (200, b""), (503, b"{}"), (500, b"\xff")):
        with stand_in(status, answer) as server:
            if name == "gateway" and status == 200:
                # Its answer is the status alone.
                continue
            fault = refused(lambda: CARRIERS[name](at(server)).send(TO, WORDS))  # noqa: B023
        assert isinstance(fault, CarrierUnknown), (status, answer)
        assert len(server.got) == 1


@EACH
def test_a_carrier_that_never_answers_is_given_up_after_a_few_seconds(name: str) -> None:
    started = time.monotonic()
    with black_hole() as hole:
        fault = refused(lambda: CARRIERS[name](hole.replace("redis", "http")).send(TO, WORDS))
    assert isinstance(fault, CarrierUnknown)
    ours = {"gateway": ("carrier:mobile", OURS), "aliyun": ("carrier:ali", OURS)}
    assert (fault.source, fault.message_id) == ours.get(name, ("", ""))
    assert time.monotonic() - started < 40


@EACH
def test_a_carrier_that_is_away_is_said_to_be(name: str) -> None:
    fault = refused(lambda: CARRIERS[name](nobody().replace("redis", "http")).send(TO, WORDS))
    assert fault.code == "sms_unreachable"


@EACH
def test_no_log_holds_the_number_the_words_or_a_secret(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with stand_in(*TAKEN[name]) as server:
        CARRIERS[name](at(server)).send(TO, WORDS)
    with stand_in(400, {"code": 21211, "message": f"{TO} {WORDS}", "Code": "x", "Message": TO}) as server:
        refused(lambda: CARRIERS[name](at(server)).send(TO, WORDS))
    for word in (TO[3:], WORDS, "secret-of", DOOR):
        assert word not in caplog.text


@pytest.mark.parametrize(("status", "is_final"), [(400, True), (403, False), (404, True), (413, True), (429, False)])
def test_a_gateway_says_by_its_status_whether_another_try_makes_sense(status: int, is_final: bool) -> None:
    with stand_in(status, f"Number {TO} has been denied") as server:
        fault = refused(lambda: by_gateway(at(server)).send(TO, WORDS))
    assert isinstance(fault, CarrierRefused)
    assert fault.is_final == is_final


def test_a_gateway_gets_number_text_and_password_in_headers_and_body_and_not_in_the_address() -> None:
    with stand_in(*TAKEN["gateway"]) as server:
        by_gateway(at(server)).send(TO, WORDS)
    (got,) = server.got
    assert got.path == "/cgi-bin/sendsms"
    assert got.body.decode() == WORDS
    assert {name: value for name, value in got.headers.items() if name.startswith("x-kannel")} == {
        "x-kannel-username": "hotline", "x-kannel-password": "secret-of-the-gateway", "x-kannel-from": "10690000",
        "x-kannel-to": TO, "x-kannel-coding": "2", "x-kannel-dlr-mask": "31",
        "x-kannel-dlr-url": f"{STATUS_URL}&id={OURS}&status=%d",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "kind", "is_final"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", CarrierRefused, True),
        ("isv.SMS_TEMPLATE_ILLEGAL", CarrierRefused, True),
        ("isv.BUSINESS_LIMIT_CONTROL", CarrierRefused, False),
        ("isv.AMOUNT_NOT_ENOUGH", CarrierRefused, False),
        ("isp.SYSTEM_ERROR", CarrierUnknown, False),
        ("", CarrierUnknown, False),
    ],
)
def test_alibabas_codes_say_what_became_of_it(code: str, kind: type[Exception], is_final: bool) -> None:
    with stand_in(200, {"Code": code, "Message": TO, "RequestId": "r"}) as server:
        fault = refused(lambda: by_aliyun(at(server)).send(TO, WORDS))
    assert isinstance(fault, kind)
    assert getattr(fault, "is_final", False) == is_final


def test_alibabas_own_library_sends_the_template_by_its_code() -> None:
    with stand_in(*TAKEN["aliyun"]) as server:
        by_aliyun(at(server)).send(TO, WORDS)
        by_aliyun(at(server)).send("+85260000000", WORDS)
    home, abroad = (parse_qs(urlsplit(got.path).query) for got in server.got)
    assert home["PhoneNumbers"] == ["13800000000"]
    assert abroad["PhoneNumbers"] == ["85260000000"]
    assert (home["SignName"], home["TemplateCode"], home["OutId"]) == (["某某中心"], ["SMS_1"], [OURS])
    assert "authorization" in server.got[0].headers


@pytest.mark.parametrize(
    ("code", "kind", "is_final"),
    [
        ("InvalidParameterValue.IncorrectPhoneNumber", CarrierRefused, True),
        ("FailedOperation.PhoneNumberInBlacklist", CarrierRefused, True),
        ("LimitExceeded.PhoneNumberDailyLimit", CarrierRefused, False),
        ("FailedOperation.InsufficientBalanceInSmsPackage", CarrierRefused, False),
        ("InternalError.Timeout", CarrierUnknown, False),
    ],
)
@pytest.mark.parametrize("where", ["status", "error"])
def test_tencents_codes_say_what_became_of_it(code: str, kind: type[Exception], is_final: bool, where: str) -> None:
    said: dict[str, Any] = {"SendStatusSet": [{"Code": code, "Message": TO}]}
    if where == "error":
        said = {"Error": {"Code": code, "Message": TO}}
    with stand_in(200, {"Response": {"RequestId": "r", **said}}) as server:
        fault = refused(lambda: by_tencent(at(server)).send(TO, WORDS))
    assert isinstance(fault, kind)
    assert getattr(fault, "is_final", False) == is_final


def test_tencents_own_library_sends_the_template_by_its_code() -> None:
    with stand_in(*TAKEN["tencent"]) as server:
        by_tencent(at(server)).send(TO, WORDS)
    (got,) = server.got
    assert json.loads(got.body) == {
        "PhoneNumberSet": [TO], "SmsSdkAppId": "1400000000", "SignName": "某某中心", "TemplateId": "1001",
    }  # fmt: skip
    assert got.headers["x-tc-action"] == "SendSms"
    assert got.headers["authorization"].startswith("TC3-HMAC-SHA256 Credential=AKID00000000/")


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_words_that_nobody_approved_are_not_sent_and_nothing_like_them_is(name: str) -> None:
    with stand_in(*TAKEN[name]) as server:
        fault = refused(lambda: CARRIERS[name](at(server)).send(TO, "您有两条新消息。"))
    assert isinstance(fault, CarrierRefused)
    assert (fault.code, fault.is_final) == ("no_template", True)
    assert server.got == []


def test_twilio_is_told_where_to_report_to_only_where_that_is_an_address_it_takes(tmp_path: Path) -> None:
    with stand_in(*TAKEN["twilio"]) as server:
        by_twilio(at(server), status_url="https://hotline.example/twilio/status").send(TO, WORDS)
        by_twilio(at(server)).send(TO, WORDS)
    first, second = (parse_qs(got.body.decode()) for got in server.got)
    assert first["StatusCallback"] == ["https://hotline.example/twilio/status"]
    assert "StatusCallback" not in second


def test_the_simulator_writes_down_what_it_would_have_sent(tmp_path: Path) -> None:
    simulator = SimulatorOutgoing(Simulator(name="pretend"), tmp_path, lambda: OURS)
    assert simulator.send(TO, WORDS) == Sent(source="carrier:pretend", message_id=OURS)
    simulator.send("+85260000000", "another")
    path = tmp_path / "carriers" / "pretend" / "sent.jsonl"
    first, second = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert first == {"id": OURS, "to": TO, "text": WORDS}
    assert second["text"] == "another"
    assert path.stat().st_mode & 0o077 == 0


class Noting:
    """Sends nothing."""

    def __init__(self, name: str) -> None:
        self.name = name

    def send(self, to: str, text: str) -> Sent:
        """Says who was asked."""
        return Sent(source=self.name, message_id=to)


def test_the_carrier_whose_numbers_begin_most_alike_takes_a_text() -> None:
    by_prefix = {"+": Noting("twilio"), "+86": Noting("home"), "+852": Noting("hong kong"), "+8613": Noting("mobile")}
    switchboard = Switchboard(by_prefix)
    found = [switchboard.send(to, WORDS).source for to in (TO, "+8610000", "+85260000000", "+84900000000")]
    assert found == ["mobile", "home", "hong kong", "twilio"]


def test_a_number_that_no_carrier_serves_is_refused() -> None:
    fault = refused(lambda: Switchboard({"+86": Noting("home")}).send("+84900000000", WORDS))
    assert isinstance(fault, CarrierRefused)
    assert (fault.code, fault.is_final) == ("no_carrier", True)


@pytest.mark.parametrize(
    "to", ["", "13800000000", "HOTLINE", "+86\r\nX-Kannel-To: +85260000000", "+８６１３８", "+86 138", "+" + "1" * 21]
)
def test_what_is_no_number_reaches_no_carrier(to: str) -> None:
    fault = refused(lambda: Switchboard({"+": Noting("any"), "": Noting("none")}).send(to, WORDS))
    assert isinstance(fault, CarrierRefused)
    assert (fault.code, fault.is_final) == ("no_number", True)


def settings_in(state: Path) -> Settings:
    return Settings.read({"HOTLINE_STATE": str(state), "HOTLINE_PUBLIC_URL": "https://hotline.example"})


def test_where_nothing_is_set_up_nothing_is_sent(tmp_path: Path) -> None:
    assert outgoing_carriers(settings_in(tmp_path), None) is None


def test_a_carrier_without_numbers_only_brings_texts(tmp_path: Path) -> None:
    set_up(tmp_path)
    carriers = outgoing_carriers(settings_in(tmp_path), None)
    assert carriers is not None
    assert refused(lambda: carriers.send("+84900000000", WORDS)).code == "no_carrier"


def test_every_kind_that_is_set_up_to_send_does(tmp_path: Path) -> None:
    with stand_in(*TAKEN["aliyun"]) as server:
        kinds = f"""
[home]
kind = "aliyun"
access_key = "LTAI0000000000"
sign_name = "某某中心"
send_url = "{at(server)}"
sends_to = ["+86"]
templates.SMS_1 = "{WORDS}"

[far]
kind = "tencent"
secret_id = "AKID0000000000"
app_id = "1400000000"
sign_name = "某某中心"
send_url = "http://127.0.0.1:1"
sends_to = ["+852", "+853"]
templates.1001 = "{WORDS}"

[rest]
kind = "simulator"
sends_to = ["+"]
"""
        set_up(tmp_path, kinds, ("home", "far", "rest"))
        carriers = outgoing_carriers(settings_in(tmp_path), None)
        assert carriers is not None
        assert carriers.send(TO, WORDS).source == "carrier:home"
    assert refused(lambda: carriers.send("+85360000000", WORDS)).code == "sms_unreachable"
    assert carriers.send("+84900000000", "anything").source == "carrier:rest"


def test_a_library_that_is_not_installed_is_asked_for_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(tmp_path, '[qq]\nkind = "tencent"\nsecret_id = "AKID0000000000"\napp_id = "1400000000"\n'
           'sign_name = "某某"\ntemplates.1 = "x"\nsends_to = ["+86"]\n', ("qq",))  # fmt: skip
    monkeypatch.setitem(__import__("sys").modules, "workers.carriers.tencent_outgoing", None)
    with pytest.raises(SettingsError, match=r"pip install 'hotline\[china\]'"):
        outgoing_carriers(settings_in(tmp_path), None)
