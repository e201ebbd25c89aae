"""The reference: the least that keeps a signed text message durably, on the same server. Nothing of ours is in it."""

import fcntl
import os
import sqlite3
import threading
import uuid

import psycopg
from flask import Flask, abort, request
from marshmallow import EXCLUDE, Schema, fields, validate
from twilio.request_validator import RequestValidator

TABLE = "CREATE TABLE report (id TEXT PRIMARY KEY, sid TEXT UNIQUE, sender TEXT, body TEXT)"
SQL = "INSERT INTO report VALUES ({0}, {0}, {0}, {0})"
PER_THREAD = threading.local()
WRITER = threading.Lock()


class TextMessage(Schema):
    MessageSid = fields.String(required=True, validate=validate.Regexp(r"^(SM|MM)[0-9a-f]{32}$"))
    AccountSid = fields.String(required=True, validate=validate.Length(equal=34))
    From = fields.String(required=True)
    To = fields.String(required=True)
    Body = fields.String(required=True, validate=validate.Length(max=1600))


def connection(url):
    if not hasattr(PER_THREAD, "connection"):
        if url.startswith("sqlite"):
            PER_THREAD.connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10, isolation_level=None)
            PER_THREAD.connection.execute("PRAGMA journal_mode=WAL")
            PER_THREAD.connection.execute("PRAGMA synchronous=FULL")
        else:
            PER_THREAD.connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    return PER_THREAD.connection


def create_app():
    app, schema = Flask(__name__), TextMessage(unknown=EXCLUDE)
    url, address = os.environ["HOTLINE_DATABASE_URL"], os.environ["HOTLINE_PUBLIC_URL"]
    validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
    is_sqlite = url.startswith("sqlite")
    lock = open(os.environ["REFERENCE_LOCK"], "a")
    statement = SQL.format("?" if is_sqlite else "%s")

    def receive():
        form = request.form.to_dict()
        if not validator.validate(address + request.path, form, request.headers.get("X-Twilio-Signature", "")):
            abort(403)
        text = schema.load(form)
        values = (uuid.uuid4().hex, text["MessageSid"], text["From"], text["Body"])
        if not is_sqlite:
            connection(url).execute(statement, values)
            return "<Response/>", 200, {"Content-Type": "text/xml"}
        with WRITER:
            fcntl.flock(lock, fcntl.LOCK_EX)
            connection(url).execute(statement, values)
            fcntl.flock(lock, fcntl.LOCK_UN)
        return "<Response/>", 200, {"Content-Type": "text/xml"}

    app.add_url_rule("/twilio/sms", "receive", receive, methods=["POST"])
    app.add_url_rule("/healthz", "healthz", lambda: "ok")
    return app
