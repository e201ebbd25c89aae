"""What the charts of figures draw, and what they leave to the tables beside them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from config.figures import Counting
from config.settings import PACKAGED_CONFIG
from console.charts import bars, months
from console.display import months_begun
from console.figure_sheets import Sheet, sheets
from console.tile_map import TileMap
from reports.figures import PARTS, RECEIVED, SOLVED, WHOLE

COUNTING = Counting.load(PACKAGED_CONFIG)


def a_sheet(part: str, **received: int) -> Sheet:
    """A breakdown with so many reports in each row."""
    by = {(part, code.removeprefix("m")): Counter({RECEIVED: number}) for code, number in received.items()}
    whole = Counter({RECEIVED: sum(received.values())})
    others = {(other, ""): whole for other in PARTS if other != part}
    return sheets({**by, **others, (WHOLE, ""): whole}, COUNTING)[part]


def test_a_month_that_has_not_begun_is_not_drawn_as_one_without_a_report() -> None:
    sheet = a_sheet("month", m01=40, m03=80)
    lines = {line.measure: line for line in months(sheet, 3).lines}
    assert [len(line.dots) for line in lines.values()] == [3, 3, 3]
    assert [y for _, y in lines[RECEIVED].dots] == [72.0, 120.0, 24.0]
    assert len(months(sheet).lines[0].dots) == 12


def test_months_begin_by_the_clock_of_china() -> None:
    new_year = int(datetime(2026, 12, 31, 16, 30, tzinfo=UTC).timestamp() * 1000)
    assert (months_begun(2027, new_year), months_begun(2026, new_year)) == (1, 12)


def test_no_bar_is_drawn_for_a_number_that_is_left_out() -> None:
    sheet = a_sheet("channel", sms=90, web=45, voice=7, api=12)
    assert [(bar.row.code, bar.width, bar.part) for bar in bars(sheet.rows, RECEIVED, SOLVED, 12)] == [
        ("sms", 320.0, 0.0),
        ("web", 160.0, 0.0),
    ]
    assert bars(a_sheet("channel", sms=7).rows, RECEIVED, SOLVED, 12) == ()


def test_every_province_has_letters_of_its_own_on_its_tile() -> None:
    tiles = TileMap.load().tiles
    assert len({tile.letters for tile in tiles}) == len(tiles) == 34
    assert all(len(tile.letters) == 2 for tile in tiles)
