"""What the product knows of administrative divisions, seen through the file it ships."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from routing.areas import MUNICIPALITIES, AreaTree, Level

AREAS = Path(__file__).parents[2] / "config" / "areas.csv"


@pytest.fixture(scope="module")
def tree() -> AreaTree:
    return AreaTree.load(AREAS)


def test_a_county_lies_in_its_city_and_its_province(tree: AreaTree) -> None:
    assert tree.ancestors("530924") == ("530924", "530900", "530000")


@pytest.mark.parametrize(
    ("code", "province"),
    [("429004", "420000"), ("469029", "460000"), ("659003", "650000"), ("419001", "410000"), ("110105", "110000")],
)
def test_a_county_level_unit_directly_under_a_province_has_the_province_for_parent(
    tree: AreaTree, code: str, province: str
) -> None:
    assert tree.ancestors(code) == (code, province)
    assert tree.level(code) is Level.COUNTY


@pytest.mark.parametrize("code", ["441900", "442000", "460400", "620200"])
def test_a_city_without_counties_is_a_city_that_holds_nothing(tree: AreaTree, code: str) -> None:
    assert tree.level(code) is Level.CITY
    assert tree.children(code) == ()


def test_a_municipality_as_a_whole_stands_beside_the_provinces(tree: AreaTree) -> None:
    provinces = tree.children("")
    assert set(provinces) >= MUNICIPALITIES
    assert len(provinces) == 34
    assert {"710000", "810000", "820000"} <= set(provinces)


def test_every_division_of_today_has_a_standing_parent_one_level_up(tree: AreaTree) -> None:
    standing = {area.code: area for area in tree.current()}
    wrong = [
        area.code
        for area in standing.values()
        if (area.parent == "") != (area.level is Level.PROVINCE) or (area.parent and area.parent not in standing)
    ]
    assert wrong == []


def test_every_former_division_leads_to_one_of_today_or_says_that_nobody_knows(tree: AreaTree) -> None:
    standing = {area.code for area in tree.current()}
    former = list(tree.former())
    lost = [area for area in former if not area.successor]
    assert len(former) > 4000
    assert all(area.successor in standing for area in former if area.successor)
    assert len(lost) < 60


@pytest.mark.parametrize(
    ("former", "today"),
    [
        ("522401", "520502"),  # the county-level city of Bijie became the district of Qixingguan
        ("532526", "532504"),  # Mile
        ("512323", "500119"),  # Nanchuan left Sichuan with Chongqing
        ("110103", "110101"),  # Chongwen
        ("512501", "511502"),  # the county-level city of Yibin became the district of Cuiping
        ("142601", "141002"),  # Linfen
        ("429007", "420581"),  # Zhicheng, which was Yidu and is again
        ("530924", "530924"),
    ],
)
def test_a_former_code_leads_to_the_code_that_took_it_over(tree: AreaTree, former: str, today: str) -> None:
    assert tree.successor(former) == today


def test_an_old_report_is_read_by_the_map_of_its_year(tree: AreaTree) -> None:
    then = tree.as_of(date(2009, 6, 1))
    xiangfan, bijie = then.get("420600"), then.get("522400")
    assert xiangfan is not None
    assert xiangfan.name == "襄樊市"
    assert bijie is not None
    assert bijie.name == "毕节地区"
    assert "522401" in then.children("522400")
    assert then.successor("522400") == "522400"
    assert tree.children("522400") == ()


@pytest.mark.parametrize(
    ("today", "words", "year", "then"),
    [
        ("110101", "崇文区", 2009, "110103 崇文区"),
        ("110102", "宣武", 2009, "110104 宣武区"),
        ("310101", "卢湾区", 2010, "310103 卢湾区"),
        ("310115", "南汇区", 2008, "310119 南汇区"),
        ("310115", "南汇县", 2000, "310225 南汇县"),
        ("310106", "闸北区", 2014, "310108 闸北区"),
        ("330109", "萧山市", 2000, "330181 萧山市"),
        ("330109", "萧山", 2001, "330109 萧山区"),
        ("330105", "下城区", 2020, "330103 下城区"),
        ("340181", "居巢区", 2009, "341402 居巢区"),
        ("340181", "巢湖市居巢区", 2009, "341402 居巢区"),
        ("340181", "巢湖市", 2009, "341400 巢湖市"),
        ("340181", "巢湖市", 2011, "340181 巢湖市"),
        ("340523", "巢湖市和县", 2009, "341424 和县"),
        ("420304", "郧县", 2013, "420321 郧县"),
        ("510117", "郫县", 2015, "510124 郫县"),
        ("511504", "宜宾县", 2017, "511521 宜宾县"),
        ("650400", "吐鲁番市", 2014, "652101 吐鲁番市"),
        ("650400", "吐鲁番地区", 2014, "652100 吐鲁番地区"),
    ],
)
def test_what_words_named_in_a_year_is_told_by_the_map_of_that_year(
    tree: AreaTree, today: str, words: str, year: int, then: str
) -> None:
    named = tree.named_then(today, words, year)
    assert named is not None
    assert f"{named.code} {named.name}" == then


def test_words_that_could_mean_several_of_then_tell_none(tree: AreaTree) -> None:
    assert tree.named_then("310115", "浦东", 2000) == tree.get("310115")
    assert tree.named_then("110101", "那个区", 2009) is None


def test_the_nearest_common_division_is_the_lowest_that_holds_all(tree: AreaTree) -> None:
    assert tree.nearest_common(["110105", "110106"]) == "110000"
    assert tree.nearest_common(["530900", "530924"]) == "530900"
    assert tree.nearest_common(["530924", "532823"]) == "530000"
    assert tree.nearest_common(["110105", "220104"]) == ""
    assert tree.nearest_common([]) == ""


def test_a_code_nobody_knows_gets_empty_answers(tree: AreaTree) -> None:
    assert tree.get("999999") is None
    assert tree.ancestors("MM") == ()
    assert tree.level("") is None
    assert tree.successor("999999") == ""
    assert tree.nearest_common(["999999", "530924"]) == ""


@pytest.mark.parametrize(
    ("code", "spelling"),
    [("150100", "Hohhot"), ("540000", "Tibet"), ("610000", "Shaanxi"), ("140000", "Shanxi"), ("341500", "Lu'an"),
     ("533102", "Ruili"), ("331100", "Lishui"), ("371722", "Shanxian"), ("110105", "Chaoyang")],
)  # fmt: skip
def test_names_in_latin_letters_are_those_of_maps(tree: AreaTree, code: str, spelling: str) -> None:
    area = tree.get(code)
    assert area is not None
    assert area.pinyin == spelling


def test_a_wrong_line_is_named_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text(
        "code,level,name,short_name,pinyin,parent,valid_from,valid_to,successor\n110000,realm,北京市,北京,Beijing,,,,\n"
    )
    with pytest.raises(ValueError, match="line 2: wanted a division"):
        AreaTree.load(file)
