"""`hotline erase`: says what it would do, does it, and refuses in one sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from hotline.erase_command import erase_command
from reports.database import Database, database_now
from reports.errors import IllegalTransition, UnknownReport
from reports.keys import DoorKeys
from reports.states import ReportState
from reports.store import Store
from reports.tables import audit_entries, reports
from tests.reports.made import a_step, advance, claim, keep, standing_now, standing_of


@pytest.fixture
def database(state: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database that commands of this test work on."""
    monkeypatch.setenv("HOTLINE_STATE", str(state))
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database_url)
    database = Database(database_url)
    yield database
    database.dispose()


def over(database: Database, keys: DoorKeys, number: int, days_ago: int) -> Any:
    """A report that was closed so many days ago."""
    report_id, store = keep(database, keys, number), Store(database)
    for claimed in claim(database):
        advance(store, a_step(standing_of(claimed), ReportState.IN_TRIAGE))
    detail = {"outcome": "solved"}
    advance(store, a_step(standing_now(database, report_id), ReportState.CLOSED, action="closed", detail=detail))
    with database.write() as connection:
        closed_at = database_now() - days_ago * 86_400_000
        connection.execute(update(reports).where(reports.c.id == report_id).values(closed_at=closed_at))
    return row(database, report_id)


def row(database: Database, report_id: str) -> Any:
    with database.read() as connection:
        return connection.execute(select(reports).where(reports.c.id == report_id)).one()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(erase_command, arguments, catch_exceptions=True)


def test_a_dry_run_names_what_is_due_and_changes_nothing(database: Database, door_keys: DoorKeys) -> None:
    old, young = over(database, door_keys, 1, 91), over(database, door_keys, 2, 3)
    said = run("--dry-run").output
    assert f"{old.reference}  solved" in said
    assert young.reference not in said
    assert "1 reports would be erased; nothing was changed." in said
    (listed,) = json.loads(run("--dry-run", "--json").output)
    assert (listed["reference"], listed["state"], listed["outcome"]) == (old.reference, "CLOSED", "solved")
    assert row(database, old.id).wrapped_key


def test_what_is_due_is_erased_and_the_rest_is_not(database: Database, door_keys: DoorKeys) -> None:
    old, young = over(database, door_keys, 1, 91), over(database, door_keys, 2, 3)
    assert run().output == "1 reports erased.\n"
    assert run().output == "0 reports erased.\n"
    assert row(database, old.id).wrapped_key == b""
    assert row(database, young.id).wrapped_key


def test_one_report_is_erased_on_request_with_its_ground(database: Database, door_keys: DoorKeys) -> None:
    young = over(database, door_keys, 1, 3)
    assert "would be erased" in run(young.reference, "--ground", "request", "--dry-run").output
    assert row(database, young.id).wrapped_key
    assert "is erased" in run(young.reference.lower(), "--ground", "request").output
    assert "was erased before" in run(young.reference, "--ground", "request").output
    with database.read() as connection:
        lines = connection.execute(select(audit_entries).where(audit_entries.c.action == "erased")).all()
    assert [(line.actor, json.loads(line.detail)["ground"]) for line in lines] == [("command-line", "request")]


def test_a_report_that_is_held_is_kept(database: Database, door_keys: DoorKeys) -> None:
    old = over(database, door_keys, 1, 91)
    assert "is kept until the end of 2099-01-31" in run(old.reference, "--hold-until", "2099-01-31").output
    assert run().output == "0 reports erased.\n"
    refused = run(old.reference, "--ground", "order")
    assert isinstance(refused.exception, IllegalTransition)
    assert "End the hold first" in str(refused.exception)
    run(old.reference, "--end-hold")
    assert run().output == "1 reports erased.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("AAAA-AAAAAA",), "Say why it is erased before its time"),
        (("--ground", "request"), "Name the report"),
        (("AAAA-AAAAAA", "--ground", "retention"), "'retention' is not one of 'request', 'order', 'mistake'"),
        (("AAAA-AAAAAA", "--hold-until", "soon"), "'soon' does not match the format"),
    ],
)
def test_what_cannot_be_done_is_one_clear_sentence(database: Database, arguments: tuple[str, ...], said: str) -> None:
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert said in refused.output


def test_a_report_that_does_not_exist_is_not_erased(database: Database) -> None:
    assert isinstance(run("AAAA-AAAAAA", "--ground", "request").exception, UnknownReport)
