"""What is sent to a reporter's telephone gives nobody away, in any language; short answers are understood in all."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from config.replies import LANGUAGES, MOST_UNITS, SENTENCES, Replies, betrays, units_of
from config.settings import PACKAGED_CONFIG, SettingsError

TABLE = tomllib.loads((PACKAGED_CONFIG / "replies.toml").read_text(encoding="utf-8"))
REPLIES = Replies.load(PACKAGED_CONFIG)
WORDS = {language: tuple(TABLE[language]["betraying"]) for language in LANGUAGES}
# What the hotline is about and who runs it, in each language: none of it may ever stand in a text.
NEVER = {
    "zh": ["拐卖", "报警", "公安", "派出所", "热线", "举报", "解救", "受害人", "救命"],
    "zh-Hant": ["拐賣", "報警", "公安", "派出所", "熱線", "舉報", "救命", "受害人"],
    "en": ["trafficking", "police", "hotline", "report", "rescue", "victim", "help", "your case"],
    "vi": ["buôn người", "công an", "cảnh sát", "đường dây nóng", "tố cáo", "giải cứu", "nạn nhân"],
    "my": ["လူကုန်ကူးမှု", "ရဲစခန်း", "ကယ်ဆယ်ရေး", "တိုင်ကြားချက်"],
    "lo": ["ຄ້າມະນຸດ", "ຕຳຫຼວດ", "ສາຍດ່ວນ", "ຊ່ວຍເຫຼືອ", "ຜູ້ເຄາະຮ້າຍ"],
    "km": ["ជួញដូរមនុស្ស", "ប៉ូលិស", "សង្គ្រោះ", "ជនរងគ្រោះ"],
    "th": ["ค้ามนุษย์", "ตำรวจ", "สายด่วน", "ช่วยเหลือ", "เหยื่อ", "แจ้งความ"],
    "ko": ["인신매매", "경찰", "신고", "구조", "피해자", "상담전화"],
    "ru": ["торговля людьми", "полиция", "горячая линия", "жертва", "спасти", "заявление"],
    "mn": ["хүн худалдаалах", "цагдаа", "шуурхай утас", "хохирогч", "аврах", "тусламж"],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_fits_into_one_text_and_gives_nobody_away(language: str, code: str) -> None:
    sentence = REPLIES.sentence(code, language)
    assert 0 < units_of(sentence) <= MOST_UNITS
    assert betrays(sentence, WORDS) == ""
    assert not any(word in sentence.casefold() for words in NEVER.values() for word in words)
    assert "\n" not in sentence


@pytest.mark.parametrize(("language", "word"), [(language, word) for language in NEVER for word in NEVER[language]])
def test_a_word_that_betrays_is_caught_in_a_sentence_of_any_language(language: str, word: str) -> None:
    for sentence in ("收到，{}。", "OK, {}!", "Получено: {}", "ได้รับแล้ว {}"):
        assert betrays(sentence.format(word), WORDS)
        assert betrays(sentence.format(word.upper()), WORDS)


@pytest.mark.parametrize(
    "text", ["收到 110", "see https://a.example", "a.cn", "Ref 4F2A/9", "@us", "12338", "{name}", "１１０"]
)
def test_numbers_addresses_and_gaps_to_fill_in_betray_too(text: str) -> None:
    assert betrays(text, WORDS)


def changed(folder: Path, before: str, after: str) -> Path:
    text = (PACKAGED_CONFIG / "replies.toml").read_text(encoding="utf-8")
    assert before in text
    (folder / "replies.toml").write_text(text.replace(before, after, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('received = "收到，谢谢。', 'received = "公安已收到。', r"\[zh\] received gives the reporter away by '公安'"),
        ('where = "Got it.', 'where = "The hotline has it.', r"\[en\] where gives the reporter away by 'hotline'"),
        ('done = "เรื่อง', 'done = "ตำรวจ เรื่อง', r"\[th\] done gives the reporter away"),
        ('received = "Got it', f'received = "{"x" * 70}', r"\[en\] received has \d+ characters; one text .* holds 70"),
        ('question_waits = "시간 될 때 답장 주세요."', "", r"\[ko\] should have a sentence under question_waits"),
        ('yes = ["да",', 'yes = [1,', r"\[ru\] should have a list of words under yes"),
        ("[mn]", "[mm]", r"there should be a table \[mn\]"),
        ("all_a_minute = 60", "all_a_minute = 0", r"\[limits\] should give a whole number of at least 1"),
        ("[limits]", "[limits", "should be a readable TOML file"),
    ],
)  # fmt: skip
def test_a_table_that_could_betray_somebody_is_refused_with_the_reason(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        Replies.load(changed(tmp_path, before, after))


@pytest.mark.parametrize(
    "text", ["退订", "T", " td ", "退訂。", "STOP", "Stop!", "打错了", "wrong number", "dừng", "หยุด",
             "ຢຸດ", "ឈប់", "ရပ်", "수신거부", "Стоп", "зогс", "ＳＴＯＰ"],
)  # fmt: skip
def test_whoever_wants_no_more_texts_is_understood(text: str) -> None:
    assert REPLIES.stops(text)


@pytest.mark.parametrize(
    "text", ["他不停地打我", "please stop them", "我退订了宾馆，他们还不让我走", "Stop the car, they took her", ""]
)
def test_a_text_that_tells_something_does_not_end_contact(text: str) -> None:
    assert not REPLIES.stops(text)


@pytest.mark.parametrize(
    "text", ["没事了", "我没事，你们不用来了", "I'm fine now.", "false alarm sorry", "tôi ổn", "ไม่เป็นไรแล้ว",
             "괜찮아요", "всё хорошо", "ບໍ່ເປັນຫຍັງ", "ខ្ញុំមិនអីទេ", "沒事了", "би зүгээр", "အဆင်ပြေပါတယ်"],
)  # fmt: skip
def test_a_text_that_takes_everything_back_is_noticed(text: str) -> None:
    assert REPLIES.says_fine(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1", True), ("１", True), ("၁", True), ("๒", False), ("是", True), ("不急。", False), ("YES", True), ("có", True),
     ("không", False), ("ဟုတ်ကဲ့", True), ("ບໍ່", False), ("ចាស", True), ("ใช่ค่ะ", True), ("아니요", False), ("Нет", False),
     ("тийм", True), ("在瑞丽", None), ("是他打的我", None), ("", None)],
)  # fmt: skip
def test_a_yes_or_no_is_understood_in_every_language_and_nothing_else_is_taken_for_one(
    text: str, meant: bool | None
) -> None:
    assert REPLIES.answer(text) is meant


@pytest.mark.parametrize(
    ("text", "word"),
    [("暗号是苹果", "苹果"), ("口令：小桥。别打电话", "小桥"), ("the safe word is Banana, ok", "banana"),
     ("mật khẩu là chuối", "chuối"), ("кодовое слово это берёза", "берёза"), ("没有说好什么", "")],
)  # fmt: skip
def test_a_safe_word_is_found_where_one_is_agreed(text: str, word: str) -> None:
    assert REPLIES.safe_word(text) == word
