"""How good scores are of reports that a model was not shown: no lines drawn, so that ways to tune can be compared."""

from __future__ import annotations

import math

import numpy as np

from encoder_tuning.material import Arrays, Places


def figures(arrays: Arrays, found: np.ndarray, places: Places, rows: np.ndarray) -> dict[str, float]:
    """How good the scores of the rows are; found and places hold all rows."""
    wanted, counts, labels = arrays["wanted"][rows] > 0.5, arrays["counts"][rows], arrays["labels"]
    said = found[rows]
    axes = np.array([str(label).split(".")[0] for label in labels])
    made: dict[str, float] = {}
    loss = np.logaddexp(0, said) - said * arrays["wanted"][rows]
    made["loss"] = float((loss * counts).sum() / len(rows))
    for axis in ("matters", "persons", "contact", "cues"):
        columns = np.flatnonzero(axes == axis)
        kept = [(wanted[counts[:, c] > 0, c], said[counts[:, c] > 0, c]) for c in columns]
        made[f"{axis}_ap"] = float(np.nanmean([_precision(*one) for one in kept]))
        made[f"{axis}_f1"] = _best_f1(np.concatenate([t for t, _ in kept]), np.concatenate([s for _, s in kept]))
    for axis in ("urgency", "reporter"):
        columns = np.flatnonzero(axes == axis)
        made[axis] = float((said[:, columns].argmax(1) == wanted[:, columns].argmax(1)).mean())
    made["immediate_ap"] = _precision(
        wanted[:, list(labels).index("urgency.immediate")], said[:, list(labels).index("urgency.immediate")]
    )
    of_row = {int(row) for row in rows}
    texts, right, total, first, firsts = arrays["owners"], 0, 0, 0, 0
    gold: dict[int, list[tuple[int, int]]] = {}
    for text, _, _, role, number in arrays["places"]:
        row, _, rewriting = (int(value) for value in texts[text])
        if row in of_row and not rewriting and role >= 0 and (row, number) in places:
            gold.setdefault(row, []).append((int(number), int(role)))
    for row, told in gold.items():
        ranked = [(places[row, number][1] - np.logaddexp.reduce(places[row, number]), role) for number, role in told]
        right += sum(int(places[row, number].argmax()) == role for number, role in told)
        total += len(told)
        if any(role == 1 for _, role in ranked):
            firsts += 1
            first += max(ranked)[1] == 1
    made["role"], made["occurrence_first"] = right / max(1, total), first / max(1, firsts)
    return made


def _precision(there: np.ndarray, said: np.ndarray) -> float:
    """The average precision of a ranking."""
    order = np.argsort(-said, kind="stable")
    hits = there[order]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean()) if hits.any() else math.nan


def _best_f1(there: np.ndarray, said: np.ndarray) -> float:
    order = np.argsort(-said.ravel(), kind="stable")
    right = np.cumsum(there.ravel()[order])
    return float((2 * right / (np.arange(1, len(right) + 1) + there.sum())).max())
