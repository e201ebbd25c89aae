"""Words that a finding went by stay where they stand, whatever is said before, between or behind them."""

from __future__ import annotations

from reports.content import Content
from reports.marked_words import by_message, in_the_whole
from reports.reading import SealedMessage, told
from reports.values import Evidence


def message(message_id: str) -> SealedMessage:
    return SealedMessage(
        message_id=message_id, report_id="", channel="sms", source="", source_id="", received_at=0,
        sealed_content=b"", sealed_raw=b"",
    )  # fmt: skip


FIRST, SILENT, LAST, NEW = message("a"), message("b"), message("c"), message("d")
SAID = {
    "a": Content(text="瑞丽砖厂", place="瑞丽"),
    "b": Content(text=""),
    "c": Content(venue="QR-1", text="有人哭"),
    "d": Content(text="门口有狗"),
}


def contents(*messages: SealedMessage) -> list[Content]:
    return [SAID[one.message_id] for one in messages]


def words(evidence: tuple[Evidence, ...], *messages: SealedMessage) -> list[str]:
    text = told(contents(*messages))
    return [text[one.start : one.end] for one in in_the_whole(evidence, messages, contents(*messages))]


def found(*spoken: str) -> tuple[Evidence, ...]:
    """What a reader finds in all that is told."""
    text = told(contents(FIRST, SILENT, LAST))
    spans = ((text.index(one), text.index(one) + len(one)) for one in spoken)
    return tuple(Evidence(axis="matters", code="x", start=start, end=end) for start, end in spans)


def test_words_are_found_again_however_the_messages_lie() -> None:
    kept = by_message(found("砖厂", "QR-1", "哭"), (FIRST, SILENT, LAST), contents(FIRST, SILENT, LAST))
    for order in ((FIRST, SILENT, LAST), (NEW, LAST, FIRST), (LAST, NEW, SILENT, FIRST), (FIRST, NEW, LAST, SILENT)):
        assert words(kept, *order) == ["砖厂", "QR-1", "哭"]


def test_words_that_are_no_longer_told_here_mark_nothing() -> None:
    kept = by_message(found("砖厂", "哭"), (FIRST, SILENT, LAST), contents(FIRST, SILENT, LAST))
    assert words(kept, NEW, LAST) == ["哭"]
    assert words(kept, NEW) == []


def test_what_spans_two_messages_is_kept_in_each() -> None:
    kept = by_message(found("瑞丽\nQR"), (FIRST, SILENT, LAST), contents(FIRST, SILENT, LAST))
    assert words(kept, LAST, FIRST) == ["瑞丽", "QR"]


def test_what_was_kept_before_words_were_counted_by_message_stands_as_it_did() -> None:
    assert words(found("哭"), FIRST, SILENT, LAST) == ["哭"]


def test_what_counts_in_a_message_already_is_left_alone() -> None:
    kept = by_message(found("砖厂"), (FIRST, SILENT, LAST), contents(FIRST, SILENT, LAST))
    assert by_message(kept, (NEW, FIRST), contents(NEW, FIRST)) == kept
