"""A worker process that takes everything that waits and then thinks for ever: `stuck_worker DATABASE_URL STATE`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from config.machine import Machine
from config.replies import Replies
from config.settings import PACKAGED_CONFIG
from reports.database import Database
from reports.keys import InnerKeys
from reports.store import Store
from routing.rulebook.load import load_rulebook
from tests.workers.made import RecordingSender, TestBell, ToldReader
from workers.context import Context
from workers.triage import triage_waiting


def think_for_ever(_text: str) -> None:
    """Says that it has begun."""
    sys.stdout.write("reading\n")
    sys.stdout.flush()
    time.sleep(60)


def main(database_url: str, state: str) -> None:
    """Takes the normal queue."""
    context = Context(
        store=Store(Database(database_url)),
        keys=InnerKeys.load(Path(state)),
        reader=ToldReader(meanwhile=think_for_ever),  # type: ignore[arg-type]
        rulebook=load_rulebook(PACKAGED_CONFIG),
        machine=Machine.load(PACKAGED_CONFIG),
        bell=TestBell(),
        senders={"inbox": RecordingSender()},
        replies=Replies.load(PACKAGED_CONFIG),
    )
    triage_waiting(context, "normal", context.machine.batch)


if __name__ == "__main__":
    main(*sys.argv[1:])
