"""Whether two kinds of request can be told apart by the time that their answers take."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

from bench.table import Better, Figure

Guess = Callable[[int], float]


def compared(name: str, near: Guess, far: Guess, guesses: int) -> list[Figure]:
    """Welch's t over so many guesses of each kind in one process, the slowest twentieth of each side left out.

    A guess is given its number and returns the seconds that its answer took. Both kinds come in turn, so that whatever
    else the machine does strikes both alike.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(guesses):
        first = number % 2
        for kind in (first, 1 - first):
            times[kind].append((near, far)[kind](number))
    return _figures(name, *times)


def _figures(name: str, near: Sequence[float], far: Sequence[float]) -> list[Figure]:
    near, far = (sorted(side)[: len(side) * 19 // 20] for side in (near, far))
    apart = statistics.mean(near) - statistics.mean(far)
    error = math.sqrt(statistics.variance(near) / len(near) + statistics.variance(far) / len(far))
    note = f"means {apart * 1e6:.1f} µs apart of {statistics.mean(far) * 1e6:.0f}, {len(far)} guesses each"
    return [
        Figure(name=f"{name}: |t|", value=abs(apart / error), unit="", better=Better.LOWER, floor=4.5, note=note),
        Figure(name=f"{name}: difference", value=abs(apart) * 1000, unit="ms", better=Better.LOWER, floor=1),
    ]  # fmt: skip
