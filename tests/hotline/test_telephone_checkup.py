"""What the doctor says of the telephone."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from config.settings import PACKAGED_CONFIG, Settings
from hotline.checkup import Check, Grade
from hotline.telephone_checkup import check_telephone
from workers.voice_table import SENTENCES


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The two files of the telephone, to be changed."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("voice.toml", "holidays.toml"):
        shutil.copy(PACKAGED_CONFIG / name, folder)
    return folder


def checked(config: Path) -> dict[str, Check]:
    settings = Settings.read({"HOTLINE_STATE": str(config.parent / "state"), "HOTLINE_CONFIG": str(config)})
    return {check.name: check for check in check_telephone(settings)}


def change(config: Path, old: str, new: str) -> None:
    path = config / "voice.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_fresh_telephone_says_that_nobody_is_on_duty_and_which_languages_nobody_speaks(config: Path) -> None:
    found = checked(config)
    assert found["telephone"].grade is Grade.LOOK
    assert "put through to 110" in found["telephone"].found
    assert found["spoken languages"].found == "asked in English instead: Burmese, Lao, Khmer, Mongolian"


def test_numbers_on_duty_and_recorded_sentences_are_fine(config: Path) -> None:
    change(config, "duty = []", 'duty = ["+15005550011"]')
    for code in ("my", "lo", "km", "mn"):
        folder = config.parent / "state" / "voice-prompts" / code
        folder.mkdir(parents=True)
        for name in SENTENCES:
            (folder / f"{name}.mp3").write_bytes(b"ID3")
    assert {check.grade for check in checked(config).values()} == {Grade.FINE}


def test_a_program_that_is_not_there_is_wrong(config: Path) -> None:
    change(
        config, 'by = "none"\nprogram = ""\nmodel = ""', 'by = "local"\nprogram = "/nowhere/a"\nmodel = "/nowhere/b"'
    )
    assert checked(config)["writing down"].grade is Grade.WRONG


def test_a_table_that_is_wrong_is_named_with_its_line(config: Path) -> None:
    change(config, 'emergency = "110"', 'emergency = "call the police"')
    (check,) = checked(config).values()
    assert check.grade is Grade.WRONG
    assert re.search(r"voice.toml, line \d+: wanted a number such as 110", check.found)
