"""Packets: each is sent under a lease, marked once, tried again later and later, and moved on by its unit alone."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update

from reports.database import Database
from reports.errors import IllegalTransition, StaleVersion
from reports.keys import DoorKeys, InnerKeys
from reports.referrals import (
    PACKET_COLUMN,
    Delivery,
    PendingReferral,
    ReferralStep,
    claim_pending,
    given_up_deliveries,
    open_packet,
    pending_count,
    put_off,
    record_deliveries,
    step,
)
from reports.states import ReferralState, ReportState
from reports.store import Store
from reports.tables import audit_entries, referrals
from reports.values import Urgency
from tests.reports.made import (
    ATTEMPTS,
    LEASE_SECONDS,
    MANGSHI,
    RUILI,
    a_decision,
    a_step,
    advance,
    claim,
    count,
    keep,
    standing_of,
)

UNIT_OFFICER = "u" * 32


@pytest.fixture
def store(database: Database, door_keys: DoorKeys) -> Store:
    """A store with one referred report: a lead packet and a copy."""
    store = Store(database)
    keep(database, door_keys)
    advance(store, a_step(standing_of(claim(database)[0]), ReportState.REFERRED))
    return store


def take(database: Database, batch: int = 50) -> tuple[PendingReferral, ...]:
    return claim_pending(database, batch, LEASE_SECONDS, ATTEMPTS)


def set_all(database: Database, **values: Any) -> None:
    with database.write() as connection:
        connection.execute(update(referrals).values(**values))


def the_lead(database: Database) -> Any:
    with database.read() as connection:
        return connection.execute(select(referrals).where(referrals.c.part == "lead")).one()


def deliver(store: Store, *taken: PendingReferral) -> int:
    deliveries = [
        Delivery(referral=one, sealed_packet=b"sealed", unit_receipt=f"r-{one.unit}", way="inbox", accept_in_minutes=60)
        for one in taken
    ]
    with store.database.write() as connection:
        return record_deliveries(store, connection, deliveries)


def move(store: Store, after: ReferralState, **changes: Any) -> None:
    row = the_lead(store.database)
    whole = {"before": ReferralState(row.state), "version": row.version, "actor": UNIT_OFFICER, **changes}
    with store.database.write() as connection:
        step(store, connection, ReferralStep(referral_id=row.id, after=after, **whole))


def test_a_packet_says_what_its_unit_may_know(store: Store) -> None:
    lead, copy = sorted(take(store.database), key=lambda one: one.part, reverse=True)
    assert (lead.unit, lead.part, lead.fields) == (RUILI, "lead", ("reference", "text", "places"))
    assert (copy.unit, copy.part, copy.fields) == (MANGSHI, "copy", ("reference", "person"))
    assert (lead.attempts, lead.urgency) == (1, Urgency.URGENT)


def test_a_packet_is_held_by_one_sender_until_the_lease_lapses(store: Store) -> None:
    first = take(store.database)
    assert take(store.database) == ()
    set_all(store.database, lease_until=1)
    again = take(store.database)
    assert {one.referral_id for one in again} == {one.referral_id for one in first}
    assert deliver(store, *first) == 0
    assert deliver(store, *again) == 2
    assert deliver(store, *again) == 0


def test_a_delivery_is_marked_with_its_receipt_its_clock_and_one_audit_line(store: Store) -> None:
    entries = count(store.database, audit_entries)
    deliver(store, *take(store.database))
    row = the_lead(store.database)
    assert (row.state, row.unit_receipt, row.sealed_packet) == ("DELIVERED", f"r-{RUILI}", b"sealed")
    assert row.due_at == pytest.approx(row.delivered_at + 60 * 60_000, abs=5_000)
    assert count(store.database, audit_entries) == entries + 2


def test_a_packet_called_back_while_it_was_sent_is_not_marked(store: Store) -> None:
    taken = take(store.database)
    with store.database.write() as connection:
        store.revoke_live_referrals(connection, taken[0].report_id, "machine", keep=frozenset())
    assert deliver(store, *taken) == 0
    assert the_lead(store.database).state == "REVOKED"


def test_the_most_urgent_packets_go_first(database: Database, door_keys: DoorKeys) -> None:
    store = Store(database)
    for number, urgency in enumerate((Urgency.LOW, Urgency.IMMEDIATE, Urgency.STANDARD)):
        keep(database, door_keys, number)
        (claimed,) = claim(database)
        decision = a_decision(copies=())
        advance(store, a_step(standing_of(claimed), ReportState.REFERRED, urgency=urgency, decision=decision))
    urgencies = [take(database, batch=1)[0].urgency for _ in range(3)]
    assert urgencies == [Urgency.IMMEDIATE, Urgency.STANDARD, Urgency.LOW]


def test_a_grace_leaves_new_packets_to_whoever_made_them(store: Store) -> None:
    assert claim_pending(store.database, 50, LEASE_SECONDS, ATTEMPTS, grace_seconds=5) == ()
    assert len(claim_pending(store.database, 50, LEASE_SECONDS, ATTEMPTS)) == 2


def test_each_failure_puts_the_next_try_off_for_twice_as_long_and_the_fifth_is_the_last(store: Store) -> None:
    database, delays = store.database, []
    with database.write() as connection:
        connection.execute(update(referrals).where(referrals.c.part == "copy").values(state="REVOKED"))
    for _ in range(ATTEMPTS):
        assert given_up_deliveries(database, ATTEMPTS) == ()
        (taken,) = take(database)
        put_off(database, taken, "E503", 5)
        assert take(database) == ()
        delays.append(round(the_lead(database).next_try_at / 1000 - time.time()))
        set_all(database, next_try_at=0)
    assert delays == pytest.approx([10, 20, 40, 80, 160], abs=2)
    assert the_lead(database).failure == "E503"
    assert take(database) == ()
    assert given_up_deliveries(database, ATTEMPTS) == ((taken.referral_id, taken.report_id),)


def test_a_late_failure_does_not_put_off_what_another_holds(store: Store) -> None:
    first = take(store.database)
    set_all(store.database, lease_until=1)
    take(store.database)
    put_off(store.database, first[0], "late", 5)
    assert take(store.database) == ()


def test_many_senders_at_once_take_nothing_twice(database: Database, door_keys: DoorKeys) -> None:
    store = Store(database)
    for number in range(12):
        keep(database, door_keys, number)
    advance(store, *(a_step(standing_of(one), ReportState.REFERRED) for one in claim(database)))
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(lambda _: take(database, batch=7), range(4)))
    taken = [one.referral_id for batch in batches for one in batch]
    assert len(taken) == len(set(taken))
    assert len(taken) + len(take(database)) == 24


def test_a_unit_takes_a_packet_on_and_ends_it(store: Store) -> None:
    deliver(store, *take(store.database))
    move(store, ReferralState.ACCEPTED, due_in_minutes=30)
    assert the_lead(store.database).accepted_at is not None
    assert the_lead(store.database).due_at is not None
    move(store, ReferralState.DONE)
    row = the_lead(store.database)
    assert (row.state, row.due_at) == ("DONE", None)
    assert row.ended_at >= row.accepted_at


def test_a_packet_given_back_says_why_and_who_instead(store: Store) -> None:
    deliver(store, *take(store.database))
    move(store, ReferralState.BOUNCED, bounce_reason="not_ours", proposed_unit=MANGSHI)
    row = the_lead(store.database)
    assert (row.state, row.bounce_reason, row.proposed_unit) == ("BOUNCED", "not_ours", MANGSHI)


def test_a_step_from_an_old_page_is_refused(store: Store) -> None:
    deliver(store, *take(store.database))
    old = the_lead(store.database).version
    move(store, ReferralState.ACCEPTED)
    with pytest.raises(StaleVersion, match="changed by somebody else"):
        move(store, ReferralState.BOUNCED, before=ReferralState.DELIVERED, version=old)
    assert the_lead(store.database).state == "ACCEPTED"


def test_a_step_that_the_table_does_not_know_writes_nothing(store: Store) -> None:
    entries = count(store.database, audit_entries)
    with pytest.raises(IllegalTransition):
        move(store, ReferralState.DONE)
    assert the_lead(store.database).state == "PENDING"
    assert count(store.database, audit_entries) == entries


def test_what_waits_to_be_sent_is_counted(store: Store) -> None:
    assert pending_count(store.database)[0] == 2
    deliver(store, *take(store.database))
    assert pending_count(store.database) == (0, 0)


def test_a_packet_opens_only_under_its_own_referral(store: Store, inner_keys: InnerKeys) -> None:
    lead, copy = take(store.database)
    key = inner_keys.opening.open_report_key(lead.report_id, lead.wrapped_key)
    sealed = key.seal(PACKET_COLUMN, lead.referral_id, b"{}")
    assert open_packet(key, lead.referral_id, sealed) == b"{}"
    with pytest.raises(Exception, match="does not open"):
        open_packet(key, copy.referral_id, sealed)
