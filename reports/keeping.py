"""Keeping what a door took in: one durable transaction a delivery, the same answer for every repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from config.limits import Rate
from reports.attachments import add_attachment, add_awaited, digest_of
from reports.audit import AuditChain, AuditEntry
from reports.content import AwaitedAttachment, Content, NewAttachment, NewReport, Receipt
from reports.database import Database, Prepared
from reports.group_commit import GroupCommit
from reports.identity import new_id, new_reference
from reports.keys import KeepingKeys
from reports.new_rows import new_rows
from reports.sealing import ReportKey
from reports.states import ReportState
from reports.tables import messages, reports
from reports.tallies import Allowance, Tallies
from reports.values import Urgency

# A report whose source sent more than it may: the desk sees it marked.
FLOOD = "flood"
CONTENT_COLUMN = "messages.sealed_content"
RAW_COLUMN = "messages.sealed_raw"
# How much of a delivery's digest, in hexadecimal digits, is of its words alone.
_WORDS = 16


@dataclass(frozen=True)
class _Delivery:
    """One delivery on its way into the store: the values of its rows, its line in the audit chain, and its files with
    the key that they are sealed under as they are written."""

    values: Mapping[str, Any]
    entry: AuditEntry
    key: ReportKey
    attachments: tuple[NewAttachment, ...]
    awaited: tuple[AwaitedAttachment, ...]
    allowance: Allowance | None


class Keeper:
    """Keeps deliveries for a door. Holds the sealing key only: what it has kept it cannot read again."""

    def __init__(self, database: Database, keys: KeepingKeys, total: Rate | None = None) -> None:
        """Prepares the statements of the one hot path for the database's dialect.

        total is how much may come in all before what comes is marked; None marks nothing.
        """
        self._database, self._keys = database, keys
        self._tallies = None if total is None else Tallies(database.engine, total)
        flags = func.trim(reports.c.flags.concat(f" {FLOOD}"))
        mark = update(reports).where(reports.c.id == bindparam("report_id")).values(marked=1, flags=flags)
        self._mark_one = Prepared(mark, database.engine)
        self._chain = AuditChain(database.engine)
        self._rows = new_rows(database)
        self._group: GroupCommit[_Delivery, int] = GroupCommit(self._write)

    def keep(self, new: NewReport, urgent: bool, allowance: Allowance | None = None) -> Receipt:
        """Commits the report durably and says so; a delivery seen before gets its first receipt.

        urgent chooses the queue, and the urgency a report starts with until it has been read: in doubt the higher.
        allowance is what its source may send: beyond it the report is marked, and kept all the same.
        Raises StoreUnavailable when nothing could be kept.
        """
        content = new.content.to_bytes()
        digest = self._digest(new, (new.told_apart_by or new.content).to_bytes())
        delivery = self._delivery(new, content, digest, urgent, variant="", flags=new.flags)
        values = delivery.values
        received_at = self._group.submit(replace(delivery, allowance=allowance))
        if received_at is None:
            return self._repeat(new, content, digest, urgent)
        return Receipt(
            report_id=values["report_id"],
            reference=values["reference"],
            received_at=received_at,
            queue=values["queue"],
        )

    def find(self, source: str, source_id: str) -> Receipt | None:
        """The receipt of an earlier delivery with this id, if there was one."""
        with self._database.read() as connection:
            row = self._first_delivery(connection, source, source_id)
        return None if row is None else _receipt(row, repeated=True)

    def _repeat(self, new: NewReport, content: bytes, digest: str, urgent: bool) -> Receipt:
        with self._database.read() as connection:
            first = self._first_delivery(connection, new.source, new.source_id)
        if first is None:
            raise RuntimeError("A delivery was refused as a repeat, but its first one is not there.")
        if bool(first["exercise"]) is not new.exercise:
            # Whatever its id: what is played and what was told have nothing to do with each other.
            kept = self._keep_conflict(new, content, first, digest, urgent)
            return kept or _receipt(first, repeated=True)
        # Of a delivery that was erased nobody knows any more what it said: the same id is the same.
        if first["digest"] in (digest, ""):
            return _receipt(first, repeated=True)
        if new.source.startswith("api:"):
            # A partner's key names one request. Another body under it is their mistake and is told to them.
            return _receipt(first, repeated=True, conflict=True)
        if first["digest"][:_WORDS] == digest[:_WORDS]:
            return self._keep_files(new, first, digest, urgent)
        kept = self._keep_conflict(new, content, first, digest, urgent)
        return kept or _receipt(first, repeated=True, conflict=True)

    def _keep_files(self, new: NewReport, first: Any, digest: str, urgent: bool) -> Receipt:
        # The same words again, with other files: a line that broke, or files that were forgotten. They are added to the
        # first report; its words are there already.
        if not new.attachments:
            return _receipt(first, repeated=True)
        more = replace(new, content=Content(text=""), raw=b"", follows=first["report_id"])
        delivery = self._delivery(more, more.content.to_bytes(), digest, urgent, variant=digest, flags=new.flags)
        with self._database.write() as connection:
            if self._rows.add(connection, [delivery.values]) == [None]:
                return _receipt(first, repeated=True)
            _add_files(connection, delivery)
            self._chain.append(connection, [delivery.entry])
        return replace(_receipt(first), report_id=delivery.values["report_id"], queue=delivery.values["queue"])

    def _digest(self, new: NewReport, content: bytes) -> str:
        """Tells deliveries of one id apart: half by their words, half by their files, all by words where no file is."""
        told = new.source_id.encode() + b"|" + content
        words = self._keys.deliveries.of("delivery", told)
        if not new.attachments:
            return words
        return words[:_WORDS] + self._keys.deliveries.of("delivery", told + digest_of(new.attachments))[_WORDS:]

    def _keep_conflict(self, new: NewReport, content: bytes, first: Any, digest: str, urgent: bool) -> Receipt | None:
        # The report's own key cannot be opened here, so the second body is sealed under a key of its own: it becomes a
        # report beside the first, flagged, and a person compares the two.
        is_alike = bool(first["exercise"]) is new.exercise
        flags = (*new.flags, *(("conflict", f"conflict_with:{first['reference']}") if is_alike else ()))
        delivery = self._delivery(new, content, digest, urgent, variant=digest, flags=flags)
        values = delivery.values
        with self._database.write() as connection:
            if self._rows.add(connection, [values]) == [None]:
                # This other body was kept before too.
                return None
            _add_files(connection, delivery)
            if is_alike:
                connection.execute(
                    update(reports)
                    .where(reports.c.id == first["lies_in"], reports.c.flags.not_like("%conflict%"))
                    .values(flags=reports.c.flags.concat(" conflict"))
                )
            self._chain.append(connection, [replace(delivery.entry, action="kept_conflict")])
        return replace(_receipt(first, conflict=True), report_id=values["report_id"], queue=values["queue"])

    def _delivery(
        self, new: NewReport, content: bytes, digest: str, urgent: bool, *, variant: str, flags: tuple[str, ...]
    ) -> _Delivery:
        """What is to be written, with everything personal sealed under a fresh key."""
        report_id, message_id = new_id(), new_id()
        key, wrapped = self._keys.sealing.new_report_key(report_id)
        values = {
            "report_id": report_id,
            "message_id": message_id,
            "conversation_id": new_id(),
            "reference": new_reference(exercise=new.exercise),
            "channel": new.channel.value,
            "state": ReportState.RECEIVED.value,
            "urgency_rank": Urgency.IMMEDIATE.rank if urgent else Urgency.URGENT.rank,
            "queue": "urgent" if urgent else "normal",
            "flags": " ".join(flags),
            "partner": new.partner,
            "service": new.service,
            "follows": new.follows or None,
            "exercise": int(new.exercise),
            "quiet": new.quiet_seconds * 1000,
            "wrapped_key": wrapped,
            "source": new.source,
            "source_id": new.source_id,
            "variant": variant,
            "digest": digest,
            "sealed_content": key.seal(CONTENT_COLUMN, message_id, content),
            "sealed_raw": key.seal(RAW_COLUMN, message_id, new.raw),
        }
        files = len(new.attachments) + len(new.awaited)
        return _Delivery(values, _audit_entry("kept", values, files), key, new.attachments, new.awaited, None)

    def _write(self, deliveries: Sequence[_Delivery]) -> list[int | None]:
        """Commits what several threads keep at one moment. The audit lines come last: they hold the chain's lock."""
        with self._database.write() as connection:
            received = self._rows.add(connection, [delivery.values for delivery in deliveries])
            new = [one for one, at in zip(deliveries, received, strict=True) if at is not None]
            for delivery in new:
                _add_files(connection, delivery)
            self._mark(connection, new)
            self._chain.append(connection, [delivery.entry for delivery in new])
        return received

    def _mark(self, connection: Connection, new: Sequence[_Delivery]) -> None:
        if self._tallies is None:
            return
        # An exercise is no flood, and pushes nobody over a limit.
        told = [one for one in new if not one.values["exercise"]]
        over = self._tallies.over(connection, [delivery.allowance for delivery in told])
        marked = [{"report_id": one.values["report_id"]} for one, is_over in zip(told, over, strict=True) if is_over]
        if marked:
            self._mark_one.run_all(connection, marked)

    @staticmethod
    def _first_delivery(connection: Connection, source: str, source_id: str) -> Any:
        columns = (
            *(reports.c.id.label("report_id"), reports.c.reference, reports.c.received_at, reports.c.queue),
            reports.c.exercise,
            *(messages.c.digest, messages.c.report_id.label("lies_in")),
        )
        # Whoever asks again is told what they were told first, wherever the message lies by now.
        came_as = func.coalesce(messages.c.came_as, messages.c.report_id)
        return (
            connection.execute(
                select(*columns)
                .join(reports, reports.c.id == came_as)
                .where(messages.c.source == source, messages.c.source_id == source_id, messages.c.variant == "")
            )
            .mappings()
            .first()
        )


def _add_files(connection: Connection, delivery: _Delivery) -> None:
    report_id = delivery.values["report_id"]
    for number, one in enumerate(delivery.attachments):
        add_attachment(connection, delivery.key, report_id, number, one)
    for number, awaited in enumerate(delivery.awaited):
        add_awaited(connection, delivery.key, report_id, number, awaited)


def _audit_entry(action: str, values: Mapping[str, Any], files: int) -> AuditEntry:
    detail = {"channel": values["channel"], "source": values["source"], **({"files": files} if files else {})}
    detail |= {"exercise": 1} if values["exercise"] else {}
    return AuditEntry("intake", action, f"report:{values['report_id']}", detail)


def _receipt(row: Any, *, repeated: bool = False, conflict: bool = False) -> Receipt:
    return Receipt(
        report_id=row["report_id"],
        reference=row["reference"],
        received_at=row["received_at"],
        queue=row["queue"],
        repeated=repeated,
        conflict=conflict,
    )
