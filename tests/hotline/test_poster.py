"""`hotline poster`: a venue's sheet says in the languages asked for how to reach us, and needs nothing beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import segno
from click.testing import CliRunner, Result

from hotline.poster_command import poster_command
from intake.wording import LANGUAGES, load_words

WORDS = load_words()
NUMBER = "+15005550006"
PUBLIC = {"HOTLINE_PUBLIC_URL": "https://hotline.example"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that commands run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    return CliRunner(env=PUBLIC if environment is None else environment).invoke(poster_command, list(arguments))


def dark_fields(sheet: str) -> str:
    """How the picture is drawn."""
    found = re.search(r'<path[^>]* d="([^"]+)"', sheet)
    assert found
    return found[1]


@pytest.mark.parametrize("languages", ["zh,en", "my", "km,my,lo,th", "zh-Hant,vi,ko,ru", "mn"])
def test_the_sheet_says_in_each_language_how_to_reach_us(tmp_path: Path, languages: str) -> None:
    file = tmp_path / "sheet.html"
    made = make("42102", "--languages", languages, "--number", NUMBER, "--out", str(file))
    assert made.exit_code == 0, made.output
    sheet = file.read_text(encoding="utf-8")
    for language in languages.split(","):
        said = WORDS[language]
        assert f'lang="{said["page"]["tag"]}"' in sheet
        for name in ("heading", "lead", "assurance", "scan", "text", "begin"):
            assert said["poster"][name] in sheet
        assert said["page"]["danger_heading"] in sheet
    assert "瑞丽汽车客运站" in sheet
    assert "4.2.2-2" in sheet


def test_the_picture_leads_to_the_form_with_the_place_filled_in(tmp_path: Path) -> None:
    file = tmp_path / "sheet.html"
    make("42102", "--out", str(file))
    wanted = tmp_path / "wanted.svg"
    segno.make("https://hotline.example/?v=42102", error="q", micro=False).save(wanted, border=4, omitsize=True)
    assert dark_fields(file.read_text(encoding="utf-8")) == dark_fields(wanted.read_text(encoding="utf-8"))


def test_the_sheet_loads_nothing_and_the_slips_betray_nobody(tmp_path: Path) -> None:
    file = tmp_path / "sheet.html"
    make("42102", "--number", NUMBER, "--out", str(file))
    sheet = file.read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|src=|url\(|@import", sheet)
    slips = sheet.split('<table class="slips"')[1].split("</table>")[0]
    assert set(re.findall(r"<div>(.*?)</div>", slips)) == {f"{NUMBER} · 42102"}


def test_without_a_number_nobody_is_asked_to_text(tmp_path: Path) -> None:
    file = tmp_path / "sheet.html"
    make("42102", "--out", str(file))
    sheet = file.read_text(encoding="utf-8")
    assert WORDS["zh"]["poster"]["text"] not in sheet
    assert "<div>https://hotline.example/?v=42102</div>" in sheet


def test_the_code_may_be_typed_in_any_digits_and_the_file_has_a_name_of_its_own(here: Path) -> None:
    made = make("４２１０２")
    assert "Wrote poster-42102.html: 瑞丽汽车客运站 / Ruili bus station." in made.output
    assert [path.name for path in here.iterdir()] == ["poster-42102.html"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["42103"], "There is no venue '42103'"),
        (["42102", "--languages", "zh,fr"], "one is 'fr'"),
        (["42102", "--languages", ""], "1 to 4 languages, but 0"),
        (["42102", "--languages", ",".join(LANGUAGES)], "1 to 4 languages, but 11"),
        (["42102", "--number", "our number"], "not 'our number'"),
    ],
)
def test_what_cannot_be_made_is_refused_with_what_to_do(here: Path, arguments: list[str], said: str) -> None:
    refused = make(*arguments)
    assert isinstance(refused.exception, ValueError)
    assert said in str(refused.exception)
    assert list(here.iterdir()) == []


def test_a_sheet_that_would_lead_to_this_machine_is_made_with_a_warning(here: Path) -> None:
    made = make("42102", environment={"HOTLINE_PUBLIC_URL": ""})
    assert made.exit_code == 0
    assert "needs the public one" in made.stderr
