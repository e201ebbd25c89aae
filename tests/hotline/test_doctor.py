"""The doctor: names what is wrong in words and what to do, changes nothing, and its exit status says whether."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, text, update

from config.limits import Limits
from config.settings import PACKAGED_CONFIG, Settings
from hotline.checkup import Check, Grade, _indicators, check_up
from hotline.first_start import invent_what_is_missing
from reports.database import Database, database_now, read_now
from reports.keeping import Keeper
from reports.keys import DoorKeys
from reports.receipt_gate import ALARMING, Gate
from reports.schema import newest_revision
from reports.tables import heartbeats, receipt_gates, reports, tallies
from reports.tallies import TOTAL
from tests.hotline.running import environment_of, run
from tests.reports.made import a_text
from tests.workers.silence import nobody


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the reader and the rulebook, whose loading has tests of its own."""

    def fine(name: str) -> Callable[[Settings], Check]:
        return lambda settings: Check(name=name, grade=Grade.FINE, found="")

    monkeypatch.setattr("hotline.checkup._indicators", fine("indicators"))
    monkeypatch.setattr("hotline.checkup._rulebook", fine("rulebook"))


@pytest.fixture
def state(tmp_path: Path, key_folder: Path) -> Path:
    """The state folder of a system that was started once."""
    folder = tmp_path / "state"
    shutil.copytree(key_folder, folder)
    invent_what_is_missing(folder, {})
    return folder


def looked_at(state: Path, database: Database | None = None, **changes: str) -> dict[str, Check]:
    """What the doctor finds, by name."""
    environment = {"HOTLINE_STATE": str(state), "HOTLINE_REDIS_URL": nobody(), **changes}
    if database is not None:
        environment["HOTLINE_DATABASE_URL"] = database.engine.url.render_as_string(hide_password=False)
    return {check.name: check for check in check_up(Settings.read(environment), environment)}


def test_reading_without_the_sentence_model_is_named_with_what_to_do(state: Path) -> None:
    environment = environment_of(state) | {"HOTLINE_SENTENCE_MODEL": "off"}
    check = _indicators(Settings.read(environment))
    assert check.grade is Grade.LOOK
    assert "without the sentence model" in check.found
    assert "[model]" in check.remedy


def beat(database: Database, seconds_ago: float) -> None:
    with database.write() as connection:
        connection.execute(
            heartbeats.insert().values(name="sweep", beat_at=database_now() - int(seconds_ago * 1000), detail="{}")
        )


def test_what_is_right_is_fine(state: Path, database: Database) -> None:
    beat(database, 1)
    found = looked_at(state, database)
    assert {name for name, check in found.items() if check.grade is not Grade.FINE} == {"redis", "public app", "desk"}


