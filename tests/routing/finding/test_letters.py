"""Letters as a reader reads them, however they were sent, and the way back to what was sent."""

from __future__ import annotations

import unicodedata

import pytest

from routing.finding.folding import fold


def apart(text: str) -> str:
    """As some keyboards and systems send it: each mark behind its letter, each Korean syllable in its parts."""
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("text", ["살려주세요", "cứu tôi với", "туслаарай", "помогите мне, чёрный дом", "ချစ်တယ်"])
def test_marks_that_were_sent_apart_from_their_letters_change_nothing(text: str) -> None:
    assert fold(apart(text)).text == fold(text).text


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("помоги\u0301те", "помогите"),
        ("h\u0336e\u0336l\u0336p\u0336", "help"),
        ("救\u0336命\u0336", "救命"),
        ("wǒ bèi guān zài wūlǐ", "wo bei guan zai wuli"),
        ("jiu4 ming4", "jiu ming"),
        ("wo3 bei4guan1 le5", "wo beiguan le"),
        ("h3lp m3", "help me"),
        ("th3y k1dn4pped us", "they kidnapped us"),
        ("c@n y0u h€lp", "can you help"),
        ("ｈ３ｌｐ", "help"),
    ],
)
def test_what_hides_a_word_and_not_its_meaning_is_taken_out(sent: str, read: str) -> None:
    assert fold(sent).text == read


@pytest.mark.parametrize(
    "text",
    [
        "đừng gọi, ở lào cai",
        "à cứu",
        "g4高速,粤b12345",
        "room 302",
        "5k a day",
        "ab@cd.com",
        "h0me.example.org",
        "110",
        "b2 3f",
    ],
)
def test_marks_and_digits_that_mean_something_stay(text: str) -> None:
    assert fold(text).text == text


def test_the_way_back_takes_in_the_marks_of_a_letter() -> None:
    sent = apart("cứu 살려")
    folded = fold(sent)
    shown = [sent[slice(*folded.span(place, place + 1))] for place in range(len(folded.text))]
    assert [unicodedata.normalize("NFC", one) for one in shown] == list("cứu 살려")
