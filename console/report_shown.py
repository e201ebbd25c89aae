"""The page of one report: everything that it shows, read and written down before it is opened."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template
from sqlalchemy import select

from console.access import session_now
from console.attachments import file_lines
from console.conversation import Texting, texting
from console.desk import Desk
from console.entered import Entered
from console.links import Link, links_of
from console.named_here import refuse_named
from console.offered import last_bounce, offered
from console.one_question import DECIDES
from console.opening import REASONS, at_hand
from console.overtaken import explained
from console.recordings import recordings_of
from console.report_text import Opened, ReportText
from console.services import Services
from console.tile_map import Marked, TileMap, marked
from reports.attachments import Attachment, attachments_of
from reports.content import Content
from reports.correspondence import Correspondence, correspondence
from reports.database import database_now
from reports.holding import There, who_is_there
from reports.made_to_do import SealedPassage, sealed_passages
from reports.merging import Merge, merge_of, merged_here
from reports.officers import Officer
from reports.reading import SealedMessage, open_report, sealed_messages, told
from reports.replies import Reply, replies_of
from reports.report_view import ReportView, find_report
from reports.sealing import ReportKey
from reports.unit_questions import Said, said_about, waiting_for_answer
from reports.values import PlaceRole, Urgency
from routing.rulebook.serving import DeadEnd, dead_ends

_SPARE_PLACES = 2


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """A report as it lies in the store, with what lies beside it and the database's time, in milliseconds."""

    report: ReportView
    messages: tuple[SealedMessage, ...]
    reporter: Correspondence
    files: tuple[Attachment, ...]
    passages: Sequence[SealedPassage]
    sent: Sequence[Reply]
    merge: Merge | None
    merged_here: tuple[str, ...]
    now: int


