"""The encoder as it is trained: every layer, the upper ones with weights that may move, and the heads."""

from __future__ import annotations

import hashlib
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from encoder_tuning.layers import BLOCK_BYTES, Layers, packed, rounded
from encoder_tuning.material import Arrays, Batch, Texts

HEADS = 12
BF16 = torch.bfloat16


@dataclass(frozen=True)
class Way:
    """How to tune: everything that can be chosen. The model that ships is tuned as this says, unless told otherwise."""

    first: int = 0  # The first layer that is trained.
    epochs: int = 20
    rate: float = 3.5e-4
    layer_decay: float = 0.95  # The rate of each layer below the last, as a share of the one above.
    batch: int = 64
    dropout: float = 0.15  # Within the layers.
    head_dropout: float = 0.3
    token_dropout: float = 0.12  # The share of tokens that are hidden.
    rewritings: float = 0.8  # The share of texts that are read in a rewriting.
    roles: float = 2.0  # How much the roles of places count beside the labels.
    averaged: float = 0.3  # The last share of the steps whose weights are averaged.
    seed: int = 1


class Encoder(torch.nn.Module):
    """The layers, the upper ones trainable: a layer's matrices in one tensor of blocks, its vectors in another."""

    def __init__(self, arrays: Arrays, way: Way) -> None:
        super().__init__()
        self.layers, self.way = Layers(arrays), way
        self.epsilon = float(arrays["epsilon"])
        self.register_buffer("positions", torch.tensor(arrays["positions"]))
        self.register_buffer("norm", torch.tensor(arrays["norm"]))
        self.matrices, self.vectors = torch.nn.ParameterList(), torch.nn.ParameterList()
        for layer in range(self.layers.count):
            for kept, wanted in ((self.matrices, True), (self.vectors, False)):
                parts = [self.layers.values(n) for n in self.layers.of(layer) if self.layers.is_matrix(n) == wanted]
                kept.append(torch.nn.Parameter(torch.cat(parts), requires_grad=layer >= way.first))
        width = self.layers.width
        self.heads = torch.nn.Linear(width, arrays["wanted"].shape[1])
        self.roles = torch.nn.Linear(2 * width, len(arrays["roles"]))
        for head in (self.heads, self.roles):
            torch.nn.init.normal_(head.weight, std=0.005)
            torch.nn.init.constant_(head.bias, 0.0)
        torch.nn.init.constant_(self.heads.bias, -2.0)

    def groups(self) -> list[dict[str, Any]]:
        """What is trained, each part at its rate."""
        found: list[dict[str, Any]] = [
            {"params": [*self.heads.parameters(), *self.roles.parameters()], "lr": 3e-3, "weight_decay": 0.02}
        ]
        for layer in range(self.way.first, self.layers.count):
            rate = self.way.rate * self.way.layer_decay ** (self.layers.count - 1 - layer)
            found.append({"params": [self.matrices[layer]], "lr": rate, "weight_decay": 0.0})
            found.append({"params": [self.vectors[layer]], "lr": rate * 3, "weight_decay": 0.0})
        return found

    def forward(self, texts: Texts, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Every label's score, a row a text, and every role's, a row a place."""
        hidden = texts.words[batch.tokens]
        if self.training and self.way.token_dropout:
            hidden = hidden * (torch.rand(hidden.shape[:2], device=hidden.device) > self.way.token_dropout)[:, :, None]
        hidden = functional.layer_norm(
            hidden + self.positions[: hidden.shape[1]], (self.layers.width,), self.norm[0], self.norm[1], self.epsilon
        )
        attend = torch.zeros(batch.mask.shape, device=hidden.device).masked_fill(~batch.mask, -1e9)
        for layer in range(self.layers.count):
            hidden = self._layer(hidden, attend[:, None, None, :].to(BF16), layer)
        real = batch.mask.float()[:, :, None]
        mean = functional.normalize((hidden * real).sum(1) / real.sum(1), dim=1) * math.sqrt(self.layers.width)
        drop = self.way.head_dropout if self.training else 0.0
        scores = self.heads(functional.dropout(mean, drop))
        beside, start, end = batch.places[:, 0], batch.places[:, 1], batch.places[:, 2]
        sums = functional.pad(hidden.cumsum(1), (0, 0, 1, 0))
        told = (sums[beside, end] - sums[beside, start]) / (end - start)[:, None]
        told = functional.normalize(told, dim=1) * math.sqrt(self.layers.width)
        return scores, self.roles(functional.dropout(torch.cat([told, mean[beside]], 1), drop))

    def _layer(self, hidden: torch.Tensor, attend: torch.Tensor, layer: int) -> torch.Tensor:
        batch, length, width = hidden.shape
        tensors = self._tensors(layer)
        drop = self.way.dropout if self.training else 0.0

        def linear(values: torch.Tensor, name: str) -> torch.Tensor:
            return functional.linear(values.to(BF16), tensors[f"{name}.w"], tensors[f"{name}.b"].to(BF16))

        def by_head(values: torch.Tensor) -> torch.Tensor:
            return values.view(batch, length, HEADS, width // HEADS).transpose(1, 2)

        def norm(values: torch.Tensor, name: str) -> torch.Tensor:
            return functional.layer_norm(values, (width,), tensors[f"{name}.w"], tensors[f"{name}.b"], self.epsilon)

        query, keys, values = (by_head(linear(hidden, name)) for name in ("q", "k", "v"))
        seen = functional.scaled_dot_product_attention(query, keys, values, attn_mask=attend)
        told = linear(seen.transpose(1, 2).reshape(batch, length, width), "ao").float()
        hidden = norm(hidden + functional.dropout(told, drop), "aln")
        told = linear(functional.gelu(linear(hidden, "fi")), "fo").float()
        return norm(hidden + functional.dropout(told, drop), "oln")

    def _tensors(self, layer: int) -> dict[str, torch.Tensor]:
        blocks = self.matrices[layer]
        if layer >= self.way.first:
            # Forward with rounded weights, backward as if they were not.
            blocks = blocks + (rounded(blocks.detach()) - blocks.detach())
        blocks, vectors = blocks.to(BF16), self.vectors[layer]
        found, block, place = {}, 0, 0
        for name in self.layers.of(layer):
            short = name.split(".", 1)[1]
            size = self.layers.places[name][2]
            if self.layers.is_matrix(name):
                count = size // BLOCK_BYTES
                across = self.layers.width * (4 if short == "fo.w" else 1)
                found[short] = blocks[block : block + count].reshape(-1, across)
                block += count
            else:
                found[short] = vectors[place : place + size // 4]
                place += size // 4
        return found


def write(model: Encoder, arrays: Arrays, folder: Path) -> None:
    """Writes the layers, their SHA-256, and the heads."""
    layers, way = model.layers, model.way
    names = [name for layer in range(way.first, layers.count) for name in layers.of(layer)]
    start = min(layers.places[name][1] for name in names)
    end = max(sum(layers.places[name][1:]) for name in names)
    image = bytearray(layers.image[start:end].tobytes())
    for layer in range(way.first, layers.count):
        blocks, vectors = model.matrices[layer].detach().cpu(), model.vectors[layer].detach().cpu()
        block = place = 0
        for name in layers.of(layer):
            _, offset, size = layers.places[name]
            if layers.is_matrix(name):
                written = packed(blocks[block : block + size // BLOCK_BYTES])
                block += size // BLOCK_BYTES
            else:
                written = vectors[place : place + size // 4].numpy().astype("<f4").tobytes()
                place += size // 4
            image[offset - start : offset - start + size] = written
    overlay = struct.pack("<4sQ", b"E5OV", layers.start + start) + bytes(image)
    (folder / "encoder.bin").write_bytes(overlay)
    (folder / "encoder.sha256").write_text(f"{hashlib.sha256(overlay).hexdigest()}  encoder.bin\n", encoding="ascii")
    np.savez_compressed(
        folder / "encoder.npz",
        labels=arrays["labels"],
        weights=model.heads.weight.detach().cpu().numpy().astype(np.float16),
        bias=model.heads.bias.detach().cpu().numpy().astype(np.float32),
        roles=arrays["roles"],
        role_weights=model.roles.weight.detach().cpu().numpy().astype(np.float16),
        role_bias=model.roles.bias.detach().cpu().numpy().astype(np.float32),
    )
