"""public_page.toml: what is shown to people in danger is right or refused at the start."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from config.public_page import PublicPage
from config.settings import PACKAGED_CONFIG, SettingsError


def page_of(folder: Path, old: str, new: str) -> PublicPage:
    written = (PACKAGED_CONFIG / "public_page.toml").read_text(encoding="utf-8")
    assert old in written
    (folder / "public_page.toml").write_text(written.replace(old, new), encoding="utf-8")
    return PublicPage.load(folder)


def test_the_packaged_numbers_are_those_of_china() -> None:
    page = PublicPage.load(PACKAGED_CONFIG)
    assert (page.emergency_call, page.emergency_text) == ("110", "12110")


def test_a_country_without_texts_to_the_police_leaves_that_line_out(tmp_path: Path) -> None:
    assert page_of(tmp_path, 'text = "12110"', 'text = ""').emergency_text == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('call = "110"', 'call = ""', r'\[emergency\] call = "110"'),
        ('call = "110"', "call = 110", r'\[emergency\] call = "110"'),
        ('call = "110"', 'call = "1 1 0"', r"has '1 1 0'"),
        ('text = "12110"', 'text = "police"', r'another number or "", not \'police\''),
        ("https://", "http://", "begins with https://"),
        ("https://", "javascript:", "begins with https://"),
        ("[leave]", "[gone]", "begins with https://"),
        ("[emergency]", "[[emergency]]", r'\[emergency\] call = "110"'),
        ("[emergency]", "[emergency", "readable TOML"),
    ],
)
def test_what_would_mislead_somebody_in_danger_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        page_of(tmp_path, old, new)


def test_a_folder_without_the_file_is_refused_by_name(tmp_path: Path) -> None:
    shutil.copy(PACKAGED_CONFIG / "clocks.toml", tmp_path)
    with pytest.raises(SettingsError, match=r"public_page\.toml"):
        PublicPage.load(tmp_path)
