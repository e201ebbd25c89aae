"""`hotline rules activate` and `list`: whole or not at all, written down, and taken back."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from config.settings import PACKAGED_CONFIG, Settings
from hotline.checkup import Grade, check_up
from hotline.report_command import report
from hotline.rules_command import rules
from reports.database import Database
from reports.keys import DoorKeys
from reports.states import ReportState
from reports.store import Store
from reports.tables import audit_entries
from reports.values import Channel, Facts, Finding, Labels, Place, PlaceRole, Urgency
from routing.rulebook.load import load_rulebook
from routing.rulebook.route import route
from routing.rulebook.shelf import Shelf, fingerprint_of_folder
from tests.reports.made import a_step, advance, claim, keep, standing_of
from tests.workers import versions
from workers.changeover import rulebook_in_use

ASKED = {"id": "1", "matters": ["forced_labour"], "urgency": "urgent", "received_at": "2010-03-01",
         "places": [{"code": "410422", "role": "occurrence"}]}  # fmt: skip


class Office:
    """A state folder and a database, and whoever types commands there."""

    def __init__(self, state: Path, database: Database, config: Path) -> None:
        self.state, self.database, self.config, self.shelf = state, database, config, Shelf(state)
        self.first = fingerprint_of_folder(config)
        self.url = database.engine.url.render_as_string(hide_password=False)
        self.environment = {
            "HOTLINE_STATE": str(state),
            "HOTLINE_DATABASE_URL": self.url,
            "HOTLINE_CONFIG": str(config),
        }

    def rules(self, *arguments: str, line: object = None) -> Result:
        """Runs `hotline rules`."""
        told = json.dumps(line) if line else None
        return CliRunner().invoke(rules, arguments, env=self.environment, input=told)

    @property
    def in_use(self) -> str:
        """The fingerprint of what is in use; '' where nothing was put into use."""
        uses = self.shelf.uses()
        return uses[-1].fingerprint if uses else ""

    def audited(self) -> list[tuple[str, str, str, str]]:
        """Actor, action, fingerprint and the one before of every audit line about a rulebook."""
        with self.database.read() as connection:
            rows = connection.execute(select(audit_entries).order_by(audit_entries.c.number)).all()
        about = [row for row in rows if row.object.startswith("rulebook:")]
        assert all(json.loads(row.detail)["user"] for row in about)
        return [(row.actor, row.action, row.object[9:], json.loads(row.detail)["before"]) for row in about]


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What decides as long as nothing was activated."""
    return versions.small_rulebook(tmp_path_factory.mktemp("config"))


@pytest.fixture
def office(state: Path, database: Database, config: Path) -> Office:
    return Office(state, database, config)


@pytest.fixture(scope="session")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound rulebook that names the rule for crimes anew and cites another line."""
    return versions.changed(versions.small_rulebook(tmp_path_factory.mktemp("changed")))


@pytest.fixture(scope="session")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound rulebook by which the justice bureau answers for relief."""
    folder = versions.small_rulebook(tmp_path_factory.mktemp("moved"))
    path = folder / "rules.toml"
    old = 'id = "relief-needed"\nwhen = { matters_any = ["victim_relief"] }\nto = "civil_affairs"'
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, old.replace("civil_affairs", "justice")), encoding="utf-8")
    return folder


def _decided(office: Office, door_keys: DoorKeys, *matters: str) -> list[str]:
    """References of reports that the shipped rulebook decided."""
    rulebook, references = load_rulebook(office.config), []
    for number, matter in enumerate(matters, 1):
        keep(office.database, door_keys, number)
        [taken] = claim(office.database)
        places = (Place(code="410422", role=PlaceRole.OCCURRENCE),)
        labels = Labels(matters=(matter,), urgency=Urgency.URGENT, places=places)
        finding = Finding(labels=labels, language="zh", confidence=0.9, needs_person=False)
        decision = route(Facts(labels=labels, channel=Channel.SMS, received_at="2026-01-01T00:00:00+08:00"), rulebook)
        advance(
            Store(office.database),
            a_step(standing_of(taken), ReportState.REFERRED, finding=finding, decision=decision),
        )
        references.append(taken.reference)
    return references


