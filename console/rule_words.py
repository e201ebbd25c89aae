"""The rows of the rulebook in words: when each holds, what it does, and which rows somebody asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from console.display import Display
from routing.rulebook.book import Rulebook
from routing.rulebook.conditions import Clause, Match
from routing.rulebook.overlays import Overlay
from routing.rulebook.rules import Row, WithholdRow

# How words.toml calls the codes of axes that are no axes of the taxonomy.
_NAMED = {
    "family": "family_{}", "lead": "kind_{}", "channel": "channel_{}", "track": "track_{}", "places": "relation_{}",
}  # fmt: skip

# A page of so many rows stays small, however many a rulebook has.
ROWS_PER_PAGE = 80


@dataclass(frozen=True, kw_only=True)
class RowsAsked:
    """Which rows somebody wants to see: of one table, about a kind of unit, citing a line, holding in a province.

    '' is every table, kind or line, and the whole country.
    """

    table: str = ""
    kind: str = ""
    line: str = ""
    province: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.table or self.kind or self.line or self.province)


@dataclass(frozen=True)
class ShownRow:
    """A row with the local document that it comes from, if any."""

    table: str
    row: Row
    overlay: Overlay | None


def rows_asked(rulebook: Rulebook, asked: RowsAsked) -> Mapping[str, tuple[ShownRow, ...]]:
    """The rows by table, in the order in which they are tried; tables without one are left out."""
    overlays = {overlay.id: overlay for overlay in rulebook.rules.overlays.all}
    found = {}
    for table, rows in rulebook.rules.tables().items():
        shown = tuple(
            ShownRow(table, row, overlay)
            for row in rows
            for overlay in [overlays.get(overlay_of(row))]
            if _fits(table, row, overlay, asked, rulebook)
        )
        if shown:
            found[table] = shown
    return found


def page_of(
    found: Mapping[str, Sequence[ShownRow]], number: int, per_page: int = ROWS_PER_PAGE
) -> tuple[Mapping[str, tuple[ShownRow, ...]], bool]:
    """The rows of one page, counted from 0, and whether there are more behind it."""
    listed = [one for rows in found.values() for one in rows]
    page: dict[str, tuple[ShownRow, ...]] = {}
    for one in listed[number * per_page : (number + 1) * per_page]:
        page[one.table] = (*page.get(one.table, ()), one)
    return page, len(listed) > (number + 1) * per_page


def overlays_in(rulebook: Rulebook, province: str) -> tuple[Overlay, ...]:
    """The local documents that hold somewhere in a province."""
    return tuple(one for one in rulebook.rules.overlays.all if any(code[:2] == province[:2] for code in one.areas))


def overlay_of(row: Row) -> str:
    """The id of the local document that a row comes from; '' for one of rules.toml."""
    wanted = [one for one in row.when.clauses if one.axis == "overlay" and one.match is Match.ANY]
    return next(iter(wanted[0].codes)) if wanted else ""


def _fits(table: str, row: Row, overlay: Overlay | None, asked: RowsAsked, rulebook: Rulebook) -> bool:
    if asked.table and table != asked.table:
        return False
    if asked.kind and asked.kind not in _kinds(row):
        return False
    if asked.line and asked.line not in getattr(row, "measures", ()):
        return False
    return not asked.province or overlay is None or overlay in overlays_in(rulebook, asked.province)


def _kinds(row: Row) -> frozenset[str]:
    """The kinds of unit that a row is about."""
    if isinstance(row, WithholdRow):
        return frozenset(kind.value for kind in row.kinds)
    to = getattr(row, "to", None)
    return frozenset([to.value]) if to is not None else frozenset()


class RuleWords:
    """Says in one language when a row holds."""

    def __init__(self, display: Display) -> None:
        self._display = display

    def when(self, row: Row) -> tuple[tuple[str, str], ...]:
        """Each part of a row's condition, as what it asks about and for. Nothing for a row that always holds."""
        return tuple((self._about(clause), self._codes(clause)) for clause in row.when.clauses)

    def said(self, row: object) -> str:
        """A row's own sentence, or the name of anything that has one in both languages."""
        return str(getattr(row, self._display.language))

    def _about(self, clause: Clause) -> str:
        name = self._display.word(f"axis_{clause.axis}")
        if clause.match is Match.ANY:
            return name
        return self._display.word(f"rules_{clause.match.value}_of").format(what=name)

    def _codes(self, clause: Clause) -> str:
        if clause.axis == "hour":
            return ", ".join(_spans(sorted(int(code) for code in clause.codes)))
        return self._display.word("comma" if clause.match is Match.ALL else "or").join(
            self._code(clause.axis, code) for code in sorted(clause.codes)
        )

    def _code(self, axis: str, code: str) -> str:
        if axis == "overlay":
            overlays = (one for one in self._display.rulebook.rules.overlays.all if one.id == code)
            return next((self.said(one) for one in overlays), code)
        if axis == "period":
            return code.replace("..", " – ").strip()
        if axis in _NAMED:
            return self._display.word(_NAMED[axis].format(code))
        return self._display.label(code, axis)


@dataclass(frozen=True)
class RuleSaid:
    """One row in words: its own sentence, and what its condition asks about and for."""

    said: str
    when: tuple[tuple[str, str], ...]


def said_of(row: Row, display: Display) -> RuleSaid:
    """A row in the reader's language."""
    words = RuleWords(display)
    return RuleSaid(words.said(row), words.when(row))


def _spans(hours: Sequence[int]) -> Iterator[str]:
    """Hours of the day as spans such as 22:00–24:00."""
    start = previous = hours[0]
    for hour in [*hours[1:], -1]:
        if hour != previous + 1:
            yield f"{start:02}:00–{previous + 1:02}:00"
            start = hour
        previous = hour
