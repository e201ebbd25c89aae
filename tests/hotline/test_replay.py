"""`hotline rules replay`: a changed rulebook over what was decided before."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hotline.rules_command import rules
from reports.database import Database
from reports.keys import DoorKeys
from reports.states import ReportState
from reports.store import Store
from reports.values import Channel, Decision, Facts, Finding, Labels, Place, PlaceRole, Urgency
from routing.rulebook.load import load_rulebook
from routing.rulebook.route import route
from tests.reports.made import a_step, advance, claim, keep, standing_of

CONFIG = Path(__file__).resolve().parents[2] / "config"


def _finding(matter: str) -> Finding:
    places = (Place(code="410422", role=PlaceRole.OCCURRENCE),)
    labels = Labels(matters=(matter,), urgency=Urgency.URGENT, places=places)
    return Finding(labels=labels, language="zh", confidence=0.9, needs_person=False)


def _decide(finding: Finding) -> Decision:
    facts = Facts(labels=finding.labels, channel=Channel.SMS, received_at="2026-01-01T00:00:00+08:00")
    return route(facts, load_rulebook(CONFIG))


@pytest.fixture
def references(database: Database, door_keys: DoorKeys) -> list[str]:
    """Two reports that the shipped rulebook decided: of forced labour, and of relief."""
    store = Store(database)
    found = []
    for number, matter in enumerate(("forced_labour", "victim_relief"), 1):
        keep(database, door_keys, number)
        [taken] = claim(database)
        finding = _finding(matter)
        step = a_step(standing_of(taken), ReportState.REFERRED, finding=finding, decision=_decide(finding))
        advance(store, step)
        found.append(taken.reference)
    return found


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A rulebook that tells health of forced labour in the place of the trade union."""
    folder = Path(shutil.copytree(CONFIG, tmp_path / "changed", ignore=shutil.ignore_patterns("towns.csv", "*.py")))
    path = folder / "rules.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('to = "trade_union"', 'to = "health"', 1), encoding="utf-8")
    return folder


def _replay(database: Database, *arguments: str) -> Result:
    url = database.engine.url.render_as_string(hide_password=False)
    return CliRunner().invoke(rules, ["replay", *arguments], env={"HOTLINE_DATABASE_URL": url})


def test_the_rulebook_that_decided_changes_nothing(database: Database, references: list[str]) -> None:
    result = _replay(database, "--config", str(CONFIG))
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "0 of 2 reports would change."


def test_a_changed_rulebook_names_the_reports_and_sets_figures_side_by_side(
    database: Database, references: list[str], changed: Path
) -> None:
    lines = _replay(database, "--config", str(changed)).output.splitlines()
    assert lines[:2] == [
        references[0],
        "  copies: trade_union-410422 (copy) → health-410422 (copy)",
    ]
    figures = {line[:36].strip(): line[36:].split() for line in lines[2:-1]}
    assert figures["led by public_security"] == ["1", "1"]
    assert figures["copy to trade_union"] == ["1", "0"]
    assert figures["copy to health"] == ["0", "1"]
    assert lines[-1] == "1 of 2 reports would change: copies 1."


def test_each_changed_report_is_a_line_for_programs(database: Database, references: list[str], changed: Path) -> None:
    [line] = _replay(database, "--json", "--config", str(changed)).output.splitlines()
    assert json.loads(line)["reference"] == references[0]


def test_what_an_officer_decided_otherwise_is_said(
    database: Database, door_keys: DoorKeys, references: list[str]
) -> None:
    keep(database, door_keys, 3)
    [taken] = claim(database)
    finding = _finding("forced_labour")
    decision = replace(_decide(finding), lead_unit="public_security-410400", lead_region="410400")
    step = a_step(standing_of(taken), ReportState.REFERRED, finding=finding, decision=decision, actor="o-1")
    advance(Store(database), step)
    output = _replay(database, "--config", str(CONFIG)).output
    assert f"{taken.reference} (decided by an officer)" in output
    assert "owner: public_security-410400 → public_security-410422" in output


def test_diff_tries_the_stored_reports_where_asked_for(
    database: Database, references: list[str], changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    told = CliRunner().invoke(rules, ["diff", str(CONFIG), str(changed), "--stored"], input="")
    assert told.exit_code == 0, told.output
    assert f"{references[0]}\n  copies: trade_union-410422 (copy) → health-410422 (copy)" in told.output
    assert references[1] not in told.output


def test_one_stored_report_is_explained_and_set_beside_what_was_decided(
    database: Database, references: list[str], changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    same = CliRunner().invoke(rules, ["explain", references[0], "--config", str(CONFIG)])
    assert same.exit_code == 0, same.output
    assert "Who answers     public_security-410422  叶县公安局" in same.output
    assert "Copied          labour-410422" in same.output
    assert "Decided then" in same.output
    otherwise = CliRunner().invoke(rules, ["explain", references[0].lower(), "--config", str(changed)])
    assert "otherwise" in otherwise.output
    assert "copies: trade_union-410422 (copy) → health-410422 (copy)" in otherwise.output
    machine = CliRunner().invoke(rules, ["explain", references[0], "--config", str(CONFIG), "--json"])
    assert json.loads(machine.output)["lead"]["unit"] == "public_security-410422"


def test_a_text_is_explained_as_somebody_might_send_it() -> None:
    told = CliRunner().invoke(rules, ["explain", "救命，我被人拐卖到云南镇康县，被锁在屋里", "--config", str(CONFIG)])
    assert told.exit_code == 0, told.output
    assert "Who answers     public_security-530924" in told.output
    assert "Minutes         desk 1" in told.output
