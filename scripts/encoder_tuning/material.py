"""What is learned from: the numbers that `scripts/encoder_material.py` writes, and texts side by side on one device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from encoder_tuning import ALL, WRITTEN

Arrays = dict[str, np.ndarray]
Places = dict[tuple[int, int], np.ndarray]  # By the row of the report and the number of the place in it.


def load(path: Path) -> Arrays:
    """The arrays by name."""
    with np.load(path, allow_pickle=False) as kept:
        return {name: kept[name] for name in kept.files}


class Texts:
    """The material on one device."""

    def __init__(self, arrays: Arrays, device: torch.device) -> None:
        def put(name: str, kind: torch.dtype) -> torch.Tensor:
            return torch.tensor(arrays[name]).to(device, kind)

        self.arrays, self.device = arrays, device
        self.tokens, self.words = put("tokens", torch.long), put("word_vectors", torch.float32)
        self.wanted, self.counts = put("wanted", torch.float32), put("counts", torch.float32)
        self.as_written = put("as_written", torch.bool)
        ends = arrays["ends"]
        self.starts, self.lengths = np.concatenate([[0], ends[:-1]]), np.diff(ends, prepend=0)
        self.owners, self.places = arrays["owners"], arrays["places"]
        self.of_row: dict[int, dict[int, list[int]]] = {}
        for text, (row, _, rewriting) in enumerate(self.owners):
            self.of_row.setdefault(int(row), {}).setdefault(int(rewriting), []).append(text)
        first = np.searchsorted(self.places[:, 0], np.arange(len(self.owners) + 1))
        self.place_range = list(zip(first[:-1], first[1:], strict=True))

    def batch(self, texts: Sequence[int]) -> Batch:
        """The texts side by side."""
        lengths = torch.tensor(self.lengths[texts], device=self.device)
        at = torch.arange(int(lengths.max()), device=self.device)
        mask = at[None] < lengths[:, None]
        starts = torch.tensor(self.starts[texts], device=self.device)
        tokens = self.tokens[(starts[:, None] + at[None]).clamp_(max=len(self.tokens) - 1)]
        owners = self.owners[texts]
        places = [
            (beside, *self.places[number, 1:4], number)
            for beside, text in enumerate(texts)
            for number in range(*self.place_range[text])
        ]
        shaped = np.array(places, np.int64).reshape(-1, 5)
        return Batch(
            tokens,
            mask,
            torch.tensor(owners[:, 0].astype(np.int64), device=self.device),
            torch.tensor(owners[:, 1].astype(np.int64), device=self.device),
            torch.tensor(shaped, device=self.device),
        )

    def taught(self, batch: Batch) -> torch.Tensor:
        """Which labels each text of a batch teaches, and how much each counts."""
        is_taught = torch.where(
            (batch.teaches == ALL)[:, None],
            torch.ones_like(self.as_written)[None],
            (batch.teaches == WRITTEN)[:, None] == self.as_written[None],
        )
        return self.counts[batch.rows] * is_taught


@dataclass(frozen=True)
class Batch:
    """Tokens side by side, with what they belong to; places: beside, from, to, role, number."""

    tokens: torch.Tensor
    mask: torch.Tensor
    rows: torch.Tensor
    teaches: torch.Tensor
    places: torch.Tensor
