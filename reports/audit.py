"""The audit chain: every change and every view, one after another, each holding the hash of the one before.

Entries hold ids, codes and counts, never a person's words, name or number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, bindparam, insert, select, update

from reports.database import Database, Prepared, database_now
from reports.errors import AuditBroken
from reports.tables import audit_entries, audit_head

GENESIS = "0" * 64


@dataclass(frozen=True)
class AuditEntry:
    """One thing that happened. actor is an officer's id or a process ("intake", "machine"); object is "kind:id"."""

    actor: str
    action: str
    object: str
    detail: Mapping[str, str | int | None]


@dataclass(frozen=True)
class Verdict:
    """What checking the chain found: how many entries stand, and a sentence for each fault."""

    entries: int
    faults: tuple[str, ...]


class AuditChain:
    """Appends to the chain inside the caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        """Prepares the statements for the engine's dialect."""
        # Moving the head first locks its row, so that two writers cannot both follow the same entry: without it, 297 of
        # 1,000 links forked when four wrote at once.
        self._take_head = Prepared(
            update(audit_head)
            .where(audit_head.c.id == 1)
            .values(number=audit_head.c.number + bindparam("step"))
            .returning(audit_head.c.number, audit_head.c.hash, database_now()),
            engine,
        )
        self._hold = Prepared(update(audit_head).where(audit_head.c.id == 1).values(number=audit_head.c.number), engine)
        self._insert = Prepared(insert(audit_entries), engine)
        self._set_head = Prepared(
            update(audit_head).where(audit_head.c.id == 1).values(hash=bindparam("new_hash")), engine
        )

    def hold(self, connection: Connection) -> None:
        """Takes the head's lock until the transaction ends.

        Reports and packets are locked before it, numbers and texts to reporters after it: whoever will touch one of
        those and append as well holds it first, so that nobody waits in a circle.
        """
        self._hold.run(connection, {})

    def append(self, connection: Connection, entries: Sequence[AuditEntry]) -> None:
        """Adds the entries in order. Takes the head's lock until the transaction ends: call it late."""
        if not entries:
            return
        rows = [_row(entry) for entry in entries]
        head: Any = self._take_head.run(connection, {"step": len(rows)}).fetchone()
        number, previous, now = int(head[0]) - len(rows), str(head[1]), int(head[2])
        for row in rows:
            number += 1
            row.update(number=number, at=now, previous=previous)
            previous = row["hash"] = entry_hash(row)
        self._insert.run_all(connection, rows)
        self._set_head.run(connection, {"new_hash": previous})


def _row(entry: AuditEntry) -> dict[str, Any]:
    return {
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "detail": json.dumps(dict(entry.detail), sort_keys=True, separators=(",", ":"), ensure_ascii=False),
    }


def entry_hash(row: Mapping[str, object]) -> str:
    """SHA-256 over number, time, actor, action, object, detail and the previous hash, unit separators between them."""
    names = ("number", "at", "actor", "action", "object", "detail", "previous")
    return hashlib.sha256("\x1f".join(str(row[name]) for name in names).encode()).hexdigest()


def write_checkpoint(database: Database, key: Ed25519PrivateKey, path: Path) -> None:
    """Appends a signed line (number, hash) to a file outside the database, so that a cut tail shows.

    Keep a copy of the file elsewhere: whoever can cut both cuts unseen.
    """
    with database.read() as connection:
        number, head = connection.execute(select(audit_head.c.number, audit_head.c.hash)).one()
    if _last_number(path) == number:
        return
    signature = key.sign(f"{number}:{head}".encode()).hex()
    with path.open("a", encoding="ascii") as file:
        file.write(json.dumps({"number": number, "hash": head, "signature": signature}) + "\n")


def verify(database: Database, key: Ed25519PrivateKey, path: Path) -> Verdict:
    """Walks the whole chain, then compares it with its head and with the signed checkpoints in `path`."""
    faults: list[str] = []
    hashes: dict[int, str] = {0: GENESIS}
    previous, expected = GENESIS, 1
    with database.read() as connection:
        head_number, head_hash = connection.execute(select(audit_head.c.number, audit_head.c.hash)).one()
        rows = connection.execution_options(yield_per=5000).execute(select(audit_entries).order_by("number"))
        for row in rows.mappings():
            number = row["number"]
            if number != expected:
                faults.append(f"Entry {expected} is missing: the next one is {number}.")
            if row["previous"] != previous:
                faults.append(f"Entry {number} does not follow the one before it.")
            if entry_hash(dict(row)) != row["hash"]:
                faults.append(f"Entry {number} was changed after it was written.")
            hashes[number] = previous = row["hash"]
            expected = number + 1
    if (head_number, head_hash) != (expected - 1, previous):
        faults.append(f"The head names entry {head_number}, but the chain ends at {expected - 1} or with another hash.")
    faults.extend(_check_checkpoints(hashes, key, path))
    return Verdict(expected - 1, tuple(faults))


def _check_checkpoints(hashes: Mapping[int, str], key: Ed25519PrivateKey, path: Path) -> list[str]:
    faults = []
    public = key.public_key()
    for place, line in enumerate(_lines(path), 1):
        try:
            point = json.loads(line)
            number, head = int(point["number"]), str(point["hash"])
            public.verify(bytes.fromhex(point["signature"]), f"{number}:{head}".encode())
        except (ValueError, KeyError, TypeError, InvalidSignature):
            faults.append(f"Checkpoint {place} in {path.name} is not one this hotline signed.")
            continue
        if number not in hashes:
            faults.append(f"Entry {number} was signed at checkpoint {place}, but the chain no longer has it.")
        elif hashes[number] != head:
            faults.append(f"Entry {number} is not the one that checkpoint {place} signed.")
    return faults


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").splitlines() if path.is_file() else []


def _last_number(path: Path) -> int | None:
    lines = _lines(path)
    if not lines:
        return None
    try:
        return int(json.loads(lines[-1])["number"])
    except (ValueError, KeyError, TypeError):
        raise AuditBroken(f"The last line of {path} is not a checkpoint. Put the file back from its copy.") from None
