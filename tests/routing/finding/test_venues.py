"""Posters: whoever scans one, or begins a text with its code, need not say where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import PACKAGED_CONFIG
from reports.values import Finding, Place, PlaceRole
from routing.finding.reader import Reader
from routing.finding.venues import Venues, check_digit, place_of, without_codes

RULE = """[kinds]
station = {{ zh = "车站", en = "Station", plan = "4.2.2-2" }}

[[venue]]
code = "42102"
zh = "瑞丽汽车客运站"
en = "Ruili bus station"
kind = "station"
area = "533102"

[[venue]]
code = {code}
zh = {zh}
en = "Elsewhere"
kind = {kind}
area = {area}
"""
RIGHT = {"code": '"31756"', "zh": '"昆明站"', "kind": '"station"', "area": '"530111"'}


@pytest.fixture(scope="module")
def venues() -> Venues:
    return Venues.load(PACKAGED_CONFIG)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load(PACKAGED_CONFIG, sentences=False)


def load(folder: Path, **changed: str) -> Venues:
    (folder / "areas.csv").write_bytes((PACKAGED_CONFIG / "areas.csv").read_bytes())
    (folder / "venues.toml").write_text(RULE.format(**{**RIGHT, **changed}), encoding="utf-8")
    return Venues.load(folder)


@pytest.mark.parametrize(
    "text",
    [
        "42102",
        "42102 我被人骗来",
        "42102我被人骗来",
        "42102人被关着",
        "42102，我被人骗来",
        "42102\n有人被关",
        "  #42102: help",
        "“42102” help",
        "４２１０２ 救命",
        "၄၂၁၀၂ ကူညီပါ",
        "៤២១០២ ជួយ",
        "救命\n42102",
    ],
)
def test_a_code_that_is_the_first_word_is_known_in_the_digits_of_any_script(venues: Venues, text: str) -> None:
    (told,) = venues.told_in(text)
    assert told.venue.area == "533102"
    assert int(text[told.start : told.end]) == 42102


@pytest.mark.parametrize(
    "text",
    [
        "",
        "我在42102",
        "42103 一个数字错了",
        "24102 两个数字换了",
        "421020 是邮编",
        "142102 是别的",
        "13842102000 是电话",
        "42102元被骗了",
        "42102,000 yuan",
        "42102.5",
        "12345 市长热线",
    ],
)
def test_other_digits_are_left_as_text(venues: Venues, text: str) -> None:
    assert venues.told_in(text) == ()


def test_one_wrong_digit_or_two_that_changed_places_are_never_another_venue(venues: Venues) -> None:
    known = {venue.code for venue in venues}
    for code in known:
        for place in range(5):
            wrong = {code[:place] + digit + code[place + 1 :] for digit in "0123456789"} - {code}
            assert not wrong & known
            assert not [one for one in wrong if check_digit(one[:-1]) == one[-1]]
        for place in range(4):
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert swapped == code or check_digit(swapped[:-1]) != swapped[-1]


def test_the_place_in_words_comes_before_the_posters(venues: Venues) -> None:
    told = venues.told_in("42102 在叶县")
    elsewhere = Place(code="410422", role=PlaceRole.OCCURRENCE, start=6, end=9)
    home = Place(code="410422", role=PlaceRole.ORIGIN, start=6, end=9)
    assert place_of(told, [elsewhere]) is None
    assert place_of(told, [home]) == Place(code="533102", role=PlaceRole.OCCURRENCE, start=0, end=5)


def test_posters_that_do_not_agree_decide_nothing(venues: Venues) -> None:
    assert place_of(venues.told_in("42102\n31756"), []) is None
    assert place_of(venues.told_in("42102\n42102"), []) is not None
    assert place_of((), []) is None


def test_a_code_is_blank_to_the_reader_of_words_and_moves_nothing(venues: Venues) -> None:
    text = "#42102 help\n31756"
    assert without_codes(text, venues.told_in(text)) == "#      help\n     "


def evidence_for(finding: Finding, axis: str) -> set[tuple[str, int, int]]:
    return {(one.code, one.start, one.end) for one in finding.evidence if one.axis == axis}


def test_the_finding_says_that_the_place_was_told_by_a_poster(reader: Reader) -> None:
    plain, scanned = (
        reader.read("我被人骗来，护照被拿走，锁在屋里"),
        reader.read("42102 我被人骗来，护照被拿走，锁在屋里"),
    )
    assert [(place.code, place.role) for place in scanned.labels.places] == [("533102", PlaceRole.OCCURRENCE)]
    assert "told_by_poster" in scanned.labels.cues
    assert ("told_by_poster", 0, 5) in evidence_for(scanned, "cues")
    assert ("occurrence", 0, 5) in evidence_for(scanned, "places")
    assert plain.labels.places == ()
    assert scanned.labels.matters == plain.labels.matters
    assert scanned.labels.urgency is plain.labels.urgency


def test_a_poster_at_a_station_does_not_move_a_village_far_away(reader: Reader) -> None:
    finding = reader.read("31756 我女儿被人拐到河南叶县，被关着")
    assert [place.code for place in finding.labels.places] == ["410422"]
    assert "told_by_poster" not in finding.labels.cues


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"code": "31756"}, r"venue 2: code should be a text in quotes, but is 31756\."),
        ({"code": '"3175"'}, r"code should be five digits of which the first is 2 to 9, but is '3175'\."),
        ({"code": '"11756"'}, r"first is 2 to 9"),
        ({"code": '"３1756"'}, r"first is 2 to 9"),
        ({"code": '"31757"'}, r"after 3175 it should be 6\."),
        ({"code": '"42102"'}, r"code 42102 is another venue's already\."),
        ({"zh": '" "'}, r"zh should be a text in quotes"),
        ({"kind": '"inn"'}, r"kind should be one of station, but is 'inn'\."),
        (
            {"area": '"530199"'},
            r"area should be the six-digit code of a division that stands today .* but is '530199'\.",
        ),
        ({"area": '"452101"'}, r"area should be"),
        ({"area": '"530111"\nname = "x"'}, r"it should have code, zh, en, kind, area, each once"),
        ({"area": "["}, r"venues\.toml should be a readable TOML file"),
    ],
)
def test_a_table_that_is_not_as_wanted_is_refused_with_what_is_wrong(
    tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        load(tmp_path, **changed)


def test_a_right_table_is_read(tmp_path: Path) -> None:
    assert [venue.code for venue in load(tmp_path)] == ["42102", "31756"]
