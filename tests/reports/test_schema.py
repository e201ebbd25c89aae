"""The migrations: up, down and up again on both databases, and they make what the tables say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Inspector, Select, Table, inspect, select, text, update

from reports.database import Database
from reports.keys import DoorKeys
from reports.schema import current_revision, downgrade, newest_revision, upgrade
from reports.states import ReportState
from reports.store import Store
from reports.tables import audit_head, correspondents, metadata, referrals, reports
from tests.reports.made import a_step, advance, claim, keep, standing_of


def differences(database: Database) -> list[Any]:
    with database.read() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def shape(connection: Connection) -> dict[str, Any]:
    """What lies in a database, with the defaults, checks and conditions that Alembic's comparison leaves out."""
    looking = inspect(connection)
    names = [name for name in looking.get_table_names() if name != "alembic_version"]
    return {name: _shape(looking, name) for name in names}


def _shape(looking: Inspector, name: str) -> dict[str, Any]:
    columns = looking.get_columns(name)
    return {
        "columns": sorted((c["name"], str(c["type"]), c["nullable"], c["default"]) for c in columns),
        "primary key": looking.get_pk_constraint(name)["constrained_columns"],
        "unique": sorted((u["name"], tuple(u["column_names"])) for u in looking.get_unique_constraints(name)),
        "foreign": sorted((f["name"], f["referred_table"]) for f in looking.get_foreign_keys(name)),
        "checks": sorted((c["name"], c["sqltext"]) for c in looking.get_check_constraints(name)),
        "indexes": sorted((i["name"], tuple(i["column_names"]), _options(i)) for i in looking.get_indexes(name)),
    }


def _options(index: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in index["dialect_options"].items()))


def test_the_migrations_make_the_tables_of_the_code(database: Database) -> None:
    assert current_revision(database) == newest_revision()
    assert differences(database) == []
    with database.write() as connection:
        migrated = shape(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        assert shape(connection) == migrated
        connection.rollback()


def test_down_and_up_again_gives_the_same_empty_database(database: Database, door_keys: DoorKeys) -> None:
    with database.read() as connection:
        before = shape(connection)
    keep(database, door_keys)
    downgrade(database, "base")
    assert current_revision(database) is None
    with database.read() as connection:
        assert shape(connection) == {}
    upgrade(database)
    assert current_revision(database) == newest_revision()
    with database.read() as connection:
        assert shape(connection) == before
        assert connection.execute(select(audit_head)).one() == (1, 0, "0" * 64)
    keep(database, door_keys)


def test_an_upgrade_of_the_newest_database_changes_nothing(database: Database, door_keys: DoorKeys) -> None:
    keep(database, door_keys)
    upgrade(database)
    with database.read() as connection:
        assert connection.execute(select(audit_head.c.number)).scalar() == 1


def test_two_processes_that_start_together_take_turns(database: Database, database_url: str) -> None:
    downgrade(database, "base")
    processes = [Database(database_url, pool_size=1) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(upgrade, processes))
    for process in processes:
        process.dispose()
    assert current_revision(database) == newest_revision()
    assert differences(database) == []


@pytest.mark.parametrize("column", [c for t in metadata.sorted_tables for c in t.c if str(c.type) == "BLOB"], ids=str)
def test_bytes_are_sealed_or_are_a_wrapped_key(column: Any) -> None:
    assert column.name.startswith("sealed_") or column.name == "wrapped_key"


def test_clocks_that_ran_before_escalations_came_are_escalated_too(database: Database, door_keys: DoorKeys) -> None:
    waiting, referred = keep(database, door_keys, 1), keep(database, door_keys, 2)
    store = Store(database)
    for one in claim(database):
        after = ReportState.IN_TRIAGE if one.report_id == waiting else ReportState.REFERRED
        advance(store, a_step(standing_of(one), after, due_in_minutes=15))
    with database.write() as connection:
        connection.execute(update(referrals).values(state="DELIVERED", due_at=1))
    downgrade(database, "0001")
    upgrade(database)
    assert differences(database) == []
    with database.read() as connection:
        desk = {row.id: row for row in connection.execute(select(reports))}
        packets = connection.execute(select(referrals)).all()
    assert (desk[waiting].next_step, desk[waiting].next_step_at) == ("reminder", desk[waiting].due_at)
    assert (desk[referred].next_step, desk[referred].raised) == (None, 0)
    assert {(row.next_step, row.next_step_at) for row in packets} == {("reminder", 1)}


@pytest.mark.parametrize("table", [reports, referrals], ids=lambda table: table.name)
def test_what_ran_out_is_found_by_an_index(database: Database, table: Table) -> None:
    query = select(table.c.id).where(table.c.next_step_at <= 1).order_by(table.c.next_step_at).limit(50)
    assert f"ix_{table.name}_next_step_at" in plan_of(database, query)


@pytest.mark.parametrize(
    "column", [reports.c.follows, reports.c.merged_into, correspondents.c.report_id], ids=lambda column: column.name
)
def test_what_hangs_on_a_report_is_found_by_an_index(database: Database, column: Any) -> None:
    query = select(column.table).where(column.in_(["a", "b"]))
    assert f"ix_{column.table.name}_{column.name}" in plan_of(database, query)


def plan_of(database: Database, query: Select[Any]) -> str:
    """How the database would find it."""
    statement = query.compile(database.engine, compile_kwargs={"literal_binds": True})
    with database.write() as connection:
        if database.is_sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
        else:
            # An empty table is read whole, whatever lies beside it.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_sort = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}").all()
    return str(plan)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_large_table_may_take_longer_to_change_than_a_request_may_wait(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def look(configuration: Config, _revision: str) -> None:
        seen.append(limits(configuration.attributes["connection"]))

    monkeypatch.setattr("reports.schema.command.upgrade", look)
    monkeypatch.setattr("reports.schema.command.downgrade", look)
    upgrade(database)
    downgrade(database, "base")
    assert seen == [["0", "0"]] * 2
    with database.write() as connection:
        assert limits(connection) == ["15s", "8s"]


def limits(connection: Connection) -> list[str]:
    names = ("statement_timeout", "idle_in_transaction_session_timeout")
    return [str(connection.execute(text(f"SHOW {name}")).scalar_one()) for name in names]
