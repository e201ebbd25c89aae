"""What the reader makes of texts, and of things that are hardly texts."""

from __future__ import annotations

import shutil
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.hostile_texts import HOSTILE
from reports.values import DimensionState, Finding, Urgency
from routing.finding import sentence_model
from routing.finding.folding import MOST_CHARACTERS
from routing.finding.heads import Floats
from routing.finding.model import TextModel
from routing.finding.reader import Reader
from routing.finding.sentence_model import MOST_TOKENS, _Layer
from routing.finding.sureness import NAMES

CONFIG = Path(__file__).parents[3] / "config"
# The bound for any text is a quarter of a second on a core of its own. Tests share theirs; the work itself is counted.
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


@pytest.mark.parametrize(
    ("zawgyi", "spelt"),
    [
        ("ကၽြန္မကို ယြမ္ေျခာက္ေသာင္းနဲ႔ ေရာင္းလိုက္ၿပီ။ တံခါးပိတ္ထားတယ္။ ရွင္းယန္", "ကျွန်မကို ယွမ်ခြောက်သောင်းနဲ့ ရောင်းလိုက်ပြီ။ တံခါးပိတ်ထားတယ်။ ရှင်းယန်"),
        ("ကူညီပါ သူေဌးက လခမေပးဘူး ကူမင္း", "ကူညီပါ သူဌေးက လခမပေးဘူး ကူမင်း"),
    ],
)
def test_burmese_typed_for_zawgyi_says_what_it_says_in_unicode(reader: Reader, zawgyi: str, spelt: str) -> None:
    typed, plain = reader.read(zawgyi), reader.read(spelt)
    assert (typed.language, typed.labels.matters, typed.labels.urgency, typed.doubts) == (
        plain.language, plain.labels.matters, plain.labels.urgency, plain.doubts,
    )  # fmt: skip
    assert [place.code for place in typed.labels.places] == [place.code for place in plain.labels.places]
    assert "unknown_language" not in typed.doubts


@pytest.mark.parametrize("text", ["ၵူၼ်းတႆးၸွႆႈႁဝ်းၶႃႈလႄႈ ၶဝ်ၸပ်းႁဝ်းဝႆႉ", "ေေကယ္္ ေမြန္မာ မြန်မာ ကျွန်မ ပြောပြ ဖြန့်ျ ့ေ ေ့"])
def test_burmese_letters_in_no_known_spelling_go_to_a_person(reader: Reader, text: str) -> None:
    finding = reader.read(text)
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


@pytest.mark.parametrize(
    "text",
    [
        "救\u200b命 赣榆",
        "救·命",
        "救 命",
        "救😭命",
        "救❤️命",
        "🆘救🆘命🆘",
        "jiu ming",
        "j i u m i n g",
        "hеlр mе",  # Cyrillic е and р in every word.
        "h\u00ade\u00adlp me",
        "\u202bhelp me\u202c",
        "ｈｅｌｐ　ｍｅ",
        "пoмoгитe",  # Latin o and e.
        unicodedata.normalize("NFD", "살려주세요"),
        unicodedata.normalize("NFD", "cứu tôi với"),
        "помоги\u0301те",
        "h\u0336e\u0336l\u0336p\u0336",
        "jiu4 ming4",
        "h3lp m3",
        "plz hlp",
        "k1dn4pped",
        "tuslaarai namaig tugjsen",
    ],
)
def test_a_cry_in_disguise_is_a_cry(reader: Reader, text: str) -> None:
    finding = reader.read(text)
    assert finding.labels.urgency is Urgency.IMMEDIATE
    assert finding.needs_person


@pytest.mark.parametrize(
    "text",
    [
        "我想问一下户口怎么办。" * 40,
        "ꆈꌠꁱꂷ" * 5,
        "ཁྱེད་རང་ག་འདྲ་འདུག",
        "ياردەم قىلىڭلار مېنى بۇ يەردە سولاپ قويدى",
        "wieczorem przyszli panowie zabrali dokumenty zamknęli drzwi siedzimy cicho boimy",
        "????" * 10 + "你好",
        "\ud800\udfff 你好 \ufffd\ufffd\ufffd",
        "%E6%95%91%E5%91%BD",
        "\\u6551\\u547d",
        "æ•‘å‘½",
        "ǝɯ dlǝɥ",
    ],
)
def test_what_is_not_wholly_understood_goes_to_a_person_and_is_never_low(reader: Reader, text: str) -> None:
    finding = reader.read(text)
    assert finding.needs_person
    assert finding.labels.urgency is not Urgency.LOW


