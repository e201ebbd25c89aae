"""`hotline unit`, `hotline report stuck`, and what the doctor says of units that are told from outside."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from config.settings import PACKAGED_CONFIG, Settings, SettingsError
from hotline.checkup import Check, Grade
from hotline.report_command import report
from hotline.unit_checkup import check_units
from hotline.unit_command import unit
from reports.database import Database, database_now
from reports.keys import DoorKeys
from reports.states import ReportState
from reports.store import Store
from reports.tables import heartbeats, referrals
from tests.reports.made import RUILI, a_step, advance, claim, keep, standing_of
from workers.senders.unit_keys import key_path, new_key

SHELTER = "civil_affairs-530921"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A folder of tables in which one unit has its own server and a telephone for notices."""
    folder = tmp_path / "config"
    shutil.copytree(PACKAGED_CONFIG, folder, ignore=shutil.ignore_patterns("model", "*.py", "__pycache__"))
    (folder / "units.csv").write_text(
        "unit,delivery,webhook,sms,mail,telephone,languages,serves,hours\n"
        f"{SHELTER},webhook sms mail,https://desk.example.cn/packets,+8613800000000,desk@example.cn,0883-0000000,"
        "zh my,women children,always\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def environment(tmp_path: Path, config: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of a process, also set for commands."""
    values = {"HOTLINE_STATE": str(tmp_path), "HOTLINE_CONFIG": str(config), "HOTLINE_DATABASE_URL": database_url}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return values


def run_unit(*arguments: str) -> Result:
    return CliRunner().invoke(unit, arguments)


def test_a_unit_is_shown_as_the_directory_has_it(config: Path) -> None:
    shown = run_unit("show", SHELTER, "--config", str(config)).output
    wanted = ("凤庆县民政局 / Fengqing County Civil Affairs Bureau", "webhook, then sms, then mail", "women children",
              "https://desk.example.cn/packets", "0883-0000000", "there now    yes")  # fmt: skip
    assert [words for words in wanted if words not in shown] == []


def test_a_key_is_made_once_with_its_mode_and_not_shown(environment: dict[str, str], tmp_path: Path) -> None:
    made = run_unit("key", SHELTER)
    path = key_path(tmp_path, SHELTER)
    assert made.exit_code == 0
    assert str(path) in made.output
    assert path.stat().st_mode & 0o777 == 0o600
    (key,) = path.read_text(encoding="ascii").split()
    assert key not in made.output
    again = run_unit("key", SHELTER)
    assert isinstance(again.exception, SettingsError)
    assert "--replace" in str(again.exception)
    assert path.read_text(encoding="ascii").split() == [key]
    assert run_unit("key", SHELTER, "--replace").exit_code == 0
    assert path.read_text(encoding="ascii").split()[1:] == [key]


@pytest.mark.parametrize("name", ["nobody", "../intake", "civil_affairs-999999", ""])
def test_a_unit_that_is_not_in_the_directory_gets_no_key(
    name: str, environment: dict[str, str], tmp_path: Path
) -> None:
    refused = run_unit("key", name)
    assert "There is no unit" in str(refused.exception)
    assert not (tmp_path / "units").exists()


@pytest.fixture
def stuck(environment: dict[str, str], door_keys: DoorKeys) -> Iterator[Database]:
    """A lead packet that an officer has to read out, because its unit's server is gone."""
    database = Database(environment["HOTLINE_DATABASE_URL"])
    store = Store(database)
    keep(database, door_keys)
    advance(store, a_step(standing_of(claim(database)[0]), ReportState.REFERRED))
    with database.write() as connection:
        connection.execute(
            update(referrals)
            .where(referrals.c.part == "lead")
            .values(way="by_hand", ways_failed="webhook:gone", failure="gone", due_at=database_now() - 300_000)
        )
    yield database
    database.dispose()


def test_what_is_stuck_is_told_in_words_by_unit(stuck: Database) -> None:
    told = CliRunner().invoke(report, ["stuck"])
    assert told.exit_code == 0
    assert f"{RUILI}  瑞丽市公安局 / Ruili City Public Security Bureau" in told.output
    assert "1 waiting, 1 by hand, the oldest since" in told.output
    assert "The unit’s server: the unit’s server says this address is no longer used" in told.output
    assert "By hand, 5 min late" in told.output
    assert told.output.endswith("1 packets of 1 units are stuck; 1 of them wait for an officer to read them out.\n")


def test_the_same_for_machines(stuck: Database) -> None:
    (told,) = json.loads(CliRunner().invoke(report, ["stuck", "--json"]).output)
    with stuck.read() as connection:
        (packet,) = connection.execute(select(referrals.c.id).where(referrals.c.part == "lead")).scalars()
    assert (told["unit"], told["by_hand"], told["reasons"]) == (RUILI, 1, ["webhook:gone"])
    assert [one["id"] for one in told["packets"]] == [packet]


def test_nothing_is_stuck_in_an_empty_system(environment: dict[str, str]) -> None:
    assert CliRunner().invoke(report, ["stuck"]).output == "Nothing is stuck.\n"


def looked_at(environment: dict[str, str]) -> dict[str, Check]:
    return {check.name: check for check in check_units(Settings.read(environment), environment)}


def test_the_doctor_names_the_unit_without_a_key_then_what_is_not_set_up(
    environment: dict[str, str], tmp_path: Path
) -> None:
    check = looked_at(environment)["ways to tell"]
    assert check.grade is Grade.WRONG
    assert f"hotline unit key {SHELTER}" in check.found
    assert "And 2 more." in check.found
    new_key(tmp_path, SHELTER, replace=False)
    environment |= {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "0" * 32,
                    "TWILIO_NUMBERS": "+15005550006", "HOTLINE_API_KEY": "k" * 32}  # fmt: skip
    check = looked_at(environment)["ways to tell"]
    assert (check.grade, "HOTLINE_MAIL_SERVER" in check.found) == (Grade.WRONG, True)
    environment |= {"HOTLINE_MAIL_SERVER": "smtp://127.0.0.1", "HOTLINE_MAIL_FROM": "notices@hotline.example"}
    assert looked_at(environment)["ways to tell"].grade is Grade.FINE


def test_the_doctor_wants_a_courier_only_where_it_has_something_to_carry(environment: dict[str, str]) -> None:
    assert looked_at(environment)["courier"].grade is Grade.WRONG
    database = Database(environment["HOTLINE_DATABASE_URL"])
    with database.write() as connection:
        connection.execute(heartbeats.insert().values(name="courier", beat_at=database_now(), detail="{}"))
    database.dispose()
    assert looked_at(environment)["courier"].grade is Grade.FINE
    assert "courier" not in looked_at({**environment, "HOTLINE_CONFIG": str(PACKAGED_CONFIG)})


def test_the_doctor_counts_what_is_stuck(stuck: Database, environment: dict[str, str]) -> None:
    check = looked_at(environment)["stuck packets"]
    assert check.grade is Grade.LOOK
    assert check.found.startswith("1 packet(s) have not reached their units: public_security-533102 1 (webhook:gone 1")
