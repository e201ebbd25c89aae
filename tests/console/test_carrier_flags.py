"""What an officer is told about the way a text message came."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from reports.tables import reports
from tests.console.house import House, words_of


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("characters were guessed", "its carrier could not bring it", "Part of a longer text 2/3")),
        ("zh", ("文字是机器推断的", "后来补取的", "长短信的一段 2/3")),
    ],
)
def test_a_text_that_came_cut_late_or_badly_named_is_marked(house: House, language: str, said: tuple[str, ...]) -> None:
    kept = house.waiting()
    with house.database.write() as connection:
        flags = "charset_unsure brought_late part:77:2:3"
        connection.execute(update(reports).where(reports.c.id == kept.report_id).values(flags=flags))
    page = words_of(house.duty(language=language).get(f"/reports/{kept.reference}").text)
    for words in said:
        assert words in page