@pytest.mark.parametrize("text", ["我被绑架了", "我被拐卖了", "被人贩子卖了", "有人要杀我", "save me", "kidnapped"])
def test_a_few_words_that_name_a_crime_are_never_low(reader: Reader, bare: Reader, text: str) -> None:
    for one in (reader, bare):
        assert one.read(text).labels.urgency is not Urgency.LOW


@pytest.mark.parametrize("text", ["求助", "如果我不", "我没", "来", "打110", "求求你们", "where am i", "pleh"])
def test_what_breaks_off_after_a_word_or_two_is_heard_by_a_person(reader: Reader, bare: Reader, text: str) -> None:
    for one in (reader, bare):
        finding = one.read(text)
        assert finding.needs_person
        assert finding.labels.urgency is not Urgency.LOW


@pytest.mark.parametrize("text", ["谢谢", "在吗", "退订", "TD", "hello", "哈哈哈"])
def test_a_greeting_thanks_or_a_wish_to_hear_no_more_is_what_it_is(reader: Reader, text: str) -> None:
    assert reader.read(text).labels.urgency is Urgency.LOW


@pytest.mark.parametrize("text", ["有人販子", "被拐賣", "卖肾", "人贩子卖孩子", "人_贩_子 要 卖 孩子"])
def test_a_crime_told_in_three_words_is_never_put_last(reader: Reader, bare: Reader, text: str) -> None:
    for one in (reader, bare):
        assert one.read(text).labels.urgency is not Urgency.LOW


@pytest.mark.parametrize("text", ["没人救我们", "没有人救我", "没人救命"])
def test_a_cry_that_nobody_hears_is_no_denial(reader: Reader, text: str) -> None:
    assert any(hit.code == "immediate" and not hit.is_denied for hit in reader.reading(text).hits)


def test_evidence_is_cut_from_the_original(reader: Reader) -> None:
    text = "我们被锁在地下室，ＰＡＳＳＰＯＲＴ都没收了，老板·打人，赣榆"
    finding = reader.read(text)
    assert any("锁在" in words for words in words_for(finding, text, "urgency"))


def test_every_matter_has_words_that_speak_for_it(reader: Reader) -> None:
    text = "厂里有几个娃，看着也就十二三，天天踩缝纫机到半夜，工钱没见过，平湖。"
    finding = reader.read(text)
    shown = {one.code for one in finding.evidence if one.axis == "matters"}
    assert set(finding.labels.matters) <= shown


@pytest.mark.parametrize(
    "text",
    [
        "加我看片 18+ 同城约 真人视频 qq点我头像",
        "垃圾站旁纸箱有婴儿 没断脐带 还在哼 汝城",
        "宾馆304 两个女孩哭 像初中生 有男的在门口收钱 三门峡湖滨车站对面",
        "姑妈 我在水沟谷这边养鱼 鱼塘老板看得严 昨天死了两条 我这条要卖到隔壁塘 三十万一条 别回 他们翻手机",
        "朝阳区 物业保安 押金三千 身份证压队长那 走就不给",
        "嗯",
    ],
)
def test_every_label_has_words_that_an_officer_can_look_at(reader: Reader, text: str) -> None:
    finding = reader.read(text)
    labels = finding.labels
    told = {("matters", code) for code in labels.matters} | {("persons", code) for code in labels.persons}
    told |= {("contact", code) for code in labels.contact} | {("cues", code) for code in labels.cues}
    told |= {("reporter", labels.reporter)} - {("reporter", "unknown")}
    assert told <= {(one.axis, one.code) for one in finding.evidence}
    assert all(text[one.start : one.end].strip() for one in finding.evidence)


