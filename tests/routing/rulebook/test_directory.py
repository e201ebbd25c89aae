"""The directory of units: hours, languages, whom a unit serves, how it is told, and units.csv beside units.toml."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from reports.values import Decision, Finding, UnitKind
from routing.rulebook.book import Rulebook
from routing.rulebook.calendars import Holidays
from routing.rulebook.errors import RulebookError
from routing.rulebook.hours import Hours
from routing.rulebook.load import load_rulebook
from routing.rulebook.read_units import load_units
from routing.rulebook.review import review
from routing.rulebook.route import route
from routing.rulebook.serving import DeadEnd, dead_ends
from routing.rulebook.units import Unit, UnitDirectory
from routing.rulebook.ways import next_way
from tests.routing.rulebook.making import facts

SHELTER = "civil_affairs-530921"
HEADER = "unit,live,hours,languages,serves,delivery,webhook,private_network,mail,sms,telephone\n"
TODAY = date(2026, 3, 1)
PLAIN = Holidays(rest=frozenset(), work=frozenset(), complete=frozenset())


def with_table(folder: Path, *lines: str, header: str = HEADER) -> Path:
    (folder / "units.csv").write_text(header + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def the_unit(units: UnitDirectory, unit_id: str = SHELTER) -> Unit:
    unit = units.get(unit_id)
    assert unit is not None
    return unit


def test_a_line_of_the_table_changes_one_unit_and_an_empty_cell_nothing(folder: Path) -> None:
    line = (
        f"{SHELTER},,mon-fri 08:30-12:00; mon-fri 14:30-18:00,zh my,women children,sms by_hand,,,,+8613800000000,0883"
    )
    units = load_units(with_table(folder, line))
    unit = the_unit(units)
    assert (unit.delivery, unit.sms, unit.telephone) == (("sms", "by_hand"), "+8613800000000", "0883")
    assert (unit.languages, unit.serves, len(unit.hours.spans)) == (("zh", "my"), ("women", "children"), 2)
    assert (unit.live, unit.zh) == (True, "凤庆县民政局")
    assert the_unit(units, "civil_affairs-530900").delivery == ("inbox",)


def test_a_unit_that_the_table_closes_is_passed_over(folder: Path) -> None:
    found = load_units(with_table(folder, f"{SHELTER},false" + "," * 9)).find(UnitKind.CIVIL_AFFAIRS, "530921")
    assert found is not None
    assert found.id == "civil_affairs-530900"


def test_columns_may_be_left_out_and_a_spreadsheets_mark_is_no_letter(folder: Path) -> None:
    units = load_units(with_table(folder, f'"{SHELTER}","0883-0000000"', "", header="\ufeffunit,telephone\r\n"))
    assert the_unit(units).telephone == "0883-0000000"


def test_an_empty_table_changes_nothing(folder: Path) -> None:
    before = the_unit(load_units(folder))
    assert the_unit(load_units(with_table(folder))) == before


def test_the_table_is_part_of_the_fingerprint(folder: Path) -> None:
    before = load_rulebook(folder).fingerprint
    assert load_rulebook(with_table(folder)).fingerprint != before


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (f"unit,colour\n{SHELTER},red\n", "units.csv, line 1: wanted columns among unit, live,"),
        ("live\ntrue\n", "units.csv, line 1: wanted columns among unit, live,"),
        (f"unit,sms,sms\n{SHELTER},,\n", "units.csv, line 1: wanted each column once"),
        ("", "units.csv, line 1: wanted columns among"),
        (f"unit,live\n\n{SHELTER}\n", "units.csv, line 3: wanted 2 cells, as in the first line, but found 1."),
        (f"unit,live\n{SHELTER},maybe\n", f"line 2, {SHELTER}, live: wanted true or false, but found 'maybe'."),
        ("unit,live\ncivil_affairs-999999,false\n", "civil_affairs-999999, unit: wanted the id of a unit of units"),
        (f"unit,live\n{SHELTER},false\n{SHELTER},true\n", "units.csv, line 3"),
        (f"unit,delivery\n{SHELTER},pigeon\n", "wanted one of inbox, webhook, mail, sms, by_hand, but found 'pigeon'"),
        (f"unit,delivery\n{SHELTER},sms\n", "wanted an address under sms, but found none. Give it, or take sms out"),
        (f"unit,serves\n{SHELTER},women elderly\n", "wanted groups among women, men, children, foreigners"),
        (f'unit,telephone\n{SHELTER},"0883\n', "units.csv"),
        ("unit,live\n,true\n", "units.csv, line 2, unit: wanted this key, but found nothing"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_table_is_named_with_its_line(table: str, says: str, folder: Path) -> None:
    (folder / "units.csv").write_text(table, encoding="utf-8")
    with pytest.raises(RulebookError) as refusal:
        load_rulebook(folder)
    assert says in str(refusal.value)


@pytest.mark.parametrize("content", [b"unit,live\n\xff\xfe\n", b"\x00" * 100, b"#" * 5_000_000])
def test_a_table_that_is_no_text_is_refused(content: bytes, folder: Path) -> None:
    (folder / "units.csv").write_bytes(content)
    with pytest.raises(RulebookError, match="units.csv"):
        load_rulebook(folder)


def test_a_unit_that_both_files_change_is_named(folder: Path) -> None:
    with (folder / "units.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[[override]]\nunit = "{SHELTER}"\nlive = false\n')
    with pytest.raises(RulebookError, match="units.csv, line 2.*one override for each unit"):
        load_rulebook(with_table(folder, f"{SHELTER},true" + "," * 9))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-02 08:29", False), ("2026-03-02 08:30", True), ("2026-03-02 11:59", True),
        ("2026-03-02 12:00", False), ("2026-03-06 15:00", True), ("2026-03-07 15:00", False),
        ("2026-03-08 23:59", True), ("2026-03-09 00:00", False),
    ],
)  # fmt: skip
def test_hours_begin_and_end_to_the_minute(moment: str, is_open: bool) -> None:
    hours = Hours.read(["mon-fri 08:30-12:00", "mon-fri 14:30-18:00", "sun 20:00-24:00"])
    assert hours.open_at(datetime.fromisoformat(moment), PLAIN) is is_open


def test_always_is_always_a_range_may_pass_the_week_and_silence_is_not_closed() -> None:
    for hour in range(24 * 7):
        moment = datetime(2026, 3, 2 + hour // 24, hour % 24, 59)
        assert Hours.read(["always"]).open_at(moment, PLAIN) is True
        assert Hours.read(["sat-mon 00:00-24:00"]).open_at(moment, PLAIN) is (moment.weekday() in (5, 6, 0))
        assert Hours().open_at(moment, PLAIN) is None


@pytest.mark.parametrize(
    ("written", "moment", "is_open"),
    [
        ("mon-fri 08:30-18:00", "2026-10-01 10:00", False), ("mon-fri 08:30-18:00", "2026-10-08 10:00", True),
        ("mon-sun 08:30-18:00", "2026-10-01 10:00", True), ("always", "2026-10-01 03:00", True),
        ("mon-fri 08:30-18:00", "2026-10-10 10:00", True), ("tue-thu 08:30-18:00", "2026-10-10 10:00", False),
        ("sat 09:00-12:00", "2026-10-10 10:00", True), ("sat 09:00-12:00", "2026-10-03 10:00", False),
    ],
)  # fmt: skip
def test_offices_are_closed_on_holidays_and_there_on_a_sunday_that_is_worked_instead(
    rulebook: Rulebook, written: str, moment: str, is_open: bool
) -> None:
    assert Hours.read([written]).open_at(datetime.fromisoformat(moment), rulebook.holidays) is is_open


@pytest.mark.parametrize(
    "written",
    ["", "mon", "mon 8:30-12:00", "mon 08:30-24:01", "mon 08:60-12:00", "mon 12:00-12:00", "mon 18:00-08:00",
     "mon-fri 08:30-12:00 ", "montag 08:30-12:00", "mon,tue 08:30-12:00", "08:30-12:00", "mon ٠٨:٣٠-١٢:٠٠"],
)  # fmt: skip
def test_hours_in_any_other_shape_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="always"):
        Hours.read([written])


@pytest.mark.parametrize(
    ("ways", "failed", "following"),
    [
        (("webhook", "sms", "inbox"), "webhook", "sms"),
        (("webhook", "sms", "inbox"), "sms", "inbox"),
        (("webhook",), "webhook", "by_hand"),
        (("sms", "by_hand"), "sms", "by_hand"),
        (("inbox",), "webhook", "inbox"),
        (("sms", "by_hand"), "webhook", "sms"),
    ],
)
def test_after_the_last_way_comes_a_person(ways: tuple[str, ...], failed: str, following: str) -> None:
    assert next_way(ways, failed) == following


def decided(book: Rulebook, persons: str, language: str = "zh") -> tuple[Finding, Decision]:
    asked = facts("victim_relief forced_labour", "urgent", "occurrence 530921", persons=persons)
    finding = Finding(labels=asked.labels, language=language, confidence=1, needs_person=False)
    return finding, route(asked, book)


def ends(book: Rulebook, persons: str, language: str = "zh") -> tuple[DeadEnd, ...]:
    return dead_ends(*decided(book, persons, language), book.units)


def test_a_shelter_that_takes_no_men_is_a_dead_end_for_a_man_and_nobody_else(folder: Path) -> None:
    book = load_rulebook(with_table(folder, f"{SHELTER},,,,women children foreigners" + "," * 6))
    assert SHELTER in {copy.unit for copy in decided(book, "man")[1].copies}
    assert ends(book, "man") == (DeadEnd(unit=SHELTER, groups=("men",), language="", instead="civil_affairs-530900"),)
    for persons in ("woman", "child", "", "migrant_worker", "woman foreign_national"):
        assert ends(book, persons) == ()
    assert ends(book, "woman man")[0].groups == ("men",)


def test_where_nobody_above_takes_them_either_the_dead_end_has_no_way_out(folder: Path) -> None:
    closed = [
        f"civil_affairs-{code},,,,women children foreigners" + "," * 6
        for code in ("530921", "530900", "530000", "000000")
    ]
    (end,) = ends(load_rulebook(with_table(folder, *closed)), "man")
    assert (end.unit, end.instead) == (SHELTER, "")


def test_a_unit_that_says_what_it_speaks_is_a_dead_end_for_another_language(folder: Path) -> None:
    book = load_rulebook(with_table(folder, f"{SHELTER},,,zh" + "," * 7))
    (end,) = ends(book, "woman", "my")
    assert (end.unit, end.language, end.groups) == (SHELTER, "my", ())
    for language in ("zh", "und", ""):
        assert ends(book, "woman", language) == ()


def test_the_check_names_dead_ends_and_who_has_no_telephone(folder: Path) -> None:
    lines = (f"{SHELTER},,,,women children,by_hand" + "," * 5, "labour-530921,false,,,women" + "," * 6)
    found = review(load_rulebook(with_table(folder, *lines)), TODAY)
    assert found.mistakes == ()
    named = [remark for remark in found.remarks if remark.startswith("units.csv")]
    assert named == [
        f"units.csv, line 2: {SHELTER} takes no men (civil_affairs-530900 does), no foreign nationals "
        "(civil_affairs-530900 does), but reports about them are sent there.",
        f"units.csv, line 2: {SHELTER} is told by hand at last, but has no telephone.",
    ]


def test_the_check_names_a_whole_office_that_takes_no_men(folder: Path) -> None:
    path = folder / "units.toml"
    text = path.read_text(encoding="utf-8")
    office = 'kind = "womens_federation"\n'
    path.write_text(text.replace(office, office + 'serves = ["women", "children"]\n'), encoding="utf-8")
    remarks = review(load_rulebook(folder), TODAY).remarks
    assert any("no womens_federation takes men, foreign nationals" in remark for remark in remarks)


def test_nothing_is_a_dead_end_where_nobody_said_whom_they_serve(rulebook: Rulebook) -> None:
    for persons in ("man", "woman", "child", "foreign_national"):
        assert ends(rulebook, persons, "my") == ()


def test_a_unit_that_left_the_directory_keeps_its_inbox(rulebook: Rulebook) -> None:
    assert rulebook.units.recipient("civil_affairs-999999").delivery == ("inbox",)
