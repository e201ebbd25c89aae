"""The files of `config/indicators/`, looked through: officers edit them, and a word under a slip of the pen finds
nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from routing.finding.cancels import KINDS
from routing.finding.folding import fold
from routing.finding.pinyin import is_phrase
from routing.finding.taxonomy import Taxonomy

FOLDER = "indicators"
_AXES = ("matters", "urgency", "persons", "reporter", "contact", "cues", "ilo")
_CANCELS = "cancels"
_LISTS = ("strong", "weak", "pinyin", "pinyin_weak", "near", "pattern")


def read_indicators(config: Path, taxonomy: Taxonomy) -> list[Mapping[str, Any]]:
    """The tables of every file, in the order of their names. Raises ValueError, a line for each fault in any file."""
    paths = sorted((config / FOLDER).glob("*.toml"))
    if not paths:
        raise ValueError(f"{config / FOLDER} should hold at least one file of indicators, but is empty.")
    tables: list[Mapping[str, Any]] = []
    faults: list[str] = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
            table = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            faults.append(f"{path} should be a TOML file of indicators: {fault}.")
            continue
        tables.append(table)
        faults += [f"{path}{_line(text, place)}, {said}" for place, said in _faults(table, taxonomy)]
    if faults:
        raise ValueError("\n".join(faults))
    return tables


def indicator_faults(config: Path) -> tuple[str, ...]:
    """What is wrong in the files of indicators of a folder, a line each; none where the folder has no such files."""
    if not (config / FOLDER).is_dir():
        return ()
    try:
        read_indicators(config, Taxonomy.load(config))
    except ValueError as fault:
        return tuple(str(fault).splitlines())
    return ()


def _faults(table: Mapping[str, Any], taxonomy: Taxonomy) -> Iterator[tuple[str, str]]:
    """The table that each fault is in, and what is said of it."""
    for axis, codes in table.items():
        if axis not in (*_AXES, _CANCELS):
            yield axis, f"[{axis}]: wanted one of {', '.join((*_AXES, _CANCELS))}. Correct the name."
        elif not isinstance(codes, dict):
            yield axis, f"{axis}: wanted a table of its own, [{axis}.…], but found {codes!r}."
        elif axis == _CANCELS:
            for kind, phrases in codes.items():
                if kind not in KINDS:
                    yield axis, f"[{axis}], {kind}: wanted one of {', '.join(KINDS)}. Correct the name."
                else:
                    yield from _faults_of_phrases(axis, kind, phrases)
        else:
            for code, entry in codes.items():
                yield from _faults_of_entry(f"{axis}.{code}", entry, code in taxonomy.codes(axis))


def _faults_of_entry(place: str, entry: Any, is_known: bool) -> Iterator[tuple[str, str]]:
    if not is_known:
        yield (
            place,
            f"[{place}]: no such label in taxonomy.toml or dimensions.toml. Correct the name, or add the label.",
        )
    if not isinstance(entry, dict):
        yield place, f"[{place}]: wanted lists ({', '.join(_LISTS)}), but found {entry!r}."
        return
    for kind, phrases in entry.items():
        if kind not in _LISTS:
            yield place, f"[{place}], {kind}: wanted one of {', '.join(_LISTS)}. Correct the name."
        elif kind == "near":
            yield from _faults_of_pairs(place, phrases)
        else:
            yield from _faults_of_phrases(place, kind, phrases)


def _faults_of_phrases(place: str, kind: str, phrases: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(phrases, list):
        yield place, f'[{place}], {kind}: wanted a list such as ["…", "…"], but found {phrases!r}.'
        return
    for phrase in phrases:
        if not _is_phrase(phrase):
            yield place, f"[{place}], {kind}: wanted words in quotes, but found {phrase!r}."
        elif kind.startswith("pinyin") and not is_phrase(phrase):
            yield (
                place,
                f'[{place}], {kind}: wanted two to eight syllables such as "bei guan zai", but found {phrase!r}.',
            )
        elif kind == "pattern":
            try:
                re.compile(phrase)
            except re.error as fault:
                yield place, f"[{place}], pattern: wanted a regular expression, but {phrase!r} is none: {fault}."


def _faults_of_pairs(place: str, pairs: Any) -> Iterator[tuple[str, str]]:
    for pair in pairs if isinstance(pairs, list) else [pairs]:
        if not (isinstance(pair, list) and len(pair) == 2 and all(map(_is_phrase, pair))):
            yield place, f'[{place}], near: wanted pairs such as ["…", "…"], but found {pair!r}.'


def _is_phrase(phrase: Any) -> bool:
    return isinstance(phrase, str) and bool(fold(phrase).text.strip())


def _line(text: str, place: str) -> str:
    header = re.compile(rf"^[ \t]*\[{re.escape(place)}(?:\]|\.)", re.MULTILINE).search(text)
    return "" if header is None else f", line {text.count(chr(10), 0, header.start()) + 1}"
