"""`hotline rules` at a terminal."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hotline.rules_command import rules
from routing.rulebook.errors import RulebookError

CONFIG = Path(__file__).resolve().parents[2] / "config"


def _run(*arguments: str, lines: list[Any] | None = None) -> Result:
    told = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines or [])
    return CliRunner().invoke(rules, arguments, input=told)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A copy of the rulebook, to change."""
    tables = shutil.ignore_patterns("towns.csv", "*.py", "__pycache__")
    return Path(shutil.copytree(CONFIG, tmp_path / "changed", ignore=tables))


def _edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_check_says_what_was_proved_and_what_to_know() -> None:
    result = _run("check", "--config", str(CONFIG))
    assert result.exit_code == 0
    assert "No hole, no mistake." in result.output
    assert "areas" in result.output
    assert "note     plan-2021-2030.toml" in result.output


def test_check_ends_with_1_on_a_hole_and_names_it(changed: Path) -> None:
    _edit(changed, "rules.toml", 'region = "one_level_up"', 'region = "present_place"')
    result = _run("check", "--config", str(changed))
    assert result.exit_code == 1
    assert "hole     rules.toml, line" in result.output
    assert "complaint" in result.output


def test_check_ends_with_1_on_a_word_that_speaks_for_no_label(changed: Path) -> None:
    _edit(changed, "indicators/en.toml", "[matters.abduction]", "[matters.abductoin]")
    result = _run("check", "--config", str(changed))
    assert result.exit_code == 1
    assert re.search(r"mistake  .*en\.toml, line \d+, \[matters\.abductoin\]: no such label", result.output)
    assert "0 holes, 1 mistakes." in result.output


def test_check_ends_with_1_on_a_row_that_never_decides(changed: Path) -> None:
    _edit(changed, "rules.toml", 'when = { matters_any = ["reintegration"] }', 'when = { matters_any = ["abduction"] }')
    result = _run("check", "--config", str(changed))
    assert result.exit_code == 1
    assert "mistake  rules.toml, line" in result.output


def test_explain_answers_each_line_in_the_shape_others_rely_on() -> None:
    asked = {
        "id": "1",
        "matters": ["forced_labour"],
        "urgency": "urgent",
        "persons": ["man"],
        "reporter": "family",
        "places": [{"code": "410422", "role": "occurrence"}, {"code": "530924", "role": "origin"}],
        "contact": ["anonymous"],
    }
    result = _run("explain", "--config", str(CONFIG), lines=[asked])
    assert result.exit_code == 0
    answer = json.loads(result.output)
    assert answer["id"] == "1"
    assert answer["lead"] == {"kind": "public_security", "region": "410422", "unit": "public_security-410422"}
    assert answer["with"] == ["labour", "trade_union", "joint_conference_office"]
    assert answer["rule"] == "crime"
    assert answer["measures"][0] == "4.3.2-2"
    assert answer["clocks"]["first_action"] == 180
    assert {"kind", "region", "fields"} <= set(answer["copies"][0])
    assert {"from", "why", "review_at"} <= set(answer["withheld"][0])
    assert "叶县公安局" in answer["why"]


def test_explain_keeps_the_lead_s_own_kind_out_of_with_but_shows_its_links() -> None:
    asked = {
        "matters": ["abduction"],
        "urgency": "urgent",
        "places": [{"code": "410422", "role": "occurrence"}, {"code": "410102", "role": "origin"}],
    }
    answer = json.loads(_run("explain", "--config", str(CONFIG), lines=[asked]).output)
    assert answer["with"] == []
    assert [(copy["unit"], copy["part"]) for copy in answer["copies"]] == [("public_security-410102", "link")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not JSON"),
        ("[1]", "one JSON object"),
        ('{"urgency": "low"}', "lacks 'matters'"),
        ('{"matters": ["spam"], "urgency": "soon"}', "soon"),
        ('{"matters": ["forced_labor"], "urgency": "low"}', "no code 'forced_labor'; use abduction"),
        ('{"matters": [], "urgency": "low"}', "at least one code"),
        ('{"matters": ["spam"], "urgency": "low", "received_at": "yesterday"}', "yesterday"),
        ('{"matters": ["spam"], "urgency": "low", "places": [{"code": "410422", "role": "here"}]}', "here"),
    ],
)
def test_a_broken_line_is_answered_in_its_place(line: str, says: str) -> None:
    sound = '{"matters": ["spam"], "urgency": "low"}\n'
    result = _run("explain", "--config", str(CONFIG), lines=[line + "\n", sound])
    assert result.exit_code == 1
    first, second = map(json.loads, result.output.splitlines())
    assert first["line"] == 1
    assert says in first["error"]
    assert second["lead"]["kind"] == "quarantine"


