"""One letter each for the verbs of the desk, and none that does something else on every page."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.keys import load_keys


def test_every_verb_has_a_letter_of_its_own() -> None:
    keys = load_keys()
    assert len(set(keys.values())) == len(keys)
    assert not set(keys.values()) & set("ghjkx")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('take = "t"\nclose = "x"\n', "has not for: ['close']"),
        ('take = "tt"\n', "has not for: ['take']"),
        ('take = "t"\nclose = "t"\n', "several verbs: ['t']"),
    ],
)
def test_a_letter_that_means_something_else_already_stops_the_start(tmp_path: Path, table: str, says: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(ValueError, match="keys.toml should") as refused:
        load_keys(path)
    assert says in str(refused.value)
