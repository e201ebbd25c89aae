"""Officers whom a report names are kept from it before anybody could see it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy import Connection

from reports.officers import known_officers
from reports.reading import told, told_since
from reports.recusals import keep_away, leaves_nobody, let_back_at
from reports.steps import MACHINE
from routing.finding.named import says_name
from workers.context import Context
from workers.held import Held

log = logging.getLogger(__name__)


def keep_named_away(context: Context, held: Sequence[Held]) -> int:
    """Keeps officers from those of the reports that say a name they are known by. Returns how many times it did.

    A name is no proof, so nothing else follows from it. Somebody must be left who can see it: the last one stays. Whom
    two reviewers let back is kept away only by what was told since.
    """
    with context.database.read() as connection:
        known = known_officers(connection)
    if not known:
        return 0
    named = [
        (one, officer_id, names)
        for one in held
        for officer_id, names in known.items()
        if says_name(told(one.contents), names)
    ]
    if not named:
        return 0
    with context.database.write() as connection:
        return sum(_keep(context, connection, one, officer_id, names) for one, officer_id, names in named)


def _keep(context: Context, connection: Connection, held: Held, officer_id: str, names: Sequence[str]) -> bool:
    report_id = held.claim.report_id
    since = let_back_at(connection, report_id, officer_id)
    if since and not says_name(told(told_since(held.messages, held.contents, since)), names):
        return False
    if leaves_nobody(connection, report_id, officer_id):
        log.warning("An officer is named in a report that nobody else could see.", extra={"code": "named_alone"})
        return False
    return keep_away(context.store.chain, connection, report_id, officer_id, MACHINE)
