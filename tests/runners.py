"""How the tests are shared out among runners side by side: by whole files, and the longest first."""

from __future__ import annotations

import re

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

# The journeys on one database meet at one running hotline, and go to one runner so that it is started once.
_JOURNEYS, _ON_A_DATABASE = "tests/journeys/", re.compile(r"\[(sqlite|postgresql)\b")
# What takes longest, as `pytest --durations=60` shows; whatever begins last should be short.
_LONGEST_FIRST = (
    f"{_JOURNEYS} sqlite", f"{_JOURNEYS} postgresql", "tests/chaos/test_short_chaos.py",
    "tests/browser/test_public_access.py", "tests/browser/test_desk_access.py", "tests/browser/test_public_form.py",
    "tests/browser/test_desk_attacks.py", "tests/hotline/test_up.py", "tests/workers/test_changeover.py",
    "tests/hotline/test_replay.py", "tests/hotline/test_activate.py", "tests/routing/rulebook/test_shelf.py",
    "tests/routing/finding/test_reader.py", "tests/hotline/test_model_train.py", "tests/browser/test_desk_verbs.py",
    "tests/browser/test_shift.py", "tests/journeys/test_kannel.py", "tests/hotline/test_processes.py",
)  # fmt: skip


class LongestFirst(LoadFileScheduling):
    """Gives a runner that is free what takes longest of all that waits; of the rest, the file with the most tests."""

    def _split_scope(self, nodeid: str) -> str:
        database = _ON_A_DATABASE.search(nodeid)
        if nodeid.startswith(_JOURNEYS) and database:
            return f"{_JOURNEYS} {database[1]}"
        return str(super()._split_scope(nodeid))

    def _assign_work_unit(self, node: WorkerController) -> None:
        waiting = [name for name in _LONGEST_FIRST if name in self.workqueue]
        if waiting:
            self.workqueue.move_to_end(waiting[0], last=False)
        super()._assign_work_unit(node)
