"""Holding labelled reports against what the reader and the rulebook make of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hotline.decisions import DEFAULT_TIME
from hotline.labelled import LabelledReport
from hotline.model_figures import Judged
from reports.values import Channel, Decision, Facts, Finding, Labels
from routing.finding.reader import Reader
from routing.rulebook.book import Rulebook
from routing.rulebook.route import route


def judge(reports: Iterable[LabelledReport], reader: Reader, rulebook: Rulebook) -> Iterator[Judged]:
    """Each report beside what the reader finds in its text."""
    for report in reports:
        yield judged(report, reader.read(report.text), rulebook)


def judged(report: LabelledReport, finding: Finding, rulebook: Rulebook) -> Judged:
    """A report beside a finding, with the decisions for both."""
    right = Labels(
        matters=report.matters,
        urgency=report.urgency,
        persons=report.persons,
        reporter=report.reporter,
        places=report.places,
        contact=report.contact,
        # Circumstances are not labelled; those found in the text stand for them.
        cues=finding.labels.cues,
    )
    return Judged(
        report=report,
        finding=finding,
        decision=_route(finding.labels, report, rulebook),
        right=_route(right, report, rulebook),
    )


def _route(labels: Labels, report: LabelledReport, rulebook: Rulebook) -> Decision:
    channel = Channel(report.channel) if report.channel in list(Channel) else Channel.SMS
    return route(Facts(labels=labels, channel=channel, received_at=DEFAULT_TIME), rulebook)
