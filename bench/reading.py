"""How many reports a second one core reads, what a process with the reader weighs, and how long any text may take."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from bench.hostile_texts import HOSTILE
from bench.servers import ROOT
from bench.table import Better, Figure
from config.settings import PACKAGED_CONFIG
from hotline.labelled import TEST_FILE, read_labelled
from routing.finding.reader import Reader

_TEXTS = 80
_ROUNDS = 3
# A process as a worker is: the reader loaded, and a text read.
_WEIGH = """
from config.settings import PACKAGED_CONFIG
from routing.finding.reader import Reader
Reader.load(PACKAGED_CONFIG).read("被关在砖窑，叶县")
print(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
"""


def measure(show: Callable[[str], None]) -> list[Figure]:
    """Processor time of this process, the best of three rounds; the machine may do other things meanwhile."""
    reader = Reader.load(PACKAGED_CONFIG)
    texts = [report.text for report in read_labelled(ROOT / "corpus" / TEST_FILE)[:_TEXTS]]
    show("reading: indicators and places")
    bare = _rate(reader.reading, texts)
    show("reading: with the sentence model")
    whole = _rate(reader.read, texts)
    show("reading: hostile texts")
    slowest = max(min(_seconds(reader.read, text) for _ in range(_ROUNDS)) for text in HOSTILE)
    weight = subprocess.run([sys.executable, "-c", _WEIGH], capture_output=True, text=True, check=True, cwd=ROOT)
    model = "e5-small and heads" if reader.model.has_sentences else "NO sentence model: install the extra [model]"
    return [
        Figure(name="reports a second, indicators and places", value=bare, unit="/s", better=Better.HIGHER, floor=150),
        Figure(name="reports a second, with the sentence model", value=whole, unit="/s", better=Better.HIGHER, floor=15,
               note=f"{model}; {len(texts)} reports of the corpus on one core"),
        Figure(name="megabytes of a process with the reader", value=int(weight.stdout) / 1024, unit="MB",
               better=Better.LOWER, floor=400),
        Figure(name="slowest of the hostile texts", value=1000 * slowest, unit="ms", better=Better.LOWER, floor=250,
               note=f"{len(HOSTILE)} texts of 12,000 characters and more"),
    ]  # fmt: skip


def _rate(read: Callable[[str], object], texts: Sequence[str]) -> float:
    return len(texts) / min(sum(_seconds(read, text) for text in texts) for _ in range(_ROUNDS))


def _seconds(read: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    read(text)
    return time.process_time() - started
