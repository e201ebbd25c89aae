"""Evidence: who was told when, signed and borne out by the chain; whoever changes it, or the chain, is found out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from reports.audit import AuditEntry
from reports.database import Database, read_now
from reports.escalations import Taken, hold, ran_out, take
from reports.evidence import export_evidence, verify_evidence
from reports.keys import DoorKeys
from reports.referrals import Delivery, ReferralStep, claim_pending, first_action, record_deliveries, step
from reports.states import ReferralState, ReportState
from reports.store import Store
from reports.tables import audit_entries, audit_head, referrals
from tests.reports.made import (
    ATTEMPTS,
    LEASE_SECONDS,
    MANGSHI,
    RUILI,
    a_decision,
    a_step,
    advance,
    claim,
    keep,
    standing_of,
)

KEY = Ed25519PrivateKey.generate()
ABOVE, OFFICER = "public_security-533100", "u" * 32


@pytest.fixture
def told(database: Database, door_keys: DoorKeys) -> str:
    """A report whose lead was silent and passed over, and whose copy was accepted, acted on and done; its id."""
    store = Store(database)
    other, report_id = keep(database, door_keys, 1), keep(database, door_keys, 2)
    decision = a_decision(clocks={"delivery": 5, "acceptance": 60})
    advance(store, *(a_step(standing_of(one), ReportState.REFERRED, decision=decision) for one in claim(database)))
    assert other != report_id
    taken = claim_pending(database, 50, LEASE_SECONDS, ATTEMPTS)
    deliveries = [
        Delivery(referral=one, sealed_packet=b"sealed", unit_receipt="r", way="inbox", accept_in_minutes=60)
        for one in taken
    ]
    with database.write() as connection:
        record_deliveries(store, connection, deliveries)
    for after in (ReferralState.ACCEPTED, None, ReferralState.DONE):
        _answer(store, report_id, after)
    _pass_over(store, report_id)
    return report_id


def _answer(store: Store, report_id: str, after: ReferralState | None) -> None:
    query = select(referrals).where(referrals.c.report_id == report_id, referrals.c.unit == MANGSHI)
    with store.database.write() as connection:
        row = connection.execute(query).one()
        whole: dict[str, Any] = {
            "referral_id": row.id, "before": ReferralState(row.state), "version": row.version, "actor": OFFICER,
        }  # fmt: skip
        if after is None:
            first_action(store, connection, ReferralStep(after=ReferralState.ACCEPTED, **whole))
        else:
            step(store, connection, ReferralStep(after=after, **whole))


def _pass_over(store: Store, report_id: str) -> None:
    mine = (referrals.c.report_id == report_id) & (referrals.c.unit == RUILI)
    with store.database.write() as connection:
        then = read_now(connection) - 1000
        connection.execute(update(referrals).where(mine).values(due_at=then, next_step_at=then))
    (clock,) = ran_out(store.database, 10)
    with store.database.write() as connection:
        assert hold(connection, clock) is not None
        assert take(store, connection, Taken(clock=clock, step="superior_unit", told=ABOVE, packet_fields=("text",)))


def export(database: Database, report_id: str) -> str:
    store = Store(database)
    with database.write() as connection:
        entry = AuditEntry("command-line", "evidence_exported", f"report:{report_id}", {})
        store.chain.append(connection, [entry])
        return export_evidence(connection, report_id, KEY)


def test_it_says_who_was_told_when_and_what_followed(database: Database, told: str) -> None:
    evidence = json.loads(export(database, told))["evidence"]
    packets = {one["unit"]: one for one in evidence["packets"]}
    assert {unit: one["state"] for unit, one in packets.items()} == {
        RUILI: "ESCALATED", MANGSHI: "DONE", ABOVE: "PENDING"
    }  # fmt: skip
    silent = {hop["hop"]: hop["ended_at"] for hop in packets[RUILI]["hops"]}
    assert list(silent) == ["delivery", "acceptance"]
    assert silent["acceptance"] is None
    assert all(hop["ended_at"] for hop in packets[MANGSHI]["hops"])
    assert [hop["hop"] for hop in packets[MANGSHI]["hops"]] == ["delivery", "acceptance", "first_action", "feedback"]
    (passed,) = evidence["steps"]
    assert (passed["hop"], passed["step"], passed["told"]) == ("acceptance", "superior_unit", ABOVE)
    assert (passed["packet"], passed["new_packet"]) == (packets[RUILI]["packet"], packets[ABOVE]["packet"])
    assert passed["ran_out_at"] < passed["taken_at"]
    assert evidence["decisions"][0]["minutes"] == {"delivery": 5, "acceptance": 60}


def test_it_holds_every_entry_about_the_report_and_no_other_and_the_head_they_chain_to(
    database: Database, told: str
) -> None:
    evidence = json.loads(export(database, told))["evidence"]
    objects = {entry["object"].partition(":")[2] for entry in evidence["entries"]}
    # Of the packet that was just made for the unit above, nothing is told but that it was made.
    assert objects == {told, *(one["packet"] for one in evidence["packets"] if one["unit"] != ABOVE)}
    actions = [entry["action"] for entry in evidence["entries"]]
    assert actions[0] == "kept"
    assert {"stepped", "delivered", "accepted", "first_action", "done", "escalated", "step_superior_unit"} <= {*actions}
    last = evidence["entries"][-1]
    assert last["action"] == "evidence_exported"
    assert evidence["head"] == {"number": last["number"], "hash": last["hash"]}


def test_it_holds_nothing_that_was_reported(database: Database, told: str) -> None:
    text = export(database, told)
    for known in ("砖厂", "13800000000", "sealed"):
        assert known not in text


def test_a_file_as_it_was_exported_is_borne_out(database: Database, told: str) -> None:
    text = export(database, told)
    assert verify_evidence(database, KEY, text) == ()
    export(database, told)
    assert verify_evidence(database, KEY, text) == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"evidence": {}, "signature": "zz"}', "\x00"])
def test_a_file_that_is_none_is_told_in_one_sentence(database: Database, text: str) -> None:
    (fault,) = verify_evidence(database, KEY, text)
    assert fault == "The file is not evidence that this hotline signed, or it was changed afterwards."


def test_a_time_that_was_changed_is_found_out(database: Database, told: str) -> None:
    text = export(database, told)
    delivered = json.loads(text)["evidence"]["packets"][0]["delivered_at"]
    assert verify_evidence(database, KEY, text.replace(delivered, "2026-01-01T00:00:00.000+00:00"))
    assert verify_evidence(database, Ed25519PrivateKey.generate(), text)


def test_a_chain_that_was_changed_afterwards_is_found_out(database: Database, told: str) -> None:
    text = export(database, told)
    entries = json.loads(text)["evidence"]["entries"]
    first, second = entries[0]["number"], entries[1]["number"]
    with database.write() as connection:
        connection.execute(update(audit_entries).where(audit_entries.c.number == first).values(hash="0" * 64))
        connection.execute(audit_entries.delete().where(audit_entries.c.number == second))
    assert verify_evidence(database, KEY, text) == (
        f"Entry {first} in the chain is not the one in the file.",
        f"Entry {second} stands in the file, but the chain no longer has it.",
    )


def test_a_chain_whose_head_was_cut_off_is_found_out(database: Database, told: str) -> None:
    text = export(database, told)
    number = json.loads(text)["evidence"]["head"]["number"]
    with database.write() as connection:
        connection.execute(audit_entries.delete().where(audit_entries.c.number == number))
        connection.execute(update(audit_head).values(number=number - 1))
    assert any("no longer holds entry" in fault for fault in verify_evidence(database, KEY, text))
