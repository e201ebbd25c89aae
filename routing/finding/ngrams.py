"""Which short runs of characters a text has, as numbers: what the heads read beside the sentence vector."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from routing.finding.endings import calmly_ended

BUCKETS = 1 << 16
_LONGEST = 4
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(48)


def ngrams(text: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The buckets (below BUCKETS) of the runs of 1 to 4 characters of a calmly ended text, each once, with weights.

    A weight grows with the logarithm of how often the run comes; together they have length 1. Both are empty for an
    empty text.
    """
    plain = " ".join(calmly_ended(text).split())
    characters = np.frombuffer(f" {plain} ".encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    hashes = np.zeros(len(characters), dtype=np.uint64)
    found = []
    for length in range(1, _LONGEST + 1):
        if len(characters) < length:
            break
        kept = len(characters) - length + 1
        # Each run's number is made from that of the run one shorter, so that a text is gone over four times only.
        hashes = (hashes[:kept] ^ (characters[length - 1 :] + np.uint64(length))) * _MULTIPLIER
        found.append((hashes >> _SHIFT).astype(np.int64))
    if not plain:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    buckets, counts = np.unique(np.concatenate(found), return_counts=True)
    weights = 1 + np.log(counts.astype(np.float32))
    return buckets, (weights / np.linalg.norm(weights)).astype(np.float32)
