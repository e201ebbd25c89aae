"""The shelf of rulebooks: what is on it is what was proved, and one whole version is in use at any moment."""

from __future__ import annotations

import os
import shutil
import signal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from routing.rulebook.errors import RulebookError, ShelfError
from routing.rulebook.load import load_rulebook
from routing.rulebook.shelf import IN_USE, Shelf, Use, fingerprint_of_folder
from tests.routing.rulebook.test_broken_rulebooks import BROKEN


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def use(shelf: Shelf, fingerprint: str, before: str = "") -> None:
    with shelf.alone():
        shelf.put_into_use(Use(fingerprint=fingerprint, at="2010-11-01T00:00:00+00:00", by="clerk", before=before))


def keep(shelf: Shelf, folder: Path) -> str:
    with shelf.alone():
        return shelf.keep(folder).fingerprint


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "state")


def test_what_is_kept_is_what_was_proved_and_nothing_else(shelf: Shelf, folder: Path) -> None:
    (folder / "units.csv").write_text("unit,live\npublic_security-410422,false\n", encoding="utf-8")
    (folder / "indicators").mkdir()
    (folder / "indicators" / "zh.toml").write_text("", encoding="utf-8")
    kept = shelf.folder_of(keep(shelf, folder))
    assert kept.name == load_rulebook(folder).fingerprint == fingerprint_of_folder(kept)
    names = {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}
    assert {"rules.toml", "units.csv", "areas.csv", "overlays/yunnan-2008.toml"} < names
    assert "indicators/zh.toml" not in names
    assert all(not path.stat().st_mode & 0o222 for path in kept.rglob("*") if path.is_file())
    assert shelf.versions() == (kept.name,)


def test_a_version_stays_what_it_was_when_its_folder_goes_on_changing(shelf: Shelf, folder: Path) -> None:
    first = keep(shelf, folder)
    edit(folder, "rules.toml", "review_hours = ", "review_hours = 1")
    second = keep(shelf, folder)
    assert set(shelf.versions()) == {first, second}
    assert shelf.load(first).fingerprint == first
    assert keep(shelf, folder) == second


def test_a_rulebook_with_a_hole_is_not_kept(shelf: Shelf, folder: Path) -> None:
    edit(folder, "rules.toml", 'region = "one_level_up"', 'region = "present_place"')
    with pytest.raises(RulebookError, match=r"rules.toml, line \d+"):
        keep(shelf, folder)
    assert [path.name for path in shelf.folder.iterdir()] == ["lock"]


def test_of_all_broken_rulebooks_none_is_kept_and_the_old_one_goes_on_serving(shelf: Shelf, folder: Path) -> None:
    first = keep(shelf, folder)
    use(shelf, first)
    for broken in BROKEN:
        path = folder / broken.file
        sound = path.read_text(encoding="utf-8")
        path.write_text(sound.replace(broken.old, broken.new, 1), encoding="utf-8")
        with pytest.raises(RulebookError) as refusal:
            keep(shelf, folder)
        # Named as the maintainer knows it, by file and line, not by where the copy lay.
        assert broken.says in str(refusal.value)
        assert str(shelf.folder) not in str(refusal.value)
        path.write_text(sound, encoding="utf-8")
    assert shelf.versions() == (first,)
    assert shelf.uses()[-1].fingerprint == first


def test_nothing_is_in_use_before_anything_was_put_into_use(shelf: Shelf, folder: Path) -> None:
    assert shelf.uses() == ()
    assert shelf.stamp() is None
    assert shelf.serving(folder) == folder


def test_the_list_says_what_is_in_use_and_the_stamp_that_it_changed(shelf: Shelf, folder: Path) -> None:
    first = keep(shelf, folder)
    stamps = []
    for _ in range(3):
        use(shelf, first)
        stamps.append(shelf.stamp())
    assert len(set(stamps)) == 3
    assert shelf.serving(folder) == shelf.folder_of(first)


def test_a_version_that_was_changed_on_the_shelf_is_refused(shelf: Shelf, folder: Path) -> None:
    first = keep(shelf, folder)
    path = shelf.folder_of(first) / "rules.toml"
    path.chmod(0o600)
    edit(path.parent, "rules.toml", "review_hours = ", "review_hours = 1")
    with pytest.raises(ShelfError, match="holds another"):
        shelf.load(first)
    with pytest.raises(ShelfError, match="move it away and activate"):
        keep(shelf, folder)


@pytest.mark.parametrize("spoilt", ["", "[]", '{"uses":[]}', '{"uses":[{"fingerprint":"../.."}]}', "\0" * 40,
                                    '{"uses":[{"fingerprint":"../..","at":"","by":"","before":""}]}'])  # fmt: skip
def test_a_spoilt_list_is_told_with_what_to_do(shelf: Shelf, spoilt: str) -> None:
    shelf.folder.mkdir(parents=True)
    (shelf.folder / IN_USE).write_text(spoilt)
    with pytest.raises(ShelfError, match="from a backup"):
        shelf.uses()


def test_a_version_is_found_by_how_its_fingerprint_begins(shelf: Shelf, folder: Path) -> None:
    first = keep(shelf, folder)
    assert shelf.find(first[:8].upper()) == first
    with pytest.raises(ShelfError, match="at least 8"):
        shelf.find(first[:7])
    with pytest.raises(ShelfError, match="No rulebook that was kept begins"):
        shelf.find("0" * 12)


def test_of_two_at_once_one_is_told(shelf: Shelf, folder: Path) -> None:
    with shelf.alone(), pytest.raises(ShelfError, match="Another rulebook is being put into use"), shelf.alone():
        pass
    assert keep(shelf, folder)


def test_whoever_dies_at_whatever_step_leaves_one_whole_version_in_use(shelf: Shelf, folder: Path) -> None:
    first = keep(shelf, folder)
    use(shelf, first)
    edit(folder, "rules.toml", "review_hours = ", "review_hours = 1")
    second = fingerprint_of_folder(folder)
    seen = []
    for step in count(1):
        if not _dies_at(step, shelf, folder):
            break
        in_use = shelf.uses()[-1].fingerprint
        assert fingerprint_of_folder(shelf.folder_of(in_use)) == in_use
        assert all(fingerprint_of_folder(shelf.folder_of(version)) == version for version in shelf.versions())
        seen.append(in_use)
        # Back to the beginning, as it was before somebody died.
        shutil.rmtree(shelf.folder_of(second), ignore_errors=True)
        use(shelf, first)
    assert shelf.load(shelf.uses()[-1].fingerprint).fingerprint == second
    assert not list(shelf.folder.glob(".new-*"))
    # Only the very last steps come after the switch.
    assert len(seen) > 50
    assert seen == [first] * seen.count(first) + [second] * seen.count(second)
    assert second in seen


def _dies_at(step: int, shelf: Shelf, folder: Path) -> bool:
    """Puts a folder into use in a process of its own, killed at that step on the disk. Whether it came so far."""
    child = os.fork()
    if child == 0:
        steps = count(1)

        def deadly(act: Any) -> Any:
            def done(*arguments: Any, **options: Any) -> Any:
                if next(steps) == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                result = act(*arguments, **options)
                if next(steps) == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return result

            return done

        for name in ("fsync", "rename", "replace"):
            setattr(os, name, deadly(getattr(os, name)))
        # A file that was opened to be written is empty until something is.
        Path.open = deadly(Path.open)  # type: ignore[method-assign]
        use(shelf, keep(shelf, folder))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)
