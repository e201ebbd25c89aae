"""`hotline keys`: a new key while everything runs, said step by step."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from hotline.keys_command import keys
from reports.database import Database
from reports.keys import DoorKeys, InnerKeys
from tests.reports.made import keep


def said(*arguments: str) -> str:
    """What the command writes."""
    done = CliRunner().invoke(keys, arguments)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_key_is_changed_listed_and_retired(
    database: Database, database_url: str, state: Path, door_keys: DoorKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_STATE", str(state))
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database_url)
    keep(database, door_keys)
    old = InnerKeys.load(state).opening.active
    assert said("list") == f"{old}\tactive\t1\n"
    assert "There is one key" in said("retire")
    assert "1 of 1 brought under the new key" in said("rotate")
    new = InnerKeys.load(state).opening.active
    assert said("list") == "".join(sorted([f"{old}\topens\t0\n", f"{new}\tactive\t1\n"]))
    assert f"{old} is out of the ring" in said("retire")
    assert said("list") == f"{new}\tactive\t1\n"
