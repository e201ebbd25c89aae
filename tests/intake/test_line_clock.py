"""Nobody who sends a letter at a time holds a thread for longer than a body may take."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack

import pytest

from intake.line_clock import LineClock


def test_who_waits_on_a_silent_line_is_told_its_end_and_can_still_answer() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"half")
        started = time.monotonic()
        with LineClock().ends(ours, 0.1):
            assert ours.recv(10) == b"half"
            assert ours.recv(10) == b""
        assert time.monotonic() - started < 10
        ours.sendall(b"kept")
        assert theirs.recv(10) == b"kept"


def test_who_sends_a_letter_at_a_time_is_cut_off_too() -> None:
    ours, theirs = socket.socketpair()
    over = threading.Event()

    def trickle() -> None:
        while not over.wait(0.02):
            theirs.send(b"x")

    sending = threading.Thread(target=trickle)
    with ours, theirs:
        sending.start()
        started = time.monotonic()
        with LineClock().ends(ours, 0.2):
            while ours.recv(1):
                # One byte at a time, and always another one on its way.
                assert time.monotonic() - started < 5
        over.set()
        sending.join()


def test_a_body_that_came_in_time_leaves_its_line_open() -> None:
    ours, theirs = socket.socketpair()
    clock = LineClock()
    with ours, theirs:
        with clock.ends(ours, 0.01):
            pass
        time.sleep(0.8)
        theirs.sendall(b"next")
        assert ours.recv(10) == b"next"


@pytest.mark.parametrize("line", [None])
def test_a_request_without_a_line_has_no_clock(line: None) -> None:
    with LineClock().ends(line, 0):
        pass


def test_a_line_that_was_given_more_time_has_it() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, LineClock().ends(ours, 0.1) as give:
        give(60)
        time.sleep(1.2)
        theirs.sendall(b"late")
        assert ours.recv(10) == b"late"


def test_in_a_crowd_each_has_less_time_but_for_those_with_a_place() -> None:
    clock, pairs = LineClock(crowd=2, crowded_seconds=0.1), [socket.socketpair() for _ in range(4)]
    with ExitStack() as stack:
        for ours, theirs in pairs:
            stack.enter_context(ours)
            stack.enter_context(theirs)
        gives = [stack.enter_context(clock.ends(ours, 60)) for ours, _ in pairs]
        gives[0](60)
        time.sleep(1.2)
        for ours, theirs in pairs[1:]:
            assert ours.recv(1) == b""
            del theirs
        pairs[0][1].sendall(b"y")
        assert pairs[0][0].recv(1) == b"y"
