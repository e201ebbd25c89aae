"""Identities are taken out of a text, and what is to be learned stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.finding.identities import Identities

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def identities() -> Identities:
    return Identities.load(CONFIG)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("打我电话138-0000-0000", "打我电话〔号码〕"),
        ("call +8613800000000 please", "call 〔号码〕 please"),
        ("一三八零零零零零零零零", "〔号码〕"),
        ("身份证53310219990101000X", "身份证〔号码〕"),
        ("写到 a.b@example.org", "写到 〔号码〕"),
        ("加我QQ：123456", "加我〔号码〕"),
        ("车是云A12345", "车是〔号码〕"),
        ("在解放路88号2栋301室", "〔住址〕"),
        ("3号楼2单元", "〔住址〕"),
        ("他叫张伟，河南人", "他叫〔人名〕，河南人"),
        ("李工头不给钱", "〔人名〕不给钱"),
        ("my name is Linh Tran and", "my name is"),
        ("меня зовут Анна Петрова,", "〔人名〕,"),
        ("Mr Wang locks us in", "〔人名〕 locks us in"),
    ],
)
def test_who_and_where_exactly_are_taken_out(identities: Identities, text: str, left: str) -> None:
    found = identities.without(text)
    if left == "my name is":
        assert found == "〔人名〕 and"
    else:
        assert found.endswith(left) or found == left


@pytest.mark.parametrize(
    "text",
    [
        "2009年5月我女儿在昭通市鲁甸县被拐，今年17岁",
        "2009-05-03 被卖，花了68000元",
        "他们叫我们去打诈骗电话，一天16小时",
        "老板叫黄昏收工以后也不许走",
        "我们9个人在叶县的砖窑，锁在屋里",
        "they keep 12 girls in a karaoke bar in Ruili, 16 hours a day",
    ],
)
def test_what_is_to_be_learned_stays(identities: Identities, text: str) -> None:
    assert identities.without(text) == text


def test_what_the_reporter_gave_beside_the_text_is_taken_out_of_it(identities: Identities) -> None:
    assert identities.without("阿依古丽在这里", ["阿依古丽", ""]) == "〔号码〕在这里"


def test_a_table_that_is_not_as_wanted_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "identities.toml").write_text('surnames = "王"\n[[taken]]\nmark = "x"\npatterns = ["("]\n')
    with pytest.raises(ValueError, match=r"identities\.toml"):
        Identities.load(tmp_path)
