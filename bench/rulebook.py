"""What a decision costs as rules grow, beside two rule libraries on the same table, and what the proof costs."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from bench.large_rulebook import OVERLAYS, write_large_rulebook
from bench.rule_libraries import Decide, business_rules_decider, rule_engine_decider
from bench.table import Better, Figure
from reports.values import Facts
from routing.rulebook.book import Rulebook
from routing.rulebook.conditions import Tokens
from routing.rulebook.coverage import prove
from routing.rulebook.jurisdiction import locate
from routing.rulebook.load import read_rulebook
from routing.rulebook.review import review
from routing.rulebook.route import route
from routing.rulebook.samples import samples
from routing.rulebook.tokens import china_time, tokens_of

_MANY, _FEW = 5_000, 500
_DECISIONS, _ROUNDS = 600, 5
# Libraries that try rule by rule are slow enough for few.
_BY_OTHERS = 40
_DAY = date(2012, 6, 1)


def measure(show: Callable[[str], None]) -> list[Figure]:
    """Decisions on small and large rulebooks in turn, then the libraries, then reading and proving the large one."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        show("rulebook: writing one with 5,000 rows more")
        few = read_rulebook(write_large_rulebook(Path(folder) / "few", _FEW, overlays=4))
        large = write_large_rulebook(Path(folder) / "many", _MANY)
        many = read_rulebook(large)
        facts = [sample.facts for sample in samples(few)][: _DECISIONS * 4 : 4]
        show("rulebook: deciding")
        figures = _growth(few, many, facts)
        show("rulebook: the same lead rules in other libraries")
        figures += _beside_libraries(many, facts[:: _DECISIONS // _BY_OTHERS])
        show("rulebook: proving the large one")
        return [*figures, _check(large)]


def _growth(few: Rulebook, many: Rulebook, facts: Sequence[Facts]) -> list[Figure]:
    """The two rulebooks are timed in turn, so that a busy machine weighs on both alike."""
    for rulebook in (few, many):
        _times(rulebook, facts)
    ratios, slowest, middle = [], [], []
    for _ in range(_ROUNDS):
        small, large = sorted(_times(few, facts)), sorted(_times(many, facts))
        ratios.append(statistics.median(large) / statistics.median(small))
        middle.append(statistics.median(large))
        slowest.append(large[len(large) * 99 // 100])
    rows = f"{_MANY:,} rows more and {OVERLAYS} overlays"
    return [
        Figure(
            name=f"a decision, 99 of 100, {rows}",
            value=statistics.median(slowest) * 1e3,
            unit="ms",
            better=Better.LOWER,
            floor=1,
            goal=0.5,
            note=f"median {statistics.median(middle) * 1e3:.3f} ms; CPU time",
        ),
        Figure(
            name="a decision with ten times the rows",
            value=statistics.median(ratios),
            unit="x",
            better=Better.LOWER,
            floor=2,
            goal=1.25,
            note=f"{_MANY:,} rows against {_FEW}, timed in turn; flat would be 1",
        ),
    ]


def _times(rulebook: Rulebook, facts: Sequence[Facts]) -> list[float]:
    times = []
    for one in facts:
        begun = time.thread_time()
        route(one, rulebook)
        times.append(time.thread_time() - begun)
    return times


def _beside_libraries(many: Rulebook, facts: Sequence[Facts]) -> list[Figure]:
    """How many times faster the first lead rule that holds is found than by libraries that hold the same rules."""
    rules = many.rules.leads.rows
    told = [tokens_of(one, locate(one.labels.places, many.areas), china_time(one.received_at), many) for one in facts]
    axes = sorted({clause.axis for rule in rules for clause in rule.when.clauses} | {"urgency"})

    def ours(tokens: Tokens) -> str:
        found = many.rules.leads.first(tokens)
        return found.id if found else ""

    figures = []
    for name, decide in (
        ("rule-engine", rule_engine_decider(rules)),
        ("business-rules", business_rules_decider(rules, axes)),
    ):
        if decide is None:
            continue
        if [decide(tokens) for tokens in told] != [ours(tokens) for tokens in told]:
            raise AssertionError(f"{name} decides otherwise; the comparison would be of two different things.")
        ratio = _seconds(decide, told) / _seconds(ours, told)
        figures.append(
            Figure(name=f"finding the lead rule among {len(rules):,}, against {name}", value=ratio, unit="x",
                   better=Better.HIGHER, floor=10, note=f"{name} tries rule by rule; both decide alike")
        )  # fmt: skip
    return figures


def _seconds(decide: Decide, told: Sequence[Tokens]) -> float:
    begun = time.thread_time()
    for tokens in told:
        decide(tokens)
    return time.thread_time() - begun


def _check(folder: Path) -> Figure:
    begun = time.thread_time()
    rulebook = read_rulebook(folder)
    proof, found = prove(rulebook), review(rulebook, _DAY)
    taken = time.thread_time() - begun
    if proof.faults or found.mistakes:
        raise AssertionError(f"The large rulebook should be sound: {[*proof.faults, *found.mistakes][0]}")
    return Figure(
        name="rules check of the full directory, 5,000 rows more", value=taken, unit="s", better=Better.LOWER, floor=20,
        goal=5, note=f"reading, proving and reviewing for {proof.areas:,} areas; CPU time",
    )  # fmt: skip
