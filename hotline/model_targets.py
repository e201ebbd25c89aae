"""What the heads are to say of each labelled report: yes, no, or never mind."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from hotline.labelled import LabelledReport
from routing.areas import AreaTree
from routing.finding.role_mix import NONE
from routing.finding.taxonomy import Taxonomy

Floats = npt.NDArray[np.float32]

# Circumstances that the copies of a report give away: the copied kind that tells it, and when its absence tells
# something too.
_CUES: dict[str, tuple[Callable[[LabelledReport], bool], Callable[[LabelledReport], bool]]] = {
    "health_need": (lambda r: _copies(r, "health"), lambda r: _has(r, "victim_relief")),
    "legal_help": (lambda r: _copies(r, "justice"), lambda r: _has(r, "victim_relief", "reintegration")),
    "job_broker": (
        lambda r: _copies(r, "labour"),
        lambda r: _has(r, "illegal_broker") and not _has(r, "forced_labour", "child_labour"),
    ),
    "student_placement": (
        lambda r: _copies(r, "education"),
        lambda r: _has(r, "forced_labour") and not _has(r, "child_labour", "reintegration"),
    ),
    "in_transport": (lambda r: _copies(r, "transport"), lambda r: not r.is_harmless),
    "moving_across_border": (lambda r: _copies(r, "border_defence"), lambda r: _has(r, "cross_border")),
    "victim_abroad": (lambda r: _copies(r, "foreign_affairs"), lambda r: _has(r, "cross_border")),
    "found_adult": (
        lambda r: _copies(r, "public_security"),
        lambda r: r.routed_to is not None and r.routed_to[0] == "civil_affairs" and "child" not in r.persons,
    ),
}
_LABELLED_AXES = ("matters", "urgency", "persons", "reporter", "contact")
# How much a label counts that the guide itself leaves open, and one that harmless reports do not get.
_SECOND_BEST, _UNTOLD = 0.4, 0.15


def label_names(taxonomy: Taxonomy) -> tuple[str, ...]:
    """The heads' labels as "axis.code", in their order."""
    return (
        *(f"{axis}.{code}" for axis in _LABELLED_AXES for code in taxonomy.codes(axis)),
        *(f"cues.{code}" for code in _CUES),
    )


def targets(reports: Sequence[LabelledReport], labels: Sequence[str]) -> tuple[Floats, Floats]:
    """Wanted answers (0 to 1) and how much each counts (0 for never mind), a row a report, a column a label."""
    wanted = np.zeros((len(reports), len(labels)), np.float32)
    counts = np.ones_like(wanted)
    for row, report in enumerate(reports):
        for column, label in enumerate(labels):
            axis, code = label.split(".", 1)
            wanted[row, column], counts[row, column] = _target(report, axis, code)
    return wanted, counts


def _target(report: LabelledReport, axis: str, code: str) -> tuple[float, float]:
    if axis == "cues":
        is_told, tells = _CUES[code]
        known = report.copied is not None and not _has(report, "official_complicity") and tells(report)
        return (1.0 if known and is_told(report) else 0.0, 1.0 if known else 0.0)
    if axis == "urgency":
        return _one_of(code, report.urgency.value, report.other_urgencies, _SECOND_BEST)
    if axis == "reporter":
        return _one_of(code, report.reporter, report.other_reporters, _SECOND_BEST)
    told = code in getattr(report, axis)
    if code in report.optional[axis]:
        return (float(told), 0.0)
    if axis == "persons" and report.is_harmless:
        return (float(told), _UNTOLD)
    return (float(told), 1.0)


def _one_of(code: str, right: str, others: Sequence[str], share: float) -> tuple[float, float]:
    if code == right:
        return (1.0, 1.0)
    return (share, share) if code in others else (0.0, 1.0)


def _has(report: LabelledReport, *matters: str) -> bool:
    return any(matter in report.matters for matter in matters)


def _copies(report: LabelledReport, kind: str) -> bool:
    return kind in (report.copied or ())


def place_role(codes: Sequence[str], report: LabelledReport, areas: AreaTree) -> str | None:
    """The role that the labels give to a place of these codes: one of ROLES, or None where the guide leaves it open.

    A place that holds a labelled one, or lies in it, has its role: the city is told before its county.
    """
    nearest = max(
        ((_nearness(codes, place.code, areas), place.role.value) for place in report.places),
        key=lambda found: found[0],
        default=(0.0, NONE),
    )
    if nearest[0]:
        return nearest[1]
    left_open = (*report.other_places, *report.optional["place"])
    return None if any(_nearness(codes, code, areas) for code in left_open) else NONE


def _nearness(codes: Sequence[str], wanted: str, areas: AreaTree) -> float:
    """2 where one of the codes is the one wanted, 1 where one holds the other, less where it is ambiguous, else 0."""
    held = {*areas.ancestors(wanted)}
    found = max(2.0 if code == wanted else float(code in held or wanted in areas.ancestors(code)) for code in codes)
    return found if len(codes) == 1 else found * 0.9
