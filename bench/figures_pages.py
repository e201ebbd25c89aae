"""The pages of figures when a million reports are counted, on both databases."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from random import Random

from flask.testing import FlaskClient
from sqlalchemy import insert, update

from bench.duty_officer import signed_in
from bench.table import Better, Figure
from chaos.postgres import PostgreSQL
from config.figures import Counting
from config.settings import Settings
from console.services import Services, make_services
from console.tile_map import TileMap
from reports.facts import Facts, Hop, scheme_of
from reports.figures import CHANGES, Cell, cells, change_of
from reports.keys import invent_keys
from reports.schema import upgrade
from reports.tables import figures, figures_head

_REPORTS, _KINDS, _LOOKS = 1_000_000, 20_000, 7
_NEWEST, _YEARS = 2026, 10
_PAGES = ("", "/places", "/units", "/machine", "/lines")
_LIMIT_MILLISECONDS, _LIMIT_KILOBYTES = 150, 60


def measure(show: Callable[[str], None]) -> list[Figure]:
    """Each page as a browser asks for it, its year worked out anew at each look: the slowest and the largest."""
    slowest: dict[str, float] = {}
    largest = 0.0
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder, _databases(Path(folder)) as settings_of:
        for name, settings in settings_of.items():
            upgraded = make_services(settings)
            upgrade(upgraded.database)
            show(f"figures: {_REPORTS:,} reports, {name}")
            _fill(upgraded)
            client = signed_in(upgraded)
            for page in _PAGES:
                show(f"figures: {page or '/statistics'}, {name}")
                seconds, size = _look(upgraded, client, f"/statistics{page}")
                slowest[f"{page or '/'} {name}"] = seconds * 1000
                largest = max(largest, size / 1000)
            upgraded.database.dispose()
    worst = max(slowest, key=lambda one: slowest[one])
    note = "; ".join(f"{page} {took:.0f} ms" for page, took in slowest.items())
    return [
        Figure(name=f"slowest page of figures ({worst})", value=slowest[worst], unit="ms", better=Better.LOWER,
               floor=_LIMIT_MILLISECONDS, note=note),
        Figure(name="largest page of figures", value=largest, unit="kB", better=Better.LOWER, floor=_LIMIT_KILOBYTES),
    ]  # fmt: skip


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, Settings]]:
    invent_keys(folder)
    postgres = PostgreSQL()
    try:
        yield {
            "SQLite": Settings.read({"HOTLINE_STATE": str(folder)}),
            "PostgreSQL": Settings.read({"HOTLINE_STATE": str(folder), "HOTLINE_DATABASE_URL": postgres.url}),
        }
    finally:
        postgres.stop()


def _look(services: Services, client: FlaskClient, page: str) -> tuple[float, int]:
    times, size = [], 0
    client.get(page)
    for _ in range(_LOOKS):
        # Something of this year was counted meanwhile: what was worked out of it before is right no more.
        with services.database.write() as connection:
            newest = (figures.c.breakdown == CHANGES) & (figures.c.code == str(_NEWEST))
            connection.execute(update(figures).where(newest).values(number=figures.c.number + 1))
        before = time.perf_counter()
        answer = client.get(page)
        times.append(time.perf_counter() - before)
        if answer.status_code != 200:
            raise RuntimeError(f"{page} answered {answer.status_code}.")
        size = len(answer.data)
    return statistics.median(times), size


def _fill(services: Services) -> None:
    counting = Counting.load(services.settings.config)
    whole: Counter[Cell] = Counter()
    for facts in _reports(services):
        for cell in cells(facts):
            whole[cell] += _REPORTS // _KINDS
    for year in range(_NEWEST - _YEARS + 1, _NEWEST + 1):
        whole[change_of(year)] = 1
    names = ("year", "breakdown", "code", "measure")
    rows = iter([dict(zip(names, cell, strict=True), number=number) for cell, number in whole.items()])
    with services.database.write() as connection:
        connection.execute(update(figures_head).values(scheme=scheme_of(counting), number=-100))
        while batch := list(islice(rows, 5_000)):
            connection.execute(insert(figures), batch)


def _reports(services: Services) -> Iterator[Facts]:
    """Reports of ten years, of every kind, from everywhere."""
    chance = Random(1)  # noqa: S311
    matters, plan = services.taxonomy.codes("matters"), list(services.rulebook.plan.measures)
    areas = services.rulebook.areas
    cities = [city for tile in TileMap.load().tiles for city in areas.children(tile.code)]
    counties = [county for city in cities for county in areas.children(city) or (city,)]
    for number in range(_KINDS):
        county, matter = chance.choice(counties), chance.choice(matters)
        unit = f"public_security-{county}"
        end = chance.choice(["", "solved", "safe", "refused", "other"])
        yield Facts(
            year=_NEWEST - number % _YEARS, month=chance.randint(1, 12),
            channel=chance.choice(["sms", "voice", "web", "api"]),
            urgency="urgent", language=chance.choice(["zh", "zh", "zh", "en", "vi", "my", "th", "ko"]), matter=matter,
            persons=chance.choice(["w", "c", "m", "wc", "wm", ""]), province=f"{county[:2]}0000", end=end,
            is_crime=True, is_unanswered=not end, is_joined=False, lines=tuple(chance.sample(plan, 3)),
            axes=("matters",), answered=chance.randint(0, 14), closed=chance.randint(0, 14) if end else None,
            hops=tuple(
                Hop(unit, hop, chance.randint(-1, 5), chance.random() < 0.2)
                for hop in ("delivery", "acceptance", "first_action", "feedback")
            ),
            was_reopened=chance.random() < 0.1, was_judged=chance.random() < 0.5,
        )  # fmt: skip
