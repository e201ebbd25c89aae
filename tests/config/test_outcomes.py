"""How a report stands and ended: every state and every outcome has its words in every language, or nothing starts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.outcomes import Outcomes
from config.settings import PACKAGED_CONFIG, SettingsError
from intake.wording import LANGUAGES
from reports.states import ReportState

STATES = [state.value for state in ReportState]
PACKAGED = (PACKAGED_CONFIG / "outcomes.toml").read_text(encoding="utf-8")
# What would give a reporter away to whoever reads over their shoulder, or promise what nobody can keep.
NEVER_SAID = re.compile(
    "公安|警|派出所|民政|拐|举报|受害|police|polic|traffick|victim|hotline|officer|полиц|경찰|công an"
)


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return Outcomes.load(PACKAGED_CONFIG, STATES, LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reporter_is_told_something_of_every_state_and_outcome(outcomes: Outcomes, language: str) -> None:
    for state in STATES:
        for outcome in outcomes.outcomes if state == "CLOSED" else [None]:
            said = outcomes.said_to_reporter(state, outcome, language)
            assert said.strip()
            assert not NEVER_SAID.search(said.lower()), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_end_is_told_in_words_of_its_own(outcomes: Outcomes, language: str) -> None:
    ends = {outcomes.said_to_reporter("CLOSED", outcome, language) for outcome in outcomes.outcomes}
    steps = {outcomes.said_to_reporter(state, None, language) for state in STATES if state != "CLOSED"}
    assert len(ends) == len(outcomes.outcomes)
    assert len(steps) == 2
    assert not ends & steps


def test_an_outcome_of_another_version_is_told_as_received(outcomes: Outcomes) -> None:
    assert outcomes.said_to_reporter("CLOSED", "abolished", "en") == outcomes.told["received"]["en"]
    assert outcomes.said_to_reporter("CLOSED", None, "en") == outcomes.told["received"]["en"]


def test_the_words_of_the_desk_are_there_in_both_of_its_languages(outcomes: Outcomes) -> None:
    zh, en = outcomes.desk_words("zh"), outcomes.desk_words("en")
    assert set(zh) == set(en) == {*(f"state_{s}" for s in STATES), *(f"outcome_{o}" for o in outcomes.outcomes)}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('my = "ပြီးဆုံးပါပြီ – အကူအညီ ရောက်ရှိပြီးပါပြီ။"\n', "", "outcomes.victim_safe.reporter lacks my"),
        ('en = "It is with people who can act."', 'en = " "', "steps.acting lacks en"),
        ('step = "closed"', 'step = "over"', "states.CLOSED.step should be"),
        ("[states.MERGED]", "[states.JOINED]", "[states] should have CLOSED"),
        ("days = 60", 'days = "60"', "[reopening] should give days"),
        ("[reopening]\ndays", "[again]\ndays", "[reopening] is missing"),
        ("[steps.received]", "[steps.got]", "[steps] should have received"),
        ('desk = { zh = "无内容", en = "Noise" }', "desk = 7", "outcomes.noise.desk lacks zh, en"),
        ("[reopening]\ndays", "reopening = [\ndays", "should be a readable TOML file"),
    ],
)
def test_a_table_with_a_hole_does_not_load(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in PACKAGED
    (tmp_path / "outcomes.toml").write_text(PACKAGED.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=re.escape(said)):
        Outcomes.load(tmp_path, STATES, LANGUAGES)


def test_a_table_that_is_not_there_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="should be a readable TOML file"):
        Outcomes.load(tmp_path, STATES, LANGUAGES)
