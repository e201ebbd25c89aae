"""docs/abuse.md names a test for every row, and every test that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "abuse.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([a-z_/]+\.py)::(test_\w+)`", PAGE)))
ABUSE = [*range(1, 14), *range(19, 27), 31, 32]
# What nobody at a door can do: an export of everything, and a session after a change of role.
OF_THE_DESK = {83, 90}


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_that_the_page_names_is_there(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")


def test_every_row_of_abuse_has_a_promise_a_figure_and_a_test() -> None:
    rows = re.findall(r"^\| A(\d+) \|([^|]+)\|([^|]+)\|([^|]+)\|(.+)\|$", PAGE, re.MULTILINE)
    assert [int(row[0]) for row in rows] == ABUSE
    assert all("::test_" in row[4] and row[3].strip() for row in rows)


def test_every_row_of_bad_input_has_a_test() -> None:
    told = PAGE.split("## Bad input")[1]
    rows: set[int] = set()
    for listed, held in re.findall(r"^\| ([\d, -]+) \|[^|]+\|[^|]+\|(.+)\|$", told, re.MULTILINE):
        assert "::test_" in held
        for part in listed.split(", "):
            first, _, last = part.partition("-")
            rows |= set(range(int(first), int(last or first) + 1))
    assert set(range(1, 91)) - rows == OF_THE_DESK
