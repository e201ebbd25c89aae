"""What a maintainer should look at though no report is lost: rows that never decide, contradict or repeat each other,
units that nobody can reach, documents that have ended, and what the data does not have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from reports.values import UnitKind
from routing.rulebook.asked import cues_asked, matters_asked, matters_refused
from routing.rulebook.book import Rulebook
from routing.rulebook.coverage import HELD_HERE
from routing.rulebook.errors import Fault, Origin
from routing.rulebook.rules import CopyRow, LeadRule, Row
from routing.rulebook.serving import instead_of, refused_by
from routing.rulebook.ways import INBOX
from routing.rulebook.witnesses import Witnesses

# The State Council tells the next year's moved days early in November.
_NOTICE_OUT = 12
_REACH = "Narrow the rows before it, widen this one, or take it out."


@dataclass(frozen=True)
class Review:
    """mistakes want correcting; remarks are only worth knowing, such as a document whose time is over."""

    mistakes: tuple[Fault, ...]
    remarks: tuple[str, ...]


def review(rulebook: Rulebook, today: date) -> Review:
    """Looks at every row, unit line and document."""
    mistakes = [
        *_repeated(rulebook),
        *_never_deciding(rulebook),
        *_unheard(rulebook),
        *_without_units(rulebook),
    ]
    remarks = [
        *_dead_ends(rulebook),
        *_unheard_by_hand(rulebook),
        *_without_deputy(rulebook),
        *_ended(rulebook, today),
        *_unused_packets(rulebook),
        *_untold(rulebook),
        *_gaps(rulebook),
        *_unknown_holidays(rulebook, today),
    ]
    return Review(tuple(mistakes), tuple(remarks))


def _repeated(rulebook: Rulebook) -> Iterator[Fault]:
    """Lead rules with the `when` of another, which contradict or repeat it, and copies that repeat another."""
    rules: dict[object, LeadRule] = {}
    for rule in rulebook.rules.leads.rows:
        same = rules.setdefault(frozenset(rule.when.clauses), rule)
        if same is not rule:
            differs = (rule.to, rule.region) != (same.to, same.region)
            came = f"the `when` of {_at(same)} again" + (", leading elsewhere" if differs else "")
            yield rule.origin.fault(wanted="one rule for one case", came=came, remedy="Keep one of the two.")
    copies: dict[object, CopyRow] = {}
    for row in (*rulebook.rules.copies.rows, *rulebook.rules.links.rows):
        other = copies.setdefault((frozenset(row.when.clauses), row.to, row.region, row.packet), row)
        if other is not row:
            remedy = "Take one of the two out."
            yield row.origin.fault(wanted="a row that adds something", came=f"what {_at(other)} says", remedy=remedy)


def _at(row: Row) -> str:
    return f"{row.id} ({row.origin.file}, line {row.origin.line})"


def _never_deciding(rulebook: Rulebook) -> Iterator[Fault]:
    """Lead and track rows whose reports all go to rows before them."""
    witnesses = Witnesses(rulebook)
    for table in (rulebook.rules.leads, rulebook.rules.tracks):
        for row in table.rows:
            takers: dict[str, Origin] = {}
            for tokens in witnesses.of(row):
                first = table.first(tokens)
                if first is row:
                    takers.clear()
                    break
                if first is not None:
                    takers[first.id] = first.origin
            if takers:
                earlier = ", ".join(f"{id} (line {origin.line})" for id, origin in list(takers.items())[:3])
                came = f"none: {earlier} has them all"
                yield row.origin.fault(wanted="a report that this row decides", came=came, remedy=_REACH)


def _unheard(rulebook: Rulebook) -> Iterator[Fault]:
    """Copies for leads beside whom nobody is copied, and copies that no report of their lead brings about."""
    here = frozenset(kind.value for kind in HELD_HERE)
    led = frozenset(rule.to.value for rule in rulebook.rules.leads.rows) - here
    for row in (*rulebook.rules.copies.rows, *rulebook.rules.links.rows):
        for clause in row.when.clauses:
            if clause.axis == "lead" and clause.codes.isdisjoint(led):
                came = ", ".join(sorted(clause.codes))
                remedy = "Name a kind of unit that answers reports; nobody is told while the duty desk has one."
                yield row.origin.fault(wanted="a lead beside whom units are told", came=came, remedy=remedy)


def _without_units(rulebook: Rulebook) -> Iterator[Fault]:
    """Rows that look for a kind of unit which does not exist."""
    kinds = rulebook.units.kinds()
    for row in (*rulebook.rules.copies.rows, *rulebook.rules.links.rows):
        if row.to not in kinds:
            remedy = f'Add an [[office]] of kind "{row.to.value}" to units.toml.'
            yield row.origin.fault(wanted="a kind of unit that exists", came=row.to.value, remedy=remedy)
        elif row.to in HELD_HERE:
            remedy = "Take the row out; the desk sees every report anyway."
            yield row.origin.fault(wanted="a unit outside", came=row.to.value, remedy=remedy)


def _dead_ends(rulebook: Rulebook) -> Iterator[str]:
    """Units that do not take everybody whom the rules may send there, and who does instead."""
    units = rulebook.units
    for unit in units.written_out():
        if unit.live and (refused := refused_by(unit, units.terms)):
            instead = {group: instead_of(unit, [group], "", units) for group in refused}
            where = ", ".join(
                f"no {units.terms.served[group].en} ({other.id} does)"
                if other
                else f"no {units.terms.served[group].en} (nor does anybody above)"
                for group, other in instead.items()
            )
            yield f"{_written(units.origins[unit.id])}: {unit.id} takes {where}, but reports about them are sent there."
    for office in units.offices:
        if office.serves and (missing := [name for name in units.terms.served if name not in office.serves]):
            groups = ", ".join(units.terms.served[name].en for name in missing)
            where = _written(office.origin)
            yield f"{where}: no {office.kind.value} takes {groups}, but reports about them are sent there."


def _unheard_by_hand(rulebook: Rulebook) -> Iterator[str]:
    """Units that an officer has to ring up at last, and whose number nobody wrote down."""
    for unit in rulebook.units.written_out():
        if unit.live and INBOX not in unit.delivery and not unit.telephone:
            where = _written(rulebook.units.origins[unit.id])
            yield f"{where}: {unit.id} is told by hand at last, but has no telephone."


def _without_deputy(rulebook: Rulebook) -> Iterator[str]:
    """The duty desk, where nobody in charge can be told that it is silent. Of units there are too many to say it."""
    desk = rulebook.units.find(UnitKind.DUTY_DESK, "")
    if desk is not None and not (desk.deputy_sms or desk.deputy_mail):
        where = _written(rulebook.units.origins[desk.id])
        yield f"{where}: the duty desk names nobody in charge; when it is silent, no deputy is told of it."


def _written(origin: Origin) -> str:
    return f"{origin.file}, line {origin.line}"


def _ended(rulebook: Rulebook, today: date) -> Iterator[str]:
    for overlay in rulebook.rules.overlays.all:
        if overlay.period.valid_to is not None and overlay.period.valid_to < today:
            yield f"{overlay.file}: {overlay.en} ended on {overlay.period.valid_to}; it counts for older reports only."
    for table, rows in rulebook.rules.tables().items():
        for row in rows:
            if row.period is not None and row.period.valid_to is not None and row.period.valid_to < today:
                where = f"{row.origin.file}, line {row.origin.line}"
                yield f"{where}: [[{table}]] {row.id} ended on {row.period.valid_to}."
    last = rulebook.plan.editions[-1]
    if last.period.valid_to is not None and last.period.valid_to < today:
        yield f"{last.file}: the last edition ended on {last.period.valid_to}; it is cited until another is added."


def _unused_packets(rulebook: Rulebook) -> Iterator[str]:
    rows: Sequence[LeadRule | CopyRow] = (
        *rulebook.rules.leads.rows,
        *rulebook.rules.copies.rows,
        *rulebook.rules.links.rows,
    )
    used = {row.packet for row in rows}
    for name in rulebook.packets:
        if name not in used:
            yield f"packets.toml: no row uses the packet {name}."


def _untold(rulebook: Rulebook) -> Iterator[str]:
    """Circumstances that a row asks for and that the machine does not tell beside what the row is about."""
    for table, rows in rulebook.rules.tables().items():
        for row in rows:
            own, refused = matters_asked(row.when, rulebook.codes), matters_refused(row.when, rulebook.codes)
            for cue in sorted(cues_asked(row.when)):
                beside = rulebook.codes.beside.get(cue, frozenset())
                if not beside or not beside.isdisjoint(own):
                    continue
                met = "an officer says so" if beside <= refused else "a report is about that too, or an officer says so"
                told = f"which the machine tells only beside {', '.join(sorted(beside))}: it is met only where {met}."
                yield f"{_written(row.origin)}: [[{table}]] {row.id} asks for {cue}, {told}"


def _gaps(rulebook: Rulebook) -> Iterator[str]:
    for edition in rulebook.plan.editions:
        for gap in edition.gaps:
            yield f"{edition.file}: {gap.en}."


def _unknown_holidays(rulebook: Rulebook, today: date) -> Iterator[str]:
    """This year and, once its notice should be out, the next one, where their moved days are not filled in."""
    wanted = [today.year, *([today.year + 1] if today.month >= _NOTICE_OUT else [])]
    for year in wanted:
        if year not in rulebook.holidays.complete:
            yield f"holidays.toml: fill in the moved days off and make-up working days of {year} when they are out."
