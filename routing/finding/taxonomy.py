"""The taxonomy as values: which codes each axis has, and how they are called in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

AXES = (
    "matters", "urgency", "persons", "reporter", "places", "contact", "cues", "doubts", "questions", "bands",
)  # fmt: skip
# What a case is looked at for has names too, in a table of its own: the axis, and how the table calls it.
_LOOKED_AT_FOR = {"dimensions": "dimensions", "elements": "elements", "ilo": "indicators", "states": "states"}


@dataclass(frozen=True)
class Label:
    """One code of one axis. family is crime, relief, circumstance or other for matters, '' elsewhere.

    is_brought: whoever comes from outside the mainland and meets with this was brought across a border.
    beside holds the matters of which a cue needs one to mean anything; none where it means something beside any.
    """

    code: str
    zh: str
    en: str
    family: str
    basis: tuple[str, ...]
    plan: tuple[str, ...]
    is_brought: bool = False
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """All axes."""

    axes: Mapping[str, Mapping[str, Label]]

    @classmethod
    def load(cls, config: Path) -> Taxonomy:
        """Reads taxonomy.toml and dimensions.toml. Raises ValueError naming what is missing."""
        path, beside = config / "taxonomy.toml", config / "dimensions.toml"
        try:
            tables, more = (tomllib.loads(one.read_text(encoding="utf-8")) for one in (path, beside))
        except tomllib.TOMLDecodeError as fault:
            raise ValueError(f"{path} and {beside.name} should be TOML, but are not: {fault}.") from None
        missing = [axis for axis in AXES if axis not in tables]
        if missing:
            raise ValueError(f"{path} should have the axes {', '.join(AXES)}; it lacks {', '.join(missing)}.")
        try:
            rows = {axis: tables[axis] for axis in AXES} | {axis: more[name] for axis, name in _LOOKED_AT_FOR.items()}
            return cls(
                {axis: {code: _label(code, row) for code, row in listed.items()} for axis, listed in rows.items()}
            )
        except (KeyError, TypeError) as fault:
            raise ValueError(f"{path} and {beside.name}: every label needs zh and en ({fault}).") from None

    def codes(self, axis: str) -> tuple[str, ...]:
        """The codes of an axis, in the order of the file."""
        return tuple(self.axes[axis])

    def family(self, matter: str) -> str:
        """crime, relief, circumstance or other."""
        return self.axes["matters"][matter].family

    def is_brought(self, matter: str) -> bool:
        """Whether somebody from outside the mainland who meets with this was brought across a border."""
        return self.axes["matters"][matter].is_brought

    def means_something(self, cue: str, matters: Collection[str]) -> bool:
        """Whether a cue means anything beside these matters."""
        beside = self.axes["cues"][cue].beside
        return not beside or any(matter in beside for matter in matters)

    def name(self, axis: str, code: str, language: str) -> str:
        """What a label is called in "zh" or "en"; the code itself where the taxonomy does not know it."""
        label = self.axes.get(axis, {}).get(code)
        if label is None:
            return code
        return label.zh if language == "zh" else label.en


def _label(code: str, row: Mapping[str, object]) -> Label:
    return Label(
        code=code,
        zh=str(row["zh"]),
        en=str(row["en"]),
        family=str(row.get("family", "")),
        basis=_listed(row, "basis"),
        plan=_listed(row, "plan"),
        is_brought=row.get("brought") is True,
        beside=_listed(row, "beside"),
    )


def _listed(row: Mapping[str, object], name: str) -> tuple[str, ...]:
    values = row.get(name)
    return tuple(str(one) for one in values) if isinstance(values, list) else ()
