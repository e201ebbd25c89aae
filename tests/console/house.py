"""The desk as those who sit at it see it, and what lies in the store behind it."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, cast

from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from sqlalchemy import insert, select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from config.machine import Machine
from config.replies import Replies
from config.settings import PACKAGED_CONFIG
from console.app import create_app
from console.services import Services
from reports.attachments import add_to_report
from reports.content import Content, NewAttachment, NewReport
from reports.database import Database, database_now
from reports.identity import new_id
from reports.joining import join
from reports.keeping import Keeper
from reports.keys import DoorKeys
from reports.marked_words import by_message
from reports.officers import Role
from reports.reading import open_report, sealed_messages
from reports.recusals import keep_away
from reports.renewing import renew
from reports.states import ReportState
from reports.steps import Outcome
from reports.tables import audit_entries, officers, referrals, reports, sessions
from reports.values import Channel, Decision, Evidence, Facts, Finding, Labels, Place, PlaceRole, Urgency
from routing.rulebook.route import route
from tests.reports.made import claim, standing_of
from workers.context import Context
from workers.deliver import deliver_pending
from workers.escalate import escalate
from workers.renew import renew_outside
from workers.senders.inbox import InboxSender
from workers.senders.sender import Sender

TEXT = "被关在瑞丽的砖厂，不给工钱"
SENDER = "+8613800000000"
SOUND = b"RIFF\x24\x00\x00\x00WAVEfmt sound of a voice"
RUILI, MANGSHI = "public_security-533102", "public_security-533103"
LABELS = Labels(
    matters=("forced_labour",),
    urgency=Urgency.URGENT,
    persons=("man",),
    reporter="victim",
    places=(Place(code="533102", role=PlaceRole.OCCURRENCE),),
)
# The clocks of somebody in danger run round the clock, whatever the hour of the test.
IN_DANGER = replace(LABELS, urgency=Urgency.IMMEDIATE)
EVIDENCE = (
    Evidence(axis="urgency", code="urgent", start=1, end=3),
    Evidence(axis="places", code="533102", start=3, end=5),
    Evidence(axis="matters", code="forced_labour", start=6, end=8),
)


def a_finding(labels: Labels = LABELS, **changes: Any) -> Finding:
    """What the machine read in TEXT."""
    whole: dict[str, Any] = {
        "labels": labels, "language": "zh", "confidence": 0.9, "needs_person": True, "doubts": ("weak_evidence",),
        "evidence": EVIDENCE, "reader": "test", **changes,
    }  # fmt: skip
    return Finding(**whole)


@dataclass(frozen=True)
class Kept:
    """A report in the store."""

    report_id: str
    reference: str


class House:
    """The desk's app over one database."""

    def __init__(self, services: Services, door_keys: DoorKeys, compiled: BytecodeCache) -> None:
        self.services, self.app = services, create_app(services)
        # Every test has an app of its own; none of them need compile the same pages again.
        self.app.jinja_env.bytecode_cache = compiled
        self._keeper = Keeper(services.database, door_keys)
        self._numbers = count()
        self._context = Context(
            store=services.store,
            keys=services.keys,
            reader=cast("Any", None),
            rulebook=services.rulebook,
            machine=Machine.load(PACKAGED_CONFIG),
            bell=services.bell,
            senders={"inbox": InboxSender()},
            replies=Replies.load(PACKAGED_CONFIG),
        )

    @property
    def database(self) -> Database:
        """The database behind the desk."""
        return self.services.database

    def officer(self, role: Role, unit: str = "duty_desk", name: str = "", language: str = "en") -> Officer:
        """A signed-in officer. The session is put where signing in puts it, without the slow password."""
        officer_id, token = new_id(), new_id()
        name = name or f"{role.value} {next(self._numbers)}"
        with self.database.write() as connection:
            connection.execute(
                insert(officers).values(
                    id=officer_id, name=name, role=role.value, unit=unit, active=True, password_hash="",
                    created_at=database_now(),
                )
            )  # fmt: skip
            connection.execute(
                insert(sessions).values(
                    token_digest=hashlib.sha256(token.encode()).hexdigest(), officer_id=officer_id, csrf_token="c" * 43,
                    language=language, started_at=database_now(), seen_at=database_now(),
                    # As fresh as after signing in.
                    proved_at=database_now(),
                )
            )  # fmt: skip
        return Officer(self.app.test_client(), token, name, officer_id)

    def nobody(self) -> Officer:
        """Somebody who has not signed in."""
        return Officer(self.app.test_client(), "", "", "")

    def duty(self, name: str = "", language: str = "en") -> Officer:
        """A duty officer."""
        return self.officer(Role.DUTY_OFFICER, name=name, language=language)

    def unit(self, unit: str = RUILI, name: str = "") -> Officer:
        """An officer of a unit."""
        return self.officer(Role.UNIT_OFFICER, unit, name)

    def kept_from(self, kept: Kept, officer: Officer) -> Officer:
        """The same officer, kept from a report."""
        with self.database.write() as connection:
            keep_away(self.services.store.chain, connection, kept.report_id, officer.id, "test")
        return officer

    def waiting(self, text: str = TEXT, *, exercise: bool = False, **content: Any) -> Kept:
        """A report that nobody has read yet."""
        number = next(self._numbers)
        new = NewReport(
            channel=Channel.SMS,
            source="twilio",
            source_id=f"SM{number}",
            content=Content(**{"text": text, "sender": SENDER, **content}),
            raw=f"{number}".encode(),
            exercise=exercise,
        )
        receipt = self._keeper.keep(new, urgent=False)
        return Kept(receipt.report_id, receipt.reference)

    def added(self, kept: Kept, to: str) -> None:
        """The machine joins a report that nobody has read yet to another one, by its id."""
        (claimed,) = [one for one in claim(self.database) if one.report_id == kept.report_id]
        with self.database.write() as connection:
            assert join(self.services.store, connection, self.services.keys, claimed, to) is not None

    def recorded(self, kept: Kept, kind: str = "recording", claimed_type: str = "audio/x-wav") -> str:
        """The id of a recording that came with a report."""
        new = NewAttachment(name="", claimed_type=claimed_type, data=SOUND, kind=kind, source_id=f"RE{new_id()}")
        with self.database.write() as connection:
            found = add_to_report(connection, self.services.store.chain, self.services.keys, kept.report_id, new)
        assert found is not None
        return found

    def triaged(
        self,
        text: str = TEXT,
        finding: Finding | None = None,
        after: ReportState = ReportState.IN_TRIAGE,
        **content: Any,
    ) -> Kept:
        """A report that the machine has read."""
        kept = self.waiting(text, **content)
        (claimed,) = claim(self.database)
        finding = self._kept_by_message(kept, finding or a_finding())
        decision = self.decision(finding.labels)
        outcome = Outcome(
            standing=standing_of(claimed),
            after=after,
            urgency=finding.labels.urgency,
            actor="machine",
            action="triaged",
            due_in_minutes=15,
            finding=finding,
            decision=decision,
        )
        with self.database.write() as connection:
            self.services.store.advance(connection, [outcome])
        return kept

    def _kept_by_message(self, kept: Kept, finding: Finding) -> Finding:
        with self.database.read() as connection:
            sealed = sealed_messages(connection, [kept.report_id])[kept.report_id]
        _, contents = open_report(self.services.keys, kept.report_id, self.row(kept)["wrapped_key"], sealed)
        return replace(finding, evidence=by_message(finding.evidence, sealed, contents))

    def read_all(self, finding: Finding) -> None:
        """The machine reads everything that waits, and leaves it to the desk."""
        outcomes = [
            Outcome(
                standing=standing_of(one),
                after=ReportState.IN_TRIAGE,
                urgency=finding.labels.urgency,
                actor="machine",
                action="triaged",
                due_in_minutes=15,
                finding=finding,
                decision=self.decision(finding.labels),
            )
            for one in claim(self.database)
        ]
        with self.database.write() as connection:
            self.services.store.advance(connection, outcomes)

    def unread(self) -> Kept:
        """A report that the machine gave up on: there is no finding."""
        kept = self.waiting()
        (claimed,) = claim(self.database)
        outcome = Outcome(
            standing=standing_of(claimed),
            after=ReportState.IN_TRIAGE,
            urgency=Urgency.URGENT,
            actor="machine",
            action="gave_up",
            due_in_minutes=15,
        )
        with self.database.write() as connection:
            self.services.store.advance(connection, [outcome])
        return kept

    def referred(self, text: str = TEXT, finding: Finding | None = None, **content: Any) -> Kept:
        """A report whose units have their packets."""
        kept = self.triaged(text, finding, ReportState.REFERRED, **content)
        self.deliver()
        return kept

    def deliver(self) -> None:
        """Sends what waits to be sent."""
        while deliver_pending(self._context, 50):
            pass

    def renew(self, sender: Sender) -> int:
        """Tells units from outside what was told since, by this sender. Returns how many packets it took."""
        return renew_outside(replace(self._context, senders={"webhook": sender}), 50)

    def escalate(self) -> None:
        """Takes the step that is due about every clock that ran out."""
        escalate(self._context, 50)

    def decision(self, labels: Labels) -> Decision:
        """What the rules make of these labels."""
        facts = Facts(labels=labels, channel=Channel.SMS, received_at="2026-03-01T03:00:00+08:00")
        return route(facts, self.services.rulebook)

    def more_told(self, kept: Kept) -> None:
        """More was told since the units of a report were told from outside: their packets are to be renewed."""
        units = {packet["unit"] for packet in self.packets(kept)}
        with self.database.write() as connection:
            connection.execute(referrals.update().values(way="webhook"))
            renew(connection, kept.report_id, units, Urgency.URGENT, None)

    def row(self, kept: Kept) -> Mapping[str, Any]:
        """The report's row."""
        with self.database.read() as connection:
            return connection.execute(select(reports).where(reports.c.id == kept.report_id)).mappings().one()

    def packets(self, kept: Kept) -> list[Mapping[str, Any]]:
        """The report's packets, in the order they were made."""
        with self.database.read() as connection:
            query = select(referrals).where(referrals.c.report_id == kept.report_id)
            return list(connection.execute(query.order_by(referrals.c.created_at, referrals.c.id)).mappings())

    def packet(self, kept: Kept, unit: str = RUILI) -> str:
        """The id of a unit's newest packet."""
        return str([packet["id"] for packet in self.packets(kept) if packet["unit"] == unit][-1])

    def audit(self, about: str = "") -> list[tuple[str, str]]:
        """Actor and action of every audit line, or of those about one report or packet."""
        with self.database.read() as connection:
            rows = connection.execute(select(audit_entries).order_by(audit_entries.c.number)).all()
        return [(row.actor, row.action) for row in rows if about in row.object]


