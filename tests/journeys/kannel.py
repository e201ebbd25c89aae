"""A real Kannel between pretended phones and a real hotline, on this machine alone, its files in a folder of its own.

The bearerbox and smsbox are Debian's; the message centre behind them is Kannel's own for tests, `fakesmsc`.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from chaos.hotline_system import free_ports
from tests.waiting import wait_until

_FAKE_CENTRE = Path("/usr/lib/kannel/test/fakesmsc")
CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {password}
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
dlr-storage = internal
store-type = spool
store-location = "{spool}"
sms-combine-concatenated-mo = {combine}
sms-combine-concatenated-mo-timeout = 60
log-level = 2

group = smsc
smsc = fake
smsc-id = centre
port = {centre}
our-host = 127.0.0.1
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
sendsms-interface = 127.0.0.1
http-request-retry = 100000
http-queue-delay = 1

group = sendsms-user
username = hotline
password = {password}
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = true
max-messages = 0
send-sender = true
post-url = "{hotline}/carriers/kannel/sms?token={token}&id=%I"
"""


@dataclass(frozen=True)
class Kannel:
    """A running gateway, and the phones behind it."""

    centre_port: int
    folder: Path

    def phone_sends(self, *messages: str) -> None:
        """Phones send these, one after the other; `message` is one line of fakesmsc's."""
        for message in messages:
            with self._centre(message, count=1) as said:
                _wait_for("sent message 1", said)

    @contextmanager
    def phones_on(self) -> Iterator[None]:
        """Phones are on, and get what is on its way to them."""
        with self._centre("0 0 text nothing", count=0) as said:
            _wait_for("Connecting to", said)
            yield

    def got(self, number: str) -> list[str]:
        """The texts that have reached a phone."""
        said = [file.read_text(errors="replace") for file in sorted(self.folder.glob("centre-*.log"))]
        found = re.findall(rf"Got message \d+: <\S+ {re.escape(number)} ucs-2 (\S*)>", "\n".join(said))
        return [unquote_to_bytes(text.replace("+", " ")).decode("utf-16-be") for text in found]

    @contextmanager
    def _centre(self, message: str, count: int) -> Iterator[Path]:
        said = self.folder / f"centre-{time.monotonic_ns()}.log"
        command = [str(_FAKE_CENTRE), "-H", "127.0.0.1", "-r", str(self.centre_port), "-i", "0.01", "-m", str(count)]
        with said.open("wb") as file:
            process = subprocess.Popen([*command, message], stdout=file, stderr=file)
            try:
                yield said
            finally:
                process.terminate()
                process.wait(10)


def ucs2(sender: str, text: str) -> str:
    """A text from a phone that writes Chinese, as a line of fakesmsc's."""
    return f"{sender} 10690000 ucs2 {quote(text.encode('utf-16-be'))}"


def ucs2_part(sender: str, text: str, reference: int, number: int, of: int) -> str:
    """One part of a longer one."""
    header = quote(bytes((5, 0, 3, reference, of, number)), safe="")
    return f"{sender} 10690000 udh-data {header} {quote(text.encode('utf-16-be'))}"


@contextmanager
def kannel(
    folder: Path, hotline: str, token: str, password: str, send_port: int, *, combine: bool = True
) -> Iterator[Kannel]:
    """A gateway that brings texts to the hotline at this address. combine puts the parts of long ones together."""
    ports = {"send": send_port, **dict(zip(("admin", "box", "centre"), free_ports(3), strict=True))}
    spool, configuration = folder / "spool", folder / "kannel.conf"
    spool.mkdir(parents=True)
    configuration.write_text(
        CONFIGURATION.format(
            **ports, password=password, spool=spool, hotline=hotline, token=token, combine=str(combine).lower()
        )
    )
    boxes = []
    try:
        for name, port in (("bearerbox", ports["box"]), ("smsbox", ports["send"])):
            boxes.append(_box(name, configuration, folder))
            _wait_for_port(port)
        yield Kannel(ports["centre"], folder)
    finally:
        for box in reversed(boxes):
            box.terminate()
            box.wait(15)


def _box(name: str, configuration: Path, folder: Path) -> subprocess.Popen[bytes]:
    program = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None or not _FAKE_CENTRE.is_file():
        raise RuntimeError("No Kannel was found. `make test` installs it with apt-get on Debian.")
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen([program, "-v", "1", str(configuration)], stdout=log, stderr=log)


def _wait_for_port(port: int) -> None:
    wait_until(lambda: _listens(port), otherwise=lambda: f"nothing listens on port {port}")


def _wait_for(words: str, file: Path) -> None:
    wait_until(lambda: words in file.read_text(errors="replace"), otherwise=lambda: f"{file.name} lacks {words!r}")


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
