"""The table of limits: what is missing or of another kind is one clear sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.limits import Limits, Rate
from config.settings import PACKAGED_CONFIG, SettingsError


def test_the_table_that_comes_with_this_version_is_whole() -> None:
    limits = Limits.load(PACKAGED_CONFIG)
    assert limits.sender == Rate(most=10, seconds=600)
    assert 1 <= limits.work_bits <= 24


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("[sender]\nmost = 10", "[sender]\nmost = 0", "[sender]"),
        ("[total]", "[totals]", "[total]"),
        ("bits = 16", "bits = true", "bits"),
        ("bits = 16", "bits = 60", "from 1 to 24"),
        ("[work]", "[work", "readable"),
    ],
)
def test_a_wrong_table_is_told_in_a_sentence(tmp_path: Path, was: str, becomes: str, says: str) -> None:
    text = (PACKAGED_CONFIG / "limits.toml").read_text(encoding="utf-8")
    assert was in text
    (tmp_path / "limits.toml").write_text(text.replace(was, becomes), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        Limits.load(tmp_path)
    assert says in str(refused.value)
