"""Row A32: a cry that is written so that a filter misses it is urgent, or goes to a person; it is never put last."""

from __future__ import annotations

from pathlib import Path

from reports.values import Urgency
from routing.finding.reader import Reader
from tests.routing.finding.disguised import variants

CONFIG = Path(__file__).parents[3] / "config"


def test_row_a32_of_two_hundred_disguised_cries_nineteen_in_twenty_are_urgent_and_none_is_set_aside() -> None:
    reader, texts = Reader.load(CONFIG), list(variants())
    assert len(texts) == len(set(texts)) >= 200
    missed = []
    for text in texts:
        finding = reader.read(text)
        if finding.labels.urgency not in (Urgency.IMMEDIATE, Urgency.URGENT):
            missed.append(text)
        # What is set aside unread is plain noise: low, and sure of it.
        assert finding.needs_person or finding.labels.urgency is not Urgency.LOW, text
    assert len(missed) <= len(texts) * 0.05, missed
