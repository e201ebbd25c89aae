"""The model card's tables are written by a command, each figure with its bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline.model_card import BEGIN, END, card_tables, written_into
from tests.hotline.test_model_figures import one

CARD = Path(__file__).parents[2] / "docs" / "model-card.md"


def test_every_table_has_its_parts_and_every_figure_its_bounds() -> None:
    found = [one(), one(("spam",)), one(("buying", "abduction"))]
    tables = card_tables(found, (102, 0), [("By language", [("zh", found), ("vi", found[:1])])], resampled=20)
    assert "| immediate: recall | 1.000 | [1.000, 1.000] | 3 |" in tables
    assert "| sex words swapped: other matters | 0 |  | 102 pairs |" in tables
    assert "### By language" in tables
    assert "| vi | 1 | 1.00 [1.00, 1.00]" in tables
    assert "| buying | 3 | 2 | 0.80 | [" in tables
    assert "| high | 0 | – |" in tables


def test_the_tables_take_the_place_of_those_before_and_leave_the_rest(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text(f"Before.\n{BEGIN}\nold\n{END}\nAfter.\n", encoding="utf-8")
    written_into(card, "| new |")
    assert card.read_text(encoding="utf-8") == f"Before.\n{BEGIN}\n\n| new |\n{END}\nAfter.\n"


def test_a_card_without_a_place_for_them_is_refused(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text("No place.", encoding="utf-8")
    with pytest.raises(ValueError, match="figures: begin"):
        written_into(card, "| new |")


def test_the_card_says_what_it_must() -> None:
    said = CARD.read_text(encoding="utf-8")
    for part in (
        "## What it is bad at",
        "## How to retrain",
        "No practitioner has checked any of them",
        "no native speaker",
    ):
        assert part in said
    tables = said[said.index(BEGIN) : said.index(END)]
    for section in ("### How sure", "### Each matter", "### By language", "### By who is in danger", "### By matter"):
        assert section in tables