class Officer:
    """Somebody at a browser."""

    def __init__(self, client: FlaskClient, token: str, name: str, officer_id: str) -> None:
        self.client, self.name, self.id = client, name, officer_id
        client.set_cookie("desk", token)

    def get(self, path: str, **options: Any) -> TestResponse:
        """Opens a page; a report that no work calls for is opened for a reason, as its page asks."""
        page = self.client.get(path, **options)
        while asks := re.search('action="(/reports/[^/"]+/open_report)"', page.text):
            assert self.post(asks[1], {"why": "quality", "reason": "复核"}).status_code == 303
            page = self.client.get(path, **options)
        return page

    def post(self, path: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        """Sends a form with the page's token."""
        return self.client.post(path, data=MultiDict({"csrf_token": "c" * 43, **(data or {})}), **options)

    def act(self, page: str, verb: str, **fields: Any) -> TestResponse:
        """Opens a report or a packet and uses one of its verbs, at the version the page shows."""
        fields = {"version": self.version(page), "reason": "看过了", **fields}
        return self.post(f"{page}/{verb}", fields)

    def version(self, page: str) -> str:
        """The version that a page's forms carry."""
        return version_in(self.get(page).text)


def version_in(page: str) -> str:
    """The version in a page's forms; 0 where it has none."""
    found = re.search(r'name="version" value="(\d+)"', page)
    return found[1] if found else "0"


def words_of(page: str) -> str:
    """What a page says, without its tags, for reading in tests."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page)))
