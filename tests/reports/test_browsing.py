"""Browsing: many looks at what is nobody's business are told of, work is not."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from reports.audit import AuditChain, AuditEntry
from reports.browsing import alerts, notice_browsing, see_alert, unseen_alerts
from reports.database import Database
from reports.keys import DoorKeys
from reports.officers import NewOfficer, Officer, Officers, Role
from reports.tables import audit_entries, reports
from tests.reports.made import keep

MOST = 3


@pytest.fixture
def officer(database: Database) -> Officer:
    return an_officer(database, "Browser")


def an_officer(database: Database, name: str, role: Role = Role.DUTY_OFFICER) -> Officer:
    return Officers(database).add(
        NewOfficer(name=name, role=role, unit="duty_desk", password="correct horse battery"), "test"
    )


def look(database: Database, officer: Officer, report_id: str, action: str = "opened") -> None:
    with database.write() as connection:
        AuditChain(database.engine).append(connection, [AuditEntry(officer.id, action, f"report:{report_id}", {})])


def noticed(database: Database) -> list[tuple[str, int]]:
    notice_browsing(database, MOST)
    with database.read() as connection:
        return [(one.name, one.number) for one in alerts(connection, 10)]


def test_more_reports_than_usual_are_told_of_once_and_the_number_goes_on(
    database: Database, door_keys: DoorKeys, officer: Officer
) -> None:
    kept = [keep(database, door_keys, number) for number in range(1, 7)]
    for report_id in kept[:MOST]:
        # Twice the same report is one report.
        look(database, officer, report_id)
        look(database, officer, report_id, "opened_contact")
    assert noticed(database) == []
    look(database, officer, kept[MOST])
    assert noticed(database) == [("Browser", MOST + 1)]
    look(database, officer, kept[MOST + 1])
    assert noticed(database) == [("Browser", MOST + 2)]
    with database.read() as connection:
        lines = connection.execute(select(audit_entries.c.action)).scalars().all()
    assert list(lines).count("browsing_noticed") == 1


def test_what_an_officer_did_something_about_is_work(database: Database, door_keys: DoorKeys, officer: Officer) -> None:
    for number in range(1, 7):
        report_id = keep(database, door_keys, number)
        look(database, officer, report_id)
        look(database, officer, report_id, "confirmed")
    assert noticed(database) == []


def test_an_exercise_and_an_hour_ago_do_not_count(database: Database, door_keys: DoorKeys, officer: Officer) -> None:
    kept = [keep(database, door_keys, number) for number in range(1, 7)]
    for report_id in kept:
        look(database, officer, report_id)
    with database.write() as connection:
        connection.execute(update(reports).values(exercise=1))
    assert noticed(database) == []
    with database.write() as connection:
        connection.execute(update(reports).values(exercise=0))
        connection.execute(update(audit_entries).values(at=audit_entries.c.at - 61 * 60_000))
    assert noticed(database) == []


def test_an_alert_is_seen_by_another_and_never_by_whom_it_is_about(
    database: Database, door_keys: DoorKeys, officer: Officer
) -> None:
    for number in range(1, 6):
        look(database, officer, keep(database, door_keys, number))
    noticed(database)
    supervisor, chain = an_officer(database, "Supervisor", Role.SUPERVISOR), AuditChain(database.engine)
    with database.write() as connection:
        (alert,) = alerts(connection, 10)
        assert unseen_alerts(connection, officer) == 0
        assert not see_alert(connection, chain, officer, officer.id, alert.hour)
        assert unseen_alerts(connection, supervisor) == 1
        assert see_alert(connection, chain, supervisor, officer.id, alert.hour)
        assert unseen_alerts(connection, supervisor) == 0
        assert not see_alert(connection, chain, supervisor, officer.id, alert.hour)


def test_to_take_reports_on_listen_to_them_and_let_them_go_again_is_no_work(
    database: Database, door_keys: DoorKeys, officer: Officer
) -> None:
    for number in range(1, MOST + 2):
        report_id = keep(database, door_keys, number)
        for action in ("took", "opened", "opened_original", "heard", "let_go"):
            look(database, officer, report_id, action)
    assert noticed(database) == [("Browser", MOST + 1)]
