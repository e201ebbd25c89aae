"""The usual way to do it: commit, then enqueue one job a report. The harness must catch it losing reports.

Nothing of the hotline is in it, so that what it loses it loses by its own design: no sweep, no lease, no fence.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from contextlib import closing

from flask import Flask, Response, request
from redis import Redis
from rq import Queue, Retry, Worker

QUEUE = "naive"
TABLES = """
CREATE TABLE IF NOT EXISTS report (id TEXT PRIMARY KEY, received_at REAL NOT NULL, routed_at REAL);
CREATE TABLE IF NOT EXISTS dispatch (report_id TEXT NOT NULL, at REAL NOT NULL);
"""


def connect() -> sqlite3.Connection:
    """A durable connection, with the time-out everybody sets."""
    connection = sqlite3.connect(os.environ["NAIVE_DATABASE"], timeout=10)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def route(report_id: str) -> None:
    """The job: tells a unit, then marks the report."""
    with closing(connect()) as connection, connection:
        time.sleep(0.02)
        connection.execute("INSERT INTO dispatch VALUES (?, ?)", (report_id, time.time()))
        connection.commit()
        time.sleep(0.02)
        connection.execute("UPDATE report SET routed_at = ? WHERE id = ?", (time.time(), report_id))


def create_app() -> Flask:
    """One door: keeps the report, then enqueues its job."""
    app = Flask(__name__)
    with closing(connect()) as connection:
        connection.executescript(TABLES)
    queue = Queue(QUEUE, connection=Redis.from_url(os.environ["NAIVE_REDIS"], socket_timeout=1))

    def receive() -> Response:
        report_id = request.form["MessageSid"]
        with closing(connect()) as connection, connection:
            known = connection.execute("SELECT 1 FROM report WHERE id = ?", (report_id,)).fetchone()
            if not known:
                connection.execute("INSERT INTO report VALUES (?, ?, NULL)", (report_id, time.time()))
        if not known:
            queue.enqueue(route, report_id, retry=Retry(max=3))
        return Response("<Response/>", mimetype="text/xml")

    app.add_url_rule("/twilio/sms", "receive", receive, methods=["POST"])
    app.add_url_rule("/healthz", "healthz", lambda: "ok")
    return app


def work() -> None:
    """One worker, forking for each job as RQ does."""
    connection = Redis.from_url(os.environ["NAIVE_REDIS"])
    Worker([Queue(QUEUE, connection=connection)], connection=connection).work(logging_level="WARNING")


if __name__ == "__main__" and sys.argv[1:] == ["worker"]:
    work()
