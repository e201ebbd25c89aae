"""The figures follow the audit chain: every report once, wherever it stands by now, whatever happened in between."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import Connection, select, update

from config.figures import Counting
from config.settings import PACKAGED_CONFIG
from reports.counting import count_on
from reports.database import Database
from reports.facts import scheme_of
from reports.figures import CHANGES, figures_of, head_now, years_counted
from reports.keys import DoorKeys
from reports.referrals import ReferralStep, step
from reports.states import ReferralState, ReportState
from reports.store import Store
from reports.tables import escalations, figures, figures_head, referrals, report_facts, reports
from reports.values import Labels, Place, PlaceRole, Urgency
from tests.reports.made import a_decision, a_finding, a_step, advance, claim, keep, standing_now, standing_of

COUNTING = Counting.load(PACKAGED_CONFIG)
RUILI = "533102"
A_CRIME = replace(
    a_finding(),
    labels=Labels(
        matters=("forced_labour",),
        urgency=Urgency.URGENT,
        persons=("man",),
        places=(Place(code=RUILI, role=PlaceRole.OCCURRENCE),),
    ),
)
NO_CRIME = replace(a_finding(), labels=Labels(matters=("enquiry",), urgency=Urgency.URGENT))


def count_all(database: Database) -> int:
    """Counts until nothing is left, in small steps. Returns how many steps it took."""
    steps = 0
    while count_on(database, COUNTING, 3):
        steps += 1
    return steps


def counted(database: Database, breakdown: str = "whole") -> dict[str, dict[str, int]]:
    """The figures of a breakdown, by code and measure, without those that are zero and without times."""
    with database.read() as connection:
        found = figures_of(connection, years_counted(connection), [breakdown])
    return {
        code: {measure: number for measure, number in by.items() if number and "." not in measure}
        for (_, code), by in found.items()
        if any(by.values())
    }


def all_figures(connection: Connection) -> set[tuple[object, ...]]:
    """All that is not zero, but how often it changed."""
    rows = connection.execute(select(figures).where(figures.c.breakdown != CHANGES, figures.c.number != 0))
    return {tuple(row) for row in rows}


def a_report(database: Database, keys: DoorKeys, number: int = 1, finding: object = A_CRIME) -> str:
    """One report that its unit was told of."""
    report_id = keep(database, keys, number)
    (claimed,) = claim(database)
    advance(Store(database), a_step(standing_of(claimed), ReportState.REFERRED, finding=finding))
    return report_id


def close(database: Database, report_id: str, outcome: str) -> None:
    """An officer closes it."""
    standing = standing_now(database, report_id)
    detail = {"outcome": outcome}
    advance(Store(database), a_step(standing, ReportState.CLOSED, actor="o" * 32, action="closed", detail=detail))


def reopen(database: Database, report_id: str) -> None:
    """An officer takes it up again."""
    standing = standing_now(database, report_id)
    advance(Store(database), a_step(standing, ReportState.IN_TRIAGE, actor="o" * 32, action="reopened"))


def accept(database: Database, report_id: str) -> None:
    """Its unit gets the packet and accepts it."""
    store = Store(database)
    with database.write() as connection:
        connection.execute(
            update(referrals)
            .where(referrals.c.report_id == report_id)
            .values(state="DELIVERED", delivered_at=referrals.c.created_at + 60_000)
        )
        row = connection.execute(
            select(referrals).where(referrals.c.report_id == report_id, referrals.c.part == "lead")
        ).one()
        step(
            store,
            connection,
            ReferralStep(
                referral_id=row.id,
                before=ReferralState.DELIVERED,
                after=ReferralState.ACCEPTED,
                version=row.version,
                actor="u" * 32,
            ),
        )


def test_a_report_is_counted_where_it_stands(database: Database, door_keys: DoorKeys) -> None:
    report_id = a_report(database, door_keys)
    count_all(database)
    assert counted(database) == {"": {"received": 1, "reported": 1, "unanswered": 1}}
    accept(database, report_id)
    count_all(database)
    assert counted(database) == {"": {"received": 1, "reported": 1}}
    close(database, report_id, "solved")
    count_all(database)
    assert counted(database) == {"": {"received": 1, "reported": 1, "solved": 1}}
    assert counted(database, "matter") == {"forced_labour": {"received": 1, "reported": 1, "solved": 1}}
    assert counted(database, "province") == {"530000": {"received": 1, "reported": 1, "solved": 1}}
    assert counted(database, "persons") == {"m": {"received": 1, "reported": 1, "solved": 1}}
    assert counted(database, "line") == {"4.3.2-2": {"received": 1, "reported": 1, "solved": 1}}
    reopen(database, report_id)
    count_all(database)
    assert counted(database) == {"": {"received": 1, "reported": 1, "reopened": 1}}
    close(database, report_id, "no_crime")
    count_all(database)
    assert counted(database) == {"": {"received": 1, "reported": 1, "refused": 1, "reopened": 1}}


def test_once_found_to_be_a_crime_it_stays_reported(database: Database, door_keys: DoorKeys) -> None:
    crime, enquiry = a_report(database, door_keys), a_report(database, door_keys, 2, NO_CRIME)
    standing = standing_now(database, crime)
    relabelled = a_step(standing, ReportState.IN_TRIAGE, actor="o" * 32, action="corrected", finding=NO_CRIME)
    advance(Store(database), relabelled)
    close(database, enquiry, "no_crime")
    count_all(database)
    assert counted(database)[""]["reported"] == 1
    # What nobody ever took for a crime was not refused.
    assert "refused" not in counted(database)[""]
    assert counted(database, "axis") == {
        "matters": {"corrected": 1},
        "places": {"corrected": 1},
        "persons": {"corrected": 1},
    }


def test_calling_a_case_no_crime_raises_no_share_of_any_row(database: Database, door_keys: DoorKeys) -> None:
    solved, relabelled = a_report(database, door_keys), a_report(database, door_keys, 2)
    close(database, solved, "solved")
    count_all(database)
    rows = ("matter", "persons", "province", "line", "language")
    before = [counted(database, breakdown) for breakdown in rows]
    other = replace(a_decision(), measures=("4.1.1-2",))
    given = {"actor": "o" * 32, "action": "corrected", "finding": NO_CRIME, "decision": other}
    advance(Store(database), a_step(standing_now(database, relabelled), ReportState.IN_TRIAGE, **given))
    count_all(database)
    for breakdown, earlier in zip(rows, before, strict=True):
        for code, by in counted(database, breakdown).items():
            assert by["reported"] == earlier[code]["reported"] == 2, (breakdown, code)
            assert by["solved"] == 1
    close(database, relabelled, "no_crime")
    count_all(database)
    (row,) = counted(database, "line").values()
    assert (row["reported"], row["solved"], row["refused"]) == (2, 1, 1)


def test_what_was_joined_before_it_was_read_is_no_report_and_what_an_officer_joins_stays_one(
    database: Database, door_keys: DoorKeys
) -> None:
    keep(database, door_keys, 1)
    (claimed,) = claim(database)
    advance(Store(database), a_step(standing_of(claimed), ReportState.MERGED, action="joined"))
    joined = a_report(database, door_keys, 2)
    standing = standing_now(database, joined)
    advance(Store(database), a_step(standing, ReportState.IN_TRIAGE, actor="o" * 32))
    advance(Store(database), a_step(standing_now(database, joined), ReportState.MERGED, actor="o" * 32))
    count_all(database)
    assert counted(database) == {"": {"received": 1, "reported": 1}}


def test_counting_step_by_step_gives_what_counting_at_once_gives(database: Database, door_keys: DoorKeys) -> None:
    known = [a_report(database, door_keys, number, A_CRIME if number % 2 else NO_CRIME) for number in range(6)]
    for number, report_id in enumerate(known):
        count_on(database, COUNTING, 2)
        if number % 3:
            accept(database, report_id)
        count_on(database, COUNTING, 1)
        close(database, report_id, ["solved", "victim_safe", "no_crime"][number % 3])
        if number == 4:
            reopen(database, report_id)
    count_all(database)
    with database.read() as connection:
        by_steps = all_figures(connection)
        facts = {(row.report_id, row.body) for row in connection.execute(select(report_facts))}
    with database.write() as connection:
        connection.execute(update(figures_head).values(scheme="another"))
    while count_on(database, COUNTING, 1000):
        pass
    with database.read() as connection:
        assert all_figures(connection) == by_steps
        assert {(row.report_id, row.body) for row in connection.execute(select(report_facts))} == facts


def test_what_was_played_for_an_exercise_is_never_counted(database: Database, door_keys: DoorKeys) -> None:
    report_id = a_report(database, door_keys)
    with database.write() as connection:
        connection.execute(update(reports).where(reports.c.id == report_id).values(exercise=1))
    close(database, report_id, "solved")
    count_all(database)
    assert counted(database) == {}


def test_counting_again_changes_nothing(database: Database, door_keys: DoorKeys) -> None:
    a_report(database, door_keys)
    assert count_all(database) > 0
    before = counted(database)
    assert count_all(database) == 0
    assert counted(database) == before


def test_the_figures_say_how_far_they_have_come(database: Database, door_keys: DoorKeys) -> None:
    scheme = scheme_of(COUNTING)
    a_report(database, door_keys)
    with database.read() as connection:
        assert head_now(connection, scheme, now=7).behind == 2
    count_all(database)
    with database.read() as connection:
        head = head_now(connection, scheme, now=7)
        assert (head.behind, head.as_of) == (0, 7)


def test_a_silent_unit_is_in_the_figures_although_it_never_answered(database: Database, door_keys: DoorKeys) -> None:
    report_id = a_report(database, door_keys)
    with database.write() as connection:
        packet = connection.execute(
            select(referrals).where(referrals.c.report_id == report_id, referrals.c.part == "lead")
        ).one()
        connection.execute(
            escalations.insert().values(
                id="e" * 32, step_key="k", report_id=report_id, referral_id=packet.id, hop="acceptance",
                step="reminder", told="", ran_out_at=1, taken_at=2,
            )
        )  # fmt: skip
    count_all(database)
    with database.read() as connection:
        found = figures_of(connection, years_counted(connection), ["unit.acceptance"])
    assert found["unit.acceptance", packet.unit] == Counter(late=1, not_yet=1)


@pytest.mark.parametrize("measure", ["solved", "reported"])
def test_a_year_is_the_year_in_china(database: Database, door_keys: DoorKeys, measure: str) -> None:
    report_id = a_report(database, door_keys)
    # Eight hours ahead of UTC: one o'clock on New Year's Day in China.
    with database.write() as connection:
        connection.execute(update(reports).where(reports.c.id == report_id).values(received_at=1_293_814_800_000))
    close(database, report_id, "solved")
    count_all(database)
    with database.read() as connection:
        assert years_counted(connection) == (2011,)
        assert figures_of(connection, [2011], ["whole"])["whole", ""][measure] == 1
