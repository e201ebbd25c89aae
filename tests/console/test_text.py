"""What people wrote is shown as they wrote it, and never does anything."""

from __future__ import annotations

import re

import pytest

from console.display import Display, load_words, visible
from console.highlight import axes_of, highlighted, quotes
from console.services import Services
from reports.values import Evidence
from routing.finding.taxonomy import Taxonomy
from routing.rulebook.book import Rulebook
from tests.console.house import House, a_finding, words_of

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'><iframe srcdoc='<script>alert(1)</script>'>",
    "</p></main><form action=https://elsewhere.example><button>OK</button></form>",
    "{{ 12345*9 }}{% raw %}",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>救命</a>",
    "<style>*{display:none}</style>",
    "<meta http-equiv=refresh content=0;url=//elsewhere.example>",
    "&lt;b&gt; &amp;",
    "<!-- -->]]><![CDATA[",
)
# What none of the desk's own pages holds.
TAGS = (
    "<script",
    "<img",
    "<svg o",
    "<iframe",
    "<style",
    "<meta http",
    "<a href=j",
    "<form action",
    "<!--",
    ">111105",
    "<b>&",
)

OWN_SCRIPT = re.compile(r'<script src="/static/[a-z0-9.-]+"( defer)?></script>')


def test_markup_in_a_report_is_only_text(house: House) -> None:
    chen, liu = house.duty(), house.unit()
    for payload in PAYLOADS:
        evidence = (Evidence(axis="matters", code="forced_labour", start=0, end=3),)
        kept = house.referred(payload, a_finding(evidence=evidence), name=payload, contact=payload, place=payload)
        report, packet = f"/reports/{kept.reference}", f"/inbox/{house.packet(kept)}"
        shown = [chen.get(report).text, chen.post(f"{report}/contact", {"reason": "回电"}).text, liu.get(packet).text]
        for page in shown:
            assert payload in words_of(page)
        typed = {"kind": payload, "area": payload, "reason": payload, "place": [payload], "place_role": [payload]}
        shown += [
            chen.act(report, "reroute", **typed).text,
            chen.act(report, "correct", matters=[payload], **typed).text,
            liu.act(packet, "bounce", code=payload, **typed).text,
            chen.client.post(f"{report}/close", data={"reason": payload}).text,
            house.nobody().post("/sign-in", {"name": payload[:80], "password": "x", "next": payload}).text,
        ]
        for page in shown:
            assert not [tag for tag in TAGS if tag in OWN_SCRIPT.sub("", page)]


def test_letters_that_nobody_sees_are_shown_as_their_code() -> None:
    assert visible("a\u202eb\u200bc") == "a⟨U+202E⟩b⟨U+200B⟩c"


def test_words_that_speak_for_several_labels_are_marked_for_each(house: House) -> None:
    text = "被关在砖厂干活"
    evidence = (
        Evidence(axis="urgency", code="urgent", start=1, end=5),
        Evidence(axis="matters", code="forced_labour", start=3, end=7),
    )
    shown = str(highlighted(text, evidence, _display(house.services)))
    inner = '<mark class="axis-matters" title="Forced labour">砖厂</mark>'
    assert f'<mark class="axis-urgency" title="Urgent">{inner}</mark>' in shown
    assert words_of(shown).replace(" ", "") == text
    assert axes_of(text, evidence) == ("urgency", "matters")
    assert quotes(text, evidence)["matters", "forced_labour"] == ("砖厂干活",)


def test_evidence_that_does_not_lie_in_the_text_marks_nothing(house: House) -> None:
    wrong = (
        Evidence(axis="matters", code="forced_labour", start=2, end=99),
        Evidence(axis="matters", code="forced_labour", start=-1, end=1),
        Evidence(axis="matters", code="forced_labour", start=2, end=2),
        Evidence(axis='"><b>', code="x", start=0, end=1),
    )
    assert str(highlighted("砖厂", wrong, _display(house.services))) == "砖厂"
    assert axes_of("砖厂", wrong) == ()


def test_each_label_is_followed_by_the_words_that_speak_for_it(house: House) -> None:
    kept = house.triaged()
    page = house.duty().get(f"/reports/{kept.reference}").text
    assert 'Forced labour <q class="axis-matters">砖厂</q>' in page


def _display(services: Services) -> Display:
    return Display("en", load_words()["en"], services.taxonomy, services.rulebook)


def test_what_a_platform_gave_beside_the_text_is_shown_with_it(house: House) -> None:
    given = {
        "suggested": ("missing_person",),
        "particulars": (("lat", "24.012"), ("media_url", "https://city.example/a")),
    }
    kept = house.triaged(**given)
    page = words_of(house.duty().get(f"/reports/{kept.reference}").text)
    for shown in ("Latitude (WGS 84) 24.012", "https://city.example/a", "The platform thought of Missing person"):
        assert shown in page


def test_a_time_of_tonight_stands_without_its_date(taxonomy: Taxonomy, rulebook: Rulebook) -> None:
    display = Display("en", load_words()["en"], taxonomy, rulebook)
    # 23:59 and 00:01 in China, of two days that are one in UTC.
    evening, morning = 1_767_196_740_000, 1_767_196_860_000
    assert display.near(evening, evening + 30_000) == "23:59"
    assert display.near(morning, morning + 30_000) == "00:01"
    assert display.near(evening, morning) == "yesterday 23:59"
    assert display.near(evening, morning + 24 * 3_600_000) == "2025-12-31 23:59"


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (60_000, "还剩 1 分钟", "1 min left"),
        (59_000, "还剩不到一分钟", "under a minute left"),
        (-1, "超时不到一分钟", "under a minute late"),
    ],
)
def test_a_clock_reads_as_a_sentence_in_its_last_minute_too(
    taxonomy: Taxonomy, rulebook: Rulebook, left: int, zh: str, en: str
) -> None:
    words = load_words()
    assert [Display(one, words[one], taxonomy, rulebook).clock(left) for one in ("zh", "en")] == [zh, en]


def test_thousands_are_set_apart() -> None:
    assert [Display.number(one) for one in (0, 999, 1234567)] == ["0", "999", "1,234,567"]


def test_a_country_is_called_by_its_name_and_not_by_two_letters(taxonomy: Taxonomy, rulebook: Rulebook) -> None:
    words = load_words()
    assert [Display(one, words[one], taxonomy, rulebook).place("MM") for one in ("zh", "en")] == ["缅甸", "Myanmar"]
