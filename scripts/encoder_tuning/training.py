"""Training one encoder, and asking it about reports."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch.nn import functional

from encoder_tuning import ALL, WRITTEN
from encoder_tuning.encoder import Encoder, Way
from encoder_tuning.material import Batch, Places, Texts


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
