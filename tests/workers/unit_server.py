"""Servers of units: one that takes packets by HTTP, one that takes mail, one that stands in for Twilio."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


@dataclass
class UnitServer:
    """What a unit's server got, and what it answers: statuses in their order, the last for ever, and a body."""

    port: int = 0
    statuses: list[int] = field(default_factory=lambda: [200])
    answer: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[Any], None] = lambda handler: None
    got: list[Received] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/packets?from=hotline"

    def next_status(self) -> int:
        """What it answers now."""
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


@contextmanager
def unit_server(tls: ssl.SSLContext | None = None, **options: Any) -> Iterator[UnitServer]:
    """A server that answers as it is told."""
    unit = UnitServer(**options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            unit.got.append(Received(self.path, headers, body, self.command))
            unit.before(self)
            with suppress(OSError):
                self.send_response(unit.next_status())
                for name, value in {"Content-Length": str(len(unit.answer)), **unit.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(unit.answer)

        do_GET = do_DELETE = do_POST

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    unit.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield unit
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass
class MailServer:
    """What a mail server got: the envelope's recipients and the message. refuses is its answer to a recipient."""

    port: int = 0
    refuses: str = ""
    recipients: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)


@contextmanager
def mail_server(refuses: str = "", host: str = "127.0.0.1") -> Iterator[MailServer]:
    """A mail server of few words."""
    mail = MailServer(refuses=refuses)
    with socket.create_server((host, 0)) as listener:
        mail.port = listener.getsockname()[1]

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, suppress(OSError):
                        _talk(connection, mail)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield mail
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _talk(connection: socket.socket, mail: MailServer) -> None:
    lines = connection.makefile("rwb")

    def say(text: str) -> None:
        lines.write(text.encode() + b"\r\n")
        lines.flush()

    say("220 stand-in")
    while line := lines.readline():
        word = line[:4].upper().decode()
        if word == "RCPT":
            if not mail.refuses:
                mail.recipients.append(line.decode().partition("<")[2].partition(">")[0])
            say(mail.refuses or "250 fine")
        elif word == "DATA":
            say("354 go on")
            mail.messages.append(b"".join(iter(lines.readline, b".\r\n")))
            say("250 taken")
        elif word == "QUIT":
            say("221 bye")
            return
        else:
            say("250 fine")
