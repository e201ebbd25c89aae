"""What a report's page shows of the report's words: the text with its marks, the conversation, and what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from console.access import language_now
from console.conversation import turns
from console.corrections import corrections
from console.display import Display
from console.highlight import apart_from, axes_of, highlighted, quotes
from console.history import Reason, happenings, looks, stretch
from console.issued import issued
from console.rule_words import RuleSaid, said_of
from console.services import Services
from reports.content import Content
from reports.made_to_do import SealedPassage
from reports.marked_words import in_the_whole
from reports.reading import SealedMessage, told
from reports.replies import Reply
from reports.report_view import ReportView
from reports.sealing import ReportKey
from reports.store import REMARK_COLUMN
from reports.values import Decision
from routing.rulebook.made_to_do import spans_of, staying, without


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A report with what it tells, opened for one page, and what was sent to its reporter."""

    report: ReportView
    key: ReportKey
    messages: tuple[SealedMessage, ...]
    contents: tuple[Content, ...]
    passages: Sequence[SealedPassage]
    sent: Sequence[Reply]


class ReportText:
    """Makes what the page shows of the words of a report, in the officer's language."""

    def __init__(self, services: Services, words: Mapping[str, Mapping[str, str]]) -> None:
        self._services, self._words = services, words

    def shown(self, opened: Opened, *, with_made_to_do: bool) -> dict[str, Any]:
        """The text and the history by their names on the page.

        What the victim was made to do is shown only where with_made_to_do says that it was asked for.
        """
        report, contents = opened.report, opened.contents
        display, text = self._display(), told(contents)
        taken = {passage.passage_id: passage.open(opened.key) for passage in opened.passages}
        veiled = () if with_made_to_do else tuple(taken.values())
        hidden, reasons = spans_of(text, veiled), _reasons(opened)
        standing = in_the_whole(report.finding.evidence if report.finding else (), opened.messages, contents)
        evidence = apart_from(standing, hidden)
        return {
            "taken": taken if with_made_to_do else {},
            "stays": self._stays(report, text),
            "text": highlighted(text, evidence, display, hidden),
            "turns": turns(contents, opened.messages, evidence, hidden, opened.sent, display, self._services.replies),
            "is_silent": not text.strip(),
            "issued": issued(contents, report.finding, self._services.numbers, display),
            "suggested": tuple(dict.fromkeys(matter for content in contents for matter in content.suggested)),
            "particulars": tuple(_particulars(contents, veiled)),
            "axes": axes_of(text, evidence),
            "quotes": quotes(text, evidence),
            "corrected": corrections(report.findings, display),
            "rule": _rule(report.decision, display),
            "history": stretch(happenings(report, reasons, display), request.args.get("until", type=int)),
            "looks": looks(report, reasons, display),
        }

    def _display(self) -> Display:
        language = language_now()
        return Display(language, self._words[language], self._services.taxonomy, self._services.rulebook)

    def _stays(self, report: ReportView, text: str) -> tuple[str, ...]:
        """The words that the rules keep out of packets by themselves."""
        if report.finding is None:
            return ()
        track = report.decision.track if report.decision else ""
        spans = staying(self._services.rulebook.made_to_do, text, report.finding.labels, track, ())
        return tuple(dict.fromkeys(text[start:end] for start, end in spans))


def _particulars(contents: Sequence[Content], veiled: Sequence[str]) -> Sequence[tuple[str, str]]:
    """What a form gave beside the text, by its names."""
    given = (one for content in contents for one in content.particulars)
    return [(name, without(value, spans_of(value, veiled))) for name, value in given]


def _rule(decision: Decision | None, display: Display) -> RuleSaid | None:
    """The rule that decided, in words; None where nothing was decided, or by a rule that today's rulebook has not."""
    rows = display.rulebook.rules.leads.rows if decision else ()
    row = next((one for one in rows if decision and one.id == decision.rule), None)
    return said_of(row, display) if row is not None else None


def _reasons(opened: Opened) -> list[Reason]:
    return [
        Reason(
            officer=remark.officer,
            verb=remark.verb,
            said_at=remark.said_at,
            text=opened.key.open(REMARK_COLUMN, remark.remark_id, remark.sealed_text).decode(),
        )
        for remark in opened.report.remarks
    ]
