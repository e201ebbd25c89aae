"""units.csv: overrides of single units as a spreadsheet writes them, read as the [[override]] tables they stand for."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from routing.rulebook.errors import Fault, Origin, RulebookError
from routing.rulebook.source import RUN_CHECK, Step, decoded, read_bytes, shown

_TRUTHS = {"true": True, "false": False}
# How a cell is read; an empty one leaves the unit as it is. What cannot be read is left to the shape to refuse.
_COLUMNS: Mapping[str, Callable[[str], Any]] = {
    "unit": str,
    "live": lambda cell: _TRUTHS.get(cell.lower(), cell),
    "hours": lambda cell: [one.strip() for one in cell.split(";")],
    "languages": str.split,
    "serves": str.split,
    "delivery": str.split,
    "webhook": str,
    "private_network": str,
    "mail": str,
    "sms": str,
    "telephone": str,
    "deputy_mail": str,
    "deputy_sms": str,
}


class UnitsTable:
    """A parsed file. tables holds its lines under "override", as TOML would."""

    def __init__(self, path: Path, folder: Path) -> None:
        """Raises RulebookError where the file cannot be read as such a table."""
        self.name = path.relative_to(folder).as_posix()
        self.content = read_bytes(path, self.name)
        self._lines: list[int] = []
        # Spreadsheets put a mark before the first letter.
        rows = self._rows(decoded(self.name, self.content).removeprefix("\ufeff"))
        self.tables: Mapping[str, Any] = {"override": rows} if rows else {}

    def origin(self, steps: Sequence[Step]) -> Origin:
        """Where a path such as ("override", 3, "delivery") stands."""
        row = steps[1] if len(steps) > 1 else None
        if not isinstance(row, int):
            return Origin(file=self.name, line=None, place="")
        unit = self.tables["override"][row].get("unit", "")
        return Origin(
            file=self.name, line=self._lines[row], place=", ".join(str(one) for one in (unit, *steps[2:3]) if one)
        )

    def fault(self, steps: Sequence[Step], *, wanted: str, came: object, remedy: str = RUN_CHECK) -> Fault:
        """A mistake at such a path."""
        return self.origin(steps).fault(
            wanted=wanted, came=came if isinstance(came, str) else shown(came), remedy=remedy
        )

    def _rows(self, text: str) -> list[dict[str, Any]]:
        reader = csv.reader(text.splitlines(), strict=True)
        header = [name.strip() for name in next(reader, [])]
        self._check_header(header)
        return [dict(self._cells(header, row)) for row in self._filled(reader)]

    def _filled(self, reader: Any) -> Iterator[list[str]]:
        """The lines that are not empty."""
        try:
            for row in reader:
                if any(cell.strip() for cell in row):
                    self._lines.append(reader.line_num)
                    yield row
        except csv.Error as fault:
            raise self._refusal(reader.line_num, "a line of cells with commas between them", str(fault)) from None

    def _cells(self, header: Sequence[str], row: Sequence[str]) -> Iterator[tuple[str, Any]]:
        if len(row) != len(header):
            raise self._refusal(self._lines[-1], f"{len(header)} cells, as in the first line", f"{len(row)}")
        for name, cell in zip(header, row, strict=True):
            if cell.strip():
                yield name, _COLUMNS[name](cell.strip())

    def _check_header(self, header: Sequence[str]) -> None:
        strange = [name for name in header if name not in _COLUMNS]
        wanted = f"columns among {', '.join(_COLUMNS)}, with unit"
        if strange or "unit" not in header:
            raise self._refusal(1, wanted, shown(strange[0]) if strange else "no column called unit")
        if len(set(header)) != len(header):
            raise self._refusal(1, "each column once", ", ".join(header))

    def _refusal(self, line: int, wanted: str, came: str) -> RulebookError:
        return RulebookError([Fault(file=self.name, line=line, place="", wanted=wanted, came=came, remedy=RUN_CHECK)])
