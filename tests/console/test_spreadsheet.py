"""What is taken into a spreadsheet says what it says, and runs nothing."""

from __future__ import annotations

import csv
import io

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


def test_quotes_commas_lines_and_numbers_come_back_as_they_went() -> None:
    row = ('say "no", then', "two\nlines", 7, -7, None, "镇康县")
    (_, back) = read(to_csv(["a"] * 6, [row]))
    assert back == ['say "no", then', "two\nlines", "7", "-7", "", "镇康县"]


def test_excel_is_told_that_it_is_unicode() -> None:
    assert to_csv(["编号"], []) == b"\xef\xbb\xbf\xe7\xbc\x96\xe5\x8f\xb7\r\n"


def read(table: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))
