"""When a text may leave: by day where its number may be, whatever the hour is here."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.replies import Replies
from config.settings import PACKAGED_CONFIG, SettingsError

HOURS = Replies.load(PACKAGED_CONFIG).hours


def is_quiet(number: str, time: str) -> bool:
    """Whether nothing is sent there at a time of 2026-03-01 UTC that nobody waits for."""
    moment = datetime.fromisoformat(f"2026-03-01T{time}:00").replace(tzinfo=UTC)
    return HOURS.zone_of(number) in HOURS.quiet_zones(int(moment.timestamp() * 1000))


@pytest.mark.parametrize(
    ("number", "last_quiet", "first", "last", "first_quiet"),
    [
        ("+8613800000000", "23:59", "00:00", "12:59", "13:00"),
        ("+95900000000", "01:29", "01:30", "14:29", "14:30"),
        ("+84900000000", "00:59", "01:00", "13:59", "14:00"),
        # In all of Russia and Kazakhstan it is day for three hours.
        ("+79000000000", "05:59", "06:00", "08:59", "09:00"),
        ("+9779800000000", "02:14", "02:15", "15:14", "15:15"),
        # A number that begins like none is taken for one of here.
        ("10086", "23:59", "00:00", "12:59", "13:00"),
    ],
)
def test_a_text_leaves_between_eight_and_nine_on_the_reporters_clock(
    number: str, last_quiet: str, first: str, last: str, first_quiet: str
) -> None:
    quiet = [is_quiet(number, time) for time in (last_quiet, first, last, first_quiet)]
    assert quiet == [True, False, False, True]


def test_nobodys_text_waits_longer_than_a_day() -> None:
    for zone in HOURS.zones:
        assert any(zone not in HOURS.quiet_zones(minute * 60_000) for minute in range(1440)), zone


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('from = "08:00"', 'from = "8"', r"two times such as"),
        ('until = "21:00"', 'until = "07:00"', r"from before until"),
        ("awake_minutes = 15", "awake_minutes = 0", r"at least 1 for awake_minutes"),
        ('"+" = [8]\n', "", r'should have a line "\+"'),
        ('"+7" = [2, 12]', '"+7" = [-12, 12]', r"'\+7' is too wide"),
        ('"+7" = [2, 12]', '"+7" = ["two"]', r"'\+7' should be the beginning of numbers"),
        ('"+7" = [2, 12]', '"7" = [2, 12]', r"'7' should be the beginning of numbers"),
        ('wishes = ["text_only"]', "wishes = []", r"\[closing\] should have a list of wishes"),
    ],
)
def test_hours_that_would_wake_somebody_or_never_come_are_refused(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    text = (PACKAGED_CONFIG / "replies.toml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "replies.toml").write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        Replies.load(tmp_path)
