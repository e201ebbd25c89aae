"""A process that claims a text and is stuck with the carrier: to be killed by a test."""

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
from tests.workers.made import TestBell, ToldReader
from tests.workers.phone import NotingCarrier
from workers.context import Context
from workers.replying import send_replies


def wait_for_ever(to: str) -> None:
    """Says that the call has begun, and does not come back."""
    print("sending", flush=True)
    time.sleep(60)


def main(database_url: str, state: str) -> None:
    """Sends what waits."""
    context = Context(
        store=Store(Database(database_url)),
        keys=InnerKeys.load(Path(state)),
        reader=ToldReader(),  # type: ignore[arg-type]
        rulebook=load_rulebook(PACKAGED_CONFIG),
        machine=Machine.load(PACKAGED_CONFIG),
        bell=TestBell(),
        senders={},
        replies=Replies.load(PACKAGED_CONFIG),
        answers=True,
        carrier=NotingCarrier(meanwhile=wait_for_ever),
    )
    send_replies(context, 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
