"""Ids and references: made from chance, and read however they were typed."""

from __future__ import annotations

import re

import pytest

from reports.identity import new_id, new_reference, read_reference

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_a_reference_has_its_shape_and_reads_as_itself() -> None:
    for reference in (new_reference() for _ in range(200)):
        assert re.fullmatch(f"[{LETTERS}]{{4}}-[{LETTERS}]{{6}}", reference)
        assert read_reference(reference) == reference


def test_references_and_ids_do_not_repeat_and_use_every_letter() -> None:
    references = {new_reference() for _ in range(2000)}
    assert len(references) == 2000
    assert all({reference[place] for reference in references} == set(LETTERS) for place in (0, 1, 2, 3, 5, 6, 7, 8, 9))
    assert len({new_id() for _ in range(2000)}) == 2000
    assert re.fullmatch("[0-9a-f]{32}", new_id())


@pytest.mark.parametrize(
    "typed",
    [
        "0110-AB0011",
        " 0110 ab0011 ",
        "OIlo-aboo1I",
        "0110ab0011",
        "０１１０－ＡＢ００１１",
        "0-1-1-0-a-b-0-0-1-1",
    ],
)
def test_a_reference_is_read_however_it_was_typed(typed: str) -> None:
    letters = "0110AB001"
    check = LETTERS[sum((2 * place + 1) * LETTERS.index(letter) for place, letter in enumerate(letters)) % 32]
    whole = typed[::-1].replace(next(c for c in typed[::-1] if c not in " -－"), check, 1)[::-1]
    assert read_reference(whole) == f"0110-AB001{check}"


def test_every_single_wrong_letter_shows() -> None:
    reference = new_reference()
    for place, letter in enumerate(reference):
        if letter == "-":
            continue
        for wrong in set(LETTERS) - {letter}:
            assert read_reference(reference[:place] + wrong + reference[place + 1 :]) is None


@pytest.mark.parametrize(
    "text", ["", "K7M2", "K7M2-QX3TD44", "被关在砖厂被关在砖厂", "\0" * 10, "UUUU-UUUUUU", "\ud800"]
)
def test_what_is_no_reference_is_none(text: str) -> None:
    assert read_reference(text) is None
