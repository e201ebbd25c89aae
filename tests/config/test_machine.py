"""The machine's times: read from clocks.toml, and one clear sentence for each that is missing or cannot be."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from config.machine import Machine
from config.settings import PACKAGED_CONFIG, SettingsError

WHOLE = {field.name: "20" if field.name == "lease_seconds" else "5" for field in fields(Machine)}


def clocks(folder: Path, **changes: str | None) -> Path:
    lines = [f"{name} = {value}" for name, value in (WHOLE | changes).items() if value is not None]
    (folder / "clocks.toml").write_text("[machine]\n" + "\n".join(lines))
    return folder


def test_the_packaged_times_are_as_they_were_measured_to_be_good() -> None:
    machine = Machine.load(PACKAGED_CONFIG)
    assert (machine.lease_seconds, machine.job_timeout_seconds, machine.sweep_seconds) == (15, 10, 2)
    assert (machine.attempts, machine.grace_seconds, machine.inline_seconds) == (5, 3, 8)


@pytest.mark.parametrize("name", list(WHOLE))
@pytest.mark.parametrize("value", [None, '"5"', "0", "-1", "true", "nan", "inf", "[5]", "2026-01-01"])
def test_a_time_that_is_missing_or_cannot_be_is_named(tmp_path: Path, name: str, value: str | None) -> None:
    with pytest.raises(SettingsError) as refused:
        Machine.load(clocks(tmp_path, **{name: value}))
    said = str(refused.value)
    assert name in said
    assert str(tmp_path / "clocks.toml") in said
    assert said.endswith(".")
    assert "\n" not in said


@pytest.mark.parametrize("name", ["batch", "sweep_batch", "inline_batch", "attempts", "job_timeout_seconds"])
def test_a_count_is_a_whole_number(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Machine.load(clocks(tmp_path, **{name: "2.5"}))


def test_a_lease_is_longer_than_a_job_may_take(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="lease_seconds should be longer than job_timeout_seconds"):
        Machine.load(clocks(tmp_path, lease_seconds="5"))


@pytest.mark.parametrize("raw", [b"machine = 3", b"[machine", b"\xff\xfe", b"", b"[[machine]]"])
def test_a_file_that_cannot_be_read_is_one_clear_sentence(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "clocks.toml").write_bytes(raw)
    with pytest.raises(SettingsError, match="clocks.toml should"):
        Machine.load(tmp_path)


def test_a_file_that_is_not_there_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="clocks.toml should be a readable TOML file"):
        Machine.load(tmp_path)
