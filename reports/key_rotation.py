"""A new sealing key: the new one seals, the old one still opens, and wrap by wrap the old goes out of use.

What is sealed stays as it is: only the key of each report, 32 bytes, is wrapped anew. Every step can be broken off and
done again: what is done is known by the key that a wrap names.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Connection, LargeBinary, Table, bindparam, func, select, update

from config.secrets import replace_secret, write_secret
from reports.audit import AuditChain, AuditEntry
from reports.database import Database
from reports.errors import KeyMissing, SealBroken
from reports.keys import RING_FILE, SEALING_FILE
from reports.sealing import OpeningKeys, key_id
from reports.tables import metadata

_PER_BATCH = 500
_ACTOR = "command-line"


def wrapping_tables() -> tuple[Table, ...]:
    """Every table whose rows have a key of their own, wrapped under the row's id."""
    return tuple(table for table in metadata.sorted_tables if "wrapped_key" in table.c)


def make_new_key(state: Path, database: Database) -> str:
    """Makes a key, adds it to the ring as the one that new reports are sealed to, and gives it to the public app.

    The ring is written first: at no moment is there a seal that the inner side cannot open. Returns the key's id.
    """
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    ring, name = _ring(state), key_id(public)
    ring["keys"][name] = base64.b64encode(private.private_bytes_raw()).decode("ascii")
    before, ring["active"] = ring["active"], name
    replace_secret(state / RING_FILE, json.dumps(ring))
    replace_secret(state / SEALING_FILE, base64.b64encode(public).decode("ascii"))
    _note(database, "key_made", {"key": name, "before": before})
    return name


def seals_by_key(database: Database) -> Counter[str]:
    """How many keys of rows are wrapped under each key of the ring, by its id."""
    found: Counter[str] = Counter()
    with database.read() as connection:
        for table in wrapping_tables():
            named = func.substr(table.c.wrapped_key, 2, 8, type_=LargeBinary)
            query = select(named, func.count()).where(func.length(table.c.wrapped_key) > 0).group_by(named)
            found.update({bytes(name).decode("ascii", "replace"): number for name, number in connection.execute(query)})
    return found


def wrap_anew(database: Database, keys: OpeningKeys) -> Iterator[int]:
    """Wraps every key that is under another than the active one anew. Yields how many it did, batch by batch.

    A row that was erased or wrapped meanwhile is left alone; one that does not open is too, for the doctor to find.
    """
    total = 0
    for table in wrapping_tables():
        last = ""
        while True:
            with database.write() as connection:
                rows = _batch(connection, table, last)
                done = _wrap_batch(connection, table, rows, keys)
            if not rows:
                break
            last, total = rows[-1].id, total + done
            if done:
                yield done
    if total:
        _note(database, "keys_wrapped_anew", {"key": keys.active, "number": total})


def retire_old_keys(state: Path, database: Database) -> tuple[str, ...]:
    """Takes every key that no wrap names any more out of the ring. Returns their ids.

    They are put beside it: a backup from before still needs them, for as long as there is one. One that was sealed to
    while it was taken out is put back.
    """
    ring, used = _ring(state), seals_by_key(database)
    old = [name for name in ring["keys"] if name != ring["active"] and not used[name]]
    for name in old:
        path = _retired(state, name)
        if not path.exists():
            write_secret(path, json.dumps({"active": name, "keys": {name: ring["keys"][name]}}))
        del ring["keys"][name]
    if not old:
        return ()
    replace_secret(state / RING_FILE, json.dumps(ring))
    late = _put_back(state, database, old)
    retired = tuple(name for name in old if name not in late)
    for name in retired:
        _note(database, "key_retired", {"key": name})
    return retired


def _put_back(state: Path, database: Database, taken_out: list[str]) -> tuple[str, ...]:
    """Puts back those of the keys that something is under after all: it was being sealed when they were counted."""
    used = seals_by_key(database)
    late = tuple(name for name in taken_out if used[name])
    if late:
        ring = _ring(state)
        for name in late:
            ring["keys"] |= json.loads(_retired(state, name).read_text(encoding="ascii"))["keys"]
        replace_secret(state / RING_FILE, json.dumps(ring))
    return late


def _retired(state: Path, name: str) -> Path:
    return (state / RING_FILE).parent / "retired" / f"{name}.json"


def _batch(connection: Connection, table: Table, last: str) -> list[Any]:
    query = select(table.c.id, table.c.wrapped_key).where(table.c.id > last).order_by(table.c.id).limit(_PER_BATCH)
    return list(connection.execute(query))


def _wrap_batch(connection: Connection, table: Table, rows: list[Any], keys: OpeningKeys) -> int:
    anew = []
    for row in rows:
        try:
            wrapped = keys.wrap_anew(row.id, bytes(row.wrapped_key)) if row.wrapped_key else None
        except (SealBroken, KeyMissing):
            continue
        if wrapped is not None:
            anew.append({"row": row.id, "old": row.wrapped_key, "new": wrapped})
    if not anew:
        return 0
    # Only over the very wrap that was opened: what was erased meanwhile stays erased.
    same = (table.c.id == bindparam("row"), table.c.wrapped_key == bindparam("old"))
    return connection.execute(update(table).where(*same).values(wrapped_key=bindparam("new")), anew).rowcount


def _ring(state: Path) -> dict[str, Any]:
    OpeningKeys.load(state / RING_FILE)
    ring: dict[str, Any] = json.loads((state / RING_FILE).read_text(encoding="ascii"))
    return ring


def _note(database: Database, action: str, detail: dict[str, str | int | None]) -> None:
    with database.write() as connection:
        AuditChain(database.engine).append(connection, [AuditEntry(_ACTOR, action, "keys:sealing", detail)])
