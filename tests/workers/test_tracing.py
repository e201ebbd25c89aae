"""What the machine keeps of a report that it has read, so that another of the same case is found: never a word."""

from __future__ import annotations

import re

import numpy as np

from reports.tables import meanings, traces
from reports.traces import MEANING_COLUMN, named_alike
from routing.finding.reader import Close
from tests.workers.made import RUILI, Work, a_finding

TEXT = "瑞丽的厂扣身份证，面包车云A·12345，老板电话13900000000"


def test_reading_a_report_keeps_digests_of_what_it_names_and_the_place_it_tells_of(work: Work) -> None:
    report_id = work.keep(TEXT)
    work.triage()
    kept = {(row.kind, row.digest) for row in work.all(traces) if row.report_id == report_id}
    # The number it came from, the one it tells of, the plate, the place.
    assert sorted(kind for kind, _ in kept) == ["number", "number", "place", "plate"]
    assert ("place", RUILI) in kept
    assert all(re.fullmatch("[0-9a-f]{32}", digest) for kind, digest in kept if kind != "place")


def test_two_reports_that_name_one_plate_find_each_other(work: Work) -> None:
    first = work.keep(TEXT, sender="+8613800000001")
    second = work.keep("云a12345停在后门", sender="+8613800000002")
    work.triage()
    with work.database.read() as connection:
        assert named_alike(connection, first) == {second: ("plate",)}
        assert named_alike(connection, second) == {first: ("plate",)}


def test_what_a_text_means_is_kept_sealed_under_its_reports_key(work: Work) -> None:
    meaning = np.array([0.6, -0.8], dtype=np.float32)
    work.reader.read_closely = lambda text: Close(a_finding(), meaning)
    report_id = work.keep(TEXT)
    work.triage()
    (row,) = work.all(meanings)
    key = work.context.keys.opening.open_report_key(report_id, work.report(report_id).wrapped_key)
    vector = np.frombuffer(key.open(MEANING_COLUMN, report_id, row.sealed_vector), np.int8)
    assert vector.tolist() == [95, -127]


def test_a_report_that_cannot_be_traced_is_read_all_the_same(work: Work) -> None:
    class Unreadable:
        """No vector at all."""

    work.reader.read_closely = lambda text: Close(a_finding(), Unreadable())  # type: ignore[arg-type]
    report_id = work.keep(TEXT)
    work.triage()
    assert work.report(report_id).state == "REFERRED"
    assert work.all(traces) == []
