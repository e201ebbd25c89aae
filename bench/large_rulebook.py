"""A rulebook far larger than any real one: thousands of rows beside the shipped ones, an overlay for every province."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import islice, product
from pathlib import Path

from bench.servers import ROOT

OVERLAYS = 34
_OVERLAY_ROWS = 12
_CRIMES = (
    "abduction", "missing_person", "buying", "infant_sale", "sexual_exploitation", "forced_labour", "child_labour",
    "forced_begging", "forced_criminality", "forced_marriage", "organ_removal", "illegal_broker",
)  # fmt: skip
_PERSONS = ("child", "woman", "man", "disabled", "foreign_national", "migrant_worker")
_REPORTERS = ("victim", "family", "witness", "professional", "insider", "unknown")
_CUES = ("job_broker", "marriage_broker", "adoption_broker", "student_placement", "in_transport", "found_adult")
_CHANNELS = ("sms", "voice", "web", "api")
_HOURS = tuple((hour, (hour + 4) % 24) for hour in range(0, 24, 4))
# The shares of the tables among the rows that are added.
_TABLES = (("lead", 5), ("copy", 3), ("cite", 1), ("notice", 1))
_LEAD = 'to = "public_security"\nregion = "present_place"\npacket = "lead"\nmeasures = ["4.3.2-2"]\n'
_COPY = 'to = "womens_federation"\nregion = "lead"\npacket = "notice"\nmeasures = []\n'
_BODIES = {"lead": _LEAD, "copy": _COPY, "cite": 'measures = ["4.1.4"]\n', "notice": ""}
_SAID = 'zh = "某种情形"\nen = "A case of some kind"\n'


def write_large_rulebook(folder: Path, rows: int, overlays: int = OVERLAYS) -> Path:
    """Writes a sound rulebook with so many rows more than the shipped one, and returns its folder."""
    shutil.copytree(ROOT / "config", folder, ignore=shutil.ignore_patterns("towns.csv", "indicators", "*.py", "__py*"))
    conditions = _conditions()
    shares = sum(share for _, share in _TABLES)
    added = {
        table: "".join(_row(table, f"added-{table}-{one}", next(conditions)) for one in range(rows * share // shares))
        for table, share in _TABLES
    }
    text = (folder / "rules.toml").read_text(encoding="utf-8")
    first_crime = '[[lead]]\nid = "file-at-once"'
    text = text.replace(first_crime, added.pop("lead") + first_crime) + "".join(added.values())
    (folder / "rules.toml").write_text(text, encoding="utf-8")
    for number, area in enumerate(_areas()[:overlays]):
        own = list(islice(conditions, _OVERLAY_ROWS))
        (folder / "overlays" / f"bench-{number}.toml").write_text(_overlay(number, area, own), encoding="utf-8")
    return folder


def _conditions() -> Iterator[str]:
    """As many `when` tables as wanted, no two alike: about 20,000."""
    wider = product(_HOURS, _CHANNELS, _REPORTERS, _PERSONS, _CRIMES, _CUES)
    for hours, channel, reporter, person, crime, cue in islice(wider, 0, None, 5):
        yield (
            f'{{ matters_any = ["{crime}"], persons_any = ["{person}"], reporter = ["{reporter}"], '
            f'channel = ["{channel}"], cues_any = ["{cue}"], hours = [{hours[0]}, {hours[1]}] }}'
        )


def _row(table: str, id: str, when: str, extra: str = "") -> str:
    said = "" if table == "cite" else _SAID
    return f'\n[[{table}]]\nid = "{id}"\n{extra}when = {when}\n{_BODIES[table]}{said}\n'


def _areas() -> list[str]:
    """The provinces of the mainland, then some cities."""
    lines = (ROOT / "config" / "areas.csv").read_text(encoding="utf-8").splitlines()[1:]
    standing = [line.split(",") for line in lines if line.split(",")[7] == ""]
    wanted = [one[0] for level in ("province", "city") for one in standing if one[1] == level]
    return [code for code in wanted if code[:2] not in ("71", "81", "82")]


def _overlay(number: int, area: str, conditions: Sequence[str]) -> str:
    head = (
        f'[overlay]\nid = "bench-{number}"\nzh = "某省文件"\nen = "A document"\ndocument = "某省文件"\n'
        f'source = "none"\nareas = ["{area}"]\nvalid_from = 2008-01-01\n'
    )
    rows = [
        _row("lead", f"bench-{number}-lead-{row}", when, 'before = "file-at-once"\n')
        if row % 3 == 0
        else _row("copy", f"bench-{number}-copy-{row}", when)
        for row, when in enumerate(conditions)
    ]
    return head + "".join(rows)
