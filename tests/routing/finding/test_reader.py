"""What the reader makes of texts, and of things that are hardly texts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reports.values import DimensionState, Finding, Urgency
from routing.finding.model import TextModel
from routing.finding.reader import MOST_CHARACTERS, Reader

CONFIG = Path(__file__).parents[3] / "config"
# The aim for any text is a quarter of a second on a core of its own, and the slowest here takes a third.
# Tests share theirs.
MOST_SECONDS = 0.6


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load(CONFIG)


@pytest.fixture(scope="module")
def bare(reader: Reader) -> Reader:
    """The reader of a machine without the sentence model's package."""
    plain = Reader.load(CONFIG)
    plain.model = TextModel(reader.model.heads, None, "bare")
    return plain


def words_for(finding: Finding, text: str, axis: str) -> set[str]:
    return {text[one.start : one.end] for one in finding.evidence if one.axis == axis}


@pytest.mark.parametrize("text", ["", "   ", "😭😭🆘", "\u200b\u200f", "....", "110"])
def test_a_text_without_words_goes_to_a_person_and_is_never_low(reader: Reader, text: str) -> None:
    finding = reader.read(text)
    assert finding.needs_person
    assert finding.labels.urgency is not Urgency.LOW
    assert not finding.labels.persons
    assert not finding.labels.cues


def test_burmese_typed_for_zawgyi_goes_to_a_person(reader: Reader) -> None:
    finding = reader.read("ေက်းဇူးျပဳၿပီး ကူညီပါ ေငြမေပးဘူး")
    assert "unknown_language" in finding.doubts
    assert finding.labels.urgency is not Urgency.LOW


def test_a_language_it_does_not_read_goes_to_a_person(reader: Reader) -> None:
    finding = reader.read("ayúdame por favor, el jefe no me deja salir de la casa y no tengo pasaporte")
    assert finding.needs_person
    assert finding.labels.urgency is not Urgency.LOW


def test_a_text_longer_than_it_reads_goes_to_a_person(reader: Reader) -> None:
    assert "too_long" in reader.read("我想问一下户口怎么办。" * 2000).doubts


@pytest.mark.parametrize(
    "text",
    [
        "有人·贩 子 在 赣·榆 明天要卖一个孩子",
        "有人饭子在赣榆 明天要卖一个孩子",
        "有人\u200b贩\u200b子在赣榆 明天要卖一个孩子",
        "\u202e有人販子在贛榆 明天要賣一個孩子",
    ],
)
def test_tricks_with_the_writing_do_not_hide_a_trafficker(reader: Reader, text: str) -> None:
    finding = reader.read(text)
    assert "abduction" in finding.labels.matters or "infant_sale" in finding.labels.matters
    assert finding.labels.urgency in (Urgency.IMMEDIATE, Urgency.URGENT)


def test_evidence_is_cut_from_the_original(reader: Reader) -> None:
    text = "我们被锁在地下室，ＰＡＳＳＰＯＲＴ都没收了，老板·打人，赣榆"
    finding = reader.read(text)
    assert any("锁在" in words for words in words_for(finding, text, "urgency"))


def test_every_matter_has_words_that_speak_for_it(reader: Reader) -> None:
    text = "厂里有几个娃，看着也就十二三，天天踩缝纫机到半夜，工钱没见过，平湖。"
    finding = reader.read(text)
    shown = {one.code for one in finding.evidence if one.axis == "matters"}
    assert set(finding.labels.matters) <= shown


def test_plain_words_of_danger_raise_whatever_else_is_said(reader: Reader) -> None:
    finding = reader.read("工资的事以后再说 他们把我们锁在屋里 不给饭吃 平湖")
    assert finding.labels.urgency is Urgency.IMMEDIATE


@pytest.mark.parametrize(
    "text", ["救命", "救我", "help me", "SOS", "我要报警", "ช่วยด้วย", "помогите", "살려주세요", "cứu em", "туслаарай"]
)
def test_a_bare_cry_for_help_is_in_danger_and_goes_to_a_person(reader: Reader, bare: Reader, text: str) -> None:
    for one in (reader, bare):
        finding = one.read(text)
        assert finding.labels.urgency is Urgency.IMMEDIATE
        assert finding.needs_person


def test_plain_words_of_harm_are_never_a_mere_question(reader: Reader) -> None:
    finding = reader.read("help me they took my passport")
    assert finding.needs_person
    assert finding.labels.urgency is not Urgency.LOW


def test_what_the_text_denies_is_not_seen(reader: Reader) -> None:
    states = {one.code: one.state for one in reader.read("我没有被打，就是想问一下工资，平湖。").dimensions}
    assert states["act"] is not DimensionState.SEEN


def test_without_the_sentence_model_it_still_reads(bare: Reader) -> None:
    finding = bare.read("我被关在砖窑里，身份证扣了，不给工钱，叶县，救救我")
    assert "forced_labour" in finding.labels.matters
    assert finding.labels.urgency is Urgency.IMMEDIATE
    assert not bare.model.has_sentences


def test_the_same_text_gives_the_same_finding(reader: Reader) -> None:
    text = "Ms Linh was sold to a man in Fuyang, she asks how to go home"
    assert reader.read(text) == reader.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "他" * 20_000,
        "县市区省从到" * 4_000,
        "a b " * 5_000,
        "人·贩 子" * 4_000,
        "“" * 15_000,
        "北京市朝阳区的他被卖到缅甸" * 1_500,
        "ရောင်းစား" * 2_000,
        "😀" * 15_000,
        "no " * 6_000,
        "\u0301" * 15_000,
    ],
)
def test_no_text_takes_long(reader: Reader, text: str) -> None:
    assert len(text) >= MOST_CHARACTERS
    reader.read(text)
    started = time.process_time()
    reader.read(text)
    assert time.process_time() - started < MOST_SECONDS
