"""What officers made of reports, as labelled texts without identities: what a reader is trained and measured on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from reports.audit import AuditEntry
from reports.content import Content
from reports.database import Database
from reports.judged_twice import JudgedTwice, judged_twice
from reports.keys import InnerKeys
from reports.made_to_do import sealed_passages
from reports.reading import open_report, sealed_messages, told
from reports.report_view import find_report
from reports.store import Store
from reports.values import Labels
from routing.finding.identities import Identities
from routing.rulebook.made_to_do import spans_of, without

ACTION = "taken_for_training"


def labelled_lines(
    database: Database, keys: InnerKeys, identities: Identities, reason: str, detail: dict[str, Any]
) -> Iterator[str]:
    """One JSON line a report that an officer confirmed or corrected, in the shape of `corpus/`, oldest first.

    Each look is written down with its reason, and committed before anything is opened. Nothing in a line leads back:
    its id counts from 1, its time is a month. What is erased is left out. Raises KeyMissing and SealBroken.
    """
    with database.read() as connection:
        pairs = list(judged_twice(connection))
    number = 0
    for pair in pairs:
        text = _text(database, keys, identities, pair, reason, detail)
        if text:
            number += 1
            yield json.dumps(_line(pair, text, number), ensure_ascii=False)


def _text(
    database: Database, keys: InnerKeys, identities: Identities, pair: JudgedTwice, reason: str, detail: dict[str, Any]
) -> str:
    store = Store(database)
    with database.write() as connection:
        view = find_report(connection, pair.reference, None)
        if not view.wrapped_key:
            return ""
        key = keys.opening.open_report_key(view.report_id, view.wrapped_key)
        remark = store.remark(connection, view.report_id, key, "command-line", ACTION, reason)
        entry = AuditEntry("command-line", ACTION, f"report:{view.report_id}", {**detail, "remark": remark})
        store.chain.append(connection, [entry])
    with database.read() as connection:
        sealed = sealed_messages(connection, [view.report_id])[view.report_id]
        passages = sealed_passages(connection, [view.report_id])[view.report_id]
    key, contents = open_report(keys, view.report_id, view.wrapped_key, sealed)
    whole = told(contents)
    # What a victim was made to do stays at the desk, from whoever learns too.
    kept = without(whole, spans_of(whole, [passage.open(key) for passage in passages]))
    return identities.without(kept, _given(contents))


def _given(contents: Sequence[Content]) -> list[str]:
    return [one for content in contents for one in (content.name, content.contact, content.sender)]


def _line(pair: JudgedTwice, text: str, number: int) -> dict[str, Any]:
    return {
        "id": f"desk-{number:05}",
        "month": datetime.fromtimestamp(pair.received_at / 1000, UTC).strftime("%Y-%m"),
        "channel": pair.channel.value,
        "lang": pair.found.language,
        "text": text,
        **_labels(pair.labels),
        "spans": [],
        "found": {**_labels(pair.found.labels), "reader": pair.found.reader},
    }


def _labels(labels: Labels) -> dict[str, Any]:
    return {
        "matters": list(labels.matters),
        "urgency": labels.urgency.value,
        "persons": list(labels.persons),
        "reporter": labels.reporter,
        "places": [{"code": one.code, "role": one.role.value} for one in labels.places if one.code],
        "contact": list(labels.contact),
    }