def test_a_rulebook_comes_into_use_and_what_it_changes_is_said_before(
    office: Office, door_keys: DoorKeys, moved: Path
) -> None:
    _decided(office, door_keys, "forced_labour", "victim_relief", "victim_relief")
    result = office.rules("activate", str(moved))
    assert result.exit_code == 0, result.output
    assert "Stored reports: 2 of 3 would change owner, 2 anything (owner 2" in result.output
    assert re.search(r"Made-up reports: [1-9]\d* of \d+ would change owner", result.output)
    assert office.in_use == fingerprint_of_folder(moved)
    assert office.audited() == [("command-line", "rulebook_activated", office.in_use, office.first)]


def test_a_rulebook_with_a_hole_changes_nothing(office: Office, changed: Path, tmp_path: Path) -> None:
    assert office.rules("activate", str(changed)).exit_code == 0
    before, audited = office.in_use, office.audited()
    broken = versions.small_rulebook(tmp_path / "broken") / "rules.toml"
    text = broken.read_text(encoding="utf-8")
    broken.write_text(text.replace('region = "one_level_up"', 'region = "present_place"', 1), encoding="utf-8")
    result = office.rules("activate", str(broken.parent))
    assert result.exit_code == 1
    assert re.search(r"^hotline: rules.toml, line \d+, .*: wanted .*, but found .*\. \w", result.output)
    assert result.output.endswith("Nothing was changed: the rulebook in use goes on deciding.\n")
    assert (office.in_use, office.audited()) == (before, audited)
    assert len(office.shelf.versions()) == 2


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("rules.toml", None, "rules.toml: wanted a file that can be read, but found No such file"),
        ("rules.toml", b"\x89PNG\r\n\x1a\n\xff\xfe", "rules.toml, line 1: wanted text in UTF-8"),
        ("rules.toml", b"#" * 4_000_001, "rules.toml: wanted at most 4,000,000 bytes"),
        ("areas.csv", b"code,level\n1,2\n", "areas.csv: wanted the table of divisions"),
        ("overlays/yunnan-2008.toml", b"[overlay", "overlays/yunnan-2008.toml, line 1"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_broken_file_changes_nothing_and_is_named(
    office: Office, tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    path = versions.small_rulebook(tmp_path / "broken") / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    result = office.rules("activate", str(tmp_path / "broken"))
    assert result.exit_code == 1
    assert says in result.output
    assert (office.in_use, office.audited()) == ("", [])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_rulebook_that_does_not_know_what_the_machine_reads_is_refused(office: Office, tmp_path: Path) -> None:
    folder = versions.small_rulebook(tmp_path / "smaller")
    areas = folder / "areas.csv"
    lines = areas.read_text(encoding="utf-8").splitlines(keepends=True)
    areas.write_text("".join(line for line in lines if not line.startswith("533102,")), encoding="utf-8")
    result = office.rules("activate", str(folder))
    assert result.exit_code == 1
    assert "areas.csv: wanted every division that reports are read by, but found none for 533102" in result.output
    assert office.in_use == ""


def test_back_and_back_again(office: Office, changed: Path, moved: Path) -> None:
    for folder in (changed, moved):
        assert office.rules("activate", str(folder)).exit_code == 0
    ways = [office.in_use]
    for _ in range(2):
        assert office.rules("activate", "--rollback").exit_code == 0
        ways.append(office.in_use)
    assert ways == [fingerprint_of_folder(moved), fingerprint_of_folder(changed), office.first]
    assert office.audited()[2:] == [
        ("command-line", "rulebook_rolled_back", ways[1], ways[0]),
        ("command-line", "rulebook_rolled_back", ways[2], ways[1]),
    ]
    result = office.rules("activate", "--rollback")
    assert result.exit_code == 1
    assert "No rulebook was in use before this one" in result.output
    assert office.in_use == office.first


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_after_going_back_another_can_come_into_use(office: Office, changed: Path, moved: Path) -> None:
    for arguments in (["activate", str(changed)], ["activate", "--rollback"], ["activate", str(moved)],
                      ["activate", "--rollback"]):  # fmt: skip
        assert office.rules(*arguments).exit_code == 0
    assert office.in_use == office.first


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_of_two_activations_at_once_one_is_told(office: Office, changed: Path) -> None:
    with office.shelf.alone():
        result = office.rules("activate", str(changed))
    assert result.exit_code == 1
    assert "Another rulebook is being put into use just now" in result.output
    assert office.in_use == ""
    assert office.rules("activate", str(changed)).exit_code == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_in_use_already_is_not_put_into_use_again(office: Office, changed: Path) -> None:
    office.rules("activate", str(changed))
    result = office.rules("activate", str(changed))
    assert result.exit_code == 0
    assert "in use already" in result.output
    assert len(office.shelf.uses()) == len(office.audited()) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_where_it_cannot_be_written_down_nothing_is_switched(office: Office, changed: Path, tmp_path: Path) -> None:
    office.environment["HOTLINE_DATABASE_URL"] = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    result = office.rules("activate", str(changed))
    assert result.exit_code == 1
    assert "hotline migrate" in result.output
    assert office.in_use == ""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_switch_that_fails_is_written_down_too(
    office: Office, changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("routing.rulebook.shelf.os.replace", full)
    result = office.rules("activate", str(changed))
    assert result.exit_code == 1
    assert "No space left on device" in result.output
    assert [line[1] for line in office.audited()] == ["rulebook_activated", "rulebook_not_switched"]
    assert office.in_use == ""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_damaged_rulebook_in_use_does_not_keep_a_sound_one_out(office: Office, changed: Path, moved: Path) -> None:
    office.rules("activate", str(changed))
    (office.shelf.folder_of(office.in_use) / "rules.toml").unlink()
    result = office.rules("activate", str(moved))
    assert result.exit_code == 0, result.output
    assert "What changes cannot be told" in result.output
    assert office.in_use == fingerprint_of_folder(moved)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_list_names_every_version_and_which_is_in_use(office: Office, changed: Path) -> None:
    assert office.rules("list").output.startswith(f"* {office.first[:12]}  from {office.config}; nothing was activated")
    office.rules("activate", str(changed))
    first, second = office.rules("list").output.splitlines()
    assert re.match(rf"\* {office.in_use[:12]}  20\d\d-\d\d-\d\d \d\d:\d\d until now", first)
    assert second == f"  {office.first[:12]}  kept; never activated"
    assert office.first in office.rules("list", "--long").output


def test_an_old_decision_is_explained_by_the_rulebook_it_names(
    state: Path, database: Database, door_keys: DoorKeys, tmp_path: Path
) -> None:
    office = Office(state, database, PACKAGED_CONFIG)
    [reference] = _decided(office, door_keys, "forced_labour")
    assert (
        office.rules("activate", str(versions.changed(versions.copy_of_the_rulebook(tmp_path / "new")))).exit_code == 0
    )
    shown = json.loads(CliRunner().invoke(report, ["show", reference, "--json"], env=office.environment).output)
    assert (shown["rule"], shown["rulebook"]) == ("crime", office.first)
    now = json.loads(office.rules("explain", line=ASKED).output)
    then = json.loads(office.rules("explain", "--rulebook", shown["rulebook"][:12], line=ASKED).output)
    assert (now["rule"], then["rule"]) == ("crime-anew", "crime")
    assert office.rules("replay").output.splitlines()[-1].startswith("1 of 1 reports would change")


def test_the_doctor_says_what_decides_and_who_was_kept_from_it(office: Office, changed: Path) -> None:
    settings = Settings.read(office.environment)
    rulebooks = rulebook_in_use(office.state, office.config, office.database, "worker-urgent")
    office.rules("activate", str(changed))
    found = {check.name: check for check in check_up(settings, office.environment)}
    assert found["rulebook"].grade is found["changing over"].grade is Grade.FINE
    assert office.in_use[:12] in found["rulebook"].found
    (office.shelf.folder_of(office.in_use) / "rules.toml").unlink()
    rulebooks.now()
    found = {check.name: check for check in check_up(settings, office.environment)}
    assert found["rulebook"].grade is found["changing over"].grade is Grade.WRONG
    assert f"worker-urgent goes on with {office.first[:12]}" in found["changing over"].found
