"""What is done about clocks that ran out: one step at a time, up to the national desk."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from reports.deputies import NOBODY, WAITING
from reports.errors import RecordDamaged, StoreUnavailable
from reports.escalations import RanOut, Taken, hold, put_off, ran_out, take, wait_for
from reports.records import decision_from_json, finding_from_json
from reports.tables import decisions, findings, referrals, reports
from reports.values import Channel, Decision, Facts
from routing.rulebook.book import Rulebook
from routing.rulebook.escalation import CLIMBING, STEPS, Silence, Step
from routing.rulebook.passing_over import fields_above
from workers.context import Context
from workers.deputies import has_deputy, is_anybody_rostered
from workers.desk_again import put_before_a_person
from workers.stand_in import marked
from workers.triage import CHINA_TIME

_AGAIN_SECONDS = 60
log = logging.getLogger(__name__)


def escalate(context: Context, limit: int) -> int:
    """Takes the step that is due about up to `limit` clocks of the desk and as many of packets. Returns how many."""
    return sum(_escalate(context, clock) for clock in ran_out(context.database, limit))


def _escalate(context: Context, clock: RanOut) -> bool:
    # One clock whose step cannot be taken must not keep the others waiting, whatever went wrong.
    try:
        with context.database.write() as connection:
            now = hold(connection, clock)
            return now is not None and _step(context, connection, clock, now)
    except StoreUnavailable:
        raise
    except RecordDamaged:
        # Whom to tell next nobody can read any more: a person finds out.
        with context.database.write() as connection:
            return hold(connection, clock) is not None and _hand_to_a_person(context, connection, clock)
    except Exception as fault:
        log.error(
            "A step about a clock that ran out could not be taken; it will be tried again.",
            extra={"referral": clock.referral_id, "code": type(fault).__name__, **marked(exercise=clock.exercise)},
        )
        put_off(context.database, clock, _AGAIN_SECONDS)
        return False


def _step(context: Context, connection: Connection, clock: RanOut, now: int) -> bool:
    rulebook = context.rulebook
    case = _case(connection, clock)
    silence = Silence(
        hop=clock.hop,
        urgency=clock.urgency,
        ran_out_at=clock.ran_out_at,
        unit=clock.unit,
        part=clock.part,
        recused=case.recused if case else "",
    )
    steps = rulebook.escalation.steps(silence, rulebook.units, rulebook.areas)
    left = [step for step in steps if STEPS.index(step.name) >= STEPS.index(clock.step)]
    if not left:
        wait_for(connection, clock, "", None)
        return False
    due, *later = left
    if due.name != clock.step and due.at > now:
        # The rules have changed since this was set: the step that they name now comes at its own time.
        wait_for(connection, clock, due.name, due.at)
        return False
    following = later[0].name if later else ""
    taken = Taken(
        clock=clock,
        step=due.name,
        told=due.told,
        next_step=following,
        next_step_at=rulebook.escalation.not_before(silence, due.name, following, now) if following else None,
        packet_fields=_packet_fields(rulebook, due, case),
        notice=_notice(connection, rulebook, clock, due, now),
    )
    written = take(context.store, connection, taken)
    log.warning(
        "A clock ran out: %s, %s.",
        clock.hop,
        due.name,
        extra={"referral": clock.referral_id, "unit": due.told, **marked(exercise=clock.exercise)},
    )
    return written


def _hand_to_a_person(context: Context, connection: Connection, clock: RanOut) -> bool:
    """Stops the clock of a packet whose records are damaged, and puts its report before a duty officer."""
    wait_for(connection, clock, "", None)
    report = connection.execute(select(reports).where(reports.c.id == clock.report_id)).one()
    if not put_before_a_person(context, connection, report, "record_damaged"):
        return False
    log.error("A record is damaged; its report goes to a duty officer.", extra={"reference": report.reference})
    return True


@dataclass(frozen=True)
class _Case:
    """What a packet came about by: the facts, the decision, the fields it may hold, and whom the report is kept from.

    recused is the area whose units are complained of now, '' for none.
    """

    facts: Facts
    decision: Decision
    fields: tuple[str, ...]
    recused: str


def _case(connection: Connection, clock: RanOut) -> _Case | None:
    """None for the duty desk's own clock: there is no packet yet."""
    if not clock.referral_id:
        return None
    row = connection.execute(
        select(referrals.c.fields, findings.c.body, decisions.c.body.label("decided"), reports.c.received_at,
               reports.c.channel, reports.c.recused)
        .join(decisions, decisions.c.id == referrals.c.decision_id)
        .join(findings, findings.c.id == decisions.c.finding_id)
        .join(reports, reports.c.id == referrals.c.report_id)
        .where(referrals.c.id == clock.referral_id)
    ).one()  # fmt: skip
    received_at = datetime.fromtimestamp(row.received_at / 1000, UTC).astimezone(CHINA_TIME)
    facts = Facts(
        labels=finding_from_json(row.body).labels,
        channel=Channel(row.channel),
        received_at=received_at.isoformat(timespec="seconds"),
    )
    return _Case(facts, decision_from_json(row.decided), tuple(row.fields.split()), row.recused or "")


def _notice(connection: Connection, rulebook: Rulebook, clock: RanOut, step: Step, now: int) -> str | None:
    """Whether a notice goes out with a step: a deputy is told from outside, where the directory names one; and where
    the desk is silent, whomever its roster names, whoever sits there as soon as they are reminded."""
    if clock.hop == "desk" and is_anybody_rostered(connection, step.name, now, clock.report_id):
        return WAITING
    if step.name != "deputy":
        return None
    return WAITING if has_deputy(rulebook.units.recipient(step.told)) else NOBODY


def _packet_fields(rulebook: Rulebook, step: Step, case: _Case | None) -> tuple[str, ...] | None:
    """What the unit above gets in a packet of its own; None where a step only tells somebody."""
    unit = rulebook.units.get(step.told)
    if case is None or step.name not in CLIMBING or unit is None:
        return None
    return fields_above(case.fields, unit, case.facts, case.decision, rulebook)
