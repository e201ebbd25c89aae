"""Takes the picture of the desk for the README: python scripts/picture.py [FILE].

Starts a system of its own with invented reports, signs in, and ends it again. Writes docs/images/desk.png unless
another file is named. Needs what the tests need: the packages of requirements-dev.lock and a Chromium.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.pictured_system import pictured_system, weigh  # noqa: E402

_REPORTS = 24
_MOST_BYTES = 200_000


def main(target: Path) -> None:
    """Writes the picture."""
    with pictured_system() as pictured:
        pictured.played(_REPORTS)
        page = pictured.officer("duty", 1200, 660, "zh")
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target)
    weigh([target], _MOST_BYTES)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images/desk.png")
