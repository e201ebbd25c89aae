"""The labelled reports of the corpus: leads and copied units were settled by the guide's table, not by this code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reports.values import Decision
from routing.rulebook.book import Rulebook
from routing.rulebook.route import route
from tests.routing.rulebook.making import facts

CORPUS = Path(__file__).resolve().parents[3] / "corpus"
# An injury, a wish for a lawyer, a train, a crossing and a consulate are told in words; labels cannot say them.
TOLD_IN_WORDS = frozenset({"health", "justice", "transport", "border_defence", "foreign_affairs"})


def _settled() -> Iterator[dict[str, Any]]:
    for path in sorted(CORPUS.glob("c*.jsonl")):
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def _decide(report: dict[str, Any], rulebook: Rulebook) -> Decision:
    places = [f"{place['role']} {place['code']}" for place in report["places"]]
    asked = facts(
        " ".join(report["matters"]),
        report["urgency"],
        *places,
        persons=" ".join(report["persons"]),
        reporter=report["reporter"],
        contact=" ".join(report["contact"]),
    )
    return route(asked, rulebook)


def test_settled_labels_lead_where_the_table_sends_them(rulebook: Rulebook) -> None:
    wrong, count = [], 0
    for report in _settled():
        count += 1
        decision = _decide(report, rulebook)
        if (decision.lead_kind.value, decision.lead_region) != (report["lead"]["kind"], report["lead"]["region"]):
            wrong.append(report["id"])
    assert count > 1_600
    assert len(wrong) <= count * 0.005, wrong


def test_settled_labels_copy_whom_the_table_copies(rulebook: Rulebook) -> None:
    wanted, told, missed = 0, 0, []
    for report in _settled():
        decision = _decide(report, rulebook)
        kinds = {copy.kind.value for copy in decision.copies if copy.kind is not decision.lead_kind}
        settled = set(report["with"]) - TOLD_IN_WORDS
        wanted += len(settled)
        told += len(settled & kinds)
        missed += [(report["id"], kind) for kind in settled - kinds]
    assert wanted > 1_000
    assert told >= wanted * 0.98, missed


def test_hardly_anybody_is_told_whom_the_table_does_not_copy(rulebook: Rulebook) -> None:
    told, beyond = 0, []
    for report in _settled():
        decision = _decide(report, rulebook)
        kinds = {copy.kind.value for copy in decision.copies if copy.kind is not decision.lead_kind}
        told += len(kinds)
        beyond += [(report["id"], kind) for kind in kinds - set(report["with"])]
    assert len(beyond) <= told * 0.02, beyond
