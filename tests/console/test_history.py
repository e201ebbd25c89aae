"""What was done about a report stands on its page whole, and makes no page too heavy."""

from __future__ import annotations

import re

from tests.console.house import House, words_of

MOST_BYTES = 60_000


def test_the_history_of_a_long_life_is_read_stretch_by_stretch(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    page = f"/reports/{kept.reference}"
    for _ in range(25):
        assert chen.act(page, "take").status_code == 303
        assert chen.act(page, "let_go").status_code == 303
    done = len([verb for _, verb in house.audit(kept.report_id) if verb != "opened"])

    newest = chen.get(page).text
    assert len(newest.encode()) < MOST_BYTES
    earlier = f"{page}?until={done - 30}"
    assert f'href="{earlier}#history"' in newest
    assert _lines(newest) == 30

    older = chen.get(earlier).text
    assert f'href="{page}#history"' in older
    assert _lines(newest) + _lines(older) == done
    assert "Earlier" not in words_of(older)
    assert chen.get(f"{page}?until=0").status_code == chen.get(f"{page}?until=x").status_code == 200


def test_whoever_opens_a_report_many_times_stands_there_once_with_how_often(house: House) -> None:
    kept, chen, wang = house.triaged(), house.duty("Chen"), house.duty("Wang")
    page = f"/reports/{kept.reference}"
    for _ in range(40):
        chen.get(page)
    wang.get(page)
    shown = words_of(wang.get(page).text)
    assert shown.count("Chen opened the report") == shown.count("Wang opened the report") == 1
    assert re.search(r"Chen opened the report[^×]*×40", shown)
    # The look that this page is came too late to stand on it.
    assert "Who has looked: 41" in shown


def _lines(page: str) -> int:
    """How many lines of what was done a page shows, without who looked."""
    return page.split('class="looks"')[0].split('id="history"')[1].count("<li>")
