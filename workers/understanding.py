"""Understanding an answer: what a short text means only because of the question that went before it."""

from __future__ import annotations

from dataclasses import replace

from config.replies import Replies
from reports.content import Content
from reports.values import Finding, Place, PlaceRole, Urgency
from workers.context import Context
from workers.held import Held


def worth_reading(report: Held, replies: Replies) -> tuple[Content, ...]:
    """What a report tells, with blanks in the place of texts that speak to us about texting and tell nothing: a stop
    word, a bare yes or no. Read as part of a report they were taken for what happened. Offsets stay as they are."""
    bare = [replies.stops(content.text) or replies.answer(content.text) is not None for content in report.contents]
    if all(bare):
        return report.contents
    blank = (replace(content, text="\n" * len(content.text)) for content in report.contents)
    return tuple(
        empty if is_bare else content for content, empty, is_bare in zip(report.contents, blank, bare, strict=True)
    )


def understood(context: Context, report: Held, finding: Finding) -> Finding:
    """The finding with what the reporter answered to questions of ours: a bare name to where, a yes to whether it is
    urgent. A no changes nothing: it may have been written under pressure, and the machine lowers no urgency by it."""
    for asked in report.asked:
        answers = report.texts_after(asked.at)
        if asked.code == "danger" and any(context.replies.answer(text) for text in answers):
            finding = replace(finding, labels=replace(finding.labels, urgency=Urgency.IMMEDIATE))
        if asked.code == "where" and not _is_known(finding.labels.places):
            found = tuple(place for text in answers for place in _named(context, text))
            finding = replace(finding, labels=replace(finding.labels, places=(*finding.labels.places, *found)))
    return finding


def _is_known(places: tuple[Place, ...]) -> bool:
    return any(place.role is PlaceRole.OCCURRENCE and place.code for place in places)


def _named(context: Context, text: str) -> tuple[Place, ...]:
    # Whatever role the name would have in a text of its own, as an answer it is where it happens. Its span counts in
    # the answer, not in the whole, so it is left out.
    named = context.reader.places_in(text)
    return tuple(replace(place, role=PlaceRole.OCCURRENCE, start=0, end=0) for place in named)
