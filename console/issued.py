"""Where the number was issued that somebody reports from, or left: a hint for the officer's eye, and no more.

A number stays the same wherever its owner goes, and is lent, sold and taken away. So it is looked up when a report is
shown and kept nowhere. It is known at the desk alone, which nothing that reads, decides, counts or sends may import.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import phonenumbers
from numpy.typing import NDArray

from config.settings import PACKAGED_CONFIG
from console.countries import load_countries
from console.display import Display
from reports.content import Content
from reports.values import Finding
from routing.areas import NATION, OUTSIDE_MAINLAND, AreaTree, Level
from routing.finding.place_hints import area_codes

_MAINLAND = "CN"
# Divisions of China that have calling codes of their own.
_WITH_OWN_CODES = {"HK": "810000", "MO": "820000", "TW": "710000"}
# Of a special number, a hotline's or a machine's, where it was issued says nothing of a person.
_OF_PERSONS = frozenset(
    [
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        phonenumbers.PhoneNumberType.MOBILE,
    ]
)
# A number stands at the beginning of what somebody leaves, if anywhere; a text of any length takes the same time.
_LONGEST, _MOST = 200, 3
# Addresses have digits that are no telephone number, and so have those of calls over the internet.
_ADDRESS = re.compile(r"\S*(?:@|://)\S*")


@dataclass(frozen=True)
class Issued:
    """Where the numbers of whoever reported were issued, as names in the officer's language, each once.

    is_all says that no place in the mainland is known of the report, so that the hint is all there is.
    """

    names: tuple[str, ...]
    is_all: bool


class IssuedNumbers:
    """Knows the city of a mainland number and the country of any other, to no more than a city's breadth."""

    def __init__(
        self,
        prefixes: NDArray[np.uint32],
        lines: Mapping[str, str],
        regions: frozenset[str],
        areas: AreaTree,
    ) -> None:
        self._begins, self._codes = np.ascontiguousarray(prefixes[:, 0]), np.ascontiguousarray(prefixes[:, 1])
        self._lines, self._regions, self._areas = lines, regions, areas

    @classmethod
    def load(cls, config: Path = PACKAGED_CONFIG) -> IssuedNumbers:
        """Reads mobile_prefixes.csv, place_area_codes.csv and calling_regions.csv, with areas.csv, as they came with
        this version: no rulebook has a say in them. Raises ValueError, naming the file, where one is not as wanted."""
        path, areas = config / "mobile_prefixes.csv", AreaTree.load(config / "areas.csv")
        try:
            prefixes = np.loadtxt(path, np.uint32, delimiter=",", skiprows=1, ndmin=2)
        except ValueError as fault:
            raise ValueError(f"{path}: wanted lines of a prefix and a code in digits ({fault}).") from fault
        unknown = [code for code in map(_written, set(prefixes[:, 1])) if code != NATION and areas.get(code) is None]
        if unknown or (np.diff(prefixes[:, 0].astype(np.int64)) <= 0).any():
            raise ValueError(f"{path}: wanted rising prefixes and codes of areas.csv, got codes {unknown}.")
        return cls(prefixes, area_codes(config, areas), frozenset(load_countries(config)), areas)

    def where(self, text: str) -> tuple[str, ...]:
        """Where the numbers in a text were issued, each once: the six digits of a city, or of the province where it
        lies in no city; else the ISO 3166-1 code of a country. Nothing for what is no subscriber's number."""
        plain = _ADDRESS.sub(" ", text[:_LONGEST])
        found = (match.number for match in islice(phonenumbers.PhoneNumberMatcher(plain, _MAINLAND), _MOST))
        return tuple(dict.fromkeys(code for number in found if (code := self._issued(number))))

    def _issued(self, number: phonenumbers.PhoneNumber) -> str:
        kind, region = phonenumbers.number_type(number), phonenumbers.region_code_for_number(number) or ""
        if kind not in _OF_PERSONS:
            return ""
        if region != _MAINLAND:
            return _WITH_OWN_CODES.get(region, region if region in self._regions else "")
        digits = phonenumbers.national_significant_number(number)
        code = self._of_mobile(digits) if kind == phonenumbers.PhoneNumberType.MOBILE else self._of_line(digits)
        return self._city(code) or _MAINLAND

    def _of_mobile(self, digits: str) -> str:
        at = int(np.searchsorted(self._begins, int(digits[:7]), "right")) - 1
        return _written(self._codes[at]) if at >= 0 else ""

    def _of_line(self, digits: str) -> str:
        return next((self._lines[f"0{digits[:size]}"] for size in (3, 2) if f"0{digits[:size]}" in self._lines), "")

    def _city(self, code: str) -> str:
        """The standing city that holds a division, or its province where no city does; '' for none."""
        path = self._areas.ancestors(self._areas.successor(code))
        return next((one for one in path if self._areas.level(one) is Level.CITY), path[-1] if path else "")


def _written(code: np.uint32) -> str:
    return f"{code:06d}"


def issued(contents: Sequence[Content], finding: Finding | None, numbers: IssuedNumbers, display: Display) -> Issued:
    """What may be shown of where a report's numbers were issued.

    Nothing of whoever asked to stay anonymous, in any message of theirs or as it was read.
    """
    labels = finding.labels if finding else None
    wishes = [*(labels.contact if labels else ()), *(wish for content in contents for wish in content.wishes)]
    codes = () if "anonymous" in wishes else dict.fromkeys(_codes(contents, numbers))
    known = [place for place in labels.places if _is_mainland(place.code, display)] if labels else []
    return Issued(tuple(display.place(code) for code in codes), is_all=not known)


def _codes(contents: Sequence[Content], numbers: IssuedNumbers) -> Iterator[str]:
    for content in contents:
        yield from numbers.where(content.sender)
        yield from numbers.where(content.contact)


def _is_mainland(code: str, display: Display) -> bool:
    return f"{code[:2]}0000" not in OUTSIDE_MAINLAND and display.rulebook.areas.get(code) is not None
