"""What the desk leaves behind for whoever measures the reader."""

from __future__ import annotations

from dataclasses import replace

from reports.judged_twice import JudgedTwice, judged_twice
from tests.console.house import LABELS, House
from tests.console.test_recusal import labels_form


def pairs(house: House) -> list[JudgedTwice]:
    with house.database.read() as connection:
        return list(judged_twice(connection))


def test_a_correction_stands_beside_what_the_officer_saw(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    chen.act(f"/reports/{kept.reference}", "correct", **labels_form(replace(LABELS, matters=("sexual_exploitation",))))
    (pair,) = pairs(house)
    assert pair.reference == kept.reference
    assert pair.found.labels.matters == LABELS.matters
    assert pair.labels.matters == ("sexual_exploitation",)


def test_what_was_confirmed_counts_as_found_right(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    chen.act(f"/reports/{kept.reference}", "confirm")
    (pair,) = pairs(house)
    assert pair.labels == pair.found.labels


def test_a_report_that_no_officer_looked_at_teaches_nothing(house: House) -> None:
    house.triaged()
    house.referred()
    assert pairs(house) == []
