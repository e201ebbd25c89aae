"""What a reporter wrote, as one value: it goes under the seal and comes back as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.content import Content, keepable
from reports.reading import told


@given(st.text(), st.text(), st.lists(st.sampled_from(["text_only", "anonymous"]), max_size=2))
@settings(max_examples=50, deadline=None)
def test_what_goes_in_comes_out(text: str, name: str, wishes: list[str]) -> None:
    content = Content(text=keepable(text), name=keepable(name), wishes=tuple(wishes))
    assert Content.from_bytes(content.to_bytes()) == content


@given(st.text(st.characters(codec=None), max_size=50))
@settings(max_examples=50, deadline=None)
def test_keepable_text_can_be_written_and_nothing_is_cut(text: str) -> None:
    kept = keepable(text)
    kept.encode("utf-8")
    assert len(kept) == len(text)
    assert "\0" not in kept
    assert keepable(kept) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("被关\0在", "被关\ufffd在"),
        ("a\x07\x1b\x7fb", "a\ufffd\ufffd\ufffdb"),
        ("\ud83c", "\ufffd"),
        ("行一\r\n\t行二", "行一\r\n\t行二"),
        ("\u202e\u200b🆘\u0301", "\u202e\u200b🆘\u0301"),
        ("\ufffe\uffff", "\ufffe\uffff"),
    ],
)
def test_only_what_a_database_refuses_is_replaced(text: str, kept: str) -> None:
    assert keepable(text) == kept


def test_fields_of_a_later_version_are_left_out_and_missing_ones_are_empty() -> None:
    later = json.dumps({"text": "好", "mood": "sad"}).encode()
    assert Content.from_bytes(later) == Content(text="好")


def test_all_that_a_report_tells_is_one_text_with_its_places() -> None:
    contents = (Content(text="第一条", place="瑞丽", venue="42102"), Content(text=""), Content(text="第二条"))
    assert told(contents) == "42102\n第一条\n瑞丽\n第二条"
