"""The tables that places are read from: what sounds alike, and what is said of a table that is not as wanted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from routing.finding.folding import fold
from routing.finding.place_phonetics import coarse, evened, hangul, keys, spelt
from routing.finding.places import PlaceReader

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    for path in (*CONFIG.glob("place_*"), *(CONFIG / name for name in ("areas.csv", "towns.csv", "landmarks.csv"))):
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("pinyin", "sound"),
    [
        ("Xingtai", "SIGTAI"),
        ("Chang'an", "CAGAN"),
        ("Fangan", "FANKAN"),
        ("Qiongzhong", "COGCOG"),
        ("Yuanjiang", "IOANCAG"),
        ("Tianjin", "TIANCIN"),
        ("Weihai", "OIHAI"),
    ],
)
def test_pinyin_sounds_as_other_languages_hear_it(pinyin: str, sound: str) -> None:
    assert sound in keys(pinyin)


def test_a_vowel_that_no_language_spells_alike_has_several_sounds() -> None:
    assert {"SICO", "SOCO", "SECO"} <= keys("Shizhou")


@pytest.mark.parametrize("spelling", ["Hohhot", "Xi", ""])
def test_what_is_no_pinyin_of_two_syllables_has_no_sound(spelling: str) -> None:
    assert keys(spelling) == set()


def test_a_korean_spelling_sounds_like_its_pinyin() -> None:
    assert evened(coarse("".join(sound.sign for sound in hangul("톈진", 0)))) in keys("Tianjin")


@pytest.mark.parametrize(
    ("pinyin", "sounds"),
    [("Beijing", "BEIJIG"), ("Shizhou", "XWJOU"), ("Xuzhou", "SVIJOU"), ("Yiyang", "IIAG"), ("Quanzhou", "CVANJOU")],
)
def test_a_name_is_spelt_sound_by_sound(pinyin: str, sounds: str) -> None:
    assert spelt(pinyin) == sounds


def test_a_new_name_in_a_table_is_read(config: Path) -> None:
    with (config / "place_names_en.csv").open("a", encoding="utf-8") as file:
        file.write("elephant hill,450305,landmark\n")
    (place,) = PlaceReader.load(config).read(fold("she is kept near Elephant Hill"))
    assert place.code == "450305"


def test_a_name_for_a_place_that_does_not_exist_is_refused_by_name(config: Path) -> None:
    with (config / "place_names_en.csv").open("a", encoding="utf-8") as file:
        file.write("atlantis,999999,landmark\n")
    with pytest.raises(ValueError, match=r"atlantis has the code '999999'; wanted one of areas.csv or two capitals"):
        PlaceReader.load(config)


@pytest.mark.parametrize("name", ["place_contexts.toml", "place_letters.toml"])
def test_a_broken_table_of_words_is_refused_by_name(config: Path, name: str) -> None:
    (config / name).write_text("[inside]\nroads = [", encoding="utf-8")
    with pytest.raises(ValueError, match=name):
        PlaceReader.load(config)


def test_an_area_code_of_no_division_is_refused_by_name(config: Path) -> None:
    with (config / "place_area_codes.csv").open("a", encoding="utf-8") as file:
        file.write("0999,999999\n")
    with pytest.raises(ValueError, match="999999.*no divisions"):
        PlaceReader.load(config)


def test_a_reading_of_a_clue_that_no_words_give_is_refused(config: Path) -> None:
    path = config / "place_contexts.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"signed", "now/others"', '"sigend", "now/others"'), "utf-8"
    )
    with pytest.raises(ValueError, match="sigend"):
        PlaceReader.load(config)
