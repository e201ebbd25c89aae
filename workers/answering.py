"""Answering a text by a text: which sentence, if any. At most one for a report, and none where that is not safe."""

from __future__ import annotations

from sqlalchemy import Connection

from reports.claims import Claim
from reports.errors import KeyMissing, SealBroken
from reports.reading import flags_of, open_report, sealed_messages
from reports.replies import STOPPED, Wanted, want
from reports.states import ReportState
from reports.steps import MACHINE, Outcome
from reports.unsafe_numbers import are_unsafe, heed_wishes, stop_all
from reports.values import Finding, PlaceRole, Urgency
from routing.finding.reply_language import reply_language
from workers.context import Context
from workers.held import Held
from workers.join import SAYS_FINE

# Nobody is texted back whose own text holds nothing, contradicts an earlier one, is one of a flood, or ends contact.
_UNANSWERED = ("silent", "conflict", "flood", STOPPED, SAYS_FINE)


def heed(context: Context, connection: Connection, report: Held, finding: Finding | None) -> None:
    """Lets nothing be sent from now on to the numbers of a report that says it is not safe; see `heed_wishes`."""
    if finding is not None:
        numbers = [context.number_index(number, exercise=report.claim.exercise) for number in report.numbers]
        heed_wishes(context.store, connection, report.claim.report_id, finding, numbers)


def heed_unread(context: Context, connection: Connection, claim: Claim) -> None:
    """The same for a report that the machine could not read: what was ticked on its form needs no reading.

    A report that cannot even be opened says nothing that could be heeded.
    """
    try:
        sealed = sealed_messages(connection, [claim.report_id])[claim.report_id]
        _, contents = open_report(context.keys, claim.report_id, claim.wrapped_key, sealed)
    except (KeyMissing, SealBroken):
        return
    if are_unsafe(wish for content in contents for wish in content.wishes):
        held = Held(claim, contents, sealed)
        numbers = [context.number_index(number, exercise=claim.exercise) for number in held.numbers]
        stop_all(context.store, connection, claim.report_id, numbers)


def answer(context: Context, connection: Connection, report: Held, outcome: Outcome) -> None:
    """Asks for the text that the reporter is answered with, in the transaction that decides the report."""
    wanted = answer_to(context, report, outcome, flags_of(connection, report.claim.report_id))
    if wanted is not None:
        want(context.store, connection, wanted)


def answer_to(context: Context, report: Held, outcome: Outcome, flags: tuple[str, ...]) -> Wanted | None:
    """The text that a report of text messages is answered with when it is read first; None for none."""
    finding = outcome.finding
    if not (context.answers and report.writes_from and finding and outcome.number_index):
        return None
    if outcome.after is ReportState.QUARANTINED:
        return None
    if any(flag.partition(":")[0] in _UNANSWERED for flag in flags) or "no_text" in finding.doubts:
        return None
    language = reply_language(finding, "".join(content.text for content in report.contents))
    if not language:
        return None
    return Wanted(
        report_id=report.claim.report_id,
        number_index=outcome.number_index,
        zone=context.replies.hours.zone_of(report.writes_from),
        code=sentence_for(finding, outcome.after),
        language=language,
        asked_by=MACHINE,
        once=f"first:{report.claim.report_id}",
    )


def sentence_for(finding: Finding, after: ReportState) -> str:
    """What is asked, where the place or the danger alone would tell more; otherwise thanks."""
    if after is ReportState.REFERRED:
        return "received"
    places = [place for place in finding.labels.places if place.role is PlaceRole.OCCURRENCE and place.code]
    if not places and finding.question != "is_somebody_kept":
        return "where"
    is_open = finding.labels.urgency is not Urgency.IMMEDIATE and finding.question == "is_somebody_kept"
    return "danger" if is_open else "received"
