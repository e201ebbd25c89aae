"""What a text names that another report may name too, however it is spelled."""

from __future__ import annotations

import pytest

from routing.finding.traces import Trace, TraceKind, traces_of


def named(text: str) -> set[tuple[str, str]]:
    return {(trace.kind.value, trace.value) for trace in traces_of(text)}


@pytest.mark.parametrize(
    "text",
    [
        "老板电话13800000000。",
        "打 138 0000 0000",
        "+86 138-0000-0000 是他的",
        "１３８００００００００",
        "8613800000000找他",
    ],
)
def test_a_number_is_the_same_however_it_is_spelled(text: str) -> None:
    assert named(text) == {("number", "+8613800000000")}


def test_lines_and_numbers_abroad_are_numbers_too() -> None:
    assert named("打0692-4123456或+95 9 123 456 789") == {("number", "+866924123456"), ("number", "+959123456789")}


@pytest.mark.parametrize("text", ["面包车云A·12345", "云a12345的面包车", "云A 12345"])
def test_a_plate_is_the_same_however_it_is_spelled(text: str) -> None:
    assert named(text) == {("plate", "云A12345")}


def test_plates_of_electric_cars_have_one_sign_more() -> None:
    assert named("粤BD12345，云A12345D") == {("plate", "粤BD12345"), ("plate", "云A12345D")}


@pytest.mark.parametrize("text", ["加微信号：Abc_12345", "vx abc_12345", "微信是abc_12345", "微信号abc_12345"])
def test_an_account_is_the_same_however_it_is_spelled(text: str) -> None:
    assert named(text) == {("account", "微信:abc_12345")}


def test_an_agency_is_known_by_its_name_without_what_stands_before_it() -> None:
    assert named("被一家叫宏达劳务公司骗到这里") == {("agency", "宏达劳务公司")}
    assert named("到了宏达劳务公司") == {("agency", "宏达劳务公司")}


@pytest.mark.parametrize(
    "text", ["", "被关了12345天", "在123456789012345678号房", "那个中介公司", "京东买的", "\ud800"]
)
def test_what_names_nothing_leaves_no_trace(text: str) -> None:
    assert traces_of(text) == ()


def test_each_is_told_once() -> None:
    assert traces_of("13800000000，再打13800000000") == (Trace(TraceKind.NUMBER, "+8613800000000"),)
