"""What happened to a report, in words: the audit chain's lines with the reasons officers gave."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from console.display import Display
from reports.browsing import NO_WORK
from reports.report_view import HistoryLine, ReportView

_LOOKS = (
    "opened", "opened_contact", "opened_made_to_do", "opened_packet", "opened_to_read", "revealed", "opened_copy",
    "opened_original", "opened_beside", "opened_for", "opened_break_glass", "heard",
)  # fmt: skip
# A reason and its audit line are written in one transaction, moments apart.
_SAME_MOMENT = 10_000
# So many lines stand on the page at once, so that a long life makes no page too heavy for a night on a telephone.
_AT_ONCE = 30


@dataclass(frozen=True)
class Happening:
    """One line of the history. reason is what the officer wrote, '' where none was asked for; times is how often it was
    done, the last time at `at`."""

    at: int
    actor: str
    sentence: str
    reason: str
    times: int = 1


@dataclass(frozen=True)
class Stretch:
    """Lines that stand on the page at once: earlier is how many come before them, later how many after."""

    lines: tuple[Happening, ...]
    earlier: int
    later: int


@dataclass(frozen=True)
class Reason:
    """An officer's reason, opened."""

    officer: str
    verb: str
    said_at: int
    text: str


def is_look(line: HistoryLine) -> bool:
    """Whether somebody only read."""
    return line.action in _LOOKS


def is_work(line: HistoryLine) -> bool:
    """Whether somebody did something about the report itself, who neither only read it nor only was on it."""
    return not is_look(line) and line.action not in NO_WORK


def last_change(report: ReportView) -> HistoryLine | None:
    """The newest line that changed the report itself; None if nothing did yet."""
    changes = [line for line in report.history if is_work(line) and line.object.startswith("report:")]
    return changes[-1] if changes else None


def happenings(report: ReportView, reasons: Sequence[Reason], display: Display) -> tuple[Happening, ...]:
    """Everything that was done, oldest first."""
    lines = [line for line in report.history if not is_look(line)]
    return tuple(_all_told(lines, report, reasons, display))


def stretch(lines: Sequence[Happening], until: int | None) -> Stretch:
    """The newest lines of the first `until`, of all where that is None."""
    end = len(lines) if until is None else min(max(until, 1), len(lines))
    begin = max(end - _AT_ONCE, 0)
    return Stretch(tuple(lines[begin:end]), begin, len(lines) - end)


def looks(report: ReportView, reasons: Sequence[Reason], display: Display) -> tuple[Happening, ...]:
    """Everybody who read the report, a packet, a file or the contact details, whoever came last at the end.

    Whoever came again for the same, and need not say why, stands in one line.
    """
    found: dict[tuple[str, str, str], Happening] = {}
    for one in _all_told(filter(is_look, report.history), report, reasons, display):
        before = found.pop((one.actor, one.sentence, one.reason), None)
        found[one.actor, one.sentence, one.reason] = replace(one, times=before.times + 1 if before else 1)
    return tuple(found.values())


def _all_told(
    lines: Iterable[HistoryLine], report: ReportView, reasons: Sequence[Reason], display: Display
) -> Iterator[Happening]:
    left = list(reasons)
    units = {f"referral:{referral.referral_id}": referral.unit for referral in report.referrals}
    for line in lines:
        yield _told(line, _reason_of(line, left), units.get(line.object, ""), display)


def _told(line: HistoryLine, reason: str, unit: str, display: Display) -> Happening:
    detail: Mapping[str, str | int | None] = json.loads(line.detail)
    about = unit or str(detail.get("unit") or "")
    named = display.unit(about) or display.word("kind_duty_desk")
    sentence = display.word(f"did_{line.action}").format(unit=named)
    more = []
    if detail.get("outcome"):
        more.append(display.word(f"outcome_{detail['outcome']}"))
    if detail.get("reason"):
        more.append(display.word(f"bounce_{detail['reason']}"))
    if detail.get("why"):
        more.append(display.word(f"why_{detail['why']}"))
    if detail.get("opening"):
        more.append(display.word(f"opening_{detail['opening']}"))
    if detail.get("proposed"):
        more.append(f"→ {display.unit(str(detail['proposed']))}")
    if detail.get("told") and detail["told"] != (about or "duty_desk"):
        more.append(f"→ {display.unit(str(detail['told']))}")
    if isinstance(detail.get("until"), int):
        more.append(f"→ {display.time(int(detail['until'] or 0))}")
    before, after = detail.get("urgency_before"), detail.get("urgency")
    if before and before != after:
        more.append(f"{display.label(str(before), 'urgency')} → {display.label(str(after), 'urgency')}")
    if line.object.startswith("report:") and detail.get("to") and detail["from"] != detail["to"]:
        more.append(display.word(f"state_{detail['to']}"))
    # An arrow sets apart well enough.
    said = " · ".join([sentence, *more]).replace(" · →", " →")
    return Happening(line.at, display.actor(line.actor), said, reason)


def _reason_of(line: HistoryLine, reasons: list[Reason]) -> str:
    for reason in reasons:
        fits = (reason.officer, reason.verb) == (line.actor, line.action)
        if fits and abs(line.at - reason.said_at) < _SAME_MOMENT:
            reasons.remove(reason)
            return reason.text
    return ""
