"""A name is found as people write it, hide it or spell it, and not inside another word."""

from __future__ import annotations

import pytest

from routing.finding.named import says_name


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("派出所的陈大明收了老板的钱", "陈大明", True),
        ("派出所的陳大明收了老板的錢", "陈大明", True),
        ("派出所的陈-大-明", "陈大明", True),
        ("陈 大 明", "陈大明", True),
        ("是陈大山", "陈大明", False),
        ("Officer Wei Lun took the money", "Wei Lun", True),
        ("OFFICER WEI LUN", "Wei Lun", True),
        ("my weight is low", "Wei", False),
        ("Weiss", "Wei", False),
        ("他叫wei，是警察", "Wei", True),
        ("", "陈大明", False),
        ("x", "", False),
    ],
)
def test_a_name_is_found_as_people_write_it(text: str, name: str, said: bool) -> None:
    assert says_name(text, [name]) == said
