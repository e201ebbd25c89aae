"""Phone numbers: one spelling for each, and nothing a person wrote is refused."""

from __future__ import annotations

import pytest

from reports.phone import normal_number


@pytest.mark.parametrize(
    "written",
    [
        "+8613800000000",
        "13800000000",
        "138 0000 0000",
        "138-0000-0000",
        "008613800000000",
        "+86 (138) 0000.0000",
        "１３８００００００００",
        "＋８６１３８００００００００",
        " 13800000000\n",
    ],
)
def test_every_spelling_of_a_mobile_number_is_one_number(written: str) -> None:
    assert normal_number(written) == "+8613800000000"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+15005550006", "+15005550006"),
        ("0871-60000000", "+8687160000000"),
        ("110", "110"),
        ("０", "0"),
        ("1" * 40, "1" * 40),
        ("HOTLINE", ""),
        ("", ""),
        ("村口小卖部", ""),
        ("微信 abc123", "123"),
        ("\0\ud800", ""),
    ],
)
def test_what_is_no_whole_number_keeps_its_digits(written: str, number: str) -> None:
    assert normal_number(written) == number
