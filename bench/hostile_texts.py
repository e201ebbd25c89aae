"""Texts made to take long: what the bound on the time for one report is tried with."""

from __future__ import annotations

HOSTILE = [
    "他" * 20_000,
    "县市区省从到" * 4_000,
    "a b " * 5_000,
    "a·" * 8_000,
    "人·贩 子" * 4_000,
    "“" * 15_000,
    "《" * 15_000,
    "北京市朝阳区的他被卖到缅甸" * 1_500,
    "不让走上课骗缅甸" * 2_000,
    "如果有人被卖以前没有被打" * 1_200,
    "ရောင်းစား" * 2_000,
    "ေ" * 15_000,
    "😀" * 15_000,
    "no " * 6_000,
    "\u0301" * 15_000,
    "\ufdfa" * 15_000,  # One sign that stands for eighteen letters.
    "aа" * 8_000,  # Latin and Cyrillic by turns.
    "12岁" * 5_000,
    "wǒ4 jiu4 " * 1_500,
    "h3lp m3 " * 1_800,
    "\u1109\u1161\u11af" * 5_000,  # Korean syllables in their parts.
]
