"""The audit chain: whoever edits, deletes, swaps or cuts an entry is found out, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, insert, select, update

from reports.audit import AuditChain, AuditEntry, entry_hash, verify, write_checkpoint
from reports.database import Database
from reports.errors import AuditBroken
from reports.tables import audit_entries, audit_head

KEY = Ed25519PrivateKey.generate()
ENTRIES = 9


def an_entry(number: int) -> AuditEntry:
    return AuditEntry(
        "machine", "triaged", f"report:{number:032x}", {"from": "RECEIVED", "to": "REFERRED", "n": number}
    )


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints"


@pytest.fixture
def chain(database: Database, checkpoints: Path) -> Database:
    """A chain of nine entries, written one, two and three at a time, with checkpoints at four and at the end."""
    chain = AuditChain(database.engine)
    for numbers in ([1], [2], [3, 4], [5], [6, 7, 8], [9]):
        with database.write() as connection:
            chain.append(connection, [an_entry(number) for number in numbers])
        if numbers[-1] in (4, ENTRIES):
            write_checkpoint(database, KEY, checkpoints)
    return database


def faults(database: Database, checkpoints: Path) -> tuple[str, ...]:
    return verify(database, KEY, checkpoints).faults


def change(database: Database, edit: Callable[[Connection], None]) -> None:
    with database.write() as connection:
        edit(connection)


def link_anew(connection: Connection) -> None:
    """What a clever forger does afterwards: number, link and hash every entry again, and set the head to fit."""
    rows = [dict(row) for row in connection.execute(select(audit_entries).order_by("number")).mappings()]
    connection.execute(delete(audit_entries))
    previous = "0" * 64
    for number, row in enumerate(rows, 1):
        row |= {"number": number, "previous": previous}
        previous = row["hash"] = entry_hash(row)
        connection.execute(insert(audit_entries).values(**row))
    connection.execute(update(audit_head).values(number=len(rows), hash=previous))


def delete_entries(*numbers: int) -> Callable[[Connection], None]:
    return lambda connection: connection.execute(delete(audit_entries).where(audit_entries.c.number.in_(numbers)))  # type: ignore[return-value]


def set_values(number: int, **values: object) -> Callable[[Connection], None]:
    return lambda connection: connection.execute(  # type: ignore[return-value]
        update(audit_entries).where(audit_entries.c.number == number).values(**values)
    )


def swap(connection: Connection) -> None:
    for number, other in ((3, 103), (6, 3), (103, 6)):
        connection.execute(update(audit_entries).where(audit_entries.c.number == number).values(number=other))


def edit_and_hash_again(connection: Connection) -> None:
    row = dict(connection.execute(select(audit_entries).where(audit_entries.c.number == 5)).mappings().one())
    row["actor"] = "somebody else"
    connection.execute(
        update(audit_entries).where(audit_entries.c.number == 5).values(actor="somebody else", hash=entry_hash(row))
    )


def add_a_forged_entry(connection: Connection) -> None:
    row: dict[str, object] = {
        "number": ENTRIES + 1, "at": 1, "actor": "a", "action": "b", "object": "c", "detail": "{}", "previous": "0" * 64
    }  # fmt: skip
    connection.execute(insert(audit_entries).values(**row, hash=entry_hash(row)))


def test_an_untouched_chain_stands(chain: Database, checkpoints: Path) -> None:
    verdict = verify(chain, KEY, checkpoints)
    assert (verdict.entries, verdict.faults) == (ENTRIES, ())
    assert len(checkpoints.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        pytest.param(set_values(5, actor="somebody else"), "Entry 5 was changed", id="another actor"),
        pytest.param(set_values(5, action="viewed"), "Entry 5 was changed", id="another action"),
        pytest.param(set_values(5, object="report:0"), "Entry 5 was changed", id="another object"),
        pytest.param(set_values(5, at=1), "Entry 5 was changed", id="another time"),
        pytest.param(set_values(5, detail="{}"), "Entry 5 was changed", id="another detail"),
        pytest.param(set_values(5, previous="f" * 64), "Entry 5 does not follow", id="another link"),
        pytest.param(edit_and_hash_again, "Entry 6 does not follow", id="edited and hashed again"),
        pytest.param(delete_entries(1), "Entry 1 is missing", id="the first deleted"),
        pytest.param(delete_entries(5), "Entry 5 is missing", id="one in the middle deleted"),
        pytest.param(swap, "Entry 3 was changed", id="two swapped"),
        pytest.param(delete_entries(8, 9), "chain ends at 7", id="the tail cut"),
        pytest.param(delete_entries(*range(1, 10)), "chain ends at 0", id="everything deleted"),
        pytest.param(add_a_forged_entry, "Entry 10 does not follow", id="one added"),
    ],
)
def test_a_change_is_found_without_any_checkpoint(
    chain: Database, tmp_path: Path, edit: Callable[[Connection], None], says: str
) -> None:
    change(chain, edit)
    found = faults(chain, tmp_path / "none")
    assert any(says in fault for fault in found), found


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        pytest.param(
            set_values(2, actor="somebody else"), "Entry 4 is not the one that checkpoint 1 signed", id="edited"
        ),
        pytest.param(delete_entries(2), "Entry 4 is not the one that checkpoint 1 signed", id="deleted"),
        pytest.param(swap, "Entry 4 is not the one that checkpoint 1 signed", id="swapped"),
        pytest.param(delete_entries(8, 9), "Entry 9 was signed at checkpoint 2, but", id="cut"),
    ],
)
def test_a_forger_who_links_everything_anew_is_found_by_the_checkpoints(
    chain: Database, checkpoints: Path, tmp_path: Path, edit: Callable[[Connection], None], says: str
) -> None:
    change(chain, edit)
    change(chain, link_anew)
    assert faults(chain, tmp_path / "none") == ()
    assert any(says in fault for fault in faults(chain, checkpoints))


def forge_signature(line: dict[str, object]) -> dict[str, object]:
    signed = Ed25519PrivateKey.generate().sign(f"{line['number']}:{line['hash']}".encode())
    return line | {"signature": signed.hex()}


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(forge_signature, id="signed with another key"),
        pytest.param(lambda line: line | {"number": 3}, id="another number"),
        pytest.param(lambda line: line | {"hash": "0" * 64}, id="another hash"),
        pytest.param(lambda line: line | {"signature": "zz"}, id="no signature"),
        pytest.param(lambda line: {"number": 4}, id="half a line"),
        pytest.param(lambda line: [line], id="another shape"),
    ],
)
def test_a_forged_checkpoint_is_named(chain: Database, checkpoints: Path, forged: Callable[[object], object]) -> None:
    first, second = checkpoints.read_text().splitlines()
    checkpoints.write_text(json.dumps(forged(json.loads(first))) + "\n" + second + "\n")
    assert faults(chain, checkpoints) == ("Checkpoint 1 in checkpoints is not one this hotline signed.",)


def test_a_checkpoint_is_written_once_for_one_head(chain: Database, checkpoints: Path) -> None:
    before = checkpoints.read_text()
    write_checkpoint(chain, KEY, checkpoints)
    assert checkpoints.read_text() == before


@pytest.mark.parametrize("torn", ['{"number": 9, "ha', "null", '"x"'])
def test_a_torn_last_checkpoint_is_told_and_not_written_over(chain: Database, checkpoints: Path, torn: str) -> None:
    with checkpoints.open("a") as file:
        file.write(torn)
    with pytest.raises(AuditBroken, match="is not a checkpoint. Put the file back"):
        write_checkpoint(chain, KEY, checkpoints)
    assert any("Checkpoint 3" in fault for fault in faults(chain, checkpoints))


def test_four_writers_at_once_do_not_fork_the_chain(database: Database, database_url: str, tmp_path: Path) -> None:
    # Each writer has connections and a lock file of its own, as four processes have.
    writers = [Database(database_url, pool_size=1) for _ in range(4)]

    def write(writer: Database) -> None:
        chain = AuditChain(writer.engine)
        for number in range(25):
            with writer.write() as connection:
                chain.append(connection, [an_entry(number)] * (1 + number % 2))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, writers))
    for writer in writers:
        writer.dispose()
    verdict = verify(database, KEY, tmp_path / "none")
    assert (verdict.entries, verdict.faults) == (4 * (13 + 2 * 12), ())


def test_a_change_that_is_rolled_back_leaves_no_entry(database: Database, tmp_path: Path) -> None:
    chain = AuditChain(database.engine)
    with database.write() as connection:
        chain.append(connection, [an_entry(1)])
        connection.rollback()
    with database.write() as connection:
        chain.append(connection, [])
        chain.append(connection, [an_entry(2)])
    assert verify(database, KEY, tmp_path / "none").entries == 1
    assert faults(database, tmp_path / "none") == ()


def test_details_in_chinese_are_hashed_alike_one_or_many_at_a_time(database: Database, tmp_path: Path) -> None:
    entry = AuditEntry(
        "machine", "closed", "report:1", {"reason": "不属实", "none": None, "quote": "'\"\\ %s %(a)s :b"}
    )
    chain = AuditChain(database.engine)
    for times in (1, 2):
        with database.write() as connection:
            chain.append(connection, [entry] * times)
    assert faults(database, tmp_path / "none") == ()
    with database.read() as connection:
        details = set(connection.execute(select(audit_entries.c.detail)).scalars())
    assert len(details) == 1
    assert json.loads(details.pop()) == entry.detail
