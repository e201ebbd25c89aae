"""The public's words: every language says everything, and the page speaks the reader's."""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import intake.wording
from intake.wording import LANGUAGES, load_words
from tests.intake.doors import Doors

WORDS = load_words()
OTHERS = LANGUAGES[1:]
# What would tell somebody who looks over a shoulder what this page is for.
GIVEAWAYS = (
    "举报", "拐卖", "拐賣", "舉報", "报警", "警察", "hotline", "traffick", "report", "police", "tố cáo", "mua bán",
    "လူကုန်ကူး", "ຄ້າມະນຸດ", "ជួញដូរ", "ค้ามนุษย์", "แจ้งความ", "인신매매", "신고", "торговл", "донос", "наймаа",
)  # fmt: skip


def sentences(language: str) -> Iterator[tuple[str, str]]:
    for section, said in WORDS[language].items():
        for name, sentence in said.items():
            yield f"{section}.{name}", sentence


def named(language: str) -> list[str]:
    return [name for name, _ in sentences(language)]


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_everything_and_nothing_more_in_the_same_order(language: str) -> None:
    assert named(language) == named("zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_unsaid_and_no_white_space_hangs_at_an_end(language: str) -> None:
    assert [name for name, said in sentences(language) if not said or said != said.strip()] == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_language_borrows_a_sentence_of_another(language: str) -> None:
    """Traditional Chinese shares a few with simplified Chinese: those without a letter that differs."""
    if language == "zh-Hant":
        return
    others = {said for other in LANGUAGES if other != language for _, said in sentences(other)}
    assert [name for name, said in sentences(language) if said in others] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_gaps_to_fill(language: str) -> None:
    gaps = {name: {gap for _, gap, _, _ in string.Formatter().parse(said) if gap} for name, said in sentences("zh")}
    for name, said in sentences(language):
        assert {gap for _, gap, _, _ in string.Formatter().parse(said) if gap} == gaps[name], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_title_and_the_button_that_leaves_give_nothing_away(language: str) -> None:
    for said in (WORDS[language]["page"]["title"], WORDS[language]["page"]["leave"], WORDS[language]["form"]["send"]):
        assert not [word for word in GIVEAWAYS if word in said.lower()]


def test_a_language_that_says_less_than_the_others_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in intake.wording._FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    shorter = (tmp_path / "km.toml").read_text(encoding="utf-8").replace("link = ", "lnk = ")
    (tmp_path / "km.toml").write_text(shorter, encoding="utf-8")
    monkeypatch.setattr(intake.wording, "_FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"km\.toml should say .* they differ in again\.link, again\.lnk"):
        load_words()


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "zh"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"),
        ("", "zh-Hant-HK", "zh-Hant"),
        ("", "zh-CN", "zh"),
        ("", "zh-Hans-TW", "zh"),
        ("", "my-MM", "my"),
        ("", "fr-FR,fr;q=0.9,lo;q=0.8,en;q=0.7", "lo"),
        ("", "en;q=0.3,km;q=0.9", "km"),
        ("", "mn-Cyrl-MN", "mn"),
        ("", "en;q=0,*", "zh"),
        ("", "fr", "zh"),
        ("", "\x00;q=x,,,", "zh"),
        ("?lang=zh", "en", "zh"),
        ("?lang=<script>", "fr", "zh"),
        ("?lang=", "vi", "vi"),
        ("?lang=en", "zh", "en"),
        ("?lang=zh-Hant", "en", "zh-Hant"),
    ],
)
def test_the_page_speaks_the_language_asked_for_or_else_the_browsers_or_else_chinese(
    doors: Doors, query: str, accepted: str, language: str
) -> None:
    page = doors.client.get(f"/{query}", headers={"Accept-Language": accepted}).text
    assert f'<html lang="{WORDS[language]["page"]["tag"]}">' in page
    assert WORDS[language]["form"]["text_label"] in page
    for other in LANGUAGES:
        assert WORDS[other]["page"]["language_name"] in page
