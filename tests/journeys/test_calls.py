"""Calls, from the first ring to what the desk and the county's public security see."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from contextlib import closing
from typing import Any

from hotline.simulated_caller import BUSY, Call, Carrier, HangUp, Press, Reaction, Record, Say, Silence
from tests.journeys.conftest import Town
from tests.journeys.test_coming_back import OUTCOMES, reported

Soon = Callable[..., Any]
CHINESE, YES, NO = Press("1"), Press("1"), Press("2")


def telephone(town: Town, *reactions: Reaction, **behaviour: str) -> tuple[Call, Callable[[], dict[str, Any] | None]]:
    """A call to the running hotline, and a look at the one report that it is."""
    before = {report["reference"] for report in town.reports()}
    with closing(town.system.public()) as public:
        carrier: Carrier = public.carrier(behaviour, f"http://127.0.0.1:{town.carrier.port}")
        call = carrier.play(list(reactions))

    def look() -> dict[str, Any] | None:
        new = [one for one in town.reports() if one["reference"] not in before and one["state"] != "MERGED"]
        return town.report(str(new[0]["reference"])) if len(new) == 1 and new[0]["state"] != "RECEIVED" else None

    return call, look


def test_a_caller_who_presses_1_is_connected_and_stands_first_in_the_queue(town: Town, soon: Soon) -> None:
    call, look = telephone(town, CHINESE, YES)
    assert call.spoke_with == "110"
    report = soon(look)
    assert (report["state"], report["urgency"]) == ("IN_TRIAGE", "immediate")
    page = town.officer("duty_officer").get(f"/reports/{report['reference']}")
    assert "来电人接通紧急电话" in page.words
    assert "回答：现在有危险" in page.words


def test_a_call_that_tells_everything_is_one_report_and_goes_to_the_county_police(town: Town, soon: Soon) -> None:
    told = f"我被人贩子拐卖了，现在被锁在屋里，有人看着 {secrets.randbelow(10**6)}"
    call, look = telephone(town, CHINESE, NO, Say(told), Say("云南临沧镇康县"), YES)
    assert "会有人听" in call.heard[-1]

    def referred() -> dict[str, Any] | None:
        report = look()
        return report if report and report["state"] == "REFERRED" else None

    report = soon(referred)
    assert report["lead"] == {"kind": "public_security", "region": "530924", "unit": "public_security-530924"}
    assert report["channel"] == "voice"
    page = town.officer("duty_officer").get(f"/reports/{report['reference']}")
    assert told in page.words
    assert "云南临沧镇康县" in page.words


def test_a_caller_who_hangs_up_after_the_greeting_is_somebody_to_look_at(town: Town, soon: Soon) -> None:
    _, look = telephone(town, HangUp())
    report = soon(look)
    assert report["state"] == "IN_TRIAGE"
    page = town.officer("duty_officer").get(f"/reports/{report['reference']}")
    assert "没有文字" in page.words
    assert "通话结束" in page.words


def test_a_caller_whom_nobody_answers_tells_it_to_the_machine_and_is_read_while_still_speaking(
    town: Town, soon: Soon
) -> None:
    told = f"他们把我们关起来了 {secrets.randbelow(10**6)}"
    call, look = telephone(town, CHINESE, YES, Say(told), Say("瑞丽"), Silence(), **{"110": BUSY})
    assert any("直接拨打110" in sentence for sentence in call.heard)
    report = soon(look)
    assert report["urgency"] == "immediate"
    officer = town.officer("duty_officer")
    soon(lambda: told in officer.get(f"/reports/{report['reference']}").words)
    assert "紧急电话没有接通" in officer.get(f"/reports/{report['reference']}").words


def test_a_burmese_caller_is_recorded_heard_at_the_desk_and_written_down(town: Town, soon: Soon) -> None:
    call, look = telephone(town, Press("4"), NO, Record(), NO)
    (recording,) = call.recordings
    report = soon(look)
    assert report["state"] == "IN_TRIAGE"
    path = f"/2010-04-01/Accounts/{account(town)}/Recordings/{recording}"

    def at_the_carrier() -> list[str]:
        return [one.method for one in town.carrier.got if one.path == path]

    # Fetched, sealed, and then deleted where it lay.
    soon(lambda: at_the_carrier() == ["GET", "DELETE"])
    duty = town.officer("duty_officer")
    page = duty.get(f"/reports/{report['reference']}")
    assert "说缅甸语" in page.words
    assert "打电话不安全" in page.words
    assert "回答：不要打这个号码" in page.words
    (listen,) = set(re.findall(rf'action="(/reports/{report["reference"]}/recordings/[0-9a-f]+)"', page.text))
    heard = duty.post(listen, csrf_token=page.token(), reason="与缅语翻译一起听")
    sound = re.search(r'src="data:audio/[a-z0-9-]+;base64,([^"]+)"', heard.text)
    assert sound is not None
    assert len(base64.b64decode(sound[1])) > 1000

    told = f"我被人贩子拐卖到云南临沧镇康县，现在被锁在屋里，有人看着 {secrets.randbelow(10**6)}"
    duty.post(f"{listen}/words", csrf_token=heard.token(), chance=heard.token("chance"), words=told)

    def referred() -> bool:
        return town.report(str(report["reference"]))["state"] == "REFERRED"

    soon(referred)
    page = duty.get(f"/reports/{report['reference']}")
    assert told in page.words
    assert "与缅语翻译一起听" in page.words
    assert "镇康县公安局" in page.words


def test_whoever_comes_back_by_telephone_hears_how_it_stands_and_adds_to_it(town: Town, soon: Soon) -> None:
    reference, number = reported(town)
    soon(lambda: town.report(reference)["state"] == "REFERRED")
    told = f"Họ đã chuyển tôi sang nhà khác {secrets.randbelow(10**6)}"
    digits = Press(number.replace(" ", ""))
    with closing(town.system.public()) as public:
        call = public.carrier().play([Press("#"), digits, NO, Say(told), HangUp()], "+84900000000")
    assert OUTCOMES.told["acting"]["vi"] in call.heard
    officer = town.officer("duty_officer")
    soon(lambda: told in officer.get(f"/reports/{reference}").words)


def account(town: Town) -> str:
    return (town.system.state / "twilio-account-sid").read_text(encoding="utf-8").strip()
