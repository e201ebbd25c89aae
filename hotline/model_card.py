"""The tables of the model card: every figure, by language, by who is in danger and by matter, each with its bounds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from hotline.model_figures import Figure, Judged, figures, is_lead_right, per_matter

# What stands between these two lines of the card is written by `hotline model evaluate --card`, and by nobody else.
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
_ONE = {
    "immediate: recall": "immediate recalled", "immediate: precision": "immediate right", "urgency: exact": "urgency",
    "matters: micro F1": "matters", "persons: micro F1": "persons", "lead: kind right": "lead kind",
}  # fmt: skip
_OTHER = {
    "lead: region right": "region", "copies: recall": "copies", "occurrence: right": "occurrence",
    "invented places per 100": "invented /100", "routed without a person": "alone", "right of those": "right of those",
    "taken for harmless without a person": "missed alone",
}  # fmt: skip
_BANDS_ABOUT = "The bands are drawn on reports that the tuned layers had not seen; this is how they hold on these."
_BANDS = ("high", "middle", "low")
Part = tuple[str, Sequence[Judged]]


def written_into(card: Path, tables: str) -> None:
    """Puts the tables into the card. Raises ValueError where it has not the two lines that they stand between."""
    text = card.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{card} should have the lines {BEGIN} and {END}, and the tables between them, but has not.")
    card.write_text(f"{before}{BEGIN}\n\n{tables}\n{END}{after}", encoding="utf-8")


def card_tables(
    found: Sequence[Judged], swaps: tuple[int, int], parts: Sequence[tuple[str, Sequence[Part]]], resampled: int
) -> str:
    """All tables as Markdown. parts are the titles of the ways to tell the reports apart, each with its parts."""
    pairs, changed = swaps
    whole = "\n".join(
        f"| {one.name} | {one.value:.3f} | [{one.low:.3f}, {one.high:.3f}] | {one.count} |"
        for one in figures(found, resampled)
    )
    sections = [
        f"| figure | value | bounds | of |\n|---|---|---|---|\n{whole}\n"
        f"| sex words swapped: other matters | {changed} |  | {pairs} pairs |",
        f"### How sure, and how right\n\n{_BANDS_ABOUT}\n\n{_bands(found, resampled)}",
        f"### Each matter\n\n{_matters(found, resampled)}",
    ]
    for title, listed in parts:
        sections.append(f"### {title}\n\n{_table(listed, _ONE, resampled)}\n\n{_table(listed, _OTHER, resampled)}")
    return "\n\n".join(sections) + "\n"


def _table(parts: Sequence[Part], columns: dict[str, str], resampled: int) -> str:
    rows = [f"| | reports | {' | '.join(columns.values())} |", "|---" * (len(columns) + 2) + "|"]
    for name, part in parts:
        values = {one.name: one for one in figures(part, resampled)}
        rows.append(f"| {name} | {len(part)} | {' | '.join(_cell(values[column]) for column in columns)} |")
    return "\n".join(rows)


def _cell(figure: Figure) -> str:
    if not figure.count and figure.name != "invented places per 100":
        return "–"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"


def _bands(found: Sequence[Judged], resampled: int) -> str:
    rows = ["| band | reports | lead right, kind and region |", "|---|---|---|"]
    for band in _BANDS:
        right = [float(all(is_lead_right(one))) for one in found if one.finding.band == band]
        rows.append(f"| {band} | {len(right)} | {_share(right, resampled)} |")
    return "\n".join(rows)


def _matters(found: Sequence[Judged], resampled: int) -> str:
    chance = random.Random(0)  # noqa: S311
    samples = [per_matter([chance.choice(found) for _ in found]) for _ in range(resampled)]
    rows = ["| matter | there | said | F1 | bounds |", "|---|---|---|---|---|"]
    for code, (right, said, wanted) in sorted(per_matter(found).items(), key=lambda row: -row[1][2]):
        drawn = sorted(_f1(*sample.get(code, (0, 0, 0))) for sample in samples)
        rows.append(f"| {code} | {wanted} | {said} | {_f1(right, said, wanted):.2f} | {_bounds(drawn)} |")
    return "\n".join(rows)


def _share(values: Sequence[float], resampled: int) -> str:
    if not values:
        return "–"
    chance = random.Random(0)  # noqa: S311
    drawn = sorted(sum(chance.choice(values) for _ in values) / len(values) for _ in range(resampled))
    return f"{sum(values) / len(values):.2f} {_bounds(drawn)}"


def _bounds(drawn: Sequence[float]) -> str:
    if not drawn:
        return ""
    return f"[{drawn[int(len(drawn) * 0.025)]:.2f}, {drawn[int(len(drawn) * 0.975)]:.2f}]"


def _f1(right: int, said: int, wanted: int) -> float:
    return 2 * right / (said + wanted) if said + wanted else 0.0
