"""Indicators: what they are mapped to, what takes their meaning away, and in how many spellings they are found."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from reports.values import Finding
from routing.finding.cancels import Cancel
from routing.finding.dimensions import Dimensions
from routing.finding.folding import fold
from routing.finding.indicators import Hit, Indicators
from routing.finding.reader import Reader
from routing.finding.sexes import SexWords
from routing.finding.taxonomy import Taxonomy

CONFIG = Path(__file__).parents[3] / "config"
LANGUAGES = ("zh", "en", "vi", "th", "lo", "km", "my", "ko", "ru", "mn")


@pytest.fixture(scope="module")
def sexes() -> SexWords:
    return SexWords.load(CONFIG)


@pytest.fixture(scope="module")
def indicators(sexes: SexWords) -> Indicators:
    return Indicators.load(CONFIG, sexes, Taxonomy.load(CONFIG))


@pytest.fixture(scope="module")
def find(indicators: Indicators, sexes: SexWords):  # type: ignore[no-untyped-def]
    def hits(text: str) -> tuple[Hit, ...]:
        written = fold(text)
        return indicators.hits(sexes.neutral(written), written)

    return hits


def counting(hits: tuple[Hit, ...], axis: str, code: str = "") -> list[Hit]:
    return [hit for hit in hits if hit.axis == axis and code in ("", hit.code) and not hit.is_denied]


def table(language: str) -> dict[str, dict[str, dict[str, list[str]]]]:
    return tomllib.loads((CONFIG / "indicators" / f"{language}.toml").read_text(encoding="utf-8"))


def test_the_list_is_the_sixty_seven_of_the_ilo_in_six_dimensions() -> None:
    listed = Dimensions.load(CONFIG).indicators.values()
    counts = {
        dimension: sum(one.dimension == dimension for one in listed) for dimension in {o.dimension for o in listed}
    }
    assert counts == {
        "deceptive_recruitment": 10, "coercive_recruitment": 10, "vulnerable_recruitment": 16, "exploitation": 9,
        "coercion": 15, "vulnerability": 7,
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_what_the_ilo_calls_strong(language: str) -> None:
    ilo = table(language)["ilo"]
    assert {"held_documents", "held_debt", "held_confined", "held_violence", "deceived_job", "work_hours"} <= set(ilo)
    assert "taken_sold" in ilo


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_for_an_indicator_is_found_by_the_machine(find, language: str) -> None:  # type: ignore[no-untyped-def]
    for code, entry in table(language)["ilo"].items():
        for phrase in (*entry.get("strong", ()), *entry.get("pinyin", ())):
            assert any((hit.axis, hit.code) == ("ilo", code) for hit in find(phrase)), (code, phrase)


@pytest.mark.parametrize(
    ("text", "axis", "code"),
    [
        ("有人販子在這裡", "matters", "abduction"),  # Traditional.
        ("被關在磚窯，扣了護照", "ilo", "held_documents"),
        ("you ren fan zi", "matters", "abduction"),  # Pinyin.
        ("wo bei guan zai zheli", "urgency", "immediate"),
        ("有人饭子", "matters", "abduction"),  # The wrong character for the right sound.
        ("球命", "urgency", "immediate"),
        ("人 贩·子", "matters", "abduction"),
    ],
)
def test_one_word_is_found_in_each_of_its_spellings(find, text: str, axis: str, code: str) -> None:  # type: ignore[no-untyped-def]
    assert counting(find(text), axis, code)


@pytest.mark.parametrize(
    "text",
    [
        "bei guan zai",
        "beiguan zai",
        "bei guanzai",
        "beiguanzai",
        "wobeiguanzaizheli",
        "bei-guan-zai",
        "Bèi guān zài",
        "bei4 guan1 zai4",
        "我bei guan zai这里",
    ],
)
def test_pinyin_is_found_with_and_without_its_spaces_and_tones(find, text: str) -> None:  # type: ignore[no-untyped-def]
    hits = find(text)
    assert counting(hits, "urgency", "immediate")
    assert counting(hits, "matters", "abduction")
    assert all(text[hit.start : hit.end].strip() == text[hit.start : hit.end] for hit in hits)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("you ren guaimai haizi", "abduction"),
        ("有人拐买小孩", "abduction"),
        ("haizi zou diu le", "missing_person"),
        ("连系不上她了", "missing_person"),
        ("cunli mai xifu", "buying"),
        ("他家买媳付花了八万", "buying"),
        ("mai yinger", "infant_sale"),
        ("wo bei qiangjian le", "sexual_exploitation"),
        ("他强间我", "sexual_exploitation"),
        ("弓虽女干", "sexual_exploitation"),
        ("hei zhuanyao", "forced_labour"),
        ("kou le shenfenzheng", "forced_labour"),
        ("不发公资", "forced_labour"),
        ("扣了身分证", "forced_labour"),
        ("yong tong gong", "child_labour"),
        ("jietou qitao", "forced_begging"),
        ("pian qu zuo chuan xiao", "forced_criminality"),
        ("骗去搞传肖", "forced_criminality"),
        ("在妙瓦地", "forced_criminality"),
        ("jia li bihun", "forced_marriage"),
        ("pian wo juanluan", "organ_removal"),
        ("hei zhongjie", "illegal_broker"),
        ("paichusuo bu guan", "official_complicity"),
        ("gang taochulai", "victim_relief"),
        ("chemen kou you qiying", "unaccompanied_child"),
    ],
)
def test_each_matter_is_found_in_pinyin_or_by_its_sound(find, text: str, code: str) -> None:  # type: ignore[no-untyped-def]
    assert counting(find(text), "matters", code)


@pytest.mark.parametrize(
    "text",
    [
        "ta men bu rang zou, bu gei fan chi", "yao da si wo", "jiujiuwo", "suo zai wuli", "tielian suo zhe",
        "bu fang ren", "就命", "救名啊", "我被管起来了", "不给反吃", "铁练锁着", "被毒搭",
    ],
)  # fmt: skip
def test_danger_is_found_in_pinyin_or_by_its_sound(find, text: str) -> None:  # type: ignore[no-untyped-def]
    assert counting(find(text), "urgency", "immediate")


@pytest.mark.parametrize(
    "text",
    [
        "mai yinhang licai chanpin",  # A bank.
        "ni xiang mai shen me dong xi",
        "gei wo da dianhua",
        "bei mailed to me",
        "jiu woke up late",
        "bei maidens",
        "anh oi mai di lam nha may bao nhieu tien",
        "传消息给大家",
        "卖银行理财产品",
        "儿童公园几点关门",
        "高铁连锁酒店有人看手机",
        "解救名单在哪里看",
        "解锁再用，有关再议",
        "钢铁炼成，开关水老是漏",
        "石棉北路的电炸锅",
        "最强间谍，持续性努力",
    ],
)
def test_what_only_looks_like_such_a_word_is_none(find, text: str) -> None:  # type: ignore[no-untyped-def]
    crimes = {"enquiry", "out_of_scope", "spam"}
    assert not [hit for hit in find(text) if hit.axis in ("matters", "urgency", "ilo") and hit.code not in crimes]


def test_no_report_in_another_language_has_a_word_in_pinyin(sexes: SexWords) -> None:
    tables = {
        axis: {code: {kind: lines for kind, lines in entry.items() if kind.startswith("pinyin")}
               for code, entry in codes.items()}
        for axis, codes in table("zh").items() if axis in ("matters", "urgency", "ilo")
    }  # fmt: skip
    pinyin = Indicators([tables, {"persons": {"child": {"strong": ["child"]}}}], sexes)
    texts = {
        report["text"]: report["lang"]
        for path in (CONFIG.parent / "corpus").glob("train-*.jsonl")
        for report in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    }
    foreign = [fold(text) for text, language in texts.items() if language != "zh"]
    assert len(foreign) > 500
    for written in foreign:
        hits = pinyin.hits(sexes.neutral(written), written)
        assert not [hit for hit in hits if hit.axis != "persons"], written.text


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("我没有被打", Cancel.DENIAL),
        ("说有人贩子是谣言", Cancel.DENIAL),
        ("如果有人被锁在屋里，我该打哪个电话？", Cancel.HYPOTHETICAL),
        ("万一遇到人贩子怎么办", Cancel.HYPOTHETICAL),
        ("看了电影《人贩子》", Cancel.QUOTATION),
        ("写论文要引用人贩子的案例", Cancel.QUOTATION),
        ("she was not locked in", Cancel.DENIAL),
        ("what if someone is locked in, who do i call?", Cancel.HYPOTHETICAL),
        ("for my thesis about girls locked in", Cancel.QUOTATION),
        ("không bị nhốt", Cancel.DENIAL),
        ("nếu thấy ai bị nhốt thì gọi ai", Cancel.HYPOTHETICAL),
        ("ไม่ได้ถูกขัง", Cancel.DENIAL),
        ("ບໍ່ໄດ້ຖືກຂັງ", Cancel.DENIAL),
        ("갇혀 있지 않아요", Cancel.DENIAL),
        ("если увидел, что людей заперли, куда звонить?", Cancel.HYPOTHETICAL),
        ("никто не заперт", Cancel.DENIAL),
        ("有人贩子的谣言", Cancel.DENIAL),
        ("倘若有人被锁在屋里，该找谁？", Cancel.HYPOTHETICAL),
        ("话剧里她被锁在屋里", Cancel.QUOTATION),
        ("纪录片里的人贩子", Cancel.QUOTATION),
        ("a documentary about girls locked in", Cancel.QUOTATION),
        ("кинонд хорьсон", Cancel.QUOTATION),
        ("ក្នុងរឿងគេចាក់សោ", Cancel.QUOTATION),
        ("ရုပ်ရှင်ထဲမှာ ဖမ်းထား", Cancel.QUOTATION),
    ],
)
def test_what_is_denied_supposed_or_quoted_does_not_count(find, text: str, by: Cancel) -> None:  # type: ignore[no-untyped-def]
    hits = [hit for hit in find(text) if hit.axis in ("matters", "urgency", "ilo") and hit.code != "enquiry"]
    assert hits
    assert by in {hit.cancelled_by for hit in hits}
    assert not counting(tuple(hits), "ilo")
    assert not counting(tuple(hits), "urgency", "immediate")


@pytest.mark.parametrize(
    "text",
    [
        "要是有人来就好了，我们被锁在屋里",  # A wish, not a question.
        "如果不给钱就打死我们",  # A threat.
        "if we run they will kill us",
        "他说“再跑就打断你的腿”",  # What a captor said is no story.
        "三年前被卖到这里，现在还被锁在屋里",
        "sold last year, still locked in now",
        "她是话剧演员，被锁在屋里",  # What somebody does is no story.
        "如果我被锁在屋里怎么办",  # Whoever is watched may ask for "if I".
        "2003年被卖，被锁在屋里",  # A year alone does not say that it is over.
        "他否认把人锁在屋里",  # So does whoever did it.
    ],
)
def test_a_wish_a_threat_and_what_lasts_count(find, text: str) -> None:  # type: ignore[no-untyped-def]
    assert counting(find(text), "urgency", "immediate")


def test_what_is_over_was_a_crime_and_presses_no_more(find) -> None:  # type: ignore[no-untyped-def]
    hits = find("我十年前被锁在地下室，又被卖到山里")
    assert counting(hits, "matters", "abduction")
    assert {hit.cancelled_by for hit in hits if (hit.axis, hit.code) == ("urgency", "immediate")} == {Cancel.PAST}


def as_a_question(reader: Reader, text: str) -> Finding:
    """What the reader concludes where its heads take the text for a mere question, whatever they were trained on."""
    reading = reader.reading(text)
    scored = reader.scored(reading)
    scores = scored.scores
    scores["matters"] = {code: 3.0 if code == "enquiry" else -3.0 for code in scores["matters"]}
    scores["urgency"] = {code: 3.0 if code == "low" else -3.0 for code in scores["urgency"]}
    return reader.conclude(reading, scored)


def test_whoever_supposes_danger_in_a_named_place_is_heard_by_a_person() -> None:
    reader = Reader.load(CONFIG, sentences=False)
    for text, is_heard in (
        ("如果有人被锁在屋里，该打哪个电话？", False),
        ("如果有人被锁在屋里，该打哪个电话？叶县", True),
    ):
        assert ("conflicting_evidence" in as_a_question(reader, text).doubts) is is_heard


def test_what_the_text_says_of_each_dimension_is_shown_with_its_words() -> None:
    reader = Reader.load(CONFIG, sentences=False)
    text = "说是去当服务员，到了才知道是园区，护照被收，没有被打，叶县"
    finding = reader.read(text)
    shown = {one.code: (one.state.value, one.indicators) for one in finding.dimensions}
    assert shown["deceptive_recruitment"] == ("seen", ("deceived_job",))
    assert shown["coercion"][0] == "seen"
    assert "held_documents" in shown["coercion"][1]
    assert "held_violence" not in shown["coercion"][1]
    assert shown["vulnerability"] == ("not_told", ())
    assert shown["means"][0] == "seen"
    words = {(one.code, text[one.start : one.end]) for one in finding.evidence if one.axis == "ilo"}
    assert ("held_documents", "护照被收") in words
    threats = reader.read("敢跑就打断腿，叶县")
    assert [one.end - one.start for one in threats.evidence if one.code == "held_threats"] == [6]
    asked = as_a_question(reader, "没有被打，就是想问工资，平湖")
    denied = {one.code: one.state.value for one in asked.dimensions}
    assert (denied["coercion"], denied["means"], denied["act"]) == ("not_seen", "not_seen", "not_told")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_dimension_element_indicator_and_state_has_a_name(language: str) -> None:
    taxonomy = Taxonomy.load(CONFIG)
    for axis in ("dimensions", "elements", "ilo", "states"):
        for code in taxonomy.codes(axis):
            assert taxonomy.name(axis, code, language)
            assert taxonomy.name(axis, code, language) != code or axis == "states"