def test_explain_takes_what_labels_cannot_say_from_cues_or_the_text() -> None:
    asked = {"matters": ["victim_relief"], "urgency": "urgent", "places": [{"code": "440113", "role": "occurrence"}]}
    lines = [asked, {**asked, "text": "腿被打断了，要去医院"}, {**asked, "cues": ["health_need"]}]
    answers = _run("explain", "--config", str(CONFIG), lines=lines).output.splitlines()
    assert ["health" in json.loads(answer)["with"] for answer in answers] == [False, True, True]


def test_diff_names_the_reports_that_change_and_how(changed: Path) -> None:
    _edit(changed, "rules.toml", "clocks = { acceptance = 60, first_action = 480 }", "clocks = { acceptance = 30 }")
    result = _run("diff", str(CONFIG), str(changed), lines=[])
    assert result.exit_code == 0
    assert "abduction, standard; occurrence 410422" in result.output
    assert "clocks: acceptance 60 min, first_action 480 min → acceptance 30 min" in result.output
    assert re.search(r"^\d+ of \d+ reports change: clocks \d+\.$", result.output.splitlines()[-1])


def test_diff_tries_the_reports_piped_in(changed: Path) -> None:
    _edit(changed, "rules.toml", 'to = "health"', 'to = "education"')
    asked = {
        "id": "mine",
        "matters": ["victim_relief"],
        "urgency": "low",
        "cues": ["health_need"],
        "places": [{"code": "659001", "role": "occurrence"}],
    }
    result = _run("diff", "--json", str(CONFIG), str(changed), lines=[asked])
    first = json.loads(result.output.splitlines()[0])
    assert first == {
        "id": "mine",
        "changes": [{"kind": "copies", "before": "health-659001 (copy)", "after": "education-659001 (copy)"}],
    }


def test_diff_of_a_rulebook_with_itself_is_empty() -> None:
    result = _run("diff", str(CONFIG), str(CONFIG), lines=[])
    assert result.output.startswith("0 of ")


def test_diff_refuses_a_rulebook_with_a_hole(changed: Path) -> None:
    _edit(changed, "rules.toml", 'region = "one_level_up"', 'region = "present_place"')
    result = _run("diff", str(CONFIG), str(changed), lines=[])
    assert isinstance(result.exception, RulebookError)
    assert result.exit_code == 1


def test_the_handbook_s_worked_example_does_what_it_says(changed: Path) -> None:
    handbook = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```toml\n(.*?)^ *```", handbook, re.MULTILINE | re.DOTALL)
    [example] = [textwrap.dedent(block) for block in blocks if "missing-woman-federation" in block]
    [after_the_copies] = re.findall(
        r"^# -+ who is told of a link$", (changed / "rules.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    _edit(changed, "rules.toml", after_the_copies, f"{example}\n{after_the_copies}")
    assert "No hole, no mistake." in _run("check", "--config", str(changed)).output
    last = _run("diff", str(CONFIG), str(changed), lines=[]).output.splitlines()[-1]
    assert last in handbook
    _edit(changed, "rules.toml", example, example.replace('["woman"]', '["women"]'))
    refusal = str(_run("check", "--config", str(changed)).exception)
    assert refusal in " ".join(handbook.split())
