"""The job that thinks: reads waiting reports, decides who answers, and writes both in one step.

Running it twice, late or at the same time has the effect of once: a claim has a lease and a token, the work is done
with no transaction open, and the finish writes only what the token still holds.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import select

from reports.claims import Claim, claim_waiting, given_up, release
from reports.content import Content
from reports.database import read_now
from reports.phone import normal_number
from reports.reading import SealedMessage, open_report, sealed_messages, told
from reports.states import ReportState
from reports.store import MACHINE, Outcome, Standing
from reports.tables import reports
from reports.values import Decision, Facts, Finding, PlaceRole, UnitKind, Urgency
from routing.rulebook.route import route
from workers.context import Context
from workers.time_limit import time_limit

CHINA_TIME = timezone(timedelta(hours=8))
NUMBER_PURPOSE = "phone"
# A report takes milliseconds; what takes a thousand times as long would never end.
_MOST_SECONDS = 3.0
# A report that was sent although the machine was not sure: the desk sees it marked.
UNSURE = "unsure"
_WEAK = frozenset(["weak_evidence"])
log = logging.getLogger(__name__)


def triage_waiting(context: Context, queue: str, batch: int) -> int:
    """Triages up to `batch` reports that wait in a queue. Returns how many it claimed."""
    machine = context.machine
    claims = claim_waiting(context.database, queue, batch, machine.lease_seconds, machine.attempts)
    if not claims:
        return 0
    with context.database.read() as connection:
        sealed = sealed_messages(connection, [claim.report_id for claim in claims])
        flags = _flags(context, [claim.report_id for claim in claims])
        now = read_now(connection)
    outcomes = []
    for claim in claims:
        outcome = _think(context, claim, sealed[claim.report_id], flags[claim.report_id], now)
        if outcome is not None:
            outcomes.append(outcome)
    with context.database.write() as connection:
        written = context.store.advance(connection, outcomes)
    for outcome in written:
        log.info(
            "Report triaged.",
            extra={"reference": outcome.standing.reference, "state": outcome.after.value, "queue": queue},
        )
    return len(claims)


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
        return len(context.store.advance(connection, outcomes))


def _flags(context: Context, report_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    with context.database.read() as connection:
        rows = connection.execute(select(reports.c.id, reports.c.flags).where(reports.c.id.in_(report_ids)))
        return {row.id: tuple(row.flags.split()) for row in rows}


def _think(
    context: Context, claim: Claim, sealed: Sequence[SealedMessage], flags: tuple[str, ...], now: int
) -> Outcome | None:
    # One report that the reader cannot bear must not hold up the forty-nine beside it, whatever went wrong.
    try:
        with time_limit(_MOST_SECONDS):
            _, contents = open_report(context.keys, claim.report_id, claim.wrapped_key, sealed)
            finding = read_contents(context, contents)
            decision = route(facts_of(finding, claim), context.rulebook)
    except Exception as fault:
        _fail(context, claim, type(fault).__name__)
        return None
    after = state_after(finding, decision, flags)
    unsure = finding.needs_person and after is ReportState.REFERRED
    urgency, hop = finding.labels.urgency, "acceptance" if after is ReportState.REFERRED else "desk"
    due = context.rulebook.hop_wait(decision, urgency, hop, now, now)
    return Outcome(
        standing=_standing(claim),
        after=after,
        urgency=urgency,
        actor=MACHINE,
        action="triaged",
        due_in_minutes=due if after is not ReportState.QUARANTINED else None,
        finding=finding,
        decision=decision,
        conversation_id=claim.conversation_id,
        number_index=_number_index(context, contents),
        flag=UNSURE if unsure else None,
    )


def _fail(context: Context, claim: Claim, failure: str) -> None:
    log.error(
        "Report could not be read; it will be tried again, then handed to a person.",
        extra={"reference": claim.reference, "code": failure, "attempt": claim.attempts},
    )
    release(context.database, claim, failure)


def _standing(claim: Claim) -> Standing:
    return Standing(
        report_id=claim.report_id,
        reference=claim.reference,
        state=ReportState.RECEIVED,
        urgency=claim.urgency,
        lease_token=claim.token,
    )


def read_contents(context: Context, contents: Sequence[Content]) -> Finding:
    """The finding for what a report tells, with the wishes ticked on a form beside those found in the text."""
    finding = context.reader.read(told(contents))
    wishes = tuple(wish for content in contents for wish in content.wishes)
    contact = tuple(dict.fromkeys((*finding.labels.contact, *wishes)))
    return replace(finding, labels=replace(finding.labels, contact=contact))


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


def _number_index(context: Context, contents: Sequence[Content]) -> str | None:
    for content in contents:
        number = normal_number(content.sender or content.contact)
        if number:
            return context.keys.numbers.of(NUMBER_PURPOSE, number)
    return None
