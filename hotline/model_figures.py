"""How right findings are: the figures of the model card, counted as the guide leaves things open."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hotline.labelled import LabelledReport
from reports.values import Decision, Finding, Place, PlaceRole, Urgency
from routing.finding.classify import ALONE, is_harmless
from routing.finding.reader import Reader


@dataclass(frozen=True)
class Judged:
    """A labelled report, what the reader made of it, and what routing made of both.

    right is the decision for the labels themselves.
    """

    report: LabelledReport
    finding: Finding
    decision: Decision
    right: Decision


@dataclass(frozen=True)
class Figure:
    """One figure: its value, how many it is of, and the bounds that 95 of 100 resampled sets fall between."""

    name: str
    value: float
    count: int
    low: float
    high: float


def figures(judged: Sequence[Judged], resampled: int = 200) -> tuple[Figure, ...]:
    """Every figure of the table, with its bounds."""
    chance = random.Random(0)  # noqa: S311
    samples = [[chance.choice(judged) for _ in judged] for _ in range(resampled)] if judged else []
    found = []
    for name, measure in MEASURES.items():
        value, count = measure(judged)
        values = sorted(measure(sample)[0] for sample in samples)
        low, high = (values[int(resampled * 0.025)], values[int(resampled * 0.975)]) if values else (value, value)
        found.append(Figure(name, value, count, low, high))
    return tuple(found)


def matters_right(report: LabelledReport, said: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The right matters nearest to what was said, and those left open."""
    wanted = [frozenset(report.matters), *report.other_matters]
    left_open = report.optional["matters"]
    nearest = min(wanted, key=lambda one: len((one ^ frozenset(said)) - left_open))
    return nearest, left_open


def is_lead_right(one: Judged) -> tuple[bool, bool]:
    """Whether the kind of the lead unit is right, and its region."""
    leads = [(one.right.lead_kind.value, one.right.lead_region), *one.report.other_leads]
    if one.report.routed_to:
        leads.append(one.report.routed_to)
    said = (one.decision.lead_kind.value, one.decision.lead_region)
    return said[0] in {kind for kind, _ in leads}, said[1] in {region for _, region in leads}


def is_taken_for_harmless(one: Judged) -> bool:
    """Whether a report of something that somebody must answer was read as one of nothing of the kind."""
    wanted = [frozenset(one.report.matters), *one.report.other_matters]
    is_real = not any(matters <= set(ALONE) for matters in wanted)
    return is_real and is_harmless(one.finding.labels.matters, one.finding.labels.urgency)


def is_settled(one: Judged) -> bool:
    """Whether nothing is lost where no person looks: who must answer, and where, are right, nothing that somebody must
    answer was taken for harmless, and nobody in danger was put behind."""
    said, wanted = one.finding.labels.urgency, one.report.urgency
    is_put_behind = wanted is Urgency.IMMEDIATE and said is not wanted and said.value not in one.report.other_urgencies
    return all(is_lead_right(one)) and not is_taken_for_harmless(one) and not is_put_behind


def _immediate_recall(judged: Sequence[Judged]) -> tuple[float, int]:
    wanted = [one for one in judged if one.report.urgency is Urgency.IMMEDIATE]
    return _share(wanted, lambda one: one.finding.labels.urgency is Urgency.IMMEDIATE)


def _immediate_precision(judged: Sequence[Judged]) -> tuple[float, int]:
    said = [one for one in judged if one.finding.labels.urgency is Urgency.IMMEDIATE]
    return _share(said, lambda one: "immediate" in (one.report.urgency.value, *one.report.other_urgencies))


def _urgency_exact(judged: Sequence[Judged]) -> tuple[float, int]:
    return _share(
        judged,
        lambda one: one.finding.labels.urgency.value in (one.report.urgency.value, *one.report.other_urgencies),
    )


def _matters_micro(judged: Sequence[Judged]) -> tuple[float, int]:
    right, said, wanted = map(sum, zip(*per_matter(judged).values(), strict=True)) if judged else (0, 0, 0)
    return _f1(right, said, wanted), wanted


def _matters_macro(judged: Sequence[Judged]) -> tuple[float, int]:
    rows = [row for row in per_matter(judged).values() if row[1] or row[2]]
    return (sum(_f1(*row) for row in rows) / len(rows) if rows else 0.0), len(rows)


def per_matter(judged: Sequence[Judged]) -> dict[str, tuple[int, int, int]]:
    """For each matter: how often rightly said, said, and wanted."""
    counts: dict[str, list[int]] = {}
    for one in judged:
        said = frozenset(one.finding.labels.matters)
        wanted, left_open = matters_right(one.report, one.finding.labels.matters)
        for code in (said | wanted) - left_open:
            row = counts.setdefault(code, [0, 0, 0])
            row[0] += code in said and code in wanted
            row[1] += code in said
            row[2] += code in wanted
    return {code: (row[0], row[1], row[2]) for code, row in sorted(counts.items())}


def _persons(judged: Sequence[Judged]) -> tuple[float, int]:
    right = said = wanted = 0
    for one in judged:
        left_open = one.report.optional["persons"]
        found = set(one.finding.labels.persons) - left_open
        told = set(one.report.persons) - left_open
        right, said, wanted = right + len(found & told), said + len(found), wanted + len(told)
    return _f1(right, said, wanted), wanted


