"""Training the mix that gives a named place its role, from what words and what the sentence model say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from hotline.model_targets import place_role
from hotline.model_training import Material
from routing.areas import AreaTree
from routing.finding.model import Scored
from routing.finding.reader import Reader
from routing.finding.role_mix import ROLES, as_words

Floats = npt.NDArray[np.float32]
_STRENGTH = 0.3


def scored(given: Material, scores: Floats) -> list[Scored | None]:
    """What the model would say of each report if it had not learned from it; None where that is not known."""
    return [
        None if np.isnan(row).any() else Scored(_by_axis(given.labels, row), places)
        for row, places in zip(scores, given.places, strict=True)
    ]


def scored_without(given: Material, scores: Floats) -> list[Scored]:
    """The same of the reader without its sentence model, which says nothing of the role of any place."""
    return [
        Scored(_by_axis(given.labels, row), (None,) * len(reading.named))
        for row, reading in zip(scores, given.readings, strict=True)
    ]


def _by_axis(labels: Sequence[str], row: Floats) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for label, value in zip(labels, row, strict=True):
        axis, code = label.split(".", 1)
        found.setdefault(axis, {})[code] = float(value)
    return found


def train_roles(given: Material, said: Sequence[Scored | None], reader: Reader, areas: AreaTree) -> Floats:
    """The weights of RoleMix: a row a role, a column for each piece of evidence, and the bias.

    A corpus that tells too little of places leaves each the role that words give it.
    """
    found = list(_examples(given, said, reader, areas))
    right = np.array([role for _, role in found])
    if len(set(right)) < len(ROLES):
        return as_words()
    fitted = LogisticRegression(C=_STRENGTH, max_iter=3000, random_state=0)
    fitted.fit(np.stack([evidence for evidence, _ in found]), right)
    return np.column_stack([fitted.coef_, fitted.intercept_]).astype(np.float32)


def _examples(
    given: Material, said: Sequence[Scored | None], reader: Reader, areas: AreaTree
) -> Iterator[tuple[Floats, int]]:
    for report, reading, one in zip(given.reports, given.readings, said, strict=True):
        if report.is_harmless:
            # Of what alleges nothing no place is told, whatever the words and the model say of its role.
            continue
        for named, evidence in zip(reading.named, reader.evidence(reading, one), strict=True) if one else ():
            role = place_role(named.codes, report, areas)
            if evidence is not None and role is not None:
                yield evidence.astype(np.float32), ROLES.index(role)
