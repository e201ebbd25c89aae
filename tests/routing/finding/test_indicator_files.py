"""What an officer is told who slips while editing the words that speak for a label."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from routing.finding.indicator_files import indicator_faults
from routing.finding.reader import Reader

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the tables, to edit."""
    leave_out = shutil.ignore_patterns("*.py", "__pycache__", "model")
    return Path(shutil.copytree(CONFIG, tmp_path / "config", ignore=leave_out))


def test_the_words_that_come_with_it_have_no_fault() -> None:
    assert indicator_faults(CONFIG) == ()


def test_a_folder_without_words_has_none_either(tmp_path: Path) -> None:
    assert indicator_faults(tmp_path) == ()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("[matters.abductoin]\nstrong = ['마법']", "[matters.abductoin]: no such label in taxonomy.toml"),
        ("[urgncy.immediate]\nstrong = ['마법']", "[urgncy]: wanted one of matters, urgency"),
        ("[ilo.held_by_magic]\nstrong = ['마법']", "[ilo.held_by_magic]: no such label"),
        ("[urgency.low]\nstrnog = ['마법']", "[urgency.low], strnog: wanted one of strong, weak, pinyin, "),
        (
            "[urgency.low]\nstrong = '마법'",
            '[urgency.low], strong: wanted a list such as ["…", "…"], but found \'마법\'',
        ),
        ("[urgency.low]\nweak = ['마법', 1]", "[urgency.low], weak: wanted words in quotes, but found 1"),
        ("[urgency.low]\nstrong = ['\u200b ']", "[urgency.low], strong: wanted words in quotes"),
        ("[urgency.low]\nnear = [['마법']]", "[urgency.low], near: wanted pairs such as"),
        ("[urgency.low]\npattern = ['(마법']", "[urgency.low], pattern: wanted a regular expression"),
        (
            "[urgency.low]\npinyin = ['beiguan']",
            '[urgency.low], pinyin: wanted two to eight syllables such as "bei guan',
        ),
        ("[urgency.low]\npinyin_weak = ['bei  guan']", "[urgency.low], pinyin_weak: wanted two to eight syllables"),
        ("[urgency.low\nstrong = ['마법']", "should be a TOML file of indicators"),
        ("[spam]\nstrong = ['마법']", "[spam]: wanted one of matters"),
    ],
)
def test_a_slip_is_told_by_file_and_line_with_what_was_wanted(config: Path, typed: str, told: str) -> None:
    path = config / "indicators" / "ko.toml"
    lines = path.read_text(encoding="utf-8").count("\n")
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{typed}\n", encoding="utf-8")
    (fault,) = indicator_faults(config)
    assert str(path) in fault
    assert told in fault
    assert f"line {lines + 2}" in fault
    with pytest.raises(ValueError, match="ko.toml"):
        Reader.load(config, sentences=False)


def test_every_slip_of_every_file_is_told_at_once(config: Path) -> None:
    for name, typed in (("ko.toml", "[persons.wizard]\nstrong = ['x']"), ("ru.toml", "[cues.magic]\nweak = ['x']")):
        with (config / "indicators" / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{typed}\n")
    assert [fault.split("]")[0].rsplit("[", 1)[1] for fault in indicator_faults(config)] == [
        "persons.wizard",
        "cues.magic",
    ]


def test_an_unknown_way_to_cancel_is_refused_by_name(config: Path) -> None:
    path = config / "indicators" / "lo.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("[cancels]", '[cancels]\nmaybe = ["y"]', 1), encoding="utf-8"
    )
    (fault,) = indicator_faults(config)
    assert "[cancels], maybe: wanted one of before, after, hypothetical" in fault
