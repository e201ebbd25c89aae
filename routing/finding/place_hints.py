"""Places told in numbers: the area code of a landline, and the first six digits of an identity number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reports.values import PlaceRole
from routing.areas import AreaTree
from routing.finding.place_names import rows

_DIGITS = str.maketrans("零〇一二三四五六七八九幺×●#", "001234567891***")
# Digits that somebody left out, in a number as well as behind its first digits.
_LEFT_OUT = "[x*]"
_IDENTITIES = (
    re.compile(r"(?<!\d)([1-8]\d{5})(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dx](?!\d)"),
    # Bank cards and much else has digits left out, so the number has to be called what it is.
    re.compile(
        r"(?:身份证|证件|户口|id card|id no|identity)[^\d,。;]{0,8}([1-8]\d{5}|[1-8]\d{3})(?:(?:19|20)\d{0,6})?"
        rf"{_LEFT_OUT}{{2,14}}[\dx]{{0,4}}(?![\dx*])"
    ),
    re.compile(r"(?:身份证|证件号)[^\d,。;]{0,6}([1-8]\d(?:\d\d){0,2})(?=的?(?:开头|打头|起头|开始))"),
    re.compile(r"(?<!\d)([1-8]\d(?:\d\d){0,2})(?=(?:开头|打头|起头)的?身份证)"),
)
_HAN = re.compile("[\u4e00-\u9fff]")
# Eight or seven digits, in groups, some of them left out; or fewer with some left out at the end.
_OWN = rf"(?:[2-8x*](?:[- ]?[\dx*]){{6,7}}|[2-8](?:[- ]?\d){{0,3}}[- ]?{_LEFT_OUT}{{2,7}})(?![\dx*])"
_WITH_COUNTRY = re.compile(rf"(?<!\d)(?:\+|00)86[- ()]{{0,3}}0?[- ()]{{0,2}}(\d{{2,3}})[- )]{{0,2}}{_OWN}")
_LANDLINE = re.compile(rf"(?<![\d+])(0\d{{2,3}})[-— )]{{0,2}}{_OWN}")
# In other languages 010, 020 and 0812 begin mobile numbers of their own countries, which are written in other groups.
_LANDLINE_ABROAD = re.compile(r"(?<![\d+])(0\d{2,3})[- )]{1,2}[2-8]\d{6,7}(?!\d)")
_PREFIX = re.compile(
    r"(?<!\d)(0\d{2,3})(?!\d)(?=[- ]{0,2}(?:开头|打头|的?区号|的?座机|的?号|的?固话|area code))"
    r"|(?:区号|座机|area code)[是:: ]{0,3}(0\d{2,3})(?!\d)"
)


def area_codes(config: Path, areas: AreaTree) -> dict[str, str]:
    """The division of each area code, by its digits with the zero (0877). Raises ValueError as `Hints.load` does."""
    path = config / "place_area_codes.csv"
    table = {row["prefix"]: row["code"] for row in rows(path)}
    unknown = [code for code in table.values() if areas.get(code) is None]
    if unknown:
        raise ValueError(f"{path} names {unknown}, which are no divisions; wanted codes of areas.csv.")
    return table


@dataclass(frozen=True)
class Hint:
    """A place that a number points to: a caller's landline to where it rings from, an identity number to a home."""

    start: int
    end: int
    code: str
    role: PlaceRole


class Hints:
    """Reads hints. A mobile number says nothing of where its owner is, so it is none."""

    def __init__(self, area_codes: dict[str, str], areas: AreaTree) -> None:
        self._area_codes, self._areas = area_codes, areas

    @classmethod
    def load(cls, config: Path, areas: AreaTree) -> Hints:
        """Reads place_area_codes.csv. Raises ValueError naming a code that is no division."""
        return cls(area_codes(config, areas), areas)

    def find(self, text: str) -> Iterator[Hint]:
        """Hints in folded text, identity numbers first."""
        digits = text.translate(_DIGITS)
        for pattern in _IDENTITIES:
            for match in pattern.finditer(digits):
                code = self._areas.successor(match[1].ljust(6, "0"))
                if code:
                    yield Hint(match.start(1), match.end(1), code, PlaceRole.ORIGIN)
        for pattern in (_WITH_COUNTRY, _LANDLINE if _HAN.search(text) else _LANDLINE_ABROAD, _PREFIX):
            for match in pattern.finditer(digits):
                group = next(number for number, found in enumerate(match.groups(), 1) if found)
                code = self._area_codes.get(f"0{match[group].lstrip('0')}", "")
                if code:
                    yield Hint(match.start(group), match.end(group), code, PlaceRole.OCCURRENCE)
