"""What somebody thought a report is about before it was read, weighed against what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.values import Finding
from routing.finding.classify import ALONE

_WEAK, _CONFLICT = "weak_evidence", "conflicting_evidence"


def weigh_suggestion(finding: Finding, suggested: Sequence[str]) -> Finding:
    """The finding, with a suggestion of matters as one more witness; the text alone says what the matters are.

    Where the text is weak and the suggestion agrees, two who did not ask each other say the same, and that is enough.
    Where the text seems harmless and somebody thought of a crime or of help, a person looks. Else it changes nothing.
    """
    matters = finding.labels.matters
    doubts = finding.doubts
    if set(matters) & set(suggested):
        doubts = tuple(doubt for doubt in doubts if doubt != _WEAK)
    elif matters[0] in ALONE and _CONFLICT not in doubts:
        doubts = (*doubts, _CONFLICT)
    return replace(finding, doubts=doubts, needs_person=bool(doubts))
