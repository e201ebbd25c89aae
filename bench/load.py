"""A load of prepared requests over kept-open connections: as fast as a server answers, or at a set rate.

It runs in a process of its own and does as little as it can beside the socket, so that the two cores serve the server.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Load:
    """What came of it: seconds it took, statuses by count, and each answer's time in seconds, in order."""

    seconds: float
    statuses: dict[str, int]
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    @property
    def errors(self) -> int:
        """Answers that were neither 200 nor 201."""
        return sum(number for status, number in self.statuses.items() if status not in ("200", "201"))

    def latency(self, share: float) -> float:
        """The time that this share of the answers stayed under, in seconds."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


def drive(port: int, requests: Sequence[bytes], connections: int, folder: Path) -> Load:
    """Sends every request once, in a child process. Raises RuntimeError if the server hangs up for good."""
    path = folder / "requests"
    with path.open("wb") as file:
        for request in requests:
            file.write(len(request).to_bytes(4, "big") + request)
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", str(port), str(connections), str(path)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    found = json.loads(done)
    return Load(seconds=found["seconds"], statuses=found["statuses"], latencies=tuple(sorted(found["latencies"])))


def _main(port: int, connections: int, path: Path) -> None:
    waiting = _read(path)
    selector = selectors.DefaultSelector()
    statuses: dict[str, int] = {}
    latencies: list[float] = []
    started = time.perf_counter()
    open_now = 0
    for _ in range(min(connections, len(waiting))):
        line = _Line(port)
        selector.register(line.socket, selectors.EVENT_READ, line)
        line.send(waiting.pop())
        open_now += 1
    while open_now:
        for key, _ in selector.select(30):
            line = key.data
            status = line.receive()
            if status is None:
                continue
            statuses[status] = statuses.get(status, 0) + 1
            latencies.append(time.perf_counter() - line.sent_at)
            if line.closed:
                selector.unregister(line.socket)
                line = _Line(port)
                selector.register(line.socket, selectors.EVENT_READ, line)
            if waiting:
                line.send(waiting.pop())
            else:
                selector.unregister(line.socket)
                line.socket.close()
                open_now -= 1
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "statuses": statuses, "latencies": latencies}))


class _Line:
    """One connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.closed, self.sent_at, self._buffer = False, 0.0, b""

    def send(self, request: bytes) -> None:
        self._buffer, self.sent_at = b"", time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> str | None:
        """The status once the answer is whole."""
        chunk = self.socket.recv(65_536)
        if not chunk:
            self.closed = True
            return "hung up"
        self._buffer += chunk
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return None
        lower = head.lower()
        length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]) if b"content-length:" in lower else 0
        if len(body) < length:
            return None
        self.closed = b"connection: close" in lower
        return head[9:12].decode()


def _read(path: Path) -> list[bytes]:
    raw, requests, place = path.read_bytes(), [], 0
    while place < len(raw):
        size = int.from_bytes(raw[place : place + 4], "big")
        requests.append(raw[place + 4 : place + 4 + size])
        place += 4 + size
    return requests[::-1]


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
