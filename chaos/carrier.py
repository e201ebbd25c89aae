"""The carrier: sends text messages as fast as asked, each until it is accepted, some of them several times."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

from chaos.system import System
from hotline.simulated_public import InventedReport
from reports.values import Channel
from routing.areas import AreaTree, Level

_GIVE_UP_SECONDS = 60.0
_DANGER = "救命 我被关在{place}一个砖厂 门口有人看着 第{number}封"
_CALM = "{place}有个厂扣了我们的身份证，半年不发工资，可以出门但没有证走不了，第{number}封"


class Carrier:
    """Threads that share one stream of messages. `accepted` holds the ids that got a 2xx, in that order."""

    def __init__(self, system: System, areas: AreaTree, rate: float, seed: int, threads: int = 4) -> None:
        self._system, self._pause = system, threads / rate
        self._messages = _messages(areas, seed)
        self._chance = random.Random(seed)  # noqa: S311
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send_on, name=f"carrier-{n}") for n in range(threads)]
        self.accepted: list[str] = []
        self.deliveries = 0

    def start(self) -> None:
        """Begins to send."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends after the messages that are under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send_on(self) -> None:
        public = self._system.public()
        while not self._stop.is_set():
            with self._lock:
                message, copies = next(self._messages), self._chance.choice((1, 1, 2, 3))
            deadline = time.monotonic() + _GIVE_UP_SECONDS
            for _ in range(copies):
                while not self._deliver(public.send, message) and time.monotonic() < deadline:
                    # A carrier tries again with the same id; so does this one, until it has its 2xx.
                    time.sleep(0.3)
            self._stop.wait(self._pause)
        public.close()

    def _deliver(self, send: object, message: InventedReport) -> bool:
        try:
            status = send(message)  # type: ignore[operator]
        except OSError:
            return False
        if status >= 500:
            return False
        if status != 200:
            raise RuntimeError(f"The door refused a signed text message with {status}.")
        with self._lock:
            self.deliveries += 1
            if message.source_id not in self.accepted:
                self.accepted.append(message.source_id)
        return True


def _messages(areas: AreaTree, seed: int) -> Iterator[InventedReport]:
    chance = random.Random(seed)  # noqa: S311
    places = sorted(area.name for area in areas.current() if area.level is Level.COUNTY)
    number = 0
    while True:
        number += 1
        text = chance.choice((_DANGER, _CALM)).format(place=chance.choice(places), number=number)
        yield InventedReport(
            channel=Channel.SMS,
            kind="chaos",
            text=text,
            # Each from a number of its own: what one number sends is one report.
            sender=f"+86138000{number % 100_000:05d}",
            source_id=f"SM{chance.getrandbits(128):032x}",
        )
