"""What the doctor says of files."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from config.settings import Settings
from hotline.checkup import Check, Grade
from hotline.file_checkup import check_files
from reports.content import NewAttachment
from reports.database import Database
from reports.keeping import Keeper
from reports.keys import DoorKeys
from reports.tables import attachments
from tests.reports.made import a_text
from workers.copying.sandbox import Copy


def checked(state: Path, url: str) -> dict[str, Check]:
    settings = Settings.read({"HOTLINE_STATE": str(state), "HOTLINE_DATABASE_URL": url})
    return {check.name: check for check in check_files(settings)}


def test_on_a_machine_as_it_should_be_copies_are_made_and_nothing_waits(state: Path, database_url: str) -> None:
    found = checked(state, database_url)
    assert {name: check.grade for name, check in found.items()} == {
        "copies of files": Grade.FINE,
        "files": Grade.FINE,
    }


def test_a_machine_that_cannot_lock_a_process_in_is_told(
    state: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline.file_checkup.make_copy", lambda *_: Copy((), "no_lock"))
    found = checked(state, database_url)["copies of files"]
    assert found.grade is Grade.WRONG
    assert "seccomp" in found.remedy


def test_a_file_that_waits_for_long_is_told(
    state: Path, database_url: str, database: Database, door_keys: DoorKeys
) -> None:
    file = NewAttachment(name="", claimed_type="", data=b"x")
    Keeper(database, door_keys).keep(a_text(attachments=(file,)), urgent=False)
    assert checked(state, database_url)["files"].grade is Grade.FINE
    with database.write() as connection:
        connection.execute(update(attachments).values(kept_at=attachments.c.kept_at - 11 * 60 * 1000))
    found = checked(state, database_url)["files"]
    assert (found.grade, found.found.split()[0]) == (Grade.LOOK, "1")


def test_a_table_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    settings = Settings.read({"HOTLINE_STATE": str(tmp_path), "HOTLINE_CONFIG": str(tmp_path)})
    (found,) = check_files(settings)
    assert (found.grade, "files.toml" in found.found) == (Grade.WRONG, True)


def test_where_there_is_no_database_none_is_made_by_looking(tmp_path: Path) -> None:
    found = checked(tmp_path, f"sqlite:///{tmp_path / 'hotline.sqlite3'}")
    assert set(found) == {"copies of files"}
    assert list(tmp_path.iterdir()) == []
