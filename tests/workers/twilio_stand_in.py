"""Twilio, as its own client library and our doors see it: it holds messages, lists them and posts them to a webhook."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

ACCOUNT = "AC" + "1" * 32
NUMBER = "+15005550006"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message as Twilio holds it. media are the types of its attachments."""

    sid: str
    body: str
    sender: str = "+8613800000000"
    to: str = NUMBER
    direction: str = "inbound"
    sent: datetime = NOW
    media: tuple[str, ...] = ()

    def webhook(self, address: str) -> dict[str, str]:
        """The parameters that its request has."""
        fields = {
            "MessageSid": self.sid, "AccountSid": ACCOUNT, "From": self.sender, "To": self.to, "Body": self.body,
            "NumMedia": str(len(self.media)),
        }  # fmt: skip
        for place, kind in enumerate(self.media):
            fields[f"MediaUrl{place}"] = f"{address}{media_path(self.sid, place)}"
            fields[f"MediaContentType{place}"] = kind
        return fields

    def resource(self) -> dict[str, Any]:
        """What the API says of it."""
        return {
            "sid": self.sid, "account_sid": ACCOUNT, "body": self.body, "from": self.sender, "to": self.to,
            "direction": self.direction, "num_media": str(len(self.media)), "status": "received",
            "date_sent": format_datetime(self.sent),
        }  # fmt: skip


def media_path(sid: str, place: int) -> str:
    """Where an attachment lies."""
    return f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/ME{place:032x}"


@dataclass
class Twilio:
    """A running one. asked are the queries of the lists that were asked for; status is what it answers."""

    port: int = 0
    status: int = 200
    most_a_page: int = 1000
    messages: list[Message] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    recordings: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, target: str) -> dict[str, Any]:
        """A page of the list, or of a message's attachments."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if path.endswith("/Media.json"):
            return self._media(path.split("/")[-2])
        self.asked.append(query)
        for name in ("Calls", "Recordings"):
            if path.endswith(f"/{name}.json"):
                held: list[dict[str, Any]] = getattr(self, name.lower())
                return {name.lower(): held, "next_page_uri": None, "page": 0, "page_size": self.most_a_page}
        found = [one for one in self.messages if _is_wanted(one, query)]
        start = int(query.get("Page", ["0"])[0]) * self.most_a_page
        following = None
        if start + self.most_a_page < len(found):
            page = {name: values[0] for name, values in query.items()} | {"Page": str(start // self.most_a_page + 1)}
            following = f"{path}?{urlencode(page)}"
        shown = [one.resource() for one in found[start : start + self.most_a_page]]
        return {"messages": shown, "next_page_uri": following, "page": 0, "page_size": self.most_a_page}

    def _media(self, sid: str) -> dict[str, Any]:
        (message,) = (one for one in self.messages if one.sid == sid)
        listed = [
            {"sid": f"ME{place:032x}", "content_type": kind, "parent_sid": sid, "uri": f"{media_path(sid, place)}.json"}
            for place, kind in enumerate(message.media)
        ]
        return {"media_list": listed, "next_page_uri": None}


def _is_wanted(message: Message, query: dict[str, list[str]]) -> bool:
    def moment(name: str) -> datetime | None:
        given = query.get(name)
        return datetime.fromisoformat(given[0]) if given else None

    since, until = moment("DateSent>"), moment("DateSent<")
    # Twilio counts whole seconds, and both ends are within.
    return (
        message.to in query.get("To", [message.to])
        and (since is None or message.sent >= since - timedelta(seconds=1))
        and (until is None or message.sent <= until)
    )


@contextmanager
def twilio(**options: Any) -> Iterator[Twilio]:
    """A Twilio of this test's own."""
    held = Twilio(**options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = json.dumps(held.answer(self.path) if held.status == 200 else {"code": 1, "message": "x"}).encode()
            self.send_response(held.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    held.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
