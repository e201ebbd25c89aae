"""The rulebook that comes with this version, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.rulebook.book import Rulebook
from routing.rulebook.load import load_rulebook

CONFIG = Path(__file__).resolve().parents[3] / "config"


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return load_rulebook(CONFIG)
