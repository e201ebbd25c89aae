"""What is wrong with a rulebook, in words for the person who maintains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_FAULTS_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where something of the rulebook is written: the file's name, the line from 1, the table and its number."""

    file: str
    line: int | None
    place: str

    def fault(self, *, wanted: str, came: str, remedy: str) -> Fault:
        """A mistake of what is written here."""
        return Fault(file=self.file, line=self.line, place=self.place, wanted=wanted, came=came, remedy=remedy)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One mistake: where it stands (file, line, table and number), what was wanted, what came, and what to do."""

    file: str
    line: int | None
    place: str
    wanted: str
    came: str
    remedy: str

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        place = f", {self.place}" if self.place else ""
        return f"{self.file}{line}{place}: wanted {self.wanted}, but found {self.came}. {self.remedy}"


class RulebookError(Exception):
    """The rulebook cannot be used. The message names every mistake found; nothing was loaded."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        lines = [str(fault) for fault in self.faults[:MOST_FAULTS_SHOWN]]
        if len(self.faults) > MOST_FAULTS_SHOWN:
            lines.append(f"… and {len(self.faults) - MOST_FAULTS_SHOWN} more.")
        super().__init__("\n".join(lines))


class ShelfError(Exception):
    """A version cannot be kept, found or put into use. The message says why and what to do; nothing was changed."""
