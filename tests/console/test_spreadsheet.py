"""What is taken into a spreadsheet says what it says, and runs nothing."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from console.spreadsheet import to_csv

FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "　=1+1", "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.cn","x")', "%0A=1", "|calc", "＝1+1", "＋1", "－1", "＠A1", "=DDE(\"a\";\"b\")",  # noqa: RUF001
)  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_nothing_that_is_written_becomes_a_formula(text: str) -> None:
    (_, (cell, other)) = read(to_csv(["a", "b"], [(text, "plain")]))
    assert cell == f"'{text}"
    assert other == "plain"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")
def test_row_a12_libreoffice_finds_no_formula_in_what_is_taken_away(tmp_path: Path) -> None:
    plain = io.StringIO()
    csv.writer(plain).writerows([text] for text in FORMULAS)
    (tmp_path / "unguarded.csv").write_text(plain.getvalue(), encoding="utf-8", newline="")
    (tmp_path / "guarded.csv").write_bytes(to_csv(["a"], [(text,) for text in FORMULAS]))
    assert formulas_in(tmp_path / "unguarded.csv") > 0
    assert formulas_in(tmp_path / "guarded.csv") == 0


def test_quotes_commas_lines_and_numbers_come_back_as_they_went() -> None:
    row = ('say "no", then', "two\nlines", 7, -7, None, "镇康县")
    (_, back) = read(to_csv(["a"] * 6, [row]))
    assert back == ['say "no", then', "two\nlines", "7", "-7", "", "镇康县"]


def test_excel_is_told_that_it_is_unicode() -> None:
    assert to_csv(["编号"], []) == b"\xef\xbb\xbf\xe7\xbc\x96\xe5\x8f\xb7\r\n"


def read(table: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))


def formulas_in(table: Path) -> int:
    """How many cells LibreOffice, with a profile of its own, takes for formulas."""
    profile = f"-env:UserInstallation={(table.parent / 'profile').as_uri()}"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "fods", "--outdir", str(table.parent), str(table)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return len(re.findall("table:formula=", table.with_suffix(".fods").read_text(encoding="utf-8")))
