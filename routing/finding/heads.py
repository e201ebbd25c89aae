"""The heads: from a text's vector and runs of characters to a score for every label of the taxonomy.

A score above 0 speaks for a label, below 0 against it. Each is a weighted sum of what the sentence model says, what the
runs of characters say and what the indicators say; `hotline model train` finds the weights, and moves every score so
that 0 is where the label is best drawn on reports that the parts had not seen.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.finding.indicators import STRONG, Hit
from routing.finding.ngrams import BUCKETS
from routing.finding.role_mix import ROLES, RoleMix
from routing.finding.sure import Sure

Scores = dict[str, dict[str, float]]
Floats = npt.NDArray[np.floating[Any]]
# What a person is, and who tells, is read from the text as written; the rest from the text with one sex.
AS_WRITTEN = ("persons", "reporter")
_SENTENCE_SCALE = float(np.sqrt(384))
# Saying the same thing five times is not five times as true.
_MOST_INDICATED = 2.0


@dataclass(frozen=True)
class Parts:
    """What each part says of every label, one number a label in the order of Heads.labels.

    sentence is None where the sentence model is away.
    """

    sentence: Floats | None
    ngrams: Floats
    strong: Floats
    weak: Floats


class Heads:
    """The weights, read once."""

    def __init__(self, encoder: Mapping[str, npt.NDArray[np.generic]], tables: Mapping[str, npt.NDArray[np.generic]]):
        self.labels = tuple(tuple(str(label).split(".", 1)) for label in tables["labels"])
        self._index = {(axis, code): place for place, (axis, code) in enumerate(self.labels)}
        self._sentence_weights = encoder["weights"].astype(np.float32)
        self._sentence_bias = encoder["bias"].astype(np.float32)
        if [str(label) for label in encoder["labels"]] != [str(label) for label in tables["labels"]]:
            raise ValueError("The sentence model and the heads should have the same labels; train them again together.")
        self._role_weights = encoder["role_weights"].astype(np.float32)
        self._role_bias = encoder["role_bias"].astype(np.float32)
        self.role_mix = RoleMix(tables["role_mix"].astype(np.float32))
        if [str(role) for role in encoder["roles"]] != list(ROLES):
            raise ValueError("The sentence model should know the roles that places have here; train it again.")
        self._runs = tables["ngram_weights"]
        self._runs_scale = tables["ngram_scale"].astype(np.float32)
        self._runs_bias = tables["ngram_bias"].astype(np.float32)
        self._with = tables["mix_with"].astype(np.float32)
        self._without = tables["mix_without"].astype(np.float32)
        self.sure_with, self.sure_without = Sure.of_tables(tables, "with"), Sure.of_tables(tables, "without")
        self.as_written = np.array([axis in AS_WRITTEN for axis, _ in self.labels])
        if self._runs.shape != (len(self.labels), BUCKETS):
            raise ValueError(f"The heads should have {BUCKETS} runs for each label, but have {self._runs.shape}.")

    @classmethod
    def load(cls, model: Path) -> Heads:
        """Reads encoder.npz and heads.npz. Raises ValueError where they are not as wanted."""
        encoder, tables = (_whole(model / name) for name in ("encoder.npz", "heads.npz"))
        try:
            return cls(encoder, tables)
        except KeyError as fault:
            raise ValueError(f"{model} should hold the heads (`hotline model train` makes them): {fault}") from None

    def sentence(self, neutral: Floats, written: Floats) -> Floats:
        """What the two vectors of a text say, one number a label."""
        both = self._sentence_weights @ (np.stack([neutral, written], axis=1) * np.float32(_SENTENCE_SCALE))
        said: Floats = np.where(self.as_written, both[:, 1], both[:, 0]) + self._sentence_bias
        return said

    def roles(self, place: Floats, text: Floats) -> Floats:
        """What the vectors of a place and of its text say of its role, one number for each of ROLES."""
        said: Floats = (
            self._role_weights @ (np.concatenate([place, text]) * np.float32(_SENTENCE_SCALE)) + self._role_bias
        )
        return said

    def runs(
        self, neutral: tuple[npt.NDArray[np.int64], Floats], written: tuple[npt.NDArray[np.int64], Floats]
    ) -> Floats:
        """What the runs of characters of a text say, one number a label."""
        one = self._runs[:, neutral[0]].astype(np.float32) @ neutral[1]
        other = self._runs[:, written[0]].astype(np.float32) @ written[1]
        said: Floats = np.where(self.as_written, other, one) * self._runs_scale + self._runs_bias
        return said

    def weight_of_runs(self, axis: str, code: str, buckets: npt.NDArray[np.int64]) -> Floats:
        """How much each of the runs speaks for one label."""
        place = self._index[axis, code]
        weights: Floats = self._runs[place, buckets].astype(np.float32) * self._runs_scale[place]
        return weights

    def knows(self, axis: str, code: str) -> bool:
        """Whether there is a head for this label."""
        return (axis, code) in self._index

    def indicated(self, hits: Sequence[Hit]) -> tuple[Floats, Floats]:
        """What the strong and the weak indicators say, one number a label each."""
        return indicated(hits, self._index)

    def scores(self, parts: Parts) -> Scores:
        """The labels' scores, by axis and code."""
        if parts.sentence is None:
            mix, columns = self._without, [parts.ngrams, parts.strong, parts.weak]
        else:
            mix, columns = self._with, [parts.sentence, parts.ngrams, parts.strong, parts.weak]
        values = (mix[:, :-1] * np.stack(columns, axis=1)).sum(axis=1) + mix[:, -1]
        scores: Scores = {}
        for (axis, code), value in zip(self.labels, values, strict=True):
            scores.setdefault(axis, {})[code] = float(value)
        return scores


def _whole(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of a file. Raises ValueError where it is not there, or was cut short or changed on its way here."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)
    except FileNotFoundError:
        raise ValueError(f"{path} should hold heads (`hotline model train` makes them), but is not there.") from None
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error) as fault:
        raise ValueError(f"{path} was cut short or changed: {fault}. Install this version again.") from None


def indicated(hits: Sequence[Hit], index: Mapping[tuple[str, str], int]) -> tuple[Floats, Floats]:
    """The summed weights of the strong and of the weak hits for each label of the index; denied ones do not count."""
    strong, weak = np.zeros(len(index), np.float32), np.zeros(len(index), np.float32)
    for hit in hits:
        place = index.get((hit.axis, hit.code))
        if place is not None and not hit.is_denied:
            (strong if hit.weight >= STRONG else weak)[place] += hit.weight
    return np.minimum(strong, _MOST_INDICATED), np.minimum(weak, _MOST_INDICATED)
