"""The screen at the public doors hears a cry in disguise, since it chooses the queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.finding.danger import DangerWords

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def danger() -> DangerWords:
    return DangerWords.load(CONFIG)


@pytest.mark.parametrize(
    "text",
    [
        "救命",
        "救\u200b命",
        "救·命",
        "救😭命",
        "救❤️命",
        "ｈｅｌｐ ｍｅ",
        "h-e-l-p m-e",
        "\u202esos",
        "我被绑架了",
        "ကယ္ပါ ေငြမေပးဘူး",  # Typed for Zawgyi.
        "",
        "😭🆘",
    ],
)
def test_a_cry_is_heard_however_it_is_written_and_silence_too(danger: DangerWords, text: str) -> None:
    assert danger.sounds_immediate(text)


@pytest.mark.parametrize("text", ["请问户口怎么办", "谢谢你们 👍", "how do I report an agency?"])
def test_a_question_is_no_cry(danger: DangerWords, text: str) -> None:
    assert not danger.sounds_immediate(text)
