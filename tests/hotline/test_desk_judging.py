"""The reader's figures in use: what officers made of reports, month by month."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from hotline.desk_judging import desk_judged, months
from hotline.model_command import model
from reports.database import Database
from reports.judged_twice import JudgedTwice
from reports.schema import upgrade
from reports.values import Channel, Finding, Labels, Urgency
from routing.rulebook.book import Rulebook
from routing.rulebook.load import load_rulebook

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(CONFIG)


def pair(month: int, found: str, right: str) -> JudgedTwice:
    labels = Labels(matters=(found,), urgency=Urgency.URGENT)
    return JudgedTwice(
        reference="K7M2QX3TD4",
        channel=Channel.SMS,
        received_at=int(datetime(2026, month, 15, tzinfo=UTC).timestamp() * 1000),
        found=Finding(labels=labels, language="zh", confidence=0.9, needs_person=False),
        labels=Labels(matters=(right,), urgency=Urgency.URGENT),
    )


def test_a_month_in_which_officers_correct_much_more_is_marked(rulebook: Rulebook) -> None:
    good = [pair(9, "buying", "buying") for _ in range(40)] + [pair(9, "buying", "forced_labour") for _ in range(2)]
    bad = [pair(10, "buying", "forced_labour") for _ in range(10)] + [pair(10, "buying", "buying") for _ in range(10)]
    september, october = months(desk_judged(good + bad, rulebook), resampled=100)
    assert (september.name, september.count, september.drifted) == ("2026-09", 42, ())
    assert (october.name, october.count) == ("2026-10", 20)
    assert "matters: micro F1" in october.drifted
    assert "urgency: exact" not in october.drifted


def test_a_month_like_those_before_it_is_not_marked(rulebook: Rulebook) -> None:
    alike = [pair(month, "buying", right) for month in (9, 10) for right in ["buying"] * 9 + ["forced_labour"]]
    assert [month.drifted for month in months(desk_judged(alike, rulebook), resampled=100)] == [(), ()]


@pytest.fixture
def empty_store(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{state / 'hotline.sqlite3'}"
    monkeypatch.setenv("HOTLINE_STATE", str(state))
    monkeypatch.setenv("HOTLINE_DATABASE_URL", url)
    database = Database(url)
    upgrade(database)
    database.dispose()


@pytest.mark.usefixtures("empty_store")
def test_a_store_without_corrections_says_that_there_is_nothing_to_measure() -> None:
    said = CliRunner().invoke(model, ["evaluate", "--from-desk"])
    assert said.exit_code == 0, said.output
    assert "there is nothing to measure" in said.output


@pytest.mark.usefixtures("empty_store")
def test_files_beside_the_desk_are_refused() -> None:
    refused = CliRunner().invoke(model, ["evaluate", "--from-desk", "--by", "language"])
    assert refused.exit_code == 2
    assert "give neither FILES nor --by nor --card" in refused.output
