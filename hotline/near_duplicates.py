"""Reports that say nearly the same in nearly the same words: they teach little, and flatter a measurement."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from hotline.labelled import LabelledReport
from routing.finding.folding import fold

# Above this share of common runs two texts are one text that somebody changed a little.
MOST_ALIKE = 0.6
_RUN = 4
# A run that so many texts have tells none of them apart.
_COMMON = 150
# Greetings and other texts of a word or two are alike by nature.
_SHORTEST = 8


def near_duplicates(
    reports: Sequence[LabelledReport], most: float = MOST_ALIKE
) -> Iterator[tuple[LabelledReport, LabelledReport, float]]:
    """Each pair of reports with more in common than allowed (Jaccard's share of runs of four characters), and how much.

    Pairs that are meant to differ in little (minimal pairs and sex-swap pairs) are none.
    """
    runs = [_runs(report.text) for report in reports]
    holders: dict[str, list[int]] = defaultdict(list)
    for number, report in enumerate(reports):
        if len(runs[number]) < _SHORTEST:
            continue
        shared: Counter[int] = Counter()
        for run in runs[number]:
            if len(holders[run]) < _COMMON:
                shared.update(holders[run])
                holders[run].append(number)
        for other, count in shared.items():
            alike = count / (len(runs[number]) + len(runs[other]) - count)
            if alike > most and not _is_meant(report, reports[other]):
                yield reports[other], report, alike


def _runs(text: str) -> frozenset[str]:
    plain = "".join(fold(text).text.split())
    return frozenset(plain[place : place + _RUN] for place in range(max(1, len(plain) - _RUN + 1)))


def _is_meant(one: LabelledReport, other: LabelledReport) -> bool:
    if one.file != other.file:
        return False
    return bool((one.pair and one.pair == other.pair) or (one.swap and one.swap == other.swap))
