"""One TOML file of the rulebook: its values, and the lines they stand on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from routing.rulebook.errors import Fault, Origin, RulebookError

# A hundred times today's largest table; a file beyond it is a mistake or an attack.
MOST_BYTES = 4_000_000
RUN_CHECK = "Correct it and run `hotline rules check`."

Step = str | int
_OPENING = re.compile(r"\s*\[(\[?[^\[\]]+\]?)\]\s*(#.*)?$")


class Written(Protocol):
    """A file of the rulebook, however it is written."""

    name: str
    content: bytes
    tables: Mapping[str, Any]

    def origin(self, steps: Sequence[Step]) -> Origin:
        """Where a path of this file stands."""

    def fault(self, steps: Sequence[Step], *, wanted: str, came: object, remedy: str = RUN_CHECK) -> Fault:
        """A mistake at a path of this file."""


class Source:
    """A parsed file. tables holds what TOML says; name is how people call it: its path below the rulebook's folder."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.name = path.relative_to(folder).as_posix()
        self.content = read_bytes(path, self.name)
        text = decoded(self.name, self.content)
        self._lines = text.splitlines()
        try:
            self.tables: Mapping[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as fault:
            found = re.search(r"line (\d+)", str(fault))
            # Without a line it is the end of the file that is not as wanted.
            line = int(found[1]) if found else max(1, len(self._lines))
            raise _failed(self.name, line, "TOML", f"something else ({fault})", RUN_CHECK) from None
        except RecursionError:
            raise _failed(self.name, None, "tables a few levels deep", "hundreds of levels", RUN_CHECK) from None

    def line_of(self, steps: Sequence[Step]) -> int | None:
        """The line, from 1, of a value named by its path, such as ("lead", 3, "to"); its table's if not found."""
        header = self._header_line(steps)
        if header is None:
            return None
        keys = [step for step in steps[1:] if isinstance(step, str)]
        if len(keys) > 1 and f"{steps[0]}.{keys[0]}" in self._openings:
            # The table has a header of its own.
            keys = keys[1:]
        for number in range(header, len(self._lines)):
            line = self._lines[number]
            if number > header and line.lstrip().startswith("["):
                break
            if keys and re.match(rf"\s*{re.escape(keys[0])}\b", line):
                return number + 1
        return header + 1

    def origin(self, steps: Sequence[Step]) -> Origin:
        """Where a path of this file stands."""
        return Origin(file=self.name, line=self.line_of(steps), place=describe(steps, self.tables))

    def fault(self, steps: Sequence[Step], *, wanted: str, came: object, remedy: str = RUN_CHECK) -> Fault:
        """A mistake at a path of this file."""
        found = came if isinstance(came, str) else shown(came)
        return self.origin(steps).fault(wanted=wanted, came=found, remedy=remedy)

    @cached_property
    def _openings(self) -> Mapping[str, list[int]]:
        """The lines that open each table, by what stands between its brackets; a list's opens once for each entry."""
        openings: dict[str, list[int]] = {}
        for number, line in enumerate(self._lines):
            if opened := _OPENING.match(line):
                openings.setdefault(re.sub(r"\s", "", opened[1]), []).append(number)
        return openings

    def _header_line(self, steps: Sequence[Step]) -> int | None:
        """The index of the line that opens the table a path leads into."""
        if not steps:
            return None
        table = str(steps[0])
        if len(steps) > 1 and isinstance(steps[1], int):
            starts = self._openings.get(f"[{table}]", [])
            return starts[steps[1]] if steps[1] < len(starts) else None
        names = [f"{table}.{steps[1]}", table] if len(steps) > 1 else [table, f"[{table}]"]
        found = next((self._openings[name][0] for name in names if name in self._openings), None)
        if found is not None:
            return found
        key = re.compile(rf"\s*{re.escape(table)}\b")
        return next((number for number, line in enumerate(self._lines) if key.match(line)), None)


def shown(value: object) -> str:
    """A value as a short word for a message."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def describe(steps: Sequence[Step], tables: Mapping[str, Any]) -> str:
    """A path in words: `[[lead]] 3 (crime), to`."""
    words: list[str] = []
    value: Any = tables
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = None
        if isinstance(step, int):
            name = (value.get("id") or value.get("kind") or value.get("unit")) if isinstance(value, Mapping) else None
            words[-1] = f"[[{words[-1]}]] {step + 1}" if len(words) == 1 else f"{words[-1]} {step + 1}"
            words[-1] += f" ({name})" if isinstance(name, str) else ""
        else:
            words.append(step)
    return ", ".join(words)


def read_bytes(path: Path, name: str) -> bytes:
    """What a file holds. Raises RulebookError where it cannot be read or is far too long."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as fault:
        came = fault.strerror or "a fault of the file system"
        raise _failed(name, None, "a file that can be read", came, "Put the file there.") from None
    if len(content) > MOST_BYTES:
        remedy = "Split the file or take out what is too much."
        raise _failed(name, None, f"at most {MOST_BYTES:,} bytes", "more", remedy)
    return content


def decoded(name: str, content: bytes) -> str:
    """The text of a file. Raises RulebookError, naming the line, where it is not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise _failed(name, line, "text in UTF-8", "bytes that are not", "Save the file as UTF-8.") from None


def _failed(name: str, line: int | None, wanted: str, came: str, remedy: str) -> RulebookError:
    return RulebookError([Fault(file=name, line=line, place="", wanted=wanted, came=came, remedy=remedy)])
