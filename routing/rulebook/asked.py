"""What a row's `when` asks about: the matters it is about, those it refuses, and the circumstances it wants."""

from __future__ import annotations

from collections.abc import Iterable

from routing.rulebook.codes import Codes
from routing.rulebook.conditions import Clause, Condition, Match


def matters_asked(when: Condition, codes: Codes) -> frozenset[str]:
    """The matters that a row names; those of the families that it names where it names none, and all where it names
    neither. None of them is refused."""
    wanted = [clause for clause in when.clauses if clause.match is not Match.NONE]
    named = _codes(wanted, "matters") or _of_families(_codes(wanted, "family"), codes) or codes.axes["matters"]
    return named - matters_refused(when, codes)


def matters_refused(when: Condition, codes: Codes) -> frozenset[str]:
    """The matters that no report may have for which a row holds."""
    refused = [clause for clause in when.clauses if clause.match is Match.NONE]
    return _codes(refused, "matters") | _of_families(_codes(refused, "family"), codes)


def cues_asked(when: Condition) -> frozenset[str]:
    """The circumstances of which a row wants one or all."""
    return _codes([clause for clause in when.clauses if clause.match is not Match.NONE], "cues")


def _codes(clauses: Iterable[Clause], axis: str) -> frozenset[str]:
    return frozenset(code for clause in clauses if clause.axis == axis for code in clause.codes)


def _of_families(families: frozenset[str], codes: Codes) -> frozenset[str]:
    return frozenset(matter for family in families for matter in codes.families.get(family, frozenset()))
