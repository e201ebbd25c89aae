"""Partners: a key is shown once, kept as a digest, and ends the moment somebody says so."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select, update

from reports.database import Database
from reports.partners import USUAL_SCOPES, NewPartner, PartnerError, PartnerKind, Partners, Scope
from reports.tables import audit_entries, metadata, partner_keys

SCHOOL = NewPartner(name="县第一小学", kind=PartnerKind.SCHOOL, scopes=USUAL_SCOPES[PartnerKind.SCHOOL])


def test_whoever_holds_a_key_is_known_by_it(database: Database) -> None:
    partner, key = Partners(database).add(SCHOOL, "test")
    assert Partners(database).holder(key) == partner
    assert (partner.name, partner.kind, partner.active) == ("县第一小学", PartnerKind.SCHOOL, True)
    assert partner.may(Scope.RECEIPT)
    assert not partner.may(Scope.OPEN311)


def test_only_a_digest_of_the_key_lies_in_the_store(database: Database) -> None:
    _, key = Partners(database).add(SCHOOL, "test")
    with database.read() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
        (kept,) = connection.execute(select(partner_keys.c.digest)).scalars()
    assert key not in str(rows)
    assert kept == hashlib.sha256(key.encode()).hexdigest()


@pytest.mark.parametrize("change", [lambda k: k[:-1], lambda k: k + "x", str.upper, lambda k: "", lambda k: "钥" * 40])
def test_anything_else_is_nobodys_key(database: Database, change: object) -> None:
    _, key = Partners(database).add(SCHOOL, "test")
    assert callable(change)
    assert Partners(database).holder(change(key)) is None


def test_a_revoked_partner_is_nobody_at_once_in_every_process(database: Database, database_url: str) -> None:
    other_process = Database(database_url, pool_size=1)
    running = Partners(other_process)
    _, key = Partners(database).add(SCHOOL, "test")
    assert running.holder(key) is not None
    Partners(database).revoke(SCHOOL.name, "test")
    assert running.holder(key) is None
    other_process.dispose()
    with pytest.raises(PartnerError, match="was revoked"):
        Partners(database).rotate(SCHOOL.name, 0, "test")


def test_a_new_key_leaves_the_old_one_its_overlap_and_no_more(database: Database) -> None:
    book = Partners(database)
    partner, old = book.add(SCHOOL, "test")
    new = book.rotate(SCHOOL.name, 60, "test")
    assert book.holder(old) == book.holder(new) == partner
    newest = book.rotate(SCHOOL.name, 0, "test")
    assert [book.holder(key) for key in (old, new, newest)] == [None, None, partner]


def test_a_longer_overlap_never_brings_an_old_key_back(database: Database) -> None:
    book = Partners(database)
    _, old = book.add(SCHOOL, "test")
    book.rotate(SCHOOL.name, 0, "test")
    book.rotate(SCHOOL.name, 10_000, "test")
    assert book.holder(old) is None


def test_every_change_is_in_the_audit_chain_without_the_key(database: Database) -> None:
    book = Partners(database)
    _, first = book.add(SCHOOL, "test")
    second = book.rotate(SCHOOL.name, 5, "test")
    book.revoke(SCHOOL.name, "test")
    with database.read() as connection:
        lines = connection.execute(select(audit_entries).order_by(audit_entries.c.number)).all()
    assert [line.action for line in lines] == ["partner_added", "partner_rotated", "partner_revoked"]
    assert not any(key in str(lines) for key in (first, second))


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\x00b"])
def test_a_name_that_is_none_is_refused_with_a_sentence(database: Database, name: str) -> None:
    with pytest.raises(PartnerError, match="1 to 80 letters"):
        Partners(database).add(NewPartner(name=name, kind=PartnerKind.SHELTER, scopes=(Scope.FILE,)), "test")


def test_a_name_is_given_once(database: Database) -> None:
    Partners(database).add(SCHOOL, "test")
    with pytest.raises(PartnerError, match="already"):
        Partners(database).add(SCHOOL, "test")


def test_nobody_is_revoked_by_a_wrong_name(database: Database) -> None:
    with pytest.raises(PartnerError, match="hotline partner list"):
        Partners(database).revoke("别的学校", "test")


def test_a_key_that_has_run_out_is_none(database: Database) -> None:
    _, key = Partners(database).add(SCHOOL, "test")
    with database.write() as connection:
        connection.execute(update(partner_keys).values(ends_at=1))
    assert Partners(database).holder(key) is None
