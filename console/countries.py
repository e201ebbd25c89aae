"""What countries are called at the desk."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path


def load_countries(config: Path) -> Mapping[str, Mapping[str, str]]:
    """The names of each country by its ISO 3166-1 code, in both languages ("zh", "en"), from calling_regions.csv."""
    with (config / "calling_regions.csv").open(encoding="utf-8", newline="") as file:
        return {row["region"]: row for row in csv.DictReader(file)}
