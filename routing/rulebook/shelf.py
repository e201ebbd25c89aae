"""The shelf: every version of the rulebook that was ever in use, exactly as it was proved, and which is in use now.

A folder with one folder for each version, named by its fingerprint and never taken away, and one small file that lists
what came into use. That file is replaced as a whole: whoever reads it, and whenever a process dies, finds either the
version before or the version after.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from routing.rulebook.book import Rulebook
from routing.rulebook.errors import Fault, RulebookError, ShelfError
from routing.rulebook.load import load_rulebook
from routing.rulebook.source import read_bytes
from routing.rulebook.tables import fingerprint_of, table_files

IN_USE = "in-use.json"
_LOCK = "lock"
_NEW = ".new-"
_FINGERPRINT = re.compile("[0-9a-f]{64}")
_FEWEST_LETTERS = 8
# What tells one state of the list from another without reading it.
Stamp = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Use:
    """A version that came into use: when (ISO 8601), who did it, and the version that going back leads to.

    before is '' for a version that nothing came before.
    """

    fingerprint: str
    at: str
    by: str
    before: str


def nothing_further(_rulebook: Rulebook) -> Sequence[Fault]:
    """No further wish of a version beyond being proved."""
    return ()


def fingerprint_of_folder(folder: Path) -> str:
    """The fingerprint of a folder's rulebook, sound or not. Raises RulebookError for a file that cannot be read."""
    named = ((path.relative_to(folder).as_posix(), path) for path in table_files(folder))
    return fingerprint_of((name, read_bytes(path, name)) for name, path in named)


class Shelf:
    """The folder `rulebooks` of the state folder. A fresh one is empty: nothing was put into use yet."""

    def __init__(self, state: Path) -> None:
        self.folder = state / "rulebooks"

    def stamp(self) -> Stamp | None:
        """What changes whenever another version comes into use; None where none ever did. Cheap: one look at a file."""
        try:
            found = (self.folder / IN_USE).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def uses(self) -> tuple[Use, ...]:
        """Everything that came into use, in order; the last is in use now. Raises ShelfError for a spoilt list."""
        path = self.folder / IN_USE
        try:
            uses = tuple(Use(**use) for use in json.loads(path.read_bytes())["uses"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError):
            raise ShelfError(
                f"{path} should list the rulebooks that came into use, but cannot be read as such. "
                "Put it back from a backup, or move it away and activate a rulebook anew."
            ) from None
        if not uses or not all(_FINGERPRINT.fullmatch(use.fingerprint) for use in uses):
            raise ShelfError(f"{path} should name rulebooks by 64 hexadecimal digits. Put it back from a backup.")
        return uses

    def versions(self) -> tuple[str, ...]:
        """The fingerprints of all versions that are kept."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(path.name for path in self.folder.iterdir() if _FINGERPRINT.fullmatch(path.name)))

    def find(self, beginning: str) -> str:
        """The fingerprint that begins so. Raises ShelfError where none or several do, or too little is given."""
        if len(beginning) < _FEWEST_LETTERS:
            raise ShelfError(f"A fingerprint wants at least {_FEWEST_LETTERS} digits, but has {beginning!r}.")
        found = [version for version in self.versions() if version.startswith(beginning.lower())]
        if len(found) != 1:
            came = "several rulebooks begin" if found else "no rulebook that was kept begins"
            raise ShelfError(f"{came.capitalize()} with {beginning[:70]!r}. `hotline rules list` names them all.")
        return found[0]

    def folder_of(self, fingerprint: str) -> Path:
        """Where a version lies."""
        return self.folder / fingerprint

    def serving(self, otherwise: Path) -> Path:
        """Where the version in use lies; `otherwise` where none was ever put into use. Raises ShelfError."""
        uses = self.uses()
        return self.folder_of(uses[-1].fingerprint) if uses else otherwise

    def load(self, fingerprint: str) -> Rulebook:
        """A version, proved again. Raises RulebookError, and ShelfError where it is not what was kept."""
        rulebook = load_rulebook(self.folder_of(fingerprint))
        if rulebook.fingerprint != fingerprint:
            raise ShelfError(self._damaged(fingerprint))
        return rulebook

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While this lasts nobody else changes the shelf. Raises ShelfError where somebody else is at it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / _LOCK).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ShelfError(
                    "Another rulebook is being put into use just now; nothing was changed. "
                    "See what it was with `hotline rules list`, then try again."
                ) from None
            yield

    def keep(self, source: Path, further: Callable[[Rulebook], Sequence[Fault]] = nothing_further) -> Rulebook:
        """Copies a rulebook's files, proves the copy and puts it on the shelf. Only within `alone`.

        Raises RulebookError, and keeps nothing, for wrong entries, for holes, and for what `further` finds.
        """
        for left in self.folder.glob(f"{_NEW}*"):
            # Whoever made it died at it: nobody else is here.
            shutil.rmtree(left, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix=_NEW, dir=self.folder))
        try:
            _copy(source, staging)
            rulebook = load_rulebook(staging)
            faults = further(rulebook)
            if faults:
                raise RulebookError(faults)
            self._shelve(staging, rulebook.fingerprint)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return rulebook

    def put_into_use(self, use: Use) -> None:
        """Makes a kept version the one in use, in one step. Only within `alone`."""
        uses = [asdict(one) for one in (*self.uses(), use)]
        new = self.folder / f".{IN_USE}"
        _write(new, json.dumps({"uses": uses}, indent=1, ensure_ascii=False).encode())
        os.replace(new, self.folder / IN_USE)
        _settle(self.folder)

    def _shelve(self, staging: Path, fingerprint: str) -> None:
        kept = self.folder_of(fingerprint)
        if not kept.exists():
            os.rename(staging, kept)
            _settle(self.folder)
        elif fingerprint_of_folder(kept) != fingerprint:
            raise ShelfError(self._damaged(fingerprint))

    def _damaged(self, fingerprint: str) -> str:
        return (
            f"{self.folder_of(fingerprint)} should hold the rulebook that it is named after, but holds another. "
            "Put that folder back from a backup, or move it away and activate the rulebook anew."
        )


def _copy(source: Path, target: Path) -> None:
    """Copies the files of a rulebook and nothing else. Raises RulebookError for one that cannot be read."""
    for path in table_files(source):
        name = path.relative_to(source)
        copy = target / name
        copy.parent.mkdir(mode=0o700, exist_ok=True)
        _write(copy, read_bytes(path, name.as_posix()))
        # A version is never changed: what is changed is activated as another.
        copy.chmod(0o400)
    for folder in {path.parent for path in target.rglob("*")}:
        _settle(folder)


def _write(path: Path, content: bytes) -> None:
    """Writes a file that is still there after the power fails."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Waits until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
