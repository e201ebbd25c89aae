"""`hotline model train`: the same heads every time, and never heads that are less safe."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hotline import model_train_command
from hotline.model_command import model

ROOT = Path(__file__).parents[2]
_EACH, _MEASURED = 10, 12


@pytest.fixture
def config(tmp_path: Path) -> Path:
    copy = tmp_path / "config"
    shutil.copytree(ROOT / "config", copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


def small_corpus(folder: Path, change: Callable[[int, dict[str, Any]], dict[str, Any]]) -> Path:
    """A few reports of each file, so that training takes seconds."""
    folder.mkdir()
    for name in ("c1", "c2", "c4", "c5"):
        lines = [json.loads(line) for line in (ROOT / "corpus" / f"{name}.jsonl").read_text().splitlines()[:_EACH]]
        changed = [change(number, line) for number, line in enumerate(lines)]
        _write(folder / f"{name}.jsonl", changed)
    measured = [json.loads(line) for line in (ROOT / "corpus" / "test.jsonl").read_text().splitlines()]
    _write(folder / "test.jsonl", [line for line in measured if line["urgency"] == "immediate"][:_MEASURED])
    shutil.copy(ROOT / "corpus" / "held-out.npz", folder)
    return folder


def _write(path: Path, lines: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def train(config: Path, corpus: Path, *more: str) -> Result:
    return CliRunner().invoke(model, ["train", "--config", str(config), "--corpus", str(corpus), *more])


def turned_about(_number: int, line: dict[str, Any]) -> dict[str, Any]:
    """Whoever is in danger said not to be, and the other way round: what makes a model that misses danger."""
    is_calm = line["urgency"] in ("immediate", "urgent")
    return {**line, "urgency": "low" if is_calm else "immediate", "alt": {}}


def test_the_same_corpus_gives_the_same_bytes(config: Path, tmp_path: Path) -> None:
    corpus = small_corpus(tmp_path / "corpus", lambda _number, line: line)
    heads = config / "model" / "heads.npz"
    shipped = heads.read_bytes()
    made = []
    for _ in range(2):
        trained = train(config, corpus, "--even-if-worse")
        assert trained.exit_code == 0, trained.output
        made.append(heads.read_bytes())
    assert made[0] == made[1] != shipped


def test_heads_that_miss_more_danger_are_refused_and_the_old_ones_stay(config: Path, tmp_path: Path) -> None:
    corpus = small_corpus(tmp_path / "corpus", turned_about)
    heads = config / "model" / "heads.npz"
    before = heads.read_bytes()
    refused = train(config, corpus)
    assert refused.exit_code == 1, refused.output
    assert "kept the old heads, because the new ones are worse at immediate: recall" in refused.output
    assert heads.read_bytes() == before


SAFE = {"immediate: recall": 0.97, "invented places per 100": 3.0, "sex words swapped": 0.0}


@pytest.mark.parametrize(
    ("figure", "after"),
    [("immediate: recall", 0.96), ("invented places per 100", 3.1), ("sex words swapped", 1.0)],
)
def test_heads_that_are_worse_at_any_figure_of_safety_are_refused(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: str, after: float
) -> None:
    corpus = small_corpus(tmp_path / "corpus", lambda _number, line: line)
    measured = iter([SAFE, {**SAFE, figure: after}])
    monkeypatch.setattr(model_train_command, "_train", lambda trial, _corpus: (trial / "model" / "heads.npz").touch())
    monkeypatch.setattr(model_train_command, "_safety", lambda _config, _corpus: next(measured))
    refused = train(config, corpus)
    assert refused.exit_code == 1
    assert f"worse at {figure}" in refused.output


def test_a_corpus_that_says_one_thing_twice_is_refused(config: Path, tmp_path: Path) -> None:
    corpus = small_corpus(tmp_path / "corpus", lambda _number, line: line)
    first = json.loads((corpus / "c2.jsonl").read_text().splitlines()[0])
    _write(corpus / "twice.jsonl", [{**first, "id": "twice-1", "text": first["text"] + "，谢谢"}])
    refused = train(config, corpus)
    assert refused.exit_code == 1
    assert first["id"] in refused.output
    assert "twice-1" in refused.output
