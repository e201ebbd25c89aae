"""What a victim was made to do: the words of the rules are found, and what officers took out wherever it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.values import Labels, Urgency
from routing.rulebook.book import Rulebook
from routing.rulebook.errors import RulebookError
from routing.rulebook.load import load_rulebook
from routing.rulebook.made_to_do import MARK, MadeToDo, staying, without
from routing.rulebook.rules import Track
from tests.routing.rulebook.conftest import CONFIG


def told(rulebook: Rulebook, text: str, track: Track = Track.OWN, reporter: str = "victim", *taken: str) -> str:
    """What packets hold of a text."""
    labels = Labels(matters=("sexual_exploitation",), urgency=Urgency.URGENT, reporter=reporter)
    return without(text, staying(rulebook.made_to_do, text, labels, track.value, taken))


def test_the_rest_of_the_clause_goes_with_the_words_where_nobody_is_in_danger(rulebook: Rulebook) -> None:
    text = "我被关在瑞丽夜总会，逼我接客一天十个，不接就打。"
    assert told(rulebook, text) == f"我被关在瑞丽夜总会，逼我{MARK}，不接就打。"
    english = "They hold me in Ruili. They made me Sleep  with men every night, and beat me."
    assert told(rulebook, english) == f"They hold me in Ruili. They made me {MARK}, and beat me."


def test_in_danger_only_the_words_go_and_where_somebody_is_stays(rulebook: Rulebook) -> None:
    text = "救命 逼我接客在三楼最里面那间"
    assert told(rulebook, text, Track.CHILD_OR_DANGER) == f"救命 逼我{MARK}在三楼最里面那间"


@pytest.mark.parametrize("reporter", ["witness", "family", "professional", "insider", "unknown"])
def test_what_others_tell_is_told(rulebook: Rulebook, reporter: str) -> None:
    text = "楼上有人被逼接客"
    assert told(rulebook, text, Track.THIRD_PARTY, reporter) == text


def test_what_an_officer_took_out_stays_whoever_told_it_and_wherever_it_stands(rulebook: Rulebook) -> None:
    text = "他拿了三万。对，他拿了三万。还在县城。"
    assert told(rulebook, text, Track.THIRD_PARTY, "family", "拿了三万") == f"他{MARK}。对，他{MARK}。还在县城。"
    assert (
        told(rulebook, text, Track.THIRD_PARTY, "family", "拿了", "了三万。对") == f"他{MARK}，他{MARK}三万。还在县城。"
    )


def test_being_cheated_is_nothing_that_somebody_did(rulebook: Rulebook) -> None:
    for text in ("我被骗了，被骗到缅北", "他们骗了我的钱", "grape harvest", "I was deceived and sold"):
        assert told(rulebook, text) == text


@pytest.mark.parametrize("language", sorted(tomllib.loads((CONFIG / "packets.toml").read_text("utf-8"))["made_to_do"]))
def test_every_word_of_every_language_is_found(rulebook: Rulebook, language: str) -> None:
    for word in tomllib.loads((CONFIG / "packets.toml").read_text("utf-8"))["made_to_do"][language]:
        assert MARK in told(rulebook, f"{word}"), word


def test_a_rulebook_of_before_has_no_such_words_and_loads(folder: Path) -> None:
    path = folder / "packets.toml"
    path.write_text(path.read_text("utf-8").partition("[made_to_do]")[0], encoding="utf-8")
    assert told(load_rulebook(folder), "逼我接客") == "逼我接客"


@pytest.mark.parametrize(
    ("written", "says"),
    [('zh = ["客"]', "a word or phrase of 2 to 40 characters"), ("zh = []", "1 to 500 words"),
     ('Chinese = ["接客"]', "ISO 639"), ("zh = 7", "a list in square brackets")],
)  # fmt: skip
def test_a_slip_in_the_words_is_named_with_its_line(folder: Path, written: str, says: str) -> None:
    path = folder / "packets.toml"
    head = path.read_text("utf-8").partition("[made_to_do]")[0]
    path.write_text(f"{head}[made_to_do]\n{written}\n", encoding="utf-8")
    with pytest.raises(RulebookError) as refusal:
        load_rulebook(folder)
    line = head.count("\n") + 2
    assert says in str(refusal.value)
    assert f"packets.toml, line {line}" in str(refusal.value)


@given(st.text("甲乙a，。 ", max_size=60), st.lists(st.text("甲乙a，", min_size=1, max_size=5), max_size=4))
def test_nothing_that_was_taken_out_is_left_and_nothing_else_is_missing(text: str, taken: list[str]) -> None:
    labels = Labels(matters=("abduction",), urgency=Urgency.LOW, reporter="family")
    spans = staying(MadeToDo([]), text, labels, Track.THIRD_PARTY.value, taken)
    left = without(text, spans)
    assert not any(passage in piece for passage in taken for piece in left.split(MARK))
    assert left.replace(MARK, "") == "".join(letter for at, letter in enumerate(text) if not _inside(at, spans))


def _inside(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)
