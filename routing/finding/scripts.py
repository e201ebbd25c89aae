"""Burmese written for the Zawgyi font: the same letters in other places, noise to whoever does not tell them apart."""

from __future__ import annotations

import re

# What no Unicode Burmese has: the vowel E before a word's first letter, stacked forms in Zawgyi's own code points, and
# the medial RA before its consonant.
_ZAWGYI = re.compile(
    "(?:^|[\\s\u104a\u104b])\u1031|[\u1060-\u1097]|\u103b[\u1000-\u1021]\u1039(?![\u1000-\u1021])|\u1039(?:$|[\\s\u104a\u104b])"
)
_BURMESE = re.compile("[\u1000-\u109f]")


def is_zawgyi(text: str) -> bool:
    """Whether Burmese text was typed for Zawgyi. Two signs are wanted, since one may be a slip of the finger."""
    return len(_BURMESE.findall(text[:2000])) >= 6 and len(_ZAWGYI.findall(text[:2000])) >= 2
