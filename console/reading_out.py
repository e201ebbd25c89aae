"""Telling a unit by hand: an officer sees the words for one unit, reads them out, and writes down that it was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.desk import given
from console.services import Services
from reports.audit import AuditEntry
from reports.database import read_now
from reports.officers import Officer
from reports.outgoing import Waiting, find_waiting, record_read_out
from reports.referrals import ReferralStep, step, take_over
from reports.states import ReferralState
from workers.packing import pack, unpacked


@dataclass(frozen=True, kw_only=True)
class ReadOut:
    """Who read which packet out, to whom and with what answer (reason), at which version they saw it.

    is_taken_on says that the unit took the case on while they spoke.
    """

    officer: Officer
    referral_id: str
    version: int
    reason: str
    is_taken_on: bool


class ReadingOut:
    """Shows what is to be read out, and keeps that it was."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def find(self, referral_id: str, officer: Officer) -> Waiting:
        """The packet, if it still waits and the officer may see its report. Raises UnknownReferral."""
        with self._services.database.read() as connection:
            return find_waiting(connection, referral_id, officer)

    def words(self, officer: Officer, waiting: Waiting) -> Mapping[str, Any]:
        """The packet's fields. Opening them is written down, and committed, before it is done."""
        referral = waiting.referral
        with self._services.database.write() as connection:
            entry = AuditEntry(
                officer.id, "opened_to_read", f"referral:{referral.referral_id}", {"unit": referral.unit}
            )
            self._services.store.chain.append(connection, [entry])
        with self._services.database.read() as connection:
            parts = unpacked(connection, [referral])[referral.referral_id]
        return pack(self._services.keys, referral, parts, self._services.rulebook.made_to_do).packet.fields

    def read_out(self, done: ReadOut) -> None:
        """The unit knows. Raises UnknownReferral, StaleVersion or MissingReason."""
        reason, store, rulebook = given(done.reason), self._services.store, self._services.rulebook
        with self._services.database.write() as connection:
            referral = find_waiting(connection, done.referral_id, done.officer).referral
            parts = unpacked(connection, [referral])[referral.referral_id]
            packed = pack(self._services.keys, referral, parts, rulebook.made_to_do)
            now = read_now(connection)
            due = {
                hop: rulebook.hop_wait(parts.decision, referral.urgency, hop, now, now)
                for hop in ("acceptance", "first_action")
            }
            record_read_out(
                store, connection, referral.referral_id, done.version, done.officer.id, packed.sealed, due["acceptance"]
            )
            key = self._services.keys.opening.open_report_key(referral.report_id, referral.wrapped_key)
            store.remark(connection, referral.report_id, key, done.officer.id, "read_out", reason)
            if done.is_taken_on:
                accepted = ReferralStep(
                    referral_id=referral.referral_id,
                    before=ReferralState.DELIVERED,
                    after=ReferralState.ACCEPTED,
                    version=done.version + 1,
                    actor=done.officer.id,
                    due_in_minutes=due["first_action"],
                )
                step(store, connection, accepted)
                take_over(store, connection, referral.referral_id, done.officer.id)
