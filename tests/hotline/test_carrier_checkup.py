"""The doctor's look at carriers, and a start that a wrong one stops."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings
from hotline.carrier_checkup import check_carriers
from hotline.checkup import Check, Grade
from hotline.first_start import invent_what_is_missing
from tests.hotline.running import environment_of, run
from tests.intake.carrier_doors import CARRIERS, set_up


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The state folder of a system that was started once."""
    folder = tmp_path / "state"
    invent_what_is_missing(folder, {})
    return folder


def looked_at(state: Path, **changes: str) -> list[Check]:
    return list(check_carriers(Settings.read({"HOTLINE_STATE": str(state), **changes})))


def lock_away(state: Path) -> None:
    for path in (state / "carriers").glob("*/*"):
        path.chmod(0o600)


def test_a_trial_without_carriers_is_fine(state: Path) -> None:
    (check,) = looked_at(state)
    assert (check.grade, check.found) == (Grade.FINE, "texts to any number by Twilio")


def test_twilio_alone_is_looked_at_where_it_is_meant_seriously(state: Path) -> None:
    (check,) = looked_at(state, HOTLINE_PUBLIC_URL="https://hotline.example")
    assert check.grade is Grade.LOOK
    assert "no two-way texts in mainland China" in check.found
    assert "docs/carriers.md" in check.remedy


def test_a_gateway_for_the_mainland_is_fine(state: Path) -> None:
    set_up(state)
    lock_away(state)
    (check,) = looked_at(state, HOTLINE_PUBLIC_URL="https://hotline.example")
    assert (check.grade, check.found) == (Grade.FINE, "texts to +86 by kannel, to any other number by Twilio")


def test_a_secret_that_others_may_read_is_wrong(state: Path) -> None:
    set_up(state)
    lock_away(state)
    (state / "carriers" / "tencent" / "account").chmod(0o644)
    wrong = [check for check in looked_at(state) if check.grade is Grade.WRONG]
    assert [check.found for check in wrong] == [
        f"{state}/carriers/tencent/account can be read by other users of this machine."
    ]


def test_texts_that_a_cloud_has_not_approved_are_counted(state: Path) -> None:
    notice = "有一份材料等待贵单位查收，请登录系统查看。"
    text = CARRIERS.replace('sends_to = ["+86"]', "").replace(
        "[aliyun.templates]", f'sends_to = ["+86"]\n[aliyun.templates]\nSMS_2 = "{notice}"'
    )
    set_up(state, text)
    lock_away(state)
    check = looked_at(state, HOTLINE_REPLIES="on")[-1]
    assert (check.name, check.grade) == ("carriers: aliyun", Grade.LOOK)
    assert check.found.startswith("7 of 8 texts in Chinese have no template")
    assert looked_at(state)[-1].found.startswith("1 of 2 texts")


def test_what_is_wrong_with_a_carrier_is_said_by_the_doctor_and_stops_the_start(state: Path) -> None:
    set_up(state, CARRIERS.replace('proof = "signature"', 'proof = "handshake"'))
    said = "proof of [signing] should be token or signature, but is something else."
    (check,) = looked_at(state)
    assert (check.grade, check.found.endswith(said)) == (Grade.WRONG, True)
    for command in ("up", "sweep"):
        ended = run(environment_of(state), command, seconds=60)
        assert ended.returncode != 0
        assert ended.stderr.strip().endswith(said)
        assert "Traceback" not in ended.stderr