def _reporter(judged: Sequence[Judged]) -> tuple[float, int]:
    return _share(judged, lambda one: one.finding.labels.reporter in (one.report.reporter, *one.report.other_reporters))


def _contact(judged: Sequence[Judged]) -> tuple[float, int]:
    right = said = wanted = 0
    for one in judged:
        left_open = one.report.optional["contact"]
        found = set(one.finding.labels.contact) - left_open
        told = set(one.report.contact) - left_open
        right, said, wanted = right + len(found & told), said + len(found), wanted + len(told)
    return _f1(right, said, wanted), wanted


def _lead_kind(judged: Sequence[Judged]) -> tuple[float, int]:
    return _share(judged, lambda one: is_lead_right(one)[0])


def _lead_region(judged: Sequence[Judged]) -> tuple[float, int]:
    return _share(judged, lambda one: is_lead_right(one)[1])


def _copies(judged: Sequence[Judged]) -> tuple[float, int]:
    right = wanted = 0
    for one in judged:
        told = set(one.report.copied) if one.report.copied is not None else _kinds(one.right)
        told -= one.report.optional["with"]
        right, wanted = right + len(told & _kinds(one.decision)), wanted + len(told)
    return (right / wanted if wanted else 0.0), wanted


def _occurrence(judged: Sequence[Judged]) -> tuple[float, int]:
    wanted = [one for one in judged if _occurrences(one.report.places)]
    return _share(wanted, _is_occurrence_right)


def _is_occurrence_right(one: Judged) -> bool:
    right = _occurrences(one.report.places) | set(one.report.other_places)
    return bool(_occurrences(one.finding.labels.places) & right)


def _invented(judged: Sequence[Judged]) -> tuple[float, int]:
    """Places that no label has in any role, per 100 reports."""
    count = 0
    for one in judged:
        known = (
            {place.code for place in one.report.places} | one.report.optional["place"] | set(one.report.other_places)
        )
        found = {place.code for place in one.finding.labels.places if place.code}
        count += len({code for code in found if not any(_is_same_region(code, other) for other in known)})
    return (100 * count / len(judged) if judged else 0.0), count


def _is_same_region(code: str, other: str) -> bool:
    """A county's own city or province is not invented, nor the county of a city that was told."""
    if code.isalpha() or other.isalpha():
        return code == other
    shorter = min(len(code.rstrip("0")), len(other.rstrip("0")))
    return code[:shorter] == other[:shorter]


def _language(judged: Sequence[Judged]) -> tuple[float, int]:
    return _share(judged, lambda one: one.finding.language == one.report.language)


def _without_person(judged: Sequence[Judged]) -> tuple[float, int]:
    return _share(judged, lambda one: not one.finding.needs_person)


def _right_without_person(judged: Sequence[Judged]) -> tuple[float, int]:
    return _share([one for one in judged if not one.finding.needs_person], lambda one: all(is_lead_right(one)))


def _taken_for_harmless(judged: Sequence[Judged]) -> tuple[float, int]:
    return _share(_real(judged), is_taken_for_harmless)


def _unseen_as_harmless(judged: Sequence[Judged]) -> tuple[float, int]:
    return _share(_real(judged), lambda one: is_taken_for_harmless(one) and not one.finding.needs_person)


def _real(judged: Sequence[Judged]) -> Sequence[Judged]:
    return [one for one in judged if not one.report.is_harmless]


MEASURES: dict[str, Callable[[Sequence[Judged]], tuple[float, int]]] = {
    "immediate: recall": _immediate_recall,
    "immediate: precision": _immediate_precision,
    "urgency: exact": _urgency_exact,
    "matters: micro F1": _matters_micro,
    "matters: macro F1": _matters_macro,
    "persons: micro F1": _persons,
    "reporter: right": _reporter,
    "contact: micro F1": _contact,
    "lead: kind right": _lead_kind,
    "lead: region right": _lead_region,
    "copies: recall": _copies,
    "occurrence: right": _occurrence,
    "invented places per 100": _invented,
    "language: right": _language,
    "routed without a person": _without_person,
    "right of those": _right_without_person,
    "taken for harmless": _taken_for_harmless,
    "taken for harmless without a person": _unseen_as_harmless,
}


def _occurrences(places: Sequence[Place]) -> set[str]:
    return {place.code for place in places if place.role is PlaceRole.OCCURRENCE and place.code}


def _kinds(decision: Decision) -> set[str]:
    return {copy.kind.value for copy in decision.copies if copy.why not in _LINKS}


_LINKS = frozenset({"other-places"})


def _share(judged: Sequence[Judged], is_right: Callable[[Judged], bool]) -> tuple[float, int]:
    return (sum(map(is_right, judged)) / len(judged) if judged else 0.0), len(judged)


def _f1(right: int, said: int, wanted: int) -> float:
    return 2 * right / (said + wanted) if said + wanted else 0.0


def swaps_changed(pairs: Sequence[tuple[str, str]], reader: Reader) -> tuple[int, int]:
    """How many pairs of texts differ in sex words alone, and in how many of them the reader finds other matters."""
    found = [[reader.read(text).labels.matters for text in pair] for pair in pairs]
    return len(found), sum(set(one) != set(other) for one, other in found)
