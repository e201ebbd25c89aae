"""The conversation with a reporter as the desk shows it: what came and what we sent, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape
from sqlalchemy import Connection

from config.replies import Replies, fold
from console.call_answers import answers_of
from console.display import Display
from console.highlight import highlighted
from console.services import Services
from reports.content import Content
from reports.database import read_now
from reports.reading import SealedMessage, told
from reports.replies import Reply, held_back, number_of_report
from reports.report_view import ReportView
from reports.unsafe_numbers import is_unsafe
from reports.values import Evidence
from routing.finding.reply_language import reply_language

# What an officer may have sent; the others are the machine's.
SENTENCES = ("question_waits", "note_waits", "done", "where", "danger")


@dataclass(frozen=True)
class Turn:
    """One message of a conversation, theirs or ours. marks are codes of what a text of theirs says about texting;
    answers codes of what was told in a call without words; reply is how far one of ours came, None for theirs."""

    at: int
    channel: str
    text: Markup
    marks: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    reply: Reply | None = None


@dataclass(frozen=True, kw_only=True)
class Texting:
    """What the page needs to offer texts: why the desk has none to offer ('' where it has; else switched_off,
    language_unknown or no_sentences), why none may be sent to this number ('' where one may) and whether that may be
    lifted here, the sentences by code, and the beginnings of numbers whose owners may be asleep now."""

    has_number: bool
    off: str
    held: str
    may_lift: bool
    sentences: tuple[tuple[str, str], ...]
    quiet_zones: tuple[str, ...]


def turns(
    contents: Sequence[Content],
    messages: Sequence[SealedMessage],
    evidence: Sequence[Evidence],
    hidden: Sequence[tuple[int, int]],
    sent: Sequence[Reply],
    display: Display,
    replies: Replies,
) -> tuple[Turn, ...]:
    """What came and what was sent, oldest first; nothing where a single message is all there is."""
    if len(contents) < 2 and not sent:
        return ()
    theirs = _theirs(contents, messages, evidence, hidden, display, replies)
    ours = (
        Turn(one.claimed_at or one.asked_at, "", escape(replies.sentence(one.code, one.language)), reply=one)
        for one in sent
    )
    return tuple(sorted([*theirs, *ours], key=lambda turn: turn.at))


def _theirs(
    contents: Sequence[Content],
    messages: Sequence[SealedMessage],
    evidence: Sequence[Evidence],
    hidden: Sequence[tuple[int, int]],
    display: Display,
    replies: Replies,
) -> Iterator[Turn]:
    offset, word = 0, ""
    for content, message in zip(contents, messages, strict=True):
        text = told([content])
        end = offset + len(text)
        inside = [
            replace(one, start=one.start - offset, end=one.end - offset)
            for one in evidence
            if offset <= one.start and one.end <= end
        ]
        covered = [(start - offset, stop - offset) for start, stop in hidden if offset <= start and stop <= end]
        marks = tuple(_marks(content.text, word, replies))
        word = word or replies.safe_word(content.text)
        answers = answers_of(content, message)
        yield Turn(message.received_at, message.channel, highlighted(text, inside, display, covered), marks, answers)
        offset = end + 1 if text else offset


def _marks(text: str, safe_word: str, replies: Replies) -> Iterator[str]:
    if replies.stops(text):
        yield "stop"
    if replies.says_fine(text):
        yield "fine"
    if safe_word:
        yield "with_safe_word" if safe_word in fold(text) else "without_safe_word"
    elif replies.safe_word(text):
        yield "safe_word"


def texting(connection: Connection, report: ReportView, contents: Sequence[Content], services: Services) -> Texting:
    """Whether and what an officer may have sent to whoever reported."""
    index = number_of_report(connection, report.report_id)
    by_text = report.channel == "sms" and index is not None
    language = reply_language(report.finding, told(contents)) if report.finding else ""
    off = _off(report, language, services)
    offered = SENTENCES if by_text and not off else ()
    return Texting(
        has_number=by_text,
        off=off,
        held=held_back(connection, index) if index else "",
        may_lift=report.finding is None or not is_unsafe(report.finding),
        sentences=tuple((code, services.replies.sentence(code, language)) for code in offered),
        quiet_zones=services.replies.hours.quiet_zones(read_now(connection)),
    )


def _off(report: ReportView, language: str, services: Services) -> str:
    """The first reason that holds for offering no text; '' where there is none."""
    if not services.settings.replies:
        return "switched_off"
    if report.finding is None or report.finding.language == "und":
        return "language_unknown"
    return "" if language else "no_sentences"
