"""Which letter each verb of the desk has: the table keys.toml, checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

_FILE = Path(__file__).resolve().parent / "keys.toml"
# Going to another page, veiling, and walking through a list and ticking in it.
_TAKEN = "ghjkx"


def load_keys(path: Path = _FILE) -> Mapping[str, str]:
    """The letter of each verb. Raises ValueError where one is no letter, is taken, or stands for two verbs."""
    keys: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
    wrong = sorted(verb for verb, key in keys.items() if not re.fullmatch("[a-z]", key) or key in _TAKEN)
    if wrong:
        raise ValueError(
            f"{path.name} should have one letter from a to z for each verb; it has not for: {wrong}. "
            f"The letters {_TAKEN} stand for what every page has."
        )
    twice = sorted({key for key in keys.values() if list(keys.values()).count(key) > 1})
    if twice:
        raise ValueError(f"{path.name} should have each letter once; these stand for several verbs: {twice}.")
    return keys
