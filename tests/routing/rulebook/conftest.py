"""The rulebook that comes with this version, and a small one to change."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from routing.rulebook.book import Rulebook
from routing.rulebook.load import load_rulebook

CONFIG = Path(__file__).resolve().parents[3] / "config"
_TABLES = ("taxonomy", "units", "packets", "holidays", "clocks", "rules", "members", "plan",
           "plan-2013-2020", "plan-2021-2030")  # fmt: skip
# Few enough to load quickly: Beijing, Henan, Yunnan, and what lies outside the mainland.
_PROVINCES = ("11", "41", "53", "71", "81", "82")


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return load_rulebook(CONFIG)


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small rulebook without mistakes."""
    folder = tmp_path_factory.mktemp("sound")
    for name in _TABLES:
        shutil.copy(CONFIG / f"{name}.toml", folder)
    shutil.copytree(CONFIG / "overlays", folder / "overlays")
    head, *rows = (CONFIG / "areas.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    units = (folder / "units.toml").read_text(encoding="utf-8")
    (folder / "areas.csv").write_text(head + "".join(row for row in rows if row[:2] in _PROVINCES), encoding="utf-8")
    # Of the provinces with a land border only one is among the few.
    units = re.sub(r'provinces = \["150000".*\]', 'provinces = ["530000"]', units)
    (folder / "units.toml").write_text(units, encoding="utf-8")
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "rulebook"))
