"""The public app in real processes, spoken to byte by byte."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from hotline.up_command import _gunicorn
from tests.intake.doors import ACCOUNT, API_KEY, FORM_TYPE, NUMBER, PUBLIC_URL, TOKEN

STATUS = re.compile(rb"^HTTP/1\.1 ([0-9]{3})", re.MULTILINE)


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def request_of(path: str, body: bytes, *headers: str, method: str = "POST", content_type: str = FORM_TYPE) -> bytes:
    """One well-formed request with these further headers."""
    head = [f"{method} {path} HTTP/1.1", "Host: hotline.example", f"Content-Length: {len(body)}"]
    lines = [*head, f"Content-Type: {content_type}", *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


class PublicServer:
    """gunicorn with the public app on a free port, as `hotline up` starts it, over a SQLite file of its own."""

    def __init__(self, folder: Path, key_folder: Path, database: Path) -> None:
        self.state, self.port, self.log_file = folder / "state", free_port(), folder / "log"
        shutil.copytree(key_folder / "keys" / "intake", self.state / "keys" / "intake")
        self.database_url = f"sqlite:///{folder / 'hotline.sqlite3'}"
        shutil.copy(database, folder / "hotline.sqlite3")
        environment = {
            "PATH": os.environ["PATH"],
            "HOTLINE_STATE": str(self.state),
            "HOTLINE_DATABASE_URL": self.database_url,
            "HOTLINE_PUBLIC_URL": PUBLIC_URL,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_NUMBERS": NUMBER,
            "HOTLINE_API_KEY": API_KEY,
        }
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                _gunicorn("intake.wsgi", self.port, workers=2, threads=8),
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Returns once the app answers. Raises RuntimeError with the log if it does not within half a minute."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if self.statuses(request_of("/readyz", b"", method="GET")) == [200]:
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"The public app did not come up: {self.log_file.read_text()}")

    def send(self, raw: bytes, *, then_end: bool = False, seconds: float = 10) -> bytes:
        """Sends these bytes and returns all that comes back until the server closes or is silent.

        then_end closes our direction after the last byte.
        """
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            # A server that refuses a request may close before all of it was sent.
            with suppress(OSError):
                connection.sendall(raw)
                if then_end:
                    connection.shutdown(socket.SHUT_WR)
            with suppress(OSError):
                while chunk := connection.recv(65536):
                    answer += chunk
        return answer

    def statuses(self, raw: bytes, *, then_end: bool = False, seconds: float = 10) -> list[int]:
        """The status of each answer to these bytes, in order."""
        return [int(status) for status in STATUS.findall(self.send(raw, then_end=then_end, seconds=seconds))]

    def kill(self) -> None:
        """kill -9 of every process of this server, at once."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ends the server in order, if it still runs."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)
