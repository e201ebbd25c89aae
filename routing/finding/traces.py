"""What a text names that another report may name too: telephone numbers, plates, accounts and agencies.

Plain patterns over the text in one spelling. What they miss costs a link between two reports, and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class TraceKind(StrEnum):
    """What sort of thing is named. A place stands in the finding already, by its code."""

    NUMBER = "number"
    PLATE = "plate"
    ACCOUNT = "account"
    AGENCY = "agency"
    PLACE = "place"


@dataclass(frozen=True, order=True)
class Trace:
    """One thing that is named, in one spelling: equal for everybody who names it."""

    kind: TraceKind
    value: str


# The letters of provinces that plates begin with (GA 36), then those of units of their own.
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(rf"[{_PROVINCES}][A-Z][·.\-\s]?[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳领]")
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86[\s-]?)?(1[3-9][0-9](?:[\s-]?[0-9]{4}){2})(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9])(0[1-9][0-9]{1,2})[\s-]?([2-9][0-9]{6,7})(?![0-9])")
_ABROAD = re.compile(r"(?<![0-9])\+(?!86)([1-9](?:[\s-]?[0-9]){7,14})(?![0-9])")
_ACCOUNT = re.compile(
    r"(微信|wechat|weixin|vx|v信|qq|扣扣|telegram|飞机号|line)(?:(?:号码|账号|号|id)\s*[::是为]?|\s*[::是为]|\s)\s*@?"
    r"([a-z0-9][a-z0-9_\-]{4,31})"
)
_SORTS = {"wechat": "微信", "weixin": "微信", "vx": "微信", "v信": "微信", "扣扣": "qq", "飞机号": "telegram"}
_AGENCY = re.compile(
    r"([\u4e00-\u9fff]{2,16}?)(劳务公司|劳务派遣公司|人力资源公司|中介公司|中介所|婚介所|婚姻介绍所|职介所|职业介绍所)"
)
# What stands before a name and is no part of it.
_BEFORE_A_NAME = re.compile(
    r"^.*(?:一家|这家|那家|一个|这个|那个|叫做|叫|是|在|到|去|找|被|给|的|由|通过|开了|开|有|和|跟|从|把|进|了)"
)
_SHORTEST_NAME = 2


def traces_of(text: str) -> tuple[Trace, ...]:
    """Everything that is named in a text, each once, in order of kind and spelling."""
    folded = unicodedata.normalize("NFKC", text)
    return tuple(sorted({*_numbers(folded), *_plates(folded), *_accounts(folded.lower()), *_agencies(folded)}))


def _numbers(text: str) -> Iterator[Trace]:
    for found in _MOBILE.finditer(text):
        yield Trace(TraceKind.NUMBER, f"+86{_digits(found[1])}")
    for found in _LANDLINE.finditer(text):
        yield Trace(TraceKind.NUMBER, f"+86{found[1][1:]}{found[2]}")
    for found in _ABROAD.finditer(text):
        yield Trace(TraceKind.NUMBER, f"+{_digits(found[1])}")


def _plates(text: str) -> Iterator[Trace]:
    for found in _PLATE.finditer(text.upper()):
        yield Trace(TraceKind.PLATE, re.sub(r"[·.\-\s]", "", found[0]))


def _accounts(text: str) -> Iterator[Trace]:
    for found in _ACCOUNT.finditer(text):
        yield Trace(TraceKind.ACCOUNT, f"{_SORTS.get(found[1], found[1])}:{found[2]}")


def _agencies(text: str) -> Iterator[Trace]:
    for found in _AGENCY.finditer(text):
        name = _BEFORE_A_NAME.sub("", found[1])
        if len(name) >= _SHORTEST_NAME:
            yield Trace(TraceKind.AGENCY, f"{name}{found[2]}")


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
