"""The desk can be read by day and at night: every two colours that meet on a page have contrast enough (WCAG AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).resolve().parents[2] / "console/static/desk.css").read_text(encoding="utf-8")
TEXT, FORM = 4.5, 3.0
# What is written or drawn on what, and how much brighter one must be than the other.
INKS = ("ink", "quiet", "act", "immediate", "urgent", "standard", "low")
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "quiet") for ground in ("tint", "calm")),
    *((ink, ground, TEXT) for ink in INKS for ground in ("paper", "sheet")),
    ("act", "tint", TEXT), ("immediate", "tint", TEXT), ("ink", "mark", TEXT), ("on-act", "act", TEXT),
    ("on-late", "immediate", TEXT), ("edge", "sheet", FORM), ("edge", "paper", FORM), ("focus", "sheet", FORM),
    ("focus", "paper", FORM),
]  # fmt: skip


@pytest.mark.parametrize("night", [False, True])
@pytest.mark.parametrize(("front", "ground", "wanted"), PAIRS)
def test_what_is_written_can_be_read(front: str, ground: str, wanted: float, night: bool) -> None:
    colours = _colours(night)
    assert _contrast(colours[front], colours[ground]) >= wanted


def test_every_urgency_has_a_shape_of_its_own() -> None:
    shapes = re.findall(r'\.urgency\.\w+::before \{ content: "(.)"', SHEET)
    assert len(set(shapes)) == 4


def test_focus_is_always_seen() -> None:
    assert ":focus-visible { outline: 3px solid" in SHEET
    assert not re.search(r"(?<!main:focus \{ )outline: (0|none)", SHEET)


def _colours(night: bool) -> dict[str, str]:
    day, dark = SHEET.split("@media screen and (prefers-color-scheme: dark)")[:2]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", dark if night else day))


def _contrast(one: str, other: str) -> float:
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
