"""voice.toml: what it says, and what is said about one that is wrong."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from config.settings import PACKAGED_CONFIG, SettingsError
from workers.voice_table import CHINA_TIME, SENTENCES, VoiceTable


def table_with(folder: Path, *changes: tuple[str, str]) -> VoiceTable:
    shutil.copy(PACKAGED_CONFIG / "holidays.toml", folder)
    text = (PACKAGED_CONFIG / "voice.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "voice.toml").write_text(text, encoding="utf-8")
    return VoiceTable.load(folder)


def test_ten_languages_are_offered_each_by_a_key_of_its_own() -> None:
    tongues = VoiceTable.load(PACKAGED_CONFIG).tongues
    assert sorted(tongue.key for tongue in tongues.values()) == list("0123456789")
    assert set(tongues) == {"zh", "en", "vi", "my", "lo", "km", "th", "ko", "ru", "mn"}


def test_every_language_says_everything_in_words_of_its_own() -> None:
    tongues = VoiceTable.load(PACKAGED_CONFIG).tongues
    for name in SENTENCES:
        assert len({tongue.says[name] for tongue in tongues.values()}) == len(tongues)
    assert all("{emergency}" in tongue.says["nobody"] for tongue in tongues.values())


def test_nothing_that_callers_hear_names_the_service_or_promises_the_police() -> None:
    betraying = ("拐卖", "公安", "派出所", "热线", "举报", "受害", "traffick", "police", "hotline", "victim", "полици")
    said = [
        words.lower() for tongue in VoiceTable.load(PACKAGED_CONFIG).tongues.values() for words in tongue.says.values()
    ]
    assert not [words for words in said for word in betraying if word in words]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("+8613800000000", "zh"), ("+85620000000", "lo"), ("+85510000000", "km"), ("+85290000000", "zh"),
        ("+8502000000", "ko"), ("+9762000000", "mn"), ("+79000000000", "ru"), ("+9960000000", "ru"),
        ("anonymous", "zh"), ("", "zh"), ("110", "zh"),
    ],
)  # fmt: skip
def test_a_number_is_greeted_in_the_language_of_its_country(number: str, code: str) -> None:
    assert VoiceTable.load(PACKAGED_CONFIG).tongue_of_number(number).code == code


@pytest.mark.parametrize(
    ("moment", "is_there"),
    [
        ("2026-11-25 08:00", True), ("2026-11-25 07:59", False), ("2026-11-25 21:59", True),
        ("2026-11-25 22:00", False), ("2026-11-28 08:30", False), ("2026-11-28 09:00", True),
        ("2026-10-01 08:30", False), ("2026-10-01 09:00", True), ("2026-10-10 08:30", True),
    ],
)  # fmt: skip
def test_hours_go_by_the_days_off_and_the_weekends_that_are_worked(tmp_path: Path, moment: str, is_there: bool) -> None:
    table = table_with(tmp_path, ("duty = []", 'duty = ["+15005550011"]'))
    assert table.somebody_is_on_duty(datetime.fromisoformat(moment).replace(tzinfo=CHINA_TIME)) is is_there


def test_without_a_number_nobody_is_on_duty_at_any_hour() -> None:
    table = VoiceTable.load(PACKAGED_CONFIG)
    assert not table.somebody_is_on_duty(datetime(2026, 11, 25, 10, tzinfo=CHINA_TIME))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("duty = []", 'duty = ["the chief"]', "wanted a number such as +8613800000000"),
        ('emergency = "110"', 'emergency = ""', "wanted a number such as 110"),
        ('week = ["mon-sun 09:00-21:00"', 'week = ["at times"', 'wanted "always", or days and hours'),
        ("ring_seconds = 25", "ring_seconds = 0", "wanted a whole number from 5 to 120"),
        ("ring_seconds = 25", "ring_minutes = 25", "the key 'ring_minutes'"),
        ('by = "none"', 'by = "magic"', "none, provider, local"),
        ('by = "none"', 'by = "local"', "wanted the whole paths of a program and of its model"),
        ('key = "2"', 'key = "1"', "wanted each key once"),
        ('code = "en"', 'code = "zh"', "wanted each code once"),
        ('language = "zh"', 'language = "fr"', "wanted a code of [[languages]]"),
        ('fallback = "en"', 'fallback = "my"', "wanted a language that has a voice"),
        ('voice = "Polly.Joanna"', 'voice = ""', "wanted voice and say together"),
        ('danger = "Are you', 'dangre = "Are you', "wanted this key"),
        ("[limits]", "[limits", "wanted TOML"),
    ],
)
def test_a_wrong_table_says_what_was_wanted(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        table_with(tmp_path, (old, new))
    assert said in str(refused.value)
    assert "voice.toml" in str(refused.value)
