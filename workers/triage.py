"""The job that thinks: reads waiting reports, decides who answers, and writes both in one step.

Running it twice, late or at the same time has the effect of once: a claim has a lease and a token, the work is done
with no transaction open, and the finish writes only what the token still holds.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from reports.claims import Claim, claim_waiting, given_up, put_off_reading
from reports.content import Content
from reports.database import read_now
from reports.marked_words import by_message
from reports.reading import told
from reports.standing_before import standing_before
from reports.states import ReportState
from reports.steps import MACHINE, Outcome, Standing
from reports.traces import Traced, keep_traces, renew_traces
from reports.unsafe_numbers import is_unsafe
from reports.values import Decision, Facts, Finding, PlaceRole, UnitKind, Urgency
from routing.finding.reader import Close
from routing.finding.suggestion import weigh_suggestion
from routing.rulebook.route import route
from workers.answering import answer, heed, heed_unread
from workers.context import Context
from workers.held import Held, give_back, opened
from workers.join import join_waiting
from workers.named import keep_named_away
from workers.read_again import changes_for_a_unit, guarded, plan, write_again
from workers.time_limit import time_limit
from workers.tracing import traced_report
from workers.understanding import understood, worth_reading

CHINA_TIME = timezone(timedelta(hours=8))
# A report takes milliseconds; what takes a thousand times as long would never end.
_MOST_SECONDS = 3.0
# A report that was sent although the machine was not sure: the desk sees it marked.
UNSURE = "unsure"
_WEAK = frozenset(["weak_evidence"])
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Read:
    """A held report with what the machine would do with it if it were read for the first time, and what is kept of it
    so that others of the same case are found."""

    held: Held
    outcome: Outcome
    traced: Traced | None


def triage_waiting(context: Context, queue: str, batch: int) -> int:
    """Triages up to `batch` reports that wait in a queue, for the first time or again. Returns how many it claimed."""
    machine = context.machine
    claims = claim_waiting(context.database, queue, batch, machine.lease_seconds, machine.attempts)
    if not claims:
        return 0
    waiting = opened(context, claims)
    # Before anything of it lies in a report that somebody may have open.
    keep_named_away(context, waiting)
    held = join_waiting(context, waiting)
    with context.database.read() as connection:
        now = read_now(connection)
    read = [one for report in held if (one := _think(context, report, now)) is not None]
    first = [one for one in read if one.held.claim.state is ReportState.RECEIVED]
    waits = {one.held.claim: at for one in first if (at := _reads_later(context, one, now))}
    with context.database.write() as connection:
        ready = [one for one in first if one.held.claim not in waits]
        written = list(context.store.advance(connection, [one.outcome for one in ready]))
        keep_traces(connection, [one.traced for one in ready if one.traced and one.outcome in written])
        for one in ready:
            if one.outcome in written:
                heed(context, connection, one.held, one.outcome.finding)
                answer(context, connection, one.held, one.outcome)
    for one in read:
        if one not in first:
            at, outcome = _read_again(context, one, now)
            waits |= {one.held.claim: at} if at else {}
            written += [outcome] if outcome else []
            if outcome and one.traced:
                with context.database.write() as connection:
                    renew_traces(connection, one.traced)
    _put_off(context, read, waits)
    for outcome in written:
        log.info(
            "Report triaged.",
            extra={"reference": outcome.standing.reference, "state": outcome.after.value, "queue": queue},
        )
    return len(claims)


def _put_off(context: Context, read: Sequence[_Read], waits: Mapping[Claim, int]) -> None:
    for one in read:
        finding = one.outcome.finding
        # What goes out meanwhile may be read by whoever the reporter fears: that does not wait.
        if one.held.claim in waits and finding is not None and is_unsafe(finding):
            with context.database.write() as connection:
                heed(context, connection, one.held, finding)
    put_off_reading(context.database, waits)


def _reads_later(context: Context, read: _Read, now: int) -> int:
    """When a report is read that its reporter is still writing, in milliseconds; 0 for now.

    What is clear by itself is done at once, and danger never waits.
    """
    if read.outcome.after is not ReportState.IN_TRIAGE or _is_pressing(read):
        return 0
    return _quiet_until(context, read, 0, now)


def _is_pressing(read: _Read) -> bool:
    return read.held.claim.queue == "urgent" or read.outcome.urgency is Urgency.IMMEDIATE


def _quiet_until(context: Context, read: _Read, since: int, now: int) -> int:
    until = read.held.quiet_until(since, context.machine.quiet_seconds, context.machine.longest_quiet_seconds)
    return until if until > now else 0


def _read_again(context: Context, read: _Read, now: int) -> tuple[int, Outcome | None]:
    """Writes what reading a report again changes. Or says when to do so, where it changes nothing and more may come."""
    claim, outcome = read.held.claim, read.outcome
    with context.database.read() as connection:
        before = standing_before(connection, claim.report_id)
    outcome = guarded(context, before, outcome)
    planned = plan(claim.state, before, outcome)
    if not _is_pressing(read) and not changes_for_a_unit(claim.state, planned):
        at = _quiet_until(context, read, before.judged_at, now)
        if at:
            return at, None
    return 0, write_again(context, read.held, outcome, planned)


def hand_to_a_person(context: Context, limit: int) -> int:
    """Puts reports whose attempts are used up before a duty officer. Returns how many."""
    machine = context.machine
    claims = given_up(context.database, machine.attempts, limit, machine.lease_seconds)
    if not claims:
        return 0
    with context.database.read() as connection:
        now = read_now(connection)
    outcomes = [
        Outcome(
            standing=_standing(claim),
            after=ReportState.IN_TRIAGE,
            # Nobody has read it, so it keeps the urgency it came in with, and that is never below urgent.
            urgency=claim.urgency,
            actor=MACHINE,
            action="gave_up",
            due_in_minutes=context.rulebook.desk_wait(claim.urgency, now),
            detail={"attempts": claim.attempts - 1},
        )
        for claim in claims
    ]
    with context.database.write() as connection:
        written = context.store.advance(connection, outcomes)
        for claim, outcome in zip(claims, outcomes, strict=True):
            if outcome in written:
                heed_unread(context, connection, claim)
        return len(written)


def _think(context: Context, report: Held, now: int) -> _Read | None:
    claim = report.claim
    # One report that the reader cannot bear must not hold up the forty-nine beside it, whatever went wrong.
    try:
        with time_limit(_MOST_SECONDS):
            close = read_contents(context, worth_reading(report, context.replies))
            finding = understood(context, report, close.finding)
            finding = replace(finding, evidence=by_message(finding.evidence, report.messages, report.contents))
            decision = route(facts_of(finding, claim), context.rulebook)
    except Exception as fault:
        give_back(context, claim, type(fault).__name__)
        return None
    after = state_after(finding, decision, claim.flags)
    unsure = finding.needs_person and after is ReportState.REFERRED
    urgency, hop = finding.labels.urgency, "acceptance" if after is ReportState.REFERRED else "desk"
    due = context.rulebook.hop_wait(decision, urgency, hop, now, now)
    outcome = Outcome(
        standing=_standing(claim),
        after=after,
        urgency=urgency,
        actor=MACHINE,
        action="triaged",
        due_in_minutes=due if after is not ReportState.QUARANTINED else None,
        finding=finding,
        decision=decision,
        conversation_id=claim.conversation_id,
        number_index=context.number_index(report.number, exercise=claim.exercise) if report.number else None,
        flag=UNSURE if unsure else None,
    )
    return _Read(report, outcome, traced_report(context, report, finding, close.meaning))


def _standing(claim: Claim) -> Standing:
    return Standing(
        report_id=claim.report_id,
        reference=claim.reference,
        state=claim.state,
        urgency=claim.urgency,
        lease_token=claim.token,
        to_read_at=claim.to_read_at,
    )


def read_contents(context: Context, contents: Sequence[Content]) -> Close:
    """The finding for what a report tells, with the wishes ticked on a form beside those found in the text, and its
    meaning.

    Where somebody answered that they are in danger it is urgent beyond doubt, whatever else they said.
    """
    close = context.reader.read_closely(told(contents))
    finding = close.finding
    suggested = tuple(matter for content in contents for matter in content.suggested)
    if suggested:
        finding = weigh_suggestion(finding, suggested)
    wishes = tuple(wish for content in contents for wish in content.wishes)
    contact = tuple(dict.fromkeys((*finding.labels.contact, *wishes)))
    in_danger = any(content.in_danger for content in contents)
    urgency = Urgency.IMMEDIATE if in_danger else finding.labels.urgency
    return replace(close, finding=replace(finding, labels=replace(finding.labels, contact=contact, urgency=urgency)))


def facts_of(finding: Finding, claim: Claim) -> Facts:
    """What the rulebook may know of a report."""
    received_at = datetime.fromtimestamp(claim.received_at / 1000, UTC).astimezone(CHINA_TIME)
    return Facts(
        labels=finding.labels,
        channel=claim.channel,
        received_at=received_at.isoformat(timespec="seconds"),
        needs_person=finding.needs_person,
        doubts=finding.doubts,
    )


def state_after(finding: Finding, decision: Decision, flags: Sequence[str] = ()) -> ReportState:
    """Where the machine may put a report by itself. Whatever it is unsure of goes to a person."""
    if decision.lead_kind is UnitKind.QUARANTINE:
        # Only what is plainly noise is set aside unseen; anything doubtful or dangerous is looked at first.
        sure = not finding.needs_person and finding.labels.urgency is Urgency.LOW
        return ReportState.QUARANTINED if sure else ReportState.IN_TRIAGE
    unsure = finding.needs_person and not danger_does_not_wait(finding, decision)
    if decision.lead_kind is UnitKind.DUTY_DESK or unsure or "conflict" in flags:
        return ReportState.IN_TRIAGE
    return ReportState.REFERRED


def danger_does_not_wait(finding: Finding, decision: Decision) -> bool:
    """Whether the police of the place are told although the evidence is weak.

    Somebody is in danger right now and one place is told: whatever the matter turns out to be, its police are the first
    who can help, and they give back what is not theirs. Evidence that contradicts itself, a place that may be several
    and a text that was not read whole still go to a person first.
    """
    in_danger = finding.labels.urgency is Urgency.IMMEDIATE and decision.lead_kind is UnitKind.PUBLIC_SECURITY
    places = {place.code for place in finding.labels.places if place.role is PlaceRole.OCCURRENCE}
    return in_danger and len(places) == 1 and set(finding.doubts) <= _WEAK
