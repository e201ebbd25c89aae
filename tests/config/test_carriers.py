"""carriers.toml and its secrets: what is wrong is said in one line, before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.carriers import (
    Aliyun,
    Gateway,
    Simulator,
    Tencent,
    read_account_secret,
    read_carriers,
    read_door_secret,
)
from config.settings import SettingsError
from tests.intake.carrier_doors import NAMES, set_up

GATEWAY = '[mobile]\nkind = "gateway"\nproof = "token"\n'


def test_without_the_file_there_are_no_others(tmp_path: Path) -> None:
    assert read_carriers(tmp_path) == ()


def test_one_of_each_kind_is_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    set_up(tmp_path)
    found = read_carriers(tmp_path)
    assert [type(carrier) for carrier in found] == [Gateway, Gateway, Aliyun, Tencent, Simulator]
    assert tuple(carrier.name for carrier in found) == NAMES
    kannel, _, aliyun, tencent, _ = found
    assert isinstance(kannel, Gateway)
    assert (kannel.sends_to, kannel.number) == (("+86",), "10690000")
    assert isinstance(aliyun, Aliyun)
    assert aliyun.templates == {"您有一条新消息。": "SMS_1"}
    assert isinstance(tencent, Tencent)
    assert tencent.send_url == "https://sms.tencentcloudapi.com"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[mobile", "a readable TOML file"),
        ("mobile = 1", r"\[mobile\] should have a kind: gateway, aliyun, tencent, simulator"),
        ('[mobile]\nkind = "pigeon"', "should have a kind.*It has 'pigeon'"),
        ("[mobile]\nkind = 7", "should have a kind"),
        ('[twilio]\nkind = "gateway"\nproof = "token"', "not twilio"),
        ('[Mobile]\nkind = "gateway"\nproof = "token"', "small letters"),
        ('["../x"]\nkind = "gateway"\nproof = "token"', "small letters"),
        (f'[{"x" * 31}]\nkind = "gateway"\nproof = "token"', "up to 30"),
        ('[mobile]\nkind = "gateway"', "should also have proof"),
        ('[mobile]\nkind = "aliyun"', "should also have access_key, sign_name, templates"),
        ('[mobile]\nkind = ["gateway"]', "should have a kind"),
        (f'{GATEWAY}name = "x"', "has name, which a gateway does not know"),
        (f'{GATEWAY}pasword = "x"', "has pasword, which a gateway does not know"),
        ('[mobile]\nkind = "gateway"\nproof = "none"', "proof of .* should be token or signature"),
        (f"{GATEWAY}number = 10690000", "number of .* should be the number"),
        (f'{GATEWAY}number = "abc"', "number of .* should be the number"),
        (f'{GATEWAY}sends_to = "+86"', "a list of beginnings of numbers"),
        (f'{GATEWAY}sends_to = ["86"]', "a list of beginnings of numbers"),
        (f'{GATEWAY}sends_to = ["+86"]', "should have send_url and number"),
        (f'{GATEWAY}send_url = "ftp://x"', "begins with https://, or http:// on this machine"),
        (f'{GATEWAY}send_url = "http://gateway.example/send"', "begins with https://, or http:// on this machine"),
        (f'{GATEWAY}send_url = "http://127.0.0.1:99999/"', "begins with https://, or http:// on this machine"),
        (f'{GATEWAY}send_url = "https:///send"', "begins with https://, or http:// on this machine"),
        (f"{GATEWAY}user = 1", "user of .* should be a name"),
        (
            '[a]\nkind = "simulator"\nsends_to = ["+86"]\n[b]\nkind = "simulator"\nsends_to = ["+852", "+86"]',
            r"begin with \+86 should go by one carrier, but both \[a\] and \[b\]",
        ),
        (
            '[a]\nkind = "tencent"\nsecret_id = "AKID0000000000"\napp_id = 1400000000\nsign_name = "x"',
            "app_id of .* in quotes",
        ),
        (
            '[a]\nkind = "aliyun"\naccess_key = "LTAI0000000000"\nsign_name = "x"\ntemplates = ["x"]',
            "a table that gives each template's code",
        ),
        (
            '[a]\nkind = "aliyun"\naccess_key = "LTAI0000000000"\nsign_name = "x"\ntemplates.SMS_1 = " "',
            "a table that gives each template's code",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line_that_names_the_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "carriers.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=said) as refusal:
        read_carriers(tmp_path)
    assert str(tmp_path / "carriers.toml") in str(refusal.value)
    assert "\n" not in str(refusal.value).strip()


@pytest.mark.parametrize("secret", ["", "short", "x" * 129, "has a blank in the middle of it, and more", "签" * 40])
def test_a_door_secret_of_another_shape_is_refused_without_quoting_it(tmp_path: Path, secret: str) -> None:
    (carrier,) = _one(tmp_path)
    (tmp_path / "carriers" / "mobile" / "door").write_text(secret, encoding="utf-8")
    with pytest.raises(SettingsError, match="carriers/mobile/door should hold 32 to 128") as refusal:
        read_door_secret(tmp_path, carrier)
    assert not secret or secret not in str(refusal.value)


@pytest.mark.parametrize("secret", ["", "two\nlines", "签", "x" * 201])
def test_an_account_secret_of_another_shape_is_refused_without_quoting_it(tmp_path: Path, secret: str) -> None:
    (carrier,) = _one(tmp_path)
    (tmp_path / "carriers" / "mobile" / "account").write_text(secret, encoding="utf-8")
    with pytest.raises(SettingsError, match="carriers/mobile/account should hold") as refusal:
        read_account_secret(tmp_path, carrier)
    assert not secret or secret not in str(refusal.value)


def test_a_secret_that_is_not_there_is_asked_for(tmp_path: Path) -> None:
    (carrier,) = _one(tmp_path)
    for name, read in (("door", read_door_secret), ("account", read_account_secret)):
        (tmp_path / "carriers" / "mobile" / name).unlink()
        with pytest.raises(SettingsError, match="nothing is there"):
            read(tmp_path, carrier)


def _one(state: Path) -> tuple[Gateway]:
    set_up(state, GATEWAY, ("mobile",))
    (carrier,) = read_carriers(state)
    assert isinstance(carrier, Gateway)
    return (carrier,)
