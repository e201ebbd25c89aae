"""The pages of figures when a million reports are counted, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from random import Random

from sqlalchemy import insert, update

from bench.measured_desk import MOST_KILOBYTES, MOST_MILLISECONDS, look, on_both_databases, signed_in
from bench.table import Better, Figure
from config.figures import Counting
from console.services import Services
from console.tile_map import TileMap
from reports.facts import Facts, Hop, scheme_of
from reports.figures import CHANGES, Cell, cells, change_of
from reports.tables import figures, figures_head

_REPORTS, _KINDS, _LOOKS = 1_000_000, 20_000, 7
_NEWEST, _YEARS = 2026, 10
_PAGES = ("", "/places", "/units", "/machine", "/lines")


def measure(show: Callable[[str], None]) -> list[Figure]:
    """Each page as a browser asks for it, its year worked out anew at each look: the slowest and the largest."""
    return on_both_databases(lambda name, services: _measure(name, services, show))


def _measure(name: str, services: Services, show: Callable[[str], None]) -> list[Figure]:
    show(f"figures: {_REPORTS:,} reports, {name}")
    _fill(services)
    client = signed_in(services)
    looks = {}
    for page in _PAGES:
        show(f"figures: {page or '/statistics'}, {name}")
        looks[page or "/"] = look(client, f"/statistics{page}", _LOOKS, lambda: _count_another(services))
    note = ", ".join(f"{page} {one.milliseconds:.0f} ms" for page, one in looks.items())
    slowest = max(one.milliseconds for one in looks.values())
    largest = max(one.kilobytes for one in looks.values())
    return [
        Figure(name=f"slowest page of figures, {name}", value=slowest, unit="ms", better=Better.LOWER,
               floor=MOST_MILLISECONDS, note=note),
        Figure(name=f"largest page of figures, {name}", value=largest, unit="kB", better=Better.LOWER,
               floor=MOST_KILOBYTES),
    ]  # fmt: skip


def _count_another(services: Services) -> None:
    """Something of this year was counted meanwhile: what was worked out of it before is right no more."""
    newest = (figures.c.breakdown == CHANGES) & (figures.c.code == str(_NEWEST))
    with services.database.write() as connection:
        connection.execute(update(figures).where(newest).values(number=figures.c.number + 1))


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
