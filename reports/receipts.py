"""The book of receipts: which report a reporter's sixteen digits belong to.

A wrong receipt, one that was never made, one that was swapped and one whose report was erased have one answer: None.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from reports.audit import AuditChain, AuditEntry
from reports.database import Database, database_now
from reports.errors import ReportError
from reports.identity import new_id
from reports.receipt_keys import ReceiptKey, Unlocked, seal_to_reporter
from reports.tables import note_copies, receipts
from reports.whereabouts import where_it_lies

# More than anybody needs who lost one and asked for another.
MOST_FOR_A_REPORT = 5


class TooManyReceipts(ReportError):
    """The report has as many live receipts as it may have."""


@dataclass(frozen=True, kw_only=True)
class Presented:
    """A receipt that somebody holds, as found in the book. unlocked opens what was sealed to it.

    own_report_id is the report whose reporter holds it, to which whatever they add belongs; report_id is where that one
    stands by now, which differs where an officer put it to another. temporary is true where somebody else than the
    reporter has seen the digits.
    """

    receipt_id: str
    own_report_id: str
    report_id: str
    temporary: bool
    unlocked: Unlocked


class ReceiptBook:
    """Finds receipts and enters them. Writes only inside the caller's transaction, and never commits."""

    def __init__(self, database: Database, key: ReceiptKey) -> None:
        self._database, self._key = database, key
        self._chain = AuditChain(database.engine)

    def find(self, digits: str) -> str | None:
        """The id of the report that a receipt belongs to, however it was typed; None for every one that is not live.

        Does not count as a guess: whoever takes receipts from the public asks the `Gate` first.
        """
        presented = self.present(digits)
        return None if presented is None else presented.report_id

    def present(self, digits: str) -> Presented | None:
        """The receipt with what opens its notes; None for every one that is not live."""
        unlocked = self.unlock(digits)
        with self._database.read() as connection:
            row = connection.execute(select(receipts).where(receipts.c.digest == unlocked.digest)).first()
            report_id = None if row is None else where_it_lies(connection, row.report_id)
        if row is None or report_id is None:
            return None
        return Presented(
            receipt_id=row.id,
            own_report_id=row.report_id,
            report_id=report_id,
            temporary=row.temporary == 1,
            unlocked=unlocked,
        )

    def unlock(self, digits: str) -> Unlocked:
        """What the digits open. Slow on purpose, so it is not done while a transaction is open."""
        return self._key.unlock(digits)

    def issue(
        self, connection: Connection, report_id: str, unlocked: Unlocked, actor: str, *, temporary: bool = False
    ) -> str:
        """Makes digits a receipt of a report and returns the receipt's id; once, however often it is asked.

        actor is who gave it ("intake" or an officer's id). Raises TooManyReceipts.
        """
        same = receipts.c.digest == unlocked.digest, receipts.c.report_id == report_id
        known = select(receipts.c.id).where(*same)
        if (already := connection.execute(known).scalar()) is not None:
            return str(already)
        live = select(func.count()).select_from(receipts).where(receipts.c.report_id == report_id)
        if connection.execute(live).scalar_one() >= MOST_FOR_A_REPORT:
            raise TooManyReceipts(f"A report may have {MOST_FOR_A_REPORT} receipts at most, and this one has them.")
        dialect = sqlite if self._database.is_sqlite else postgresql
        entered = connection.execute(
            dialect.insert(receipts)
            .values(
                id=new_id(),
                report_id=report_id,
                digest=unlocked.digest,
                public_key=unlocked.public_key,
                temporary=int(temporary),
                made_at=database_now(),
            )
            .on_conflict_do_nothing(index_elements=["digest"])
            .returning(receipts.c.id)
        ).scalar()
        if entered is None:
            # The same button, pressed twice at one moment.
            return str(connection.execute(known).scalar_one())
        self._note(connection, actor, "receipt_temporary" if temporary else "receipt_given", report_id)
        return str(entered)

    def swap(self, connection: Connection, old: Presented, new: Unlocked) -> bool:
        """Puts a receipt that only the reporter knows in the place of another, with all that was sealed to that one.

        From then on the old one is like one that never was. False where it was so already: somebody was first.
        """
        swapped = connection.execute(
            update(receipts)
            .where(receipts.c.id == old.receipt_id, receipts.c.digest == old.unlocked.digest)
            .values(digest=new.digest, public_key=new.public_key, temporary=0)
        ).rowcount
        if not swapped:
            return False
        copies = connection.execute(select(note_copies).where(note_copies.c.receipt_id == old.receipt_id)).all()
        for copy in copies:
            text = old.unlocked.open(copy.note_id, copy.sealed_copy)
            connection.execute(
                update(note_copies)
                .where(note_copies.c.note_id == copy.note_id, note_copies.c.receipt_id == copy.receipt_id)
                .values(sealed_copy=seal_to_reporter(new.public_key, copy.note_id, text))
            )
        self._note(connection, "intake", "receipt_swapped", old.report_id)
        return True

    def _note(self, connection: Connection, actor: str, action: str, report_id: str) -> None:
        self._chain.append(connection, [AuditEntry(actor, action, f"report:{report_id}", {})])
