"""Builds config/mobile_prefixes.csv and config/calling_regions.csv from the data of phonenumbers, or compares them.

Run by hand when phonenumbers is raised: `python scripts/build_number_places.py`. With `--check` nothing is written: it
says for how many numbers the installed version places another city than the file, and fails above one in a hundred.

The files are made because the library's own way to them, phonenumbers.geocoder, loads the numbers of the whole world
into the process (docs/decisions/0218). Its cities are named as they were when the numbers were issued; here they stand
as the codes of those that answer for them today.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import phonenumbers
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.geodata.locale import LOCALE_DATA

from routing.areas import MUNICIPALITIES, NATION, AreaTree, Level

CONFIG = Path(__file__).resolve().parent.parent / "config"
MOBILES, REGIONS = CONFIG / "mobile_prefixes.csv", CONFIG / "calling_regions.csv"
FIRST, LAST = 1_300_000, 1_999_999
# So many digits of 86 and the number tell the city; the library writes a shorter prefix where all below it are alike.
# Shorter still is 173, which is sold all over the country and stands there as Beijing's whole.
LONGEST, SHORTEST = 9, 6
# Divisions of China stand under their own codes.
OF_CHINA = frozenset(["HK", "MO", "TW"])
# Where the library has no name, an old one, or one that is not that of GB/T 2659.
GIVEN_ENGLISH = {
    "AC": "Ascension Island", "CN": "Mainland China", "MK": "North Macedonia", "SZ": "Eswatini",
    "TA": "Tristan da Cunha", "XK": "Kosovo",
}  # fmt: skip
GIVEN_CHINESE = {
    "AC": "阿森松岛", "AS": "美属萨摩亚", "BA": "波斯尼亚和黑塞哥维那", "BD": "孟加拉国", "BQ": "荷兰加勒比区",
    "BZ": "伯利兹", "CC": "科科斯群岛", "CD": "刚果（金）", "CG": "刚果（布）", "CI": "科特迪瓦", "CN": "中国大陆",
    "CZ": "捷克", "DM": "多米尼克", "ER": "厄立特里亚", "FK": "马尔维纳斯群岛", "GG": "根西岛", "GP": "瓜德罗普",
    "GW": "几内亚比绍", "IM": "马恩岛", "JP": "日本", "KG": "吉尔吉斯斯坦", "MF": "法属圣马丁", "MK": "北马其顿",
    "MP": "北马里亚纳群岛", "MS": "蒙特塞拉特", "NC": "新喀里多尼亚", "PF": "法属波利尼西亚", "SC": "塞舌尔",
    "SX": "荷属圣马丁", "TA": "特里斯坦-达库尼亚", "TC": "特克斯和凯科斯群岛", "TK": "托克劳",
    "VG": "英属维尔京群岛", "VI": "美属维尔京群岛", "WF": "瓦利斯和富图纳", "WS": "萨摩亚", "XK": "科索沃",
}  # fmt: skip
MOST_APART = 0.01


def main() -> int:
    """Writes or compares. Returns the exit status."""
    areas = AreaTree.load(CONFIG / "areas.csv")
    runs = list(_runs(areas))
    if "--check" in sys.argv[1:]:
        return _check(runs)
    _write(MOBILES, ("prefix", "code"), runs)
    _write(REGIONS, ("region", "zh", "en"), _regions())
    print(f"{MOBILES.name}: {len(runs)} runs of prefixes, with phonenumbers {phonenumbers.__version__}.")
    return 0


def _runs(areas: AreaTree) -> Iterator[tuple[str, str]]:
    """The first seven digits at which each run of numbers of one city begins, with the city's code."""
    codes: dict[str, str] = {}
    before = ""
    for prefix in range(FIRST, LAST + 1):
        name = _named(f"86{prefix}")
        if name not in codes:
            codes[name] = _code(name, areas) if name else NATION
        if codes[name] != before:
            before = codes[name]
            yield str(prefix), before


def _named(digits: str) -> str:
    for length in range(LONGEST, SHORTEST - 1, -1):
        names = GEOCODE_DATA.get(digits[:length])
        if names:
            return str(names.get("zh", ""))
    return ""


def _code(name: str, areas: AreaTree) -> str:
    """The code of the standing city of a name such as 湖北省襄樊市, or of its province where it lies in no city."""
    every = [*areas.current(), *areas.former()]
    provinces = {area.code: area for area in every if area.level is Level.PROVINCE}
    for province in provinces.values():
        for written in (province.name, province.short_name):
            rest = name.removeprefix(written)
            if rest == name:
                continue
            if province.code in MUNICIPALITIES and rest in ("", "市"):
                return province.code
            found = [area for area in every if area.name == rest and area.code[:2] == province.code[:2]]
            found.sort(key=lambda area: (area.level is Level.CITY, area.valid_to is None, area.valid_to or 0))
            if found:
                path = areas.ancestors(areas.successor(found[-1].code))
                return next((code for code in path if areas.level(code) is Level.CITY), path[-1])
    raise SystemExit(f"No division is called {name!r}; wanted a province and a city of areas.csv. Name it there first.")


def _regions() -> Iterator[tuple[str, str, str]]:
    for region in sorted(phonenumbers.SUPPORTED_REGIONS - OF_CHINA):
        yield region, GIVEN_CHINESE.get(region) or _said(region, "zh"), GIVEN_ENGLISH.get(region) or _said(region, "en")


def _said(region: str, language: str) -> str:
    """The library's name; "*ja" stands for the same as in Japanese."""
    names = LOCALE_DATA[region]
    name = names[language]
    return str(names[name[1:]] if name.startswith("*") else name)


def _check(runs: list[tuple[str, str]]) -> int:
    with MOBILES.open(encoding="utf-8", newline="") as file:
        written = [(row["prefix"], row["code"]) for row in csv.DictReader(file)]
    ours, theirs = _spread(written), _spread(runs)
    known = [both for both in zip(ours, theirs, strict=True) if both != (NATION, NATION)]
    apart = sum(one != other for one, other in known)
    print(f"{apart} of {len(known)} prefixes lie elsewhere by phonenumbers {phonenumbers.__version__}.")
    return int(apart > MOST_APART * len(known))


def _spread(runs: list[tuple[str, str]]) -> list[str]:
    """The code of every prefix, from the first on."""
    spread: list[str] = []
    for at, (prefix, code) in enumerate(runs):
        end = int(runs[at + 1][0]) if at + 1 < len(runs) else LAST + 1
        spread += [code] * (end - int(prefix))
    return spread


def _write(path: Path, names: tuple[str, ...], rows: Iterator[tuple[str, ...]] | list[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
