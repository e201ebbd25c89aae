"""What happened to him is read as what happened to her."""

from pathlib import Path

import pytest

from routing.finding.folding import fold
from routing.finding.sexes import SexWords

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def sexes() -> SexWords:
    return SexWords.load(CONFIG)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("我老公被关在砖厂", "我老婆被关在砖厂"),
        ("我媳妇在砖窑，她不敢回家", "我丈夫在砖窑，他不敢回家"),
        ("小男孩天桥跪着要钱", "小女孩天桥跪着要钱"),
        ("夜店的小弟弟才十七 老板娘让他陪酒", "夜店的小妹妹才十七 老板让她陪酒"),
        ("they keep my husband locked in, he cannot leave", "they keep my wife locked in, she cannot leave"),
        ("con trai tôi bị nhốt", "con gái tôi bị nhốt"),
        ("제 남편 지금 갇혀 있어요", "제 아내 지금 갇혀 있어요"),
        ("ลูกชายถูกขัง", "ลูกสาวถูกขัง"),
        ("брата заперли", "сестру заперли"),
    ],
)
def test_a_text_reads_the_same_for_either_sex(sexes: SexWords, one: str, other: str) -> None:
    assert sexes.neutral(fold(one)).text == sexes.neutral(fold(other)).text


@pytest.mark.parametrize("text", ["墨西哥的子弟学校", "婴儿", "history of this shelter", "ชายแดน"])
def test_a_word_that_only_contains_a_sex_word_is_left_alone(sexes: SexWords, text: str) -> None:
    assert sexes.neutral(fold(text)).text == fold(text).text


def test_spans_still_point_into_the_original(sexes: SexWords) -> None:
    text = "救救我丈夫，他在叶县的砖窑"
    neutral = sexes.neutral(fold(text))
    start = neutral.text.index("叶县")
    assert text[slice(*neutral.span(start, start + 2))] == "叶县"
    assert len(neutral.offsets) == len(neutral.text) + 1
