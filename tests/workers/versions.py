"""Two versions of the rulebook that decide the same reports differently, on a shelf."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from config.settings import PACKAGED_CONFIG
from routing.rulebook.shelf import Shelf, Use
from routing.rulebook.tables import table_files

RULE = 'id = "crime"'
OTHER_RULE = 'id = "crime-anew"'
LINES = 'measures = ["4.3.2-2"]\nzh = "举报涉及犯罪，由所在地公安机关主办"'
OTHER_LINES = 'measures = ["4.1.1"]\nzh = "新规：举报涉及犯罪，由所在地公安机关主办"'


@dataclass(frozen=True)
class Versions:
    """A shelf with two versions, none of them in use yet, and the folder that decides as long as none is."""

    shelf: Shelf
    config: Path
    first: str
    second: str

    def use(self, fingerprint: str) -> None:
        """Puts one into use."""
        with self.shelf.alone():
            self.shelf.put_into_use(Use(fingerprint=fingerprint, at="2010-11-01T00:00:00+00:00", by="clerk", before=""))


def small_rulebook(folder: Path) -> Path:
    """The same for three provinces only, which loads in a third of the time."""
    copy_of_the_rulebook(folder)
    head, *lines = (folder / "areas.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(line for line in lines if line[:2] in ("11", "41", "53", "71", "81", "82"))
    (folder / "areas.csv").write_text(head + kept, encoding="utf-8")
    units = (folder / "units.toml").read_text(encoding="utf-8")
    # Of the provinces with a land border only one is among the three.
    units = re.sub(r'provinces = \["150000".*\]', 'provinces = ["530000"]', units)
    (folder / "units.toml").write_text(units, encoding="utf-8")
    return folder


def copy_of_the_rulebook(folder: Path) -> Path:
    """The rulebook that comes with this version, to be changed."""
    for path in table_files(PACKAGED_CONFIG):
        copy = folder / path.relative_to(PACKAGED_CONFIG)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return folder


def changed(folder: Path) -> Path:
    """Gives a rulebook's rule for crimes another name, another line of the Plan and another sentence."""
    path = folder / "rules.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in ((RULE, OTHER_RULE), (LINES, OTHER_LINES)):
        assert text.count(old) == 1
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return folder


def two_versions(state: Path, copy: Path) -> Versions:
    """The one that comes with this version, and a changed one."""
    shelf = Shelf(state)
    with shelf.alone():
        first, second = shelf.keep(PACKAGED_CONFIG), shelf.keep(changed(copy_of_the_rulebook(copy)))
    return Versions(shelf, PACKAGED_CONFIG, first.fingerprint, second.fingerprint)
