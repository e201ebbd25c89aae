"""What is kept back from a unit comes before an officer again at its time, once, by the database's clock."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from reports.database import read_now
from reports.records import decision_from_json
from reports.schema import downgrade, upgrade
from reports.states import ReportState
from reports.steps import Outcome, Standing
from reports.tables import decisions, reports, withheld
from reports.values import Urgency
from reports.withheld import bring_back, due_again, kept_back
from tests.workers.made import LEAD, Work, a_finding
from workers.sweep import sweep_once

_DAY = timedelta(days=1) // timedelta(milliseconds=1)


def keep_secret(work: Work, number: int = 1) -> list[str]:
    """Reports by somebody who does not want the police to know who they are."""
    finding = a_finding()
    work.reader.read = lambda _text: replace(finding, labels=replace(finding.labels, contact=("not_police",)))
    kept = [work.keep(f"work {one}") for one in range(number)]
    work.triage()
    return kept


def come(work: Work) -> None:
    work.set_all(withheld, review_at=1)


def test_what_a_decision_keeps_back_waits_for_its_own_time(work: Work) -> None:
    (report,) = keep_secret(work)
    (row,) = work.all(withheld)
    assert (row.report_id, row.unit, row.rule) == (report, LEAD, "not-police")
    assert set(row.fields.split()) == {"reporter_name", "reporter_contact"}
    with work.database.read() as connection:
        assert 0 < row.review_at - read_now(connection) <= _DAY
    assert bring_back(work.context.store, 50) == 0
    assert sweep_once(work.context).brought_back == 0


def test_it_is_put_before_an_officer_once_however_often_the_sweep_passes(work: Work) -> None:
    (report,) = keep_secret(work)
    come(work)
    assert sweep_once(work.context).brought_back == 1
    assert sweep_once(work.context).brought_back == 0
    (line,) = work.audited("review_due")
    assert (line.actor, line.object) == ("machine", f"report:{report}")
    assert json.loads(line.detail) == {"row": "not-police", "unit": LEAD}
    with work.database.read() as connection:
        (found,) = due_again(connection, 10)
    assert found.reference == work.report(report).reference


def test_two_sweeps_at_once_bring_each_back_once(work: Work) -> None:
    keep_secret(work, 6)
    come(work)
    start = threading.Barrier(2)

    def sweep(_number: int) -> int:
        start.wait(10)
        return bring_back(work.context.store, 50)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(sweep, range(2))) == 6
    assert len(work.audited("review_due")) == 6


def test_one_pass_brings_back_no_more_than_its_share_the_longest_due_first(work: Work) -> None:
    keep_secret(work, 3)
    for number, row in enumerate(work.all(withheld)):
        with work.database.write() as connection:
            connection.execute(update(withheld).where(withheld.c.id == row.id).values(review_at=9 - number))
    assert bring_back(work.context.store, 2) == 2
    assert [row.review_at for row in work.all(withheld) if row.due_since is None] == [9]


def decide_again(work: Work, report_id: str, after: ReportState, **changes: object) -> None:
    row = work.report(report_id)
    standing = Standing(
        report_id=report_id, reference=row.reference, state=ReportState(row.state),
        urgency=Urgency.from_rank(row.urgency_rank), version=row.version,
    )  # fmt: skip
    outcome = Outcome(
        standing=standing, after=after, urgency=standing.urgency, actor="u" * 32, action="x",
        **changes,  # type: ignore[arg-type]
    )  # fmt: skip
    with work.database.write() as connection:
        work.context.store.advance(connection, [outcome])


def test_what_is_closed_is_not_looked_at_again(work: Work) -> None:
    (report,) = keep_secret(work)
    come(work)
    bring_back(work.context.store, 50)
    decide_again(work, report, ReportState.CLOSED)
    with work.database.read() as connection:
        assert due_again(connection, 10) == ()
        assert kept_back(connection, report) == ()
    assert bring_back(work.context.store, 50) == 0


def test_another_decision_takes_the_place_of_what_was_kept_back_and_keeps_the_day_an_officer_chose(work: Work) -> None:
    (report,) = keep_secret(work)
    with work.database.read() as connection:
        chosen = read_now(connection) + 30 * _DAY
        body = connection.execute(select(decisions.c.body)).scalar_one()
    work.set_all(withheld, review_at=chosen)
    decide_again(work, report, ReportState.REFERRED, decision=decision_from_json(body))
    first, second = sorted(work.all(withheld), key=lambda row: row.ended_at is None)
    assert first.ended_at is not None
    assert (second.ended_at, second.review_at) == (None, chosen)
    with work.database.read() as connection:
        assert [kept.withheld_id for kept in kept_back(connection, report)] == [second.id]


def test_what_was_kept_back_before_is_looked_at_again_after_the_upgrade(work: Work) -> None:
    referred, _ = keep_secret(work, 2)
    with work.database.read() as connection:
        others = [row.id for row in connection.execute(select(reports)) if row.id != referred]
    decide_again(work, others[0], ReportState.CLOSED)
    (before,) = [row for row in work.all(withheld) if row.ended_at is None]
    downgrade(work.database, "0008")
    upgrade(work.database)
    (after,) = work.all(withheld)
    assert (after.report_id, after.unit, after.fields, after.rule, after.review_at) == (
        referred, before.unit, before.fields, before.rule, before.review_at
    )  # fmt: skip
