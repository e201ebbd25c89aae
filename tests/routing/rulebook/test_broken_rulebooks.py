"""Rulebooks with one mistake each: nothing loads, and the message names the file, the line and what to do."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from routing.rulebook.errors import RulebookError
from routing.rulebook.load import load_rulebook


@dataclass(frozen=True)
class Broken:
    """One mistake of broken.toml, which says what its parts are."""

    what: str
    file: str
    old: str
    new: str
    says: str
    line: str = ""


def _broken() -> tuple[Broken, ...]:
    tables = tomllib.loads((Path(__file__).parent / "broken.toml").read_text(encoding="utf-8"))
    return tuple(Broken(**one) for one in tables["broken"])


BROKEN = _broken()


def _refusal(folder: Path) -> str:
    with pytest.raises(RulebookError) as refusal:
        load_rulebook(folder)
    return str(refusal.value)


def test_the_rulebook_that_the_mistakes_are_made_in_is_sound(folder: Path) -> None:
    assert load_rulebook(folder).rules.leads.rows


def test_there_are_at_least_forty_ways_to_be_wrong() -> None:
    assert len({one.what for one in BROKEN}) == len(BROKEN) >= 40


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one.what)
def test_a_mistake_is_named_with_file_line_and_remedy(broken: Broken, folder: Path) -> None:
    path = folder / broken.file
    text = path.read_text(encoding="utf-8")
    assert broken.old in text
    path.write_text(text.replace(broken.old, broken.new, 1), encoding="utf-8")
    message = _refusal(folder)
    assert broken.says in message
    fault = next(line for line in message.splitlines() if broken.says in line)
    if broken.line:
        lines = path.read_text(encoding="utf-8").splitlines()
        marked = {number for number, line in enumerate(lines, 1) if broken.line in line}
        named = {f"{broken.file}, line {number}" for near in marked for number in (near - 1, near, near + 1)}
        assert any(fault.startswith((f"{name},", f"{name}:")) for name in named), fault
    wanted, _, rest = fault.partition(", but found ")
    assert wanted
    assert rest.rstrip().endswith(".")
    assert rest.count(".") >= 1


def test_a_county_without_a_unit_is_named(folder: Path) -> None:
    path = folder / "units.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace(
        'kind = "civil_affairs"\nlevels = ["county", "city", "province"]', 'kind = "civil_affairs"\nlevels = ["city"]'
    )
    text = text.replace(
        'id = "civil_affairs-000000"\nkind = "civil_affairs"', 'id = "civil_affairs-000000"\nkind = "justice"'
    )
    path.write_text(text, encoding="utf-8")
    message = _refusal(folder)
    assert "wanted a live civil_affairs for every area, but found none for 云南省 530000, there or above" in message
    assert "units.toml" in message


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "rules.toml").unlink()
    assert _refusal(folder).startswith("rules.toml: wanted a file that can be read")


def test_a_missing_table_of_divisions_is_named(folder: Path) -> None:
    (folder / "areas.csv").unlink()
    assert "areas.csv" in _refusal(folder)


def test_a_wrong_line_of_the_divisions_is_named(folder: Path) -> None:
    path = folder / "areas.csv"
    path.write_text(path.read_text(encoding="utf-8") + "999999,village,某村,某,Mou,,,,\n", encoding="utf-8")
    assert "village" in _refusal(folder)


def test_a_folder_in_the_place_of_a_file_is_named(folder: Path) -> None:
    (folder / "clocks.toml").unlink()
    (folder / "clocks.toml").mkdir()
    assert _refusal(folder).startswith("clocks.toml: wanted a file that can be read")


def test_bytes_that_are_no_text_are_named_with_their_line(folder: Path) -> None:
    (folder / "rules.toml").write_bytes(b'# rules\n[[lead]]\nid = "\xff\xfe\x00"\n')
    assert _refusal(folder).startswith("rules.toml, line 3: wanted text in UTF-8")


def test_a_program_in_the_place_of_a_file_is_refused(folder: Path) -> None:
    (folder / "packets.toml").write_bytes(bytes(range(256)) * 64)
    assert "packets.toml" in _refusal(folder)


def test_an_empty_file_says_what_is_wanted(folder: Path) -> None:
    (folder / "rules.toml").write_text("", encoding="utf-8")
    message = _refusal(folder)
    assert "rules.toml" in message
    assert "lead" in message


def test_a_huge_file_is_not_read_to_its_end(folder: Path) -> None:
    (folder / "rules.toml").write_bytes(b"#" * 50_000_000)
    assert "wanted at most 4,000,000 bytes" in _refusal(folder)


def test_tables_nested_without_end_are_refused(folder: Path) -> None:
    (folder / "rules.toml").write_text("a = " + "[" * 5000 + "]" * 5000, encoding="utf-8")
    assert "rules.toml" in _refusal(folder)


def test_too_many_rows_are_refused(folder: Path) -> None:
    row = '[[cite]]\nid = "a"\nwhen = { matters_any = ["spam"] }\nmeasures = ["4.1.1"]\n'
    with (folder / "rules.toml").open("a", encoding="utf-8") as file:
        file.write(row * 20_001)
    assert "1 to 20000 rows" in _refusal(folder)


def test_every_mistake_of_a_file_is_told_at_once(folder: Path) -> None:
    path = folder / "rules.toml"
    text = path.read_text(encoding="utf-8").replace('"spam"', '"spma"').replace('"4.4.1-5"', '"4.9.9"')
    path.write_text(text, encoding="utf-8")
    message = _refusal(folder)
    assert "spma" in message
    assert "4.9.9" in message


def test_a_long_list_of_mistakes_is_cut_and_counted(folder: Path) -> None:
    path = folder / "rules.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('en = "', 'englisch = "'), encoding="utf-8")
    message = _refusal(folder)
    assert len(message.splitlines()) == 21
    assert message.splitlines()[-1].endswith("more.")
