"""When a text may leave, on the reporter's own clock: [hours] and [zones] of replies.toml, checked as they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_DAY, _MINUTE = 1440, 60_000
# A number that begins like none of the others.
EVERYWHERE_ELSE = "+"


@dataclass(frozen=True, kw_only=True)
class TextingHours:
    """From which minute of the day until which one a text may leave, for how many minutes somebody who wrote is taken
    to be awake, and between which minutes ahead of UTC the numbers of each beginning are."""

    begins: int
    ends: int
    awake_minutes: int
    zones: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> TextingHours:
        """Reads what `hours_problem` found nothing wrong with."""
        hours = table["hours"]
        zones = {begin: (int(min(ahead) * 60), int(max(ahead) * 60)) for begin, ahead in table["zones"].items()}
        begins, ends = _minute(hours["from"]), _minute(hours["until"])
        return cls(begins=begins, ends=ends, awake_minutes=hours["awake_minutes"], zones=zones)

    def zone_of(self, number: str) -> str:
        """The longest beginning that a number in E.164 has: all that has to be known of it to let its owner sleep."""
        return max((begin for begin in self.zones if number.startswith(begin)), key=len, default=EVERYWHERE_ELSE)

    def quiet_zones(self, now: int) -> tuple[str, ...]:
        """The beginnings whose owners may be asleep at a moment, in milliseconds since 1970."""
        minute = now // _MINUTE
        return tuple(
            begin
            for begin, ahead in self.zones.items()
            if not all(self.begins <= (minute + one) % _DAY < self.ends for one in ahead)
        )


def hours_problem(table: Mapping[str, Any]) -> str:
    """What is wrong first with the two tables, in a sentence; '' where nothing is."""
    hours, zones = table.get("hours"), table.get("zones")
    if not isinstance(hours, dict) or not all(_is_time(hours.get(name)) for name in ("from", "until")):
        return '[hours] should give two times such as "08:00" under from and until.'
    if type(hours.get("awake_minutes")) is not int or hours["awake_minutes"] < 1:
        return "[hours] should give a whole number of at least 1 for awake_minutes."
    length = _minute(hours["until"]) - _minute(hours["from"])
    if length < 1:
        return "[hours] should have from before until, on one day."
    if not isinstance(zones, dict) or EVERYWHERE_ELSE not in zones:
        return '[zones] should have a line "+" for numbers that begin like none of the others.'
    for begin, ahead in zones.items():
        if not re.fullmatch(r"\+[0-9]{0,5}", begin) or not _is_zone(ahead):
            return f"[zones] {begin!r} should be the beginning of numbers, with hours ahead of UTC such as [2, 12]."
        span = (max(ahead) - min(ahead)) * 60
        # Beyond that there would be no moment that is day at both ends, or one that is night between them.
        if span >= length or span >= _DAY - length:
            return f"[zones] {begin!r} is too wide: at no time do the hours hold in all of it."
    return ""


def _is_time(given: Any) -> bool:
    return isinstance(given, str) and re.fullmatch(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00", given) is not None


def _is_zone(given: Any) -> bool:
    if not isinstance(given, list) or not given:
        return False
    return all(type(one) in (int, float) and -12 <= one <= 14 for one in given)


def _minute(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
