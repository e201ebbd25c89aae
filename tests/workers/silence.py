"""Redis servers that are none: one that takes calls and never answers, one that is not there, one that is too old."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def black_hole() -> Iterator[str]:
    """The address of a socket that listens and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}"


def nobody() -> str:
    """An address where connections are refused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"redis://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def redis_that_says(info: str) -> Iterator[str]:
    """The address of a server that answers every INFO with this text, and anything else with an error."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, suppress(OSError):
                        while asked := connection.recv(4096):
                            body = info.encode()
                            answer = b"$%d\r\n%s\r\n" % (len(body), body)
                            commands = asked.count(b"*")
                            connection.sendall(answer if b"INFO" in asked else b"-ERR unknown command\r\n" * commands)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}"
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
