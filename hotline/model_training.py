"""Training the heads: minutes on one core, the same numbers every time.

The sentence model's own scores of reports it never saw are kept in `corpus/held-out.npz` (`scripts/tune_encoder.py`
makes it); it is asked now about reports that are not in there. What the
runs of characters make of a report is measured the same way here, by leaving its file out. Only from both does this
learn how much to trust which, and where each label is best drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from hotline.held_out import HeldOut, rows
from hotline.labelled import LabelledReport
from hotline.model_targets import label_names, targets
from hotline.model_trees import grown
from routing.finding.heads import AS_WRITTEN, indicated
from routing.finding.ngrams import BUCKETS, ngrams
from routing.finding.reader import Reader, Reading
from routing.finding.sure import Sure

Floats = npt.NDArray[np.float32]
# Labels are seldom there: one that is counts more, as in the sentence model's training.
_THERE = 1.5
_RUNS_COST, _MOST_STEPS, _MIX_STRENGTH = 0.02, 150, 1.0
# A shift of the line costs a little, so that a label with few reports stays where all labels together put it.
_SHIFTS = np.linspace(-1.6, 1.6, 33)
_SHIFT_COST = 0.02
_FOLDS = 8


@dataclass(frozen=True)
class Material:
    """Everything the heads learn from, a row a report, a column a label."""

    labels: tuple[str, ...]
    reports: tuple[LabelledReport, ...]
    readings: tuple[Reading, ...]
    wanted: Floats
    counts: Floats
    neutral: csr_matrix
    written: csr_matrix
    strong: Floats
    weak: Floats
    sentence: Floats  # NaN where the sentence model has no unseen opinion.
    places: tuple[tuple[Floats | None, ...], ...]  # What it says of the role of each place named.

    def runs(self, column: int) -> csr_matrix:
        """The runs of characters that a label is learned from."""
        return self.written if self.labels[column].split(".")[0] in AS_WRITTEN else self.neutral


def material(reports: Sequence[LabelledReport], config: Path, held_out: Path) -> Material:
    """Reads the texts as the reader will. Raises ValueError where held_out was made for other labels."""
    reader = Reader.load(config)
    labels = label_names(reader.taxonomy)
    index = {(label.split(".", 1)[0], label.split(".", 1)[1]): place for place, label in enumerate(labels)}
    readings = [reader.reading(report.text) for report in reports]
    kept = HeldOut(held_out, reader.model)
    said = [kept.said(report, reading) for report, reading in zip(reports, readings, strict=True)]
    strong, weak = zip(*(indicated(reading.hits, index) for reading in readings), strict=True)
    wanted, counts = targets(reports, labels)
    return Material(
        labels=labels,
        reports=tuple(reports),
        readings=tuple(readings),
        wanted=wanted,
        counts=counts,
        neutral=_matrix([reading.neutral.text for reading in readings]),
        written=_matrix([reading.written.text for reading in readings]),
        strong=np.stack(strong),
        weak=np.stack(weak),
        sentence=rows(said, len(labels)),
        places=tuple((None,) * len(r.named) if s is None else s.places for r, s in zip(readings, said, strict=True)),
    )


def _matrix(texts: Sequence[str]) -> csr_matrix:
    found = [ngrams(text) for text in texts]
    rows = np.repeat(np.arange(len(texts)), [len(buckets) for buckets, _ in found])
    columns = np.concatenate([buckets for buckets, _ in found])
    return csr_matrix((np.concatenate([weights for _, weights in found]), (rows, columns)), (len(texts), BUCKETS))


@dataclass(frozen=True)
class Runs:
    """Weights of the runs of characters: a row a label, a column a bucket."""

    weights: Floats
    bias: Floats


def train_runs(given: Material, rows: npt.NDArray[np.int64]) -> Runs:
    """One logistic regression a label, on the rows given.

    There are many more runs than reports, so each regression is found as weights of the reports (its dual form), all
    labels of a reading together.
    """
    weights = np.zeros((len(given.labels), BUCKETS), np.float32)
    bias = np.zeros(len(given.labels), np.float32)
    as_written = np.array([label.split(".")[0] in AS_WRITTEN for label in given.labels])
    for columns, texts in ((as_written, given.written), (~as_written, given.neutral)):
        there = (given.wanted[np.ix_(rows, columns)] > 0.5).astype(np.float32)
        counts = given.counts[np.ix_(rows, columns)] * (1 + _THERE * there)
        shares, bias[columns] = _dual_logistic((texts[rows] @ texts[rows].T).toarray(), there, counts)
        weights[columns] = (texts[rows].T @ shares).T
    return Runs(weights, bias)


def _dual_logistic(likeness: Floats, there: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """For each column, the share of each report in the weights, and the bias, of a regularised logistic regression."""
    reports, columns = there.shape

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        shares = flat[:-columns].reshape(reports, columns).astype(np.float32)
        spread = likeness @ shares
        scores = spread + flat[-columns:].astype(np.float32)
        wrong = counts * (1 / (1 + np.exp(-scores)) - there)
        value = (counts * (np.logaddexp(0, scores) - there * scores)).sum() + _RUNS_COST / 2 * (shares * spread).sum()
        slope = likeness @ (_RUNS_COST * shares + wrong)
        return float(value), np.concatenate([slope.ravel(), wrong.sum(axis=0)]).astype(np.float64)

    begun = np.zeros(reports * columns + columns)
    found = minimize(loss, begun, jac=True, method="L-BFGS-B", options={"maxiter": _MOST_STEPS}).x
    return found[:-columns].reshape(reports, columns).astype(np.float32), found[-columns:].astype(np.float32)


def unseen_runs(given: Material) -> Floats:
    """What the runs say of every report when its own file is left out, with some others where there are many."""
    scores = np.zeros(given.wanted.shape, np.float32)
    fold = folds([report.file for report in given.reports])
    for number in range(fold.max() + 1):
        rows, seen = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        scores[rows] = score_runs(given, train_runs(given, seen), rows)
    return scores


def folds(files: Sequence[str]) -> npt.NDArray[np.int64]:
    """For each report the number of its fold: whole files, put together so that the folds are about alike."""
    filled = [0] * min(_FOLDS, len(set(files)))
    of_file: dict[str, int] = {}
    for file, size in sorted(Counter(files).items(), key=lambda one: (-one[1], one[0])):
        of_file[file] = filled.index(min(filled))
        filled[of_file[file]] += size
    return np.array([of_file[file] for file in files])


def score_runs(given: Material, runs: Runs, rows: npt.NDArray[np.int64]) -> Floats:
    """What trained runs say of some rows."""
    scores = np.zeros((len(rows), len(given.labels)), np.float32)
    for column in range(len(given.labels)):
        scores[:, column] = given.runs(column)[rows] @ runs.weights[column] + runs.bias[column]
    return scores


def mix(given: Material, runs: Floats, with_sentence: bool) -> Floats:
    """How much to trust each part, alike for all labels of an axis: a row a label, a column a part, and the bias."""
    parts = [runs, given.strong, given.weak]
    if with_sentence:
        parts.insert(0, given.sentence)
    known = np.flatnonzero(~np.isnan(given.sentence).any(axis=1)) if with_sentence else np.arange(len(runs))
    mixed = np.zeros((len(given.labels), len(parts) + 1), np.float32)
    for axis in dict.fromkeys(label.split(".")[0] for label in given.labels):
        columns = [place for place, label in enumerate(given.labels) if label.split(".")[0] == axis]
        features = np.concatenate([np.stack([part[known, c] for part in parts], 1) for c in columns])
        own = np.kron(np.eye(len(columns), dtype=np.float32), np.ones((len(known), 1), np.float32))
        there = np.concatenate([(given.wanted[known, c] > 0.5).astype(int) for c in columns])
        counts = np.concatenate([given.counts[known, c] for c in columns])
        fitted = LogisticRegression(C=_MIX_STRENGTH, max_iter=500, random_state=0)
        fitted.fit(np.hstack([features, own]), there, sample_weight=counts)
        mixed[columns, :-1] = fitted.coef_[0][: len(parts)]
        mixed[columns, -1] = fitted.intercept_[0] + fitted.coef_[0][len(parts) :]
    return mixed


def mixed_scores(given: Material, runs: Floats, mixed: Floats) -> Floats:
    """The scores that a mix gives the reports; NaN where the sentence model has no unseen opinion."""
    parts = [runs, given.strong, given.weak]
    if mixed.shape[1] == 5:
        parts.insert(0, given.sentence)
    total = sum(mixed[:, place] * part for place, part in enumerate(parts))
    return (total + mixed[:, -1]).astype(np.float32)


def shifts(given: Material, scores: Floats) -> Floats:
    """For each label, how far to move its scores so that 0 is where most is right (F1) on unseen reports."""
    moved = np.zeros(len(given.labels), np.float32)
    for column in range(len(given.labels)):
        known = ~np.isnan(scores[:, column]) & (given.counts[:, column] > 0)
        there, values = given.wanted[known, column] > 0.5, scores[known, column]
        worth = [_f1(there, values + shift > 0) - _SHIFT_COST * abs(shift) for shift in _SHIFTS]
        moved[column] = _SHIFTS[int(np.argmax(worth))]
    return moved


def recalled_at(given: Material, scores: Floats, recall: float) -> float:
    """How far to move the scores of `immediate` so that this share of what is immediate stays above 0."""
    column = given.labels.index("urgency.immediate")
    known = ~np.isnan(scores[:, column])
    there = np.sort(scores[known & (given.wanted[:, column] > 0.5), column])
    return float(-there[int(len(there) * (1 - recall))] + 1e-3)


def _f1(there: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_]) -> float:
    right = float((there & said).sum())
    return 2 * right / max(1.0, float(there.sum() + said.sum()))


def tables(
    given: Material,
    runs: Runs,
    with_sentence: Floats,
    without: Floats,
    roles: Floats,
    sure_with: Sure,
    sure_without: Sure,
) -> dict[str, npt.NDArray[np.generic]]:
    """Everything that heads.npz holds. Runs that hardly speak are left out, and the rest kept in eight bits."""
    scale = np.abs(runs.weights).max(axis=1) / 127 + 1e-12
    return {
        "labels": np.array(given.labels),
        "ngram_weights": np.round(runs.weights / scale[:, None]).astype(np.int8),
        "ngram_scale": scale.astype(np.float32),
        "ngram_bias": runs.bias.astype(np.float32),
        "mix_with": with_sentence,
        "mix_without": without,
        "role_mix": roles,
        **sure_with.tables("with"),
        **sure_without.tables("without"),
    }


def write_tables(path: Path, tables: Mapping[str, Any]) -> None:
    """Writes heads.npz, the same bytes for the same tables."""
    np.savez_compressed(path, **tables)


def lined(given: Material, runs: Floats, with_sentence: bool, recall: float) -> tuple[Floats, Floats]:
    """A mix with its lines drawn, and the scores it gives to unseen reports."""
    mixed = mix(given, runs, with_sentence)
    scores = mixed_scores(given, runs, mixed)
    moved = shifts(given, scores)
    for place, label in enumerate(given.labels):
        # Which urgency or reporter is likeliest is a matter of their order, which must not be moved.
        if label.split(".")[0] in ("urgency", "reporter"):
            moved[place] = 0.0
    moved[given.labels.index("urgency.immediate")] = recalled_at(given, scores, recall)
    mixed[:, -1] += moved
    return mixed, scores + moved


def train_sureness(found: Sequence[Floats], is_right: Sequence[bool], files: Sequence[str], wanted: float) -> Sure:
    """The trees over the circumstances, and two lines: above the first, `wanted` of the reports are settled (as
    model_figures.is_settled has it); above the second, nearly all. The lines are drawn on what each file's reports look
    like to trees that left it out."""
    features, right, fold = np.stack(found), np.array(is_right), folds(files)
    sure = np.zeros(len(right))
    for number in range(fold.max() + 1):
        own = fold == number
        trees = grown(features[~own], right[~own])
        sure[own] = [trees.likely(row) for row in features[own]]
    return Sure(grown(features, right), _line(sure, right, wanted), _line(sure, right, 1 - (1 - wanted) / 3))


def _line(sure: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], wanted: float) -> float:
    """The lowest line above which at least the wanted share is right."""
    order = np.argsort(-sure)
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(shares >= wanted)
    return float(sure[order[good[-1]]]) if len(good) else 1.0