@pytest.mark.parametrize(
    "text",
    [
        "저는 북한 사람인데 중국 길림성 연길시 노래방에 팔려 왔습니다. 여권이 없고 나갈 수 없어요. 도와주세요",
        "Меня привезли в Маньчжоули, паспорт забрали, заставляют спать с клиентами. Что мне делать?",
        "My friend was promised a job as a teacher, now she is kept in a bar. The boss has her passport. Please help.",
    ],
)
def test_words_that_speak_for_a_label_are_one_sentence_at_most_and_begin_with_a_letter(
    reader: Reader, text: str
) -> None:
    for one in reader.read(text).evidence:
        words = text[one.start : one.end]
        assert words == words.strip()
        assert ". " not in words


def test_nobody_asks_whether_somebody_is_in_danger_who_is_and_everybody_asks_whoever_got_away(reader: Reader) -> None:
    # The score of the first is near the line, and other words put the report above it.
    kept = reader.read(
        "My friend from Kenya was promised a teaching job in Guangzhou, now she is kept in a KTV in Dongguan "
        "and the manager, who is from Wenzhou, holds her passport. Can you help?"
    )
    assert (kept.labels.urgency, kept.question == "is_somebody_kept") == (Urgency.IMMEDIATE, False)
    got_away = reader.read("我从KTV跑出来了，他们还在找我，我躲在义乌一个网吧里，老板娘是湖南人，怎么办？")
    assert (got_away.labels.urgency, got_away.question) == (Urgency.URGENT, "is_somebody_kept")


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


def test_every_circumstance_that_sureness_is_judged_by_has_a_name(reader: Reader) -> None:
    reading = reader.reading("有人被锁在瑞丽")
    assert len(reader.circumstances(reading, reader.scored(reading))) == len(NAMES)


@pytest.mark.parametrize("end", ["？", "！", "?", "？？", "！！！", "?!", "? ? ?"])
@pytest.mark.parametrize(
    "text",
    [
        "大同南站候车室有个小女孩一个人坐一下午了 问她就说等妈妈 五六岁",
        "佢哋話聽朝帶我哋過澳門 證件收晒 我喺珠海拱北一間賓館 唔好打嚟",
        "儿子到北海做什么“资本运作” 天天上课 叫家里打六万九 打电话旁边总有人教他说话",
        "co nguoi tren facebook tuyen gai sang quang tay lam quan cafe luong 30 trieu",
    ],
)
def test_somebody_who_ends_by_asking_or_crying_out_tells_the_same(reader: Reader, text: str, end: str) -> None:
    assert reader.read(text + end).labels == reader.read(text + "。").labels


@pytest.mark.parametrize(
    "text", ["丈夫把我反锁在屋里三天了，不给饭吃，还拿皮带打", "Chồng tôi nhốt tôi trong nhà, đánh tôi, lấy điện thoại"]
)
def test_a_wife_whom_her_husband_locks_in_is_in_danger_and_another_matter(reader: Reader, text: str) -> None:
    labels = reader.read(text).labels
    assert labels.matters == ("out_of_scope",)
    assert labels.urgency is Urgency.IMMEDIATE


@pytest.mark.parametrize(
    "text",
    [
        "我出来半年了，村里人说我脏，我坐在楼顶，就想问你一句话",
        "He let me go, but I would be better off dead. Lijiang",
        "Về nhà rồi mà cả làng chê, tôi chỉ muốn chết cho xong",
        "Я вернулась из Муданьцзяна, дома никто не разговаривает, не хочу жить",
        "돌아왔는데 아무도 안 받아줘요. 죽고 싶어요. 연길",
        "Би буцаж ирсэн, нүүр хийх газаргүй, үхмээр байна",
        "กลับมาบ้านแล้ว ไม่มีใครคุยด้วย อยากตาย",
        "ກັບມາບ້ານແລ້ວ ບໍ່ມີໃຜຮັບ ຂ້ອຍຢາກຕາຍ",
        "ខ្ញុំត្រឡប់មកផ្ទះវិញ គ្មានអ្នកណាទទួល ខ្ញុំចង់ស្លាប់",
        "အိမ်ပြန်ရောက်ပြီ ဘယ်သူမှ မလက်ခံဘူး သေချင်တယ်",
    ],
)
def test_whoever_speaks_of_dying_is_in_danger_now(bare: Reader, text: str) -> None:
    assert bare.read(text).labels.urgency is Urgency.IMMEDIATE


