"""Which role a named place has, from what the words around it say and what the sentence model makes of it, together."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from reports.values import PlaceRole

Floats = npt.NDArray[np.floating[Any]]
# What a place may be to a report; "none" where the text only mentions it on the way.
NONE = "none"
ROLES = (NONE, *(role.value for role in PlaceRole))
_LEAST, _CLIP, _CERTAIN = -8.0, 5.0, 8.0
EVIDENCE = 4 * len(ROLES) + 3
# Where in the evidence stands what words tell.
_WORDS = slice(2 * len(ROLES), 3 * len(ROLES))


def evidence(said: Floats, by_words: PlaceRole | None, *, is_abroad: bool, alleged: float) -> Floats:
    """What the role of one place is weighed by.

    said is the sentence model's score for each of ROLES, by_words the role by place_contexts.toml, None where the words
    only mention the place; alleged is by how much something that must be answered is likelier than a mere question.
    """
    logs = np.maximum(said - np.logaddexp.reduce(said), _LEAST)
    words = np.array([float(role == (by_words or NONE)) for role in ROLES])
    alleged = max(-_CLIP, min(_CLIP, alleged))
    return np.concatenate(
        [logs, np.exp(logs), words, words * is_abroad, [float(is_abroad), alleged, min(alleged, 0.0)]]
    )


class RoleMix:
    """Weighs the evidence."""

    def __init__(self, weights: Floats) -> None:
        if weights.shape != (len(ROLES), EVIDENCE + 1):
            raise ValueError(
                f"The weights of roles should be {len(ROLES)} rows of {EVIDENCE + 1}, but are {weights.shape}."
            )
        self._weights = weights

    def chances(self, found: Floats) -> Floats:
        """How likely each of ROLES is, by the evidence; together 1."""
        scores = self._weights[:, :-1] @ found + self._weights[:, -1]
        chances: Floats = np.exp(scores - np.logaddexp.reduce(scores))
        return chances

    def occurrence(self, found: Floats) -> float:
        """How likely it is that this is where it happens."""
        return float(self.chances(found)[ROLES.index(PlaceRole.OCCURRENCE)])

    def role(self, found: Floats) -> PlaceRole | None:
        """The likeliest role, None where the place has none in the report."""
        likeliest = ROLES[int(np.argmax(self.chances(found)))]
        return None if likeliest == NONE else PlaceRole(likeliest)


def as_words() -> Floats:
    """Weights that give every place the role that words tell, whatever the sentence model says."""
    weights = np.zeros((len(ROLES), EVIDENCE + 1), np.float32)
    weights[:, _WORDS] = _CERTAIN * np.eye(len(ROLES))
    return weights
