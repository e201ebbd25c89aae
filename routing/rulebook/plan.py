"""The National Plan of Action through its editions: what is to be done, who is responsible, who cooperates.

Rules name lines of the first edition. What a report cites depends on its day: the line of the edition in force that
goes on with the rule's line, where the data has it, and then the rule's line itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from reports.values import UnitKind
from routing.rulebook.periods import Period


@dataclass(frozen=True, kw_only=True)
class Member:
    """A body that the Plan names, under one name. kind is the kind of local unit that answers for it here, if any.

    A body that was renamed or joined to another has its last day in period, and the id of the one that followed.
    """

    id: str
    zh: str
    en: str
    kind: UnitKind | None
    member: bool
    period: Period
    successor: str = ""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One line of an edition. id is part.section.measure-dash, after the edition's id and / in later editions.

    responsible and cooperating are ids of members; a heading has none. continues names lines of earlier editions.
    """

    id: str
    edition: str
    zh: str
    en: str
    responsible: tuple[str, ...]
    cooperating: tuple[str, ...]
    continues: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Something of an edition that this data does not have."""

    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One edition, with the document that issued it and the days it is in force."""

    id: str
    zh: str
    en: str
    document: str
    source: str
    period: Period
    file: str
    gaps: tuple[Gap, ...] = ()


class Plan:
    """All editions. measures has the lines of all of them by id."""

    def __init__(
        self, editions: Sequence[Edition], measures: Mapping[str, Measure], members: Mapping[str, Member]
    ) -> None:
        self.editions = tuple(sorted(editions, key=lambda edition: edition.period.valid_from or date.min))
        self.measures, self.members = measures, members
        self._by_id = {edition.id: edition for edition in self.editions}
        self._going_on: dict[tuple[str, str], list[str]] = {}
        for measure in measures.values():
            for line in self._beginnings(measure):
                self._going_on.setdefault((measure.edition, line), []).append(measure.id)

    @property
    def first_lines(self) -> tuple[str, ...]:
        """The lines of the first edition, which rules may name."""
        return tuple(id for id, measure in self.measures.items() if measure.edition == self.editions[0].id)

    def on(self, day: date) -> Edition:
        """The edition in force: the last that had begun. The first one for a day before all of them."""
        begun = [one for one in self.editions if one.period.valid_from is None or one.period.valid_from <= day]
        return begun[-1] if begun else self.editions[0]

    def edition_of(self, measure: str) -> Edition:
        """The edition that a line stands in."""
        return self._by_id[self.measures[measure].edition]

    def cited(self, lines: Iterable[str], day: date) -> tuple[str, ...]:
        """What is cited on a day for lines of the first edition: lines in force that go on with them, then they."""
        wanted = tuple(dict.fromkeys(lines))
        edition = self.on(day).id
        in_force = (id for line in wanted for id in self._going_on.get((edition, line), ()))
        return tuple(dict.fromkeys((*in_force, *wanted)))

    def responsible(self, measure: str, language: str) -> str:
        """The responsible bodies of a line in "zh" or "en", as its edition writes them."""
        members = [self.members[id] for id in self.measures[measure].responsible]
        if language == "zh":
            return "、".join(member.zh for member in members)
        return ", ".join(member.en for member in members)

    def _beginnings(self, measure: Measure) -> set[str]:
        """The lines of the first edition that a line of a later one goes back to."""
        found: set[str] = set()
        for line in measure.continues:
            earlier = self.measures[line]
            found |= self._beginnings(earlier) if earlier.continues else {line}
        return found