def test_plain_words_of_harm_are_never_a_mere_question(reader: Reader) -> None:
    labels = reader.read("help me they took my passport").labels
    assert not {"enquiry", "out_of_scope", "spam"} & set(labels.matters)
    assert labels.urgency is not Urgency.LOW


def test_what_the_text_denies_is_not_seen(reader: Reader) -> None:
    states = {one.code: one.state for one in reader.read("我没有被打，就是想问一下工资，平湖。").dimensions}
    assert states["act"] is not DimensionState.SEEN


def test_without_the_sentence_model_it_still_reads(bare: Reader) -> None:
    finding = bare.read("我被关在砖窑里，身份证扣了，不给工钱，叶县，救救我")
    assert "forced_labour" in finding.labels.matters
    assert finding.labels.urgency is Urgency.IMMEDIATE
    assert not bare.model.has_sentences


def test_without_the_sentence_model_fewer_reports_go_out_alone(bare: Reader, reader: Reader) -> None:
    texts = ("我被关在叶县的砖厂，老板打人，不给工钱，身份证被扣了", "请问拐卖举报电话是多少")
    assert [reader.read(text).needs_person for text in texts] == [False, False]
    assert [bare.read(text).needs_person for text in texts] == [True, False]
    assert bare.read(texts[0]).doubts == ("weak_evidence",)


def test_a_model_file_that_is_not_the_one_expected_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentence_model, "_BASE_SHA256", "0" * 64)
    with pytest.raises(ValueError, match="should have the SHA-256"):
        Reader.load(CONFIG)


def test_the_same_text_gives_the_same_finding(reader: Reader) -> None:
    text = "Ms Linh was sold to a man in Fuyang, she asks how to go home"
    assert reader.read(text) == reader.read(text)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_makes_more_work_than_the_bound(reader: Reader, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    tokens: list[int] = []
    forward = _Layer.forward

    def counted(layer: _Layer, hidden: Floats, spans: Sequence[tuple[int, int]]) -> Floats:
        tokens.append(len(hidden))
        return forward(layer, hidden, spans)

    monkeypatch.setattr(_Layer, "forward", counted)
    assert len(text) >= MOST_CHARACTERS
    finding = reader.read(text)
    assert "too_long" in finding.doubts
    assert max(tokens) <= MOST_TOKENS
    assert len(reader.reading(text).written.text) < MOST_CHARACTERS + 20


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_takes_long(reader: Reader, text: str) -> None:
    reader.read(text)
    assert min(_seconds(reader, text) for _ in range(3)) < MOST_SECONDS


def _seconds(reader: Reader, text: str) -> float:
    started = time.thread_time()
    reader.read(text)
    return time.thread_time() - started


def test_a_circumstance_is_told_only_beside_the_matters_that_give_it_a_meaning(reader: Reader) -> None:
    assert "job_broker" in reader.read("昆明一家劳务中介骗人去国外打工，收了钱不办签证").labels.cues
    for text in ("they sold me", "被卖了 瑞丽", "隔壁工地有几个十三四岁的孩子搬砖"):
        assert not {"job_broker", "moving_across_border", "legal_help"} & set(reader.read(text).labels.cues)


def test_whoever_changes_how_places_are_read_has_another_reader(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    before = Reader.load(config, sentences=False).fingerprint
    with (config / "place_contexts.toml").open("a", encoding="utf-8") as file:
        file.write("# The same in other bytes.\n")
    assert Reader.load(config, sentences=False).fingerprint != before


def test_a_finding_says_whether_it_was_made_without_the_sentence_model(reader: Reader) -> None:
    text = "被卖了 瑞丽"
    assert Reader.load(CONFIG, sentences=False).read(text).without_sentences
    assert reader.read(text).without_sentences is not reader.model.has_sentences
