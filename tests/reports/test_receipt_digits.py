"""The sixteen digits: what they never look like, and how they are read from a hand, a keypad or a text."""

from __future__ import annotations

import re

import pytest

from reports.receipt_digits import POSSIBLE, digits_from, digits_in, new_digits, read_digits, shown

DIGITS = "0871631324567890"


def test_the_first_and_the_last_receipt() -> None:
    assert digits_from(0) == "0" * 16
    assert digits_from(POSSIBLE - 1) == "8" + "9" * 15


def test_nobody_who_dials_a_receipt_reaches_the_police() -> None:
    made = {new_digits() for _ in range(2000)}
    assert len(made) == 2000
    assert all(re.fullmatch("[02-8][0-9]{15}", digits) for digits in made)
    assert {digits[0] for digits in made} == set("02345678")


@pytest.mark.parametrize(
    "typed",
    [
        DIGITS,
        shown(DIGITS),
        " 0871-6313-2456-7890\n",
        "0871.6313.2456.7890",
        "０８７１６３１３２４５６７８９０",
        "O871 63I3 2456 789O",
        "0871 63l3 2456 7890",
        "၀၈၇၁၆၃၁၃၂၄၅၆၇၈၉၀",
        "๐๘๗๑๖๓๑๓๒๔๕๖๗๘๙๐",
        "០៨៧១៦៣១៣២៤៥៦៧៨៩០",
        "໐໘໗໑໖໓໑໓໒໔໕໖໗໘໙໐",
    ],
)
def test_a_receipt_is_read_however_it_was_written(typed: str) -> None:
    assert read_digits(typed) == DIGITS


@pytest.mark.parametrize("typed", ["", "0", DIGITS[:-1], DIGITS + "0", "0871a31324567890", "½" * 16, "\ud800"])
def test_what_is_no_receipt_is_none(typed: str) -> None:
    assert read_digits(typed) is None


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (DIGITS, ""),
        (f"我是小红{shown(DIGITS)}他们换地方了", "我是小红他们换地方了"),
        (f"{DIGITS} they moved us", "they moved us"),
        ("๐๘๗๑ ๖๓๑๓ ๒๔๕๖ ๗๘๙๐", ""),
    ],
)
def test_a_receipt_in_a_text_is_found_and_taken_out(text: str, rest: str) -> None:
    assert digits_in(text) == (DIGITS, rest)


@pytest.mark.parametrize(
    "text", ["打13800000000", "身份证53310219900101123X", "533102199001011234", "云A12345", "8" * 17]
)
def test_other_numbers_in_a_text_are_no_receipt(text: str) -> None:
    assert digits_in(text) is None
