"""Figures for machines that watch: Prometheus text."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from console.hop_times import hop_times, quantile
from console.services import Services
from reports.claims import waiting_now
from reports.database import database_now
from reports.queue_view import overdue_counts, state_counts
from reports.receipt_gate import Gate
from reports.referrals import pending_count
from reports.stuck import StuckUnit, by_unit, stuck_packets
from reports.tables import heartbeats, reports
from workers.changeover import SERVING, Serving, who_serves_what
from workers.read_with import READING

_HOUR = 3_600_000
_PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded")


class Metrics:
    """GET /metrics, from this machine only."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def add_to(self, app: Flask) -> None:
        """Adds the page."""
        app.add_url_rule("/metrics", "metrics", self.show)

    def show(self) -> Response:
        """The figures as Prometheus reads them. Nothing in them is about a single report."""
        # A proxy on this machine also calls from here; what it passes on came from elsewhere.
        is_passed_on = any(name in request.headers for name in _PASSED_ON)
        if is_passed_on or not ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104
            raise NotFound
        return Response(generate_latest(self._registry), mimetype="text/plain")

    def collect(self) -> Iterable[Metric]:
        """The figures, read from the database at each scrape, so that every process is in them."""
        database = self._services.database
        waiting = waiting_now(database)
        number = GaugeMetricFamily("hotline_waiting_reports", "Reports waiting to be read.", labels=["queue"])
        oldest = GaugeMetricFamily("hotline_oldest_waiting_seconds", "Age of the oldest of them.", labels=["queue"])
        for name, (count, age) in waiting.items():
            number.add_metric([name], count)
            oldest.add_metric([name], age / 1000)
        yield from (number, oldest)
        pending, pending_age = pending_count(database)
        yield GaugeMetricFamily("hotline_pending_packets", "Packets waiting to be delivered.", value=pending)
        yield GaugeMetricFamily("hotline_oldest_pending_packet_seconds", "Age of the oldest.", value=pending_age / 1000)
        with database.read() as connection:
            states = GaugeMetricFamily("hotline_reports", "Reports by state and urgency.", labels=["state", "urgency"])
            for state, found in state_counts(connection).items():
                for urgency, count in found.items():
                    states.add_metric([state.value, urgency.value], count)
            yield states
            played = GaugeMetricFamily(
                "hotline_exercise_reports", "Reports of exercises, which are in no other figure.", labels=["state"]
            )
            for state, found in state_counts(connection, exercise=True).items():
                played.add_metric([state.value], sum(found.values()))
            yield played
            yield from _stuck(
                by_unit(stuck_packets(connection)), connection.execute(select(database_now())).scalar_one()
            )
            overdue = GaugeMetricFamily("hotline_overdue", "Clocks that ran out, unanswered so far.", labels=["hop"])
            for hop, count in overdue_counts(connection).items():
                overdue.add_metric([hop], count)
            yield overdue
            hops = GaugeMetricFamily(
                "hotline_hop_seconds", "Time of a hop, over the last hour.", labels=["hop", "quantile"]
            )
            attempts = connection.execute(
                select(func.coalesce(func.sum(reports.c.attempts), 0), func.count(reports.c.failure))
                .where(reports.c.received_at > database_now() - _HOUR, reports.c.exercise == 0)
            ).one()  # fmt: skip
            for hop, times in hop_times(connection).items():
                for share in (0.5, 0.95):
                    hops.add_metric([hop, str(share)], quantile(times, share) / 1000)
            beats = connection.execute(
                select(heartbeats.c.name, database_now() - heartbeats.c.beat_at, heartbeats.c.detail)
            ).all()
        yield hops
        yield GaugeMetricFamily("hotline_attempts", "Attempts at reports of the last hour.", value=attempts[0])
        yield GaugeMetricFamily("hotline_failures", "Reports of the last hour that failed once.", value=attempts[1])
        yield from _beats(
            [(name, age, detail) for name, age, detail in beats if not name.startswith((SERVING, READING))]
        )
        guessing = float(Gate(database).is_alarming())
        yield GaugeMetricFamily("hotline_receipts_guessed", "Whether somebody guesses receipts.", value=guessing)
        yield from _rulebooks(who_serves_what(database))


def _stuck(units: Iterable[StuckUnit], now: int) -> Iterable[Metric]:
    number = GaugeMetricFamily(
        "hotline_stuck_packets", "Packets that have not reached their unit, by why.", labels=["unit", "reason"]
    )
    oldest = GaugeMetricFamily("hotline_stuck_oldest_seconds", "Age of the oldest of them.", labels=["unit"])
    for one in units:
        oldest.add_metric([one.unit], (now - one.since) / 1000)
        for reason, count in one.by_reason.items():
            number.add_metric([one.unit, reason], count)
    yield from (number, oldest)


def _beats(beats: list[tuple[str, int, str]]) -> Iterable[Metric]:
    age = GaugeMetricFamily(
        "hotline_heartbeat_age_seconds", "Since a process last said it is alive.", labels=["process"]
    )
    breaker = GaugeMetricFamily("hotline_breaker_open", "Whether ringing is given up for now.", labels=["process"])
    for name, milliseconds, detail in beats:
        age.add_metric([name], milliseconds / 1000)
        breaker.add_metric([name], float(bool(json.loads(detail).get("breaker_open"))))
    yield from (age, breaker)


def _rulebooks(serving: Iterable[Serving]) -> Iterable[Metric]:
    decides = GaugeMetricFamily(
        "hotline_rulebook", "The rulebook that a process decides by.", labels=["process", "fingerprint"]
    )
    refused = GaugeMetricFamily(
        "hotline_rulebook_refused", "Whether a process could not take over the rulebook in use.", labels=["process"]
    )
    for one in serving:
        decides.add_metric([one.process, one.fingerprint], 1.0)
        refused.add_metric([one.process], float(bool(one.refused)))
    yield from (decides, refused)
