"""Labelled reports, as `corpus/` holds them: what a careful reader made of each text, and what stays open."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reports.values import Place, PlaceRole, Urgency
from routing.finding.classify import is_harmless

TEST_FILE = "test.jsonl"
# Texts in pairs that differ in sex words alone. They have no labels: only whether both are read alike is measured.
SWAP_FILE = "sex-swaps.jsonl"
# Files measured once before a change and once after it, and never read for it.
BLIND_FILES = "blind-"


@dataclass(frozen=True, kw_only=True)
class LabelledReport:
    """One report with its labels.

    optional holds, for each axis, codes that may be there or not. The other_* fields hold further right answers.
    routed_to is the kind and region of the lead unit, and copied the kinds copied, where the file tells, else None.
    file is the name of the file it comes from: each file was written to a brief of its own. swap names the pair of
    reports that differ in sex words alone, pair those that differ in what decides between two labels.
    """

    id: str
    file: str
    channel: str
    text: str
    language: str
    matters: tuple[str, ...]
    urgency: Urgency
    persons: tuple[str, ...]
    reporter: str
    places: tuple[Place, ...]
    contact: tuple[str, ...]
    routed_to: tuple[str, str | None] | None
    copied: tuple[str, ...] | None
    optional: Mapping[str, frozenset[str]] = field(default_factory=dict)
    other_matters: tuple[frozenset[str], ...] = ()
    other_urgencies: tuple[str, ...] = ()
    other_reporters: tuple[str, ...] = ()
    other_leads: tuple[tuple[str, str | None], ...] = ()
    other_places: tuple[str, ...] = ()
    swap: str = ""
    pair: str = ""

    @property
    def is_harmless(self) -> bool:
        """Whether nothing is alleged that the hotline answers, so that persons and places are not labelled."""
        return is_harmless(self.matters, self.urgency)


def _only_measures(name: str) -> bool:
    return name in (TEST_FILE, SWAP_FILE) or name.startswith(BLIND_FILES)


def read_labelled(path: Path) -> tuple[LabelledReport, ...]:
    """The reports of one file. Raises ValueError naming the line that is not as wanted."""
    reports = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            reports.append(_report(json.loads(line), path.name))
        except (KeyError, TypeError, ValueError) as fault:
            raise ValueError(f"{path}, line {number}, should be a labelled report: {fault!r}") from None
    return tuple(reports)


def training_reports(folder: Path) -> tuple[LabelledReport, ...]:
    """All reports of the corpus but those that only measure, in the order of file and line."""
    paths = sorted(path for path in folder.glob("*.jsonl") if not _only_measures(path.name))
    if not paths:
        raise ValueError(f"{folder} should hold labelled reports (*.jsonl), but holds none.")
    return tuple(report for path in paths for report in read_labelled(path))


def swapped_texts(folder: Path, reports: Sequence[LabelledReport]) -> list[tuple[str, str]]:
    """Pairs of texts that differ in sex words alone: those of the folder's file, then those among the reports."""
    path = folder / SWAP_FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    pairs = [(line["one"], line["other"]) for line in map(json.loads, lines)]
    by_name: dict[tuple[str, str], list[str]] = {}
    for report in reports:
        if report.swap:
            by_name.setdefault((report.file, report.swap), []).append(report.text)
    return [*pairs, *((texts[0], texts[1]) for texts in by_name.values() if len(texts) == 2)]


def _report(line: Mapping[str, Any], file: str) -> LabelledReport:
    alt = line.get("alt") or {}
    lead = line.get("lead")
    return LabelledReport(
        id=line["id"],
        file=file,
        channel=line.get("channel", "sms"),
        text=line["text"],
        language=line["lang"],
        matters=tuple(line["matters"]),
        urgency=Urgency(line["urgency"]),
        persons=tuple(line["persons"]),
        reporter=line["reporter"],
        places=tuple(Place(code=place["code"], role=PlaceRole(place["role"])) for place in line["places"]),
        contact=tuple(line["contact"]),
        routed_to=(lead["kind"], lead["region"]) if lead else None,
        copied=tuple(line["with"]) if "with" in line else None,
        optional={
            axis: frozenset(alt.get(f"{axis}_optional", ()))
            for axis in ("matters", "persons", "contact", "with", "place")
        },
        other_matters=tuple(frozenset(_listed(codes)) for codes in alt.get("matters", ())),
        other_urgencies=_listed(alt.get("urgency", ())),
        other_reporters=_listed(alt.get("reporter", ())),
        other_leads=tuple((lead["kind"], lead["region"]) for lead in alt.get("lead", ())),
        other_places=_listed(alt.get("place", ())),
        swap=str(line.get("swap", "")),
        pair=str(line.get("pair", "")),
    )


def _listed(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
