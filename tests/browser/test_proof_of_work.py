"""While very many reports come in, a page proves work by itself, and whoever has no script is taken all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete, insert, select

from config.limits import Limits
from config.settings import PACKAGED_CONFIG
from intake.work import is_worked
from reports.database import read_now
from reports.tables import reports, tallies
from reports.tallies import TOTAL
from tests.browser.conftest import Town, Watched

LIMITS = Limits.load(PACKAGED_CONFIG)


@pytest.fixture
def flooded(town: Town) -> Iterator[Town]:
    """The town in a minute in which very many reports came in, and in the one after it."""
    window = LIMITS.total.seconds * 1000
    with town.database.write() as connection:
        first = (read_now(connection) // window + 1) * window
        connection.execute(delete(tallies).where(tallies.c.source == TOTAL))
        rows = [{"source": TOTAL, "ends_at": first + n * window, "number": 100_000} for n in range(3)]
        connection.execute(insert(tallies), rows)
    yield town
    with town.database.write() as connection:
        connection.execute(delete(tallies).where(tallies.c.source == TOTAL))


def is_marked(town: Town) -> bool:
    """Whether the newest report is marked as part of a flood; its reading may have marked it otherwise by now."""
    with town.database.read() as connection:
        query = select(reports.c.flags).order_by(reports.c.received_at.desc()).limit(1)
        return "flood" in str(connection.execute(query).scalar_one()).split()


def test_a_page_works_while_somebody_writes_and_its_report_is_not_marked(
    flooded: Town, look: Callable[..., Watched]
) -> None:
    seen = look(viewport={"width": 390, "height": 800})
    page = seen.page
    page.goto(flooded.public)
    page.fill("#text", "有人被关在云南瑞丽的砖厂")
    number = flooded.until(lambda: page.input_value("[name=work]"))
    assert is_worked(page.input_value("[name=token]"), number, LIMITS.work_bits)
    page.click("button")
    page.wait_for_selector(".reference")
    assert not is_marked(flooded)
    assert seen.wrongs == []


def test_without_a_script_the_report_is_taken_and_marked(flooded: Town, look: Callable[..., Watched]) -> None:
    seen = look(java_script_enabled=False)
    before = flooded.count()
    seen.page.goto(flooded.public)
    seen.page.fill("#text", "有人被关在云南瑞丽的砖厂")
    seen.page.click("button")
    seen.page.wait_for_selector(".reference")
    assert flooded.count() == before + 1
    assert is_marked(flooded)
