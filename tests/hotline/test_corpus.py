"""The corpus: whole, said to be invented, without near-duplicates, and read alike for either sex."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from hotline.labelled import SWAP_FILE, TEST_FILE, LabelledReport, read_labelled, swapped_texts, training_reports
from hotline.model_figures import swaps_changed
from hotline.near_duplicates import near_duplicates
from routing.finding.folding import fold
from routing.finding.reader import Reader
from routing.finding.sexes import SexWords
from routing.finding.taxonomy import Taxonomy

ROOT = Path(__file__).parents[2]
CORPUS, CONFIG = ROOT / "corpus", ROOT / "config"
LANGUAGES = {"zh", "en", "vi", "th", "lo", "km", "my", "ko", "ru", "mn"}


@pytest.fixture(scope="module")
def reports() -> tuple[LabelledReport, ...]:
    return (*training_reports(CORPUS), *read_labelled(CORPUS / TEST_FILE))


def test_it_holds_three_thousand_reports_of_every_matter_urgency_and_language(
    reports: tuple[LabelledReport, ...],
) -> None:
    taxonomy = Taxonomy.load(CONFIG)
    assert len(reports) >= 3000
    assert len({(report.file, report.id) for report in reports}) == len(reports)
    matters = Counter(code for report in reports for code in report.matters)
    assert min(matters[code] for code in taxonomy.codes("matters")) >= 50
    assert {report.urgency.value for report in reports} == set(taxonomy.codes("urgency"))
    assert set(LANGUAGES) <= {report.language for report in reports}
    assert {"sms", "web", "voice", "desk"} <= {report.channel for report in reports}


def test_as_many_allege_nothing_as_tell_of_a_crime_or_of_need() -> None:
    learned = training_reports(CORPUS)
    allege_nothing = sum(report.is_harmless for report in learned)
    assert allege_nothing >= len(learned) - allege_nothing


def test_every_label_is_one_of_the_taxonomy(reports: tuple[LabelledReport, ...]) -> None:
    taxonomy = Taxonomy.load(CONFIG)
    for report in reports:
        for axis in ("matters", "persons", "contact"):
            assert set(getattr(report, axis)) <= set(taxonomy.codes(axis)), report.id
        assert report.reporter in (*taxonomy.codes("reporter"), "unknown"), report.id


def test_no_two_reports_say_the_same_in_the_same_words(reports: tuple[LabelledReport, ...]) -> None:
    alike = [(one.file, one.id, other.file, other.id, share) for one, other, share in near_duplicates(reports)]
    assert alike == []


def test_a_text_changed_a_little_is_found_and_pairs_that_are_meant_are_not(
    reports: tuple[LabelledReport, ...],
) -> None:
    long = next(report for report in reports if len(report.text) > 80)
    again = LabelledReport(**{**vars(long), "id": "again", "text": long.text.replace("，", ", ") + "！"})
    meant = LabelledReport(**{**vars(again), "swap": "s"})
    assert [pair[1].id for pair in near_duplicates([long, again])] == ["again"]
    assert not list(near_duplicates([LabelledReport(**{**vars(long), "swap": "s"}), meant]))


def test_it_says_that_it_is_invented() -> None:
    said = (CORPUS / "README.md").read_text(encoding="utf-8")
    assert "All of it is synthetic" in said
    for name in {path.name for path in CORPUS.glob("*.jsonl")}:
        stem = name.removesuffix(".jsonl")
        assert stem in said or f"{stem.rsplit('-', 1)[0]}-*" in said or stem.startswith(("c", "train-")), name


def test_a_hundred_pairs_in_ten_languages_differ_in_sex_words_alone() -> None:
    pairs = [json.loads(line) for line in (CORPUS / SWAP_FILE).read_text(encoding="utf-8").splitlines()]
    assert len(pairs) >= 100
    assert len({pair["id"] for pair in pairs}) == len(pairs)
    assert {pair["lang"] for pair in pairs} == LANGUAGES
    sexes = SexWords.load(CONFIG)
    for one, other in swapped_texts(CORPUS, training_reports(CORPUS)):
        assert one != other
        assert sexes.neutral(fold(one)).text == sexes.neutral(fold(other)).text, one


def test_swapping_sex_words_changes_no_matter_in_any_pair() -> None:
    pairs = swapped_texts(CORPUS, training_reports(CORPUS))
    assert len(pairs) >= 120
    assert swaps_changed(pairs, Reader.load(CONFIG, sentences=False)) == (len(pairs), 0)
    # The sentence model takes its time, and is given the same text for both; `hotline model evaluate` reads them all.
    some = pairs[::12]
    assert swaps_changed(some, Reader.load(CONFIG)) == (len(some), 0)
