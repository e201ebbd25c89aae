"""The sentence model: pieces of a text and where they end, and vectors of what is marked in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from routing.finding.encoder_file import EncoderFile
from routing.finding.model import TextModel
from routing.finding.sentence_model import BASE_FILE, MOST_TOKENS, Mark, SentenceModel, package_folder

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def model() -> SentenceModel:
    loaded = SentenceModel.load(ROOT / "config" / "model" / "encoder.bin")
    assert loaded is not None
    return loaded


@pytest.mark.parametrize("text", ["我在云南省昆明 ok", "  two  spaces ", "ＡＢ①２", "ကျွန်မ ရွှေလီ", "", " "])
def test_every_piece_says_how_much_of_the_text_it_reaches(text: str) -> None:
    folder = package_folder()
    assert folder is not None
    ids, ends = EncoderFile(memoryview((folder / BASE_FILE).read_bytes())).cut(text)
    assert len(ids) == len(ends)
    assert ends == sorted(ends)
    assert ends[-1] in (len(text), len(text.rstrip()))


def test_what_is_marked_has_a_vector_of_length_one_of_its_own(model: SentenceModel) -> None:
    text = "我从昭通来，现在关在阳江"
    read = model.read([text], [Mark(0, 2, 4), None, Mark(0, 10, 12)])
    home, unmarked, scene = read.marked
    assert unmarked is None
    assert home is not None
    assert scene is not None
    assert np.linalg.norm(home) == pytest.approx(1.0, abs=1e-5)
    assert float(home @ scene) < 0.99
    assert np.allclose(read.texts, model.vectors([text]))


def test_what_was_not_read_any_more_has_none(model: SentenceModel) -> None:
    text = "ၐ" * MOST_TOKENS + "阳江"
    assert model.read([text], [Mark(0, MOST_TOKENS, MOST_TOKENS + 2)]).marked == (None,)


def test_layers_that_were_copied_by_half_are_refused_by_name(tmp_path: Path) -> None:
    shipped = ROOT / "config" / "model" / "encoder.bin"
    shutil.copy(shipped.with_suffix(".sha256"), tmp_path)
    overlay = tmp_path / shipped.name
    for content, told in ((shipped.read_bytes()[:-1], "should have the SHA-256"), (None, "should be there")):
        overlay.unlink(missing_ok=True)
        if content is not None:
            overlay.write_bytes(content)
        with pytest.raises(ValueError, match=f"encoder.bin .*{told}"):
            SentenceModel.load(overlay)


@pytest.mark.parametrize("place", [1000, 500_000])
def test_heads_that_were_cut_short_or_changed_are_refused_in_words(tmp_path: Path, place: int) -> None:
    folder = Path(shutil.copytree(ROOT / "config" / "model", tmp_path / "model"))
    written = (folder / "heads.npz").read_bytes()
    changed = written[:place] if place == 1000 else written[:place] + bytes(200) + written[place + 200 :]
    (folder / "heads.npz").write_bytes(changed)
    with pytest.raises(ValueError, match="cut short or changed"):
        TextModel.load(folder, sentences=False)
