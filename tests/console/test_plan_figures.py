"""The figures for the evaluation of the Plan: what they say, what they leave out, and for whom."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from config.figures import Counting
from config.settings import PACKAGED_CONFIG
from console.figure_sheets import SUM, Sheet, sheets
from console.figures_reader import year_figures
from reports.counting import count_on
from reports.facts import Facts, Hop, scheme_of
from reports.figures import MEASURES, Cell, cells, change_of
from reports.officers import Role
from reports.tables import figures, figures_head
from reports.unit_times import all_together
from tests.console.house import IN_DANGER, House, a_finding, words_of

COUNTING = Counting.load(PACKAGED_CONFIG)
MATTERS = ("abduction", "forced_labour", "sexual_exploitation", "missing_person", "victim_relief", "enquiry")
PAGES = ("", "/places", "/units", "/machine", "/lines", "/now")


def count(house: House) -> None:
    """As the sweep does."""
    while count_on(house.database, COUNTING, 500):
        pass


def some_facts(chance: Random) -> Facts:
    """A report that ended one way or another."""
    matter = chance.choice(MATTERS)
    is_crime = matter in COUNTING.crimes
    end = chance.choice(["", "", "solved", "safe", "refused", "other"])
    if not is_crime and end in ("solved", "refused"):
        end = "other"
    was_judged = chance.random() < 0.4
    is_unanswered = end == "" and chance.random() < 0.5
    return Facts(
        year=2026, month=chance.randint(1, 12), channel=chance.choice(["sms", "sms", "web", "voice", "api"]),
        urgency="urgent", language=chance.choice(["zh"] * 8 + ["vi", "my", "en"]), matter=matter,
        persons=chance.choice(["w", "w", "c", "m", "wc", ""]), is_crime=is_crime, end=end,
        province=chance.choice(["530000", "530000", "440000", "410000", "350000", "", "abroad"]),
        is_unanswered=is_unanswered, is_joined=False, lines=("4.3.2-2",),
        answered=None if is_unanswered else chance.choice([None, 1, 4, 8]), closed=7 if end else None,
        was_judged=was_judged, was_reopened=chance.random() < 0.05,
        axes=("matters",) if was_judged and chance.random() < 0.3 else (),
        hops=(Hop("public_security-533102", "acceptance", chance.randint(-1, 5), chance.random() < 0.3),),
    )  # fmt: skip


def a_year(number: int, seed: int = 1) -> list[Facts]:
    """A year of simulated reports."""
    chance = Random(seed)  # noqa: S311
    return [some_facts(chance) for _ in range(number)]


def by_cell(facts: list[Facts]) -> Counter[Cell]:
    """What they come to."""
    whole: Counter[Cell] = Counter()
    for one in facts:
        whole.update(cells(one))
    return whole


def sheets_of(facts: list[Facts]) -> Mapping[str, Sheet]:
    """The sheets of a year."""
    by: dict[tuple[str, str], Counter[str]] = {}
    for (_, breakdown, code, measure), number in by_cell(facts).items():
        by.setdefault((breakdown, code), Counter())[measure] += number
    return sheets(by, COUNTING)


def fill(house: House, facts: list[Facts]) -> None:
    """Puts figures where counting puts them."""
    names = ("year", "breakdown", "code", "measure")
    rows = [dict(zip(names, cell, strict=True), number=number) for cell, number in by_cell(facts).items()]
    rows += [dict(zip(names, change_of(year), strict=True), number=1) for year in {one.year for one in facts}]
    with house.database.write() as connection:
        connection.execute(insert(figures), rows)
        connection.execute(update(figures_head).values(scheme=scheme_of(COUNTING)))


def headline(facts: list[Facts]) -> float:
    """Solved of those reported, before anything is left out."""
    whole = by_cell(facts)
    reported = whole[2026, "whole", "", "reported"]
    return whole[2026, "whole", "", "solved"] / reported if reported else 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.data())
def test_calling_cases_no_crime_never_raises_the_headline(seed: int, number: int, data: st.DataObject) -> None:
    year = a_year(number, seed)
    chosen = data.draw(st.sets(st.integers(0, number - 1), min_size=1))
    # Closed as no crime, with labels that tell of none: that it was once found to be one stays.
    after = [
        replace(one, end="refused" if one.is_crime else "other", matter="out_of_scope", is_unanswered=False)
        if place in chosen
        else one
        for place, one in enumerate(year)
    ]
    assert headline(after) <= headline(year)
    if any(year[place].end == "solved" for place in chosen):
        assert headline(after) < headline(year)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 60), st.data())
def test_joining_reports_never_raises_the_headline(seed: int, number: int, data: st.DataObject) -> None:
    year = a_year(number, seed)
    chosen = data.draw(st.sets(st.integers(0, number - 1), min_size=1))
    after = [
        replace(one, is_joined=True, end="", is_unanswered=False) if place in chosen else one
        for place, one in enumerate(year)
    ]
    assert headline(after) <= headline(year)


@pytest.mark.parametrize("number", [3, 60, 700, 5000])
def test_no_number_below_the_smallest_is_in_any_sheet(number: int) -> None:
    for sheet in sheets_of(a_year(number)).values():
        for row in (*sheet.rows, sheet.sum):
            for measure in MEASURES:
                shown = row.numbers[measure]
                assert shown is None or shown == 0 or shown >= COUNTING.smallest, (sheet.breakdown, row.code, measure)


@pytest.mark.parametrize("number", [60, 700, 5000])
def test_no_number_that_is_left_out_is_the_rest_of_a_sum(number: int) -> None:
    for sheet in sheets_of(a_year(number)).values():
        groups = [[row for row in sheet.rows if not row.inside], [row for row in sheet.rows if row.inside]]
        wholes = [sheet.sum, sheet.row("inside")]
        for rows, whole in zip(groups, wholes, strict=True):
            for measure in MEASURES if whole is not None and rows else ():
                hidden = [row for row in rows if row.numbers[measure] is None]
                assert len(hidden) != 1 or whole.numbers[measure] is None, (sheet.breakdown, measure)


def one_like(matter: str, **changes: object) -> Facts:
    """A report of one matter that a unit accepted and that is open."""
    accepted = replace(some_facts(Random(1)), matter=matter, is_crime=True, end="", answered=4, closed=None)  # noqa: S311
    plain = replace(accepted, is_unanswered=False, was_reopened=False, was_judged=False, axes=())
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_how_long_half_took_tells_no_number_of_the_row_beside() -> None:
    """Twelve are left out in two rows. Eleven of them at least in one of these, and the other is one person."""
    alone, eleven = [one_like("abduction")], [one_like("infant_sale") for _ in range(11)]
    sheet = sheets_of([*alone, *eleven, *(one_like("forced_labour") for _ in range(80))])["matter"]
    rows = {row.code: (row.numbers["received"], row.answered) for row in sheet.rows}
    assert rows["forced_labour"] == (80, 60)
    assert rows["abduction"] == rows["infant_sale"] == (None, None)


def test_how_long_half_took_tells_no_number_of_its_own_row() -> None:
    """Of twelve eleven at least are closed: one at most can wait for an answer."""
    few = [one_like("forced_labour", end="other", closed=5) for _ in range(11)]
    few.append(one_like("forced_labour", is_unanswered=True, answered=None))
    many = [one_like("abduction", is_unanswered=True, answered=None) for _ in range(30)]
    sheet = sheets_of([*few, *many, *(one_like("abduction") for _ in range(30))])["matter"]
    rows = {row.code: row for row in sheet.rows}
    assert rows["forced_labour"].numbers["received"] == 12
    assert rows["forced_labour"].numbers["unanswered"] is None
    assert (rows["forced_labour"].answered, rows["forced_labour"].ended) == (None, None)
    assert rows["abduction"].answered == 60
    assert (sheet.sum.answered, sheet.sum.ended) == (60, 120)


def test_what_all_reports_have_beyond_a_line_is_no_small_number_to_be_read(house: House) -> None:
    """60 of 65 cite the line, and 65 stand beneath it: so five do not."""
    year = [one_like("forced_labour", year=2009) for _ in range(60)]
    year += [one_like("forced_labour", year=2009, lines=("4.1.1-2",)) for _ in range(5)]
    fill(house, year)
    line = house.services.rulebook.plan.measures["4.3.2-2"]
    for stretch in ("stage", "whole"):
        said = words_of(house.duty().get(f"/statistics/lines?edition=2008-2012&stretch={stretch}").text)
        assert "All reports of that time 65 0" in said
        assert f"{line.id} {line.en} – left out 0" in said


def axes_shown(judged: int, corrected: int, **axes: int) -> Mapping[str, int | None]:
    """How often each axis was changed, as the page says, where officers looked at so many and corrected so many."""
    year = [one_like("abduction", was_judged=True, axes=("any",)) for _ in range(corrected)]
    year += [one_like("abduction", was_judged=True) for _ in range(judged - corrected)]
    year += [one_like("abduction") for _ in range(90)]
    return year_figures(2026, sheets_of(year), axes, COUNTING).axes


def test_axes_that_were_changed_tell_no_number_that_is_left_out_above_them() -> None:
    assert axes_shown(90, 40, urgency=40, places=20, unit=0) == {"urgency": 40, "places": 20, "unit": 0}
    # Of 40 corrected 38 had another urgency: so two had not.
    assert axes_shown(90, 40, urgency=38, places=20) == {"urgency": None, "places": 20}
    # Of 35 that were looked at 30 were corrected, which is left out: it must not stand below as the only axis.
    assert axes_shown(35, 30, urgency=30, unit=0) == {"urgency": None, "unit": 0}


def test_what_was_late_and_is_done_by_now_is_no_small_number_to_be_read() -> None:
    def late(number: int, not_yet: int) -> int | None:
        times = all_together({"took.1": 80 - not_yet, "not_yet": not_yet, "late": number}, "acceptance", COUNTING)
        assert times is not None
        return times.late

    assert (late(30, 19), late(30, 30)) == (30, 30)
    assert late(30, 25) is None


def test_of_the_desk_no_class_stands_beside_the_half_where_another_is_left_out() -> None:
    """Of 41 nineteen took the longest. Half were within the second class, so 21 or more: one is in the third."""
    numbers = {"took.0": 3, "took.1": 18, "took.2": 1, "took.5": 19}
    desk, units = all_together(numbers, "desk", COUNTING), all_together(numbers, "acceptance", COUNTING)
    assert desk is not None
    assert units is not None
    assert (desk.half, set(desk.classes)) == (1, {None})
    assert 19 in units.classes


def test_all_sheets_of_a_year_have_one_sum() -> None:
    found = {tuple(sheet.sum.numbers.items()) for sheet in sheets_of(a_year(200)).values()}
    assert len(found) == 1


def test_sheets_of_many_reports_say_what_there_is() -> None:
    year = a_year(5000)
    found = sheets_of(year)
    assert found["month"].sum.numbers["received"] == 5000
    persons = {row.code: row.numbers["received"] for row in found["persons"].rows}
    assert persons["inside"] == sum(1 for one in year if set(one.persons) & {"w", "c"})
    assert persons["m"] == sum(1 for one in year if one.persons == "m")
    assert found["matter"].sum.code == SUM


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_figures_opens_with_and_without_figures(house: House, page: str, language: str) -> None:
    officer = house.officer(Role.ADMINISTRATOR, language=language)
    assert officer.get(f"/statistics{page}").status_code == 200
    fill(house, a_year(900))
    answer = officer.get(f"/statistics{page}")
    assert answer.status_code == 200
    assert len(answer.data) < 60_000
    assert not re.search(r"figures_\w+", answer.text.replace('class="', "").replace("/statistics", ""))


def test_what_was_solved_stands_beside_what_was_not(house: House) -> None:
    year = a_year(3000)
    fill(house, year)
    page = words_of(house.duty().get("/statistics").text)
    solved, reported = (sum(1 for one in year if one.end == "solved"), sum(1 for one in year if one.is_crime))
    assert f"{100 * solved / reported:.1f}%" in page
    for word in ("Refused", "Unanswered", "Reopened", "Half accepted within", "Half closed within"):
        assert word in page
    assert "Outside the Plan (men alone)" in page


def test_every_chart_has_a_name_and_a_table(house: House) -> None:
    fill(house, a_year(3000))
    for path in ("/statistics", "/statistics/places"):
        page = house.duty().get(path).text
        for chart in re.findall(r'<svg [^>]*role="img"[^>]*>', page):
            named = re.search(r'aria-labelledby="(\S+) (\S+)"', chart)
            assert named
            assert f'<title id="{named[1]}">' in page
            assert f'<desc id="{named[2]}">' in page
        assert "<table" in page


def test_every_line_of_the_plan_has_its_row_even_with_zero(house: House) -> None:
    fill(house, [replace(one, year=2009) for one in a_year(300)] + [replace(one, year=2011) for one in a_year(200, 2)])
    page = words_of(house.duty().get("/statistics/lines?edition=2008-2012").text)
    measures = [one for one in house.services.rulebook.plan.measures.values() if one.edition == "2008-2012"]
    assert len(measures) == 50
    for measure in measures:
        assert f"{measure.id} {measure.en}" in page
    assert "To 2010 (stage)" in page


def test_no_line_of_the_plan_is_without_what_stands_beside_what_was_solved(house: House) -> None:
    fill(house, [replace(one, year=2009) for one in a_year(600)])
    duty = house.duty()
    for stretch in ("stage", "whole"):
        page = duty.get(f"/statistics/lines?edition=2008-2012&stretch={stretch}").text
        heads = re.findall(r'<th scope="col" class="number">([^<]*)', page)
        beside = ["Reported", "Solved", "Solved share", "Person safe", "Refused", "Unanswered", "Reopened"]
        assert heads == [*beside, "Half accepted within", "Half closed within"]
        for row in ("4.3.2-2", "All reports of that time"):
            cells = re.search(rf'<th scope="row">{row}.*?</tr>', page, re.DOTALL)
            assert cells is not None
            numbers = [words_of(one).strip() for one in re.findall(r'<td class="number">(.*?)</td>', cells[0])]
            assert len(numbers) == len(heads)
            assert numbers[-2:] == ["≤ 60 min", "≤ 8 h"]


def test_a_stage_that_was_over_before_the_first_report_hides_no_line_of_the_whole_time(house: House) -> None:
    year = a_year(600)
    fill(house, [replace(one, year=2011) for one in year])
    said = {
        stretch: words_of(house.duty().get(f"/statistics/lines?edition=2008-2012&stretch={stretch}").text)
        for stretch in ("stage", "whole")
    }
    solved, reported = (sum(1 for one in year if one.end == "solved"), sum(1 for one in year if one.is_crime))
    line = house.services.rulebook.plan.measures["4.3.2-2"]
    assert f"{line.id} {line.en} {reported} {solved} {100 * solved / reported:.1f}%" in said["whole"]
    assert f"{line.id} {line.en} 0 0 – 0 0 0 0" in said["stage"]


def test_an_officer_who_is_kept_away_finds_every_figure_as_if_it_were_not_there(house: House) -> None:
    named, other = house.duty(), house.duty()
    fresh = [named.get(f"/statistics{page}").text for page in PAGES[:5]]
    kept = house.referred(finding=a_finding(IN_DANGER))
    house.kept_from(kept, named)
    count(house)
    moving = re.compile(r"\d\d\d\d-\d\d-\d\d[T ][\d:+]*|datetime=\"[^\"]*\"|\d\d:\d\d")
    seen = [named.get(f"/statistics{page}").text for page in PAGES[:5]]
    for before, after in zip(fresh, seen, strict=True):
        assert moving.sub("", words_of(after)) == moving.sub("", words_of(before))
    assert "2026" in other.get("/statistics").text or other.get("/statistics").text != seen[0]


def test_the_machine_s_corrections_are_counted_once_an_officer_has_looked(house: House) -> None:
    duty = house.duty()
    for _ in range(12):
        kept = house.triaged()
        assert duty.act(f"/reports/{kept.reference}", "confirm").status_code == 303
    count(house)
    page = words_of(duty.get("/statistics/machine").text)
    assert "0.0% of the reports that an officer looked at were corrected 0 / 12" in page