class ReportShown:
    """Shows one report to the officer of the session."""

    def __init__(
        self,
        services: Services,
        desk: Desk,
        words: Mapping[str, Mapping[str, str]],
        kinds: Sequence[str],
        packets: Sequence[str],
    ) -> None:
        """kinds are those of the units that a form may choose, packets the names of those that a copy may have."""
        self._services, self._desk, self._kinds, self._packets = services, desk, kinds, packets
        self._text, self._map = ReportText(services, words), TileMap.load()

    def page(
        self, reference: str, action: str, entered: Entered | None = None, status: int = 200, reason: str = ""
    ) -> Response:
        """The report with its content, or what asks why it is opened where no work calls for that.

        action is what is written down, before anything is shown: opened, opened_contact or opened_made_to_do, of which
        each shows what it names; reason what the officer said. Raises UnknownReport, Erased, KeyMissing and SealBroken.
        """
        officer, entered = session_now().officer, entered or Entered()
        kept = self._kept(reference, officer)
        report, there = kept.report, self._there(kept.report, officer)
        entered = explained(entered, report, officer, there)
        why = at_hand(report, officer, there.mine, kept.now)
        if not why and report.wrapped_key:
            return closed_page(report, entered, kept.now, status)
        refuse_named(self._services, report, officer, kept.messages)
        self._desk.note_view(officer, report, action, why, reason)
        opened = self._opened(kept)
        page = render_template(
            "report.html",
            now=kept.now,
            there=there,
            entered=entered,
            contents=opened.contents if action == "opened_contact" else (),
            links=self._links(opened, officer),
            **self._standing(kept),
            **self._choices(),
            **self._beside(kept, opened),
            **self._text.shown(opened, with_made_to_do=action == "opened_made_to_do"),
        )
        return make_response(page, status)

    def _kept(self, reference: str, officer: Officer) -> _Kept:
        with self._services.database.read() as connection:
            report = find_report(connection, reference, officer)
            return _Kept(
                report=report,
                messages=sealed_messages(connection, [report.report_id])[report.report_id],
                reporter=correspondence(connection, report.report_id),
                files=attachments_of(connection, report.report_id),
                passages=sealed_passages(connection, [report.report_id])[report.report_id],
                sent=replies_of(connection, report.report_id),
                merge=merge_of(connection, report.report_id),
                merged_here=merged_here(connection, report.report_id),
                now=connection.execute(select(database_now())).scalar_one(),
            )

    def _opened(self, kept: _Kept) -> Opened:
        report = kept.report
        key, contents = open_report(self._services.keys, report.report_id, report.wrapped_key, kept.messages)
        return Opened(
            report=report, key=key, messages=kept.messages, contents=contents, passages=kept.passages, sent=kept.sent
        )

    def _standing(self, kept: _Kept) -> dict[str, Any]:
        """How the report stands, and what may be done with it."""
        report, proposal = kept.report, self._desk.proposal(kept.report)
        return {
            "report": report,
            "version": report.version,
            "changed": False,
            "finding": report.finding,
            "decision": report.decision,
            "proposal": proposal,
            "verbs": offered(report, proposal, is_merged=kept.merge is not None),
            "would_change": self._desk.would_change(report),
            "dead_ends": self._dead_ends(report),
            "bounced": last_bounce(report),
            "is_taken_out": kept.merge is not None,
            "merged_here": kept.merged_here,
            "tile_map": self._map,
            "on_map": self._on_map(report),
        }

    def _choices(self) -> dict[str, Any]:
        """What the forms of the page let an officer choose from."""
        services = self._services
        return {
            "decides": DECIDES,
            "outcomes": tuple(services.outcomes.outcomes),
            "kinds": self._kinds,
            "packets": [(name, services.rulebook.packets[name]) for name in self._packets],
            "taxonomy": services.taxonomy,
            "urgencies": list(Urgency),
            "roles": list(PlaceRole),
            "spare_places": _SPARE_PLACES,
            "chance": secrets.token_hex(16),
        }

    def _beside(self, kept: _Kept, opened: Opened) -> dict[str, Any]:
        """What lies beside the report's words: its files, its reporter, and the units that ask about it."""
        return {
            "recordings": recordings_of(kept.files),
            "files": file_lines(kept.files, opened.key),
            "asking": self._asking(opened.report, opened.key),
            "passages": kept.passages,
            "reporter": kept.reporter,
            "notes": [(note, note.open(opened.key)) for note in kept.reporter.notes],
            "texting": self._texting(opened),
            "has_contact": any(_has_contact(content) for content in opened.contents),
        }

    def _links(self, opened: Opened, officer: Officer) -> tuple[Link, ...]:
        with self._services.database.read() as connection:
            return links_of(connection, self._services, opened.report, officer, told(opened.contents))

    def _there(self, report: ReportView, officer: Officer) -> There:
        with self._services.database.read() as connection:
            return who_is_there(connection, report.report_id, officer)

    def _texting(self, opened: Opened) -> Texting:
        with self._services.database.read() as connection:
            return texting(connection, opened.report, opened.contents, self._services)

    def _asking(self, report: ReportView, key: ReportKey) -> list[tuple[str, str, Sequence[Said]]]:
        """The packets whose units wait for an answer of the desk, with what was said about each."""
        with self._services.database.read() as connection:
            waiting = waiting_for_answer(connection, report.report_id)
            asked = [one for one in report.referrals if one.referral_id in waiting]
            return [(one.referral_id, one.unit, said_about(connection, one.referral_id, key)) for one in asked]

    def _dead_ends(self, report: ReportView) -> tuple[DeadEnd, ...]:
        """Where the decision ends before somebody who cannot help, as the directory has it today."""
        if report.finding is None or report.decision is None:
            return ()
        return dead_ends(report.finding, report.decision, self._services.rulebook.units)

    def _on_map(self, report: ReportView) -> tuple[Marked, ...]:
        places = report.finding.labels.places if report.finding else ()
        return marked(self._map, places, self._services.rulebook.areas)


def closed_page(report: ReportView, entered: Entered, now: int, status: int) -> Response:
    """What asks why a report is opened: how it stands, and of what it says only that it may be
    hard to read. now is in milliseconds."""
    page = render_template("closed.html", report=report, entered=entered, now=now, reasons=REASONS)
    return make_response(page, status)


def _has_contact(content: Content) -> bool:
    return bool(content.sender or content.contact or content.name)