def test_what_the_public_is_told_is_read_out_and_a_mistake_in_it_is_named(state: Path, tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(PACKAGED_CONFIG, folder, ignore=shutil.ignore_patterns("model", "*.py", "__pycache__"))
    assert "in danger 110 or a text to 12110" in looked_at(state, HOTLINE_CONFIG=str(folder))["public page"].found
    table = folder / "venues.toml"
    table.write_text(table.read_text(encoding="utf-8").replace('"42102"', '"42103"'), encoding="utf-8")
    check = looked_at(state, HOTLINE_CONFIG=str(folder))["public page"]
    assert check.grade is Grade.WRONG
    assert "venue 1: the last digit of code checks the others, and after 4210 it should be 2." in check.found


@pytest.mark.parametrize(
    "missing", ["keys/intake/sealing.pub", "keys/intake/deliveries.key", "keys/opening/ring.json",
                "keys/opening/numbers.key", "keys/opening/checkpoints.key"],
)  # fmt: skip
def test_a_missing_key_is_named_with_its_place(state: Path, missing: str) -> None:
    (state / missing).unlink()
    check = looked_at(state)["keys"]
    assert check.grade is Grade.WRONG
    assert missing in check.found


def test_a_malformed_key_is_named_and_not_quoted(state: Path) -> None:
    (state / "keys/opening/numbers.key").write_text("c2VjcmV0")
    check = looked_at(state)["keys"]
    assert check.grade is Grade.WRONG
    assert "numbers.key should have 32 bytes, but has 6" in check.found
    assert "c2VjcmV0" not in check.found


def test_two_halves_of_different_keys_are_found(state: Path, key_folder: Path, tmp_path: Path) -> None:
    invent_what_is_missing(tmp_path / "other", {})
    shutil.copy(tmp_path / "other/keys/intake/sealing.pub", state / "keys/intake/sealing.pub")
    check = looked_at(state)["keys"]
    assert "seals to a key that is not the active one" in check.found
    assert "keys/opening/ring.json" in check.remedy


def test_a_key_that_others_can_read_is_found(state: Path) -> None:
    (state / "keys/opening/ring.json").chmod(0o644)
    check = looked_at(state)["keys"]
    assert "ring.json can be read by other users" in check.found
    assert "chmod 600" in check.remedy


def test_a_missing_secret_is_named(state: Path) -> None:
    (state / "twilio-auth-token").unlink()
    check = looked_at(state)["secrets"]
    assert check.grade is Grade.WRONG
    assert "TWILIO_AUTH_TOKEN" in check.found


def set_shape(database: Database, shape: str) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :shape"), {"shape": shape})


def test_a_database_of_another_shape_is_found(state: Path, database: Database) -> None:
    set_shape(database, "0000")
    try:
        check = looked_at(state, database)["database"]
    finally:
        set_shape(database, newest_revision())
    assert check.grade is Grade.WRONG
    assert "has shape 0000, but this version wants" in check.found
    assert "hotline migrate" in check.remedy


@pytest.mark.parametrize(("seconds", "grade", "said"), [(None, Grade.WRONG, "never"), (60, Grade.WRONG, "60 s ago"),
                                                        (2, Grade.FINE, "alive")])  # fmt: skip
def test_a_dead_sweep_is_found(state: Path, database: Database, seconds: float | None, grade: Grade, said: str) -> None:
    if seconds is not None:
        beat(database, seconds)
    check = looked_at(state, database)["sweep"]
    assert (check.grade, said in check.found) == (grade, True)
    assert ("hotline sweep" in check.remedy) == (grade is Grade.WRONG)


def test_reports_that_wait_too_long_and_those_beyond_their_clock_are_counted(state: Path, database: Database) -> None:
    Keeper(database, DoorKeys.load(state)).keep(a_text(), urgent=True)
    assert looked_at(state, database)["waiting reports"].grade is Grade.FINE
    with database.write() as connection:
        connection.execute(update(reports).values(to_read_at=reports.c.to_read_at - 45_000))
    check = looked_at(state, database)["waiting reports"]
    assert check.grade is Grade.WRONG
    waits = re.fullmatch(r"1 wait to be read, the oldest for (\d+) s\.", check.found)
    assert waits
    # A slow machine may take a few seconds to get here.
    assert 45 <= int(waits[1]) < 60
    with database.write() as connection:
        connection.execute(update(reports).values(state="IN_TRIAGE", due_at=1))
    check = looked_at(state, database)["overdue reports"]
    assert check.grade is Grade.LOOK
    assert check.found.startswith("1 report(s) wait for a duty officer")


def test_a_redis_that_is_away_and_apps_that_do_not_answer_are_named(state: Path) -> None:
    found = looked_at(state)
    assert found["redis"].found.startswith("Redis does not answer")
    assert "hotline up" in found["redis"].remedy
    for name in ("public app", "desk"):
        assert found[name].grade is Grade.WRONG
        assert found[name].found.endswith("gives no answer.")


def test_a_mistyped_folder_is_named_and_nothing_is_made_there(tmp_path: Path) -> None:
    state = tmp_path / "no" / "such" / "folder"
    found = looked_at(state)
    assert found["database"].found == f"There is no database in {state / 'hotline.sqlite3'}."
    assert found["disk"].grade is not Grade.WRONG
    assert not (tmp_path / "no").exists()


def test_the_command_says_how_much_is_wrong_and_ends_with_status_1(state: Path) -> None:
    config = state.parent / "config"
    shutil.copytree(PACKAGED_CONFIG, config, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (config / "rules.toml").write_text("[[lead]", encoding="utf-8")
    found = run(environment_of(state, HOTLINE_REDIS_URL=nobody(), HOTLINE_CONFIG=str(config)), "doctor")
    assert found.returncode == 1
    assert found.stderr == ""
    assert "WRONG  rulebook" in found.stdout
    assert "WRONG  redis" in found.stdout
    assert found.stdout.strip().splitlines()[-1].endswith("thing(s) are wrong; what to do stands beside each.")


def test_somebody_who_guesses_receipts_is_told_of(state: Path, database: Database) -> None:
    assert looked_at(state, database)["receipts"].grade is Grade.FINE
    gate = Gate(database)
    for number in range(ALARMING.most + 1):
        with database.write() as connection:
            connection.execute(update(receipt_gates).where(receipt_gates.c.name == "total").values(free_at=0))
        assert gate.enter(f"{number:032x}")
    check = looked_at(state, database)["receipts"]
    assert check.grade is Grade.LOOK
    assert "more than 100 wrong ones in 10 minutes" in check.found


def test_a_flood_is_told_and_nothing_is_wrong_with_it(state: Path, database: Database) -> None:
    assert looked_at(state, database)["flood"].grade is Grade.FINE
    window = Limits.load(PACKAGED_CONFIG).total.seconds * 1000
    with database.write() as connection:
        ends_at = (read_now(connection) // window + 1) * window
        rows = [{"source": TOTAL, "ends_at": ends_at + later, "number": 4_321} for later in (0, window)]
        connection.execute(insert(tallies), rows)
    check = looked_at(state, database)["flood"]
    assert (check.grade, check.found) == (Grade.LOOK, "4,321 reports came in this window of 60 s")
