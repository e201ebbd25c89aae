"""Burmese is read in one spelling, whichever font it was typed for."""

from __future__ import annotations

import pytest

from routing.finding.burmese import in_one_spelling, is_unreadable, is_zawgyi
from routing.finding.folding import fold

PAIRS = [
    ("ေက်းဇူးျပဳၿပီး ကူညီပါ ေငြမေပးဘူး", "ကျေးဇူးပြုပြီး ကူညီပါ ငွေမပေးဘူး"),
    ("ျမန္မာ ၁၂ ေယာက္", "မြန်မာ ၁၂ ယောက်"),
    ("အဂၤလိပ္ တိရစာၦန္ သတၱဝါ ဘ႑ာ", "အင်္ဂလိပ် တိရစ္ဆာန် သတ္တဝါ ဘဏ္ဍာ"),
    ("ညႇိႏႈိင္း ၾကည့္ ေစ်း ဦးေလး", "ညှိနှိုင်း ကြည့် ဈေး ဦးလေး"),
    ("ေယာက္်ားတစ္ေယာက္ဆီ", "ယောက်ျားတစ်ယောက်ဆီ"),
    ("မေအးျမင့္ တာ၀န္ အဖြဲ႕၀င္", "မအေးမြင့် တာဝန် အဖွဲ့ဝင်"),
    ("ပတ္စ္ပို႔သိမ္း တံခါးပိတ္ထားတယ္", "ပတ်စ်ပို့သိမ်း တံခါးပိတ်ထားတယ်"),
]


@pytest.mark.parametrize(("typed", "spelt"), PAIRS)
def test_zawgyi_is_put_into_unicode(typed: str, spelt: str) -> None:
    assert is_zawgyi(typed)
    assert in_one_spelling(typed)[0] == spelt
    assert not is_unreadable(spelt)


@pytest.mark.parametrize(("typed", "spelt"), PAIRS)
def test_unicode_is_left_alone(typed: str, spelt: str) -> None:
    assert not is_zawgyi(spelt)
    assert in_one_spelling(spelt)[0] == spelt


def test_a_dot_and_a_killer_are_read_in_either_order() -> None:
    assert fold("ဖြန့်").text == fold("ဖြန့်".replace("\u1037\u103a", "\u103a\u1037")).text


def test_a_span_covers_what_was_typed_in_another_order() -> None:
    text = "👧 ေရာင္းစား ခံရ"
    folded = fold(text)
    start = folded.text.index("ရောင်း")
    assert text[slice(*folded.span(start, start + len("ရောင်း")))] == "ေရာင္း"


def test_letters_of_shan_are_not_taken_for_zawgyi() -> None:
    shan = "ၵူၼ်းတႆးၸွႆႈႁဝ်းၶႃႈ"
    assert not is_zawgyi(shan)
    assert is_unreadable(shan)
