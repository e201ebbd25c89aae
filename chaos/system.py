"""What the harness needs of a system that it breaks, whichever system that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import psutil

from hotline.simulated_public import Public


class Role(StrEnum):
    """The kinds of process a fault may hit."""

    WEB = "web"
    WEB_MASTER = "web master"
    WORKER = "worker"
    CREW = "crew"
    SWEEP = "sweep"
    REDIS = "redis"


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What became of the accepted deliveries: those not stored, never routed, or told to a unit twice.

    latencies are seconds from accepted to routed, in order.
    """

    accepted: int
    not_stored: int
    never_routed: int
    doubled: int
    latencies: tuple[float, ...]

    @property
    def lost(self) -> int:
        """Accepted, and then nobody was told."""
        return self.not_stored + self.never_routed

    def latency(self, share: float) -> float:
        """The latency that this share of the reports stayed under, in seconds; 0 where nothing was routed."""
        if not self.latencies:
            return 0.0
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


class System(Protocol):
    """A hotline, real or naive, that runs in processes of its own."""

    name: str
    redis_url: str
    lease_seconds: float

    def start(self) -> None:
        """Brings everything up, or raises RuntimeError."""

    def stop(self) -> None:
        """Ends every process of it."""

    def public(self) -> Public:
        """A way to send reports to its doors."""

    def processes(self, role: Role) -> list[psutil.Process]:
        """The processes of a role that run now."""

    def has_database_server(self) -> bool:
        """Whether its database is a server that can be restarted."""

    def restart_database(self) -> None:
        """Ends the database server without warning and starts it again."""

    def holds_work(self) -> bool:
        """Whether a worker has taken a report and not finished it."""

    def tally(self, accepted: Sequence[str]) -> Tally:
        """What became of the deliveries with these ids."""
