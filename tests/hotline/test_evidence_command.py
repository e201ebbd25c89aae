"""`hotline report evidence` and `hotline audit verify --evidence`, as an operator types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hotline.audit_command import audit
from hotline.report_command import report
from reports.database import Database
from reports.keys import DoorKeys
from reports.schema import upgrade
from reports.tables import audit_entries, reports
from tests.reports.made import keep


@pytest.fixture
def reference(state: Path, door_keys: DoorKeys, monkeypatch: pytest.MonkeyPatch) -> str:
    """The reference of the one report of a state folder that the commands use."""
    url = f"sqlite:///{state / 'hotline.sqlite3'}"
    monkeypatch.setenv("HOTLINE_STATE", str(state))
    monkeypatch.setenv("HOTLINE_DATABASE_URL", url)
    database = Database(url)
    upgrade(database)
    keep(database, door_keys)
    with database.read() as connection:
        found: str = connection.execute(reports.select()).one().reference
    database.dispose()
    return found


def test_evidence_is_written_to_a_file_that_the_audit_bears_out(reference: str, tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    written = CliRunner().invoke(report, ["evidence", reference, "--output", str(path)])
    assert written.exit_code == 0, written.output
    assert f"hotline audit verify --evidence {path}" in written.output
    checked = CliRunner().invoke(audit, ["verify", "--evidence", str(path)])
    assert checked.exit_code == 0, checked.output
    assert "evidence.json: signed by this hotline, and the chain bears it out." in checked.output


def test_evidence_is_printed_where_no_file_is_named_and_the_export_is_in_it(reference: str) -> None:
    printed = CliRunner().invoke(report, ["evidence", reference])
    evidence = json.loads(printed.output)["evidence"]
    assert evidence["reference"] == reference
    assert [entry["action"] for entry in evidence["entries"]] == ["kept", "evidence_exported"]


def test_evidence_that_was_changed_is_refused(reference: str, state: Path, tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    CliRunner().invoke(report, ["evidence", reference, "--output", str(path)])
    path.write_text(path.read_text(encoding="utf-8").replace("RECEIVED", "REFERRED"), encoding="utf-8")
    checked = CliRunner().invoke(audit, ["verify", "--evidence", str(path)])
    assert checked.exit_code == 1
    assert "fault: evidence.json: The file is not evidence that this hotline signed" in checked.output
    database = Database(f"sqlite:///{state / 'hotline.sqlite3'}")
    with database.read() as connection:
        assert len(connection.execute(audit_entries.select()).all()) == 2
    database.dispose()
