"""Locking the process that this runs in: limits on what it may use, then a filter that leaves it only to compute.

After `lock` the process can read and write what it has open already, take memory, run threads of its own, which are
locked as it is, and end. It can open no file, make no connection, start no process, and signal nobody: those calls are
answered with "not permitted" (Linux seccomp, filter mode). Where the kernel or the machine's architecture allows
for none of it, nothing is locked and nothing is opened.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_FILTER_MODE = 2
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL, _NOT_PERMITTED, _UNKNOWN = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
# Where what a filter sees has the number of the call, the architecture, and the call's first argument.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_A_THREAD = 0x00010000

# Each with its number, from the kernel's table of the architecture.
_CALLS = {
    "x86_64": (0xC000003E, {
        "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12,
        "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17, "sched_yield": 24, "mremap": 25,
        "madvise": 28, "nanosleep": 35, "getpid": 39, "exit": 60, "gettimeofday": 96, "sigaltstack": 131, "gettid": 186,
        "futex": 202, "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228, "clock_nanosleep": 230,
        "exit_group": 231, "set_robust_list": 273, "getrandom": 318, "rseq": 334,
    }),
    "aarch64": (0xC00000B7, {
        "close": 57, "lseek": 62, "read": 63, "write": 64, "pread64": 67, "fstat": 80, "exit": 93, "exit_group": 94,
        "futex": 98, "nanosleep": 101, "clock_gettime": 113, "clock_nanosleep": 115, "sched_getaffinity": 123,
        "sched_yield": 124, "restart_syscall": 128, "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135,
        "rt_sigreturn": 139, "gettimeofday": 169, "getpid": 172, "gettid": 178, "brk": 214, "munmap": 215,
        "set_robust_list": 99, "mremap": 216, "mmap": 222, "mprotect": 226, "madvise": 233, "getrandom": 278,
        "rseq": 293,
    }),
}  # fmt: skip
# Both may start a thread or a process. What is asked for can be seen of the first; the C library falls back on it where
# the second is not there.
_CLONE, _CLONE3 = {"x86_64": 56, "aarch64": 220}, 435


class NoLock(Exception):
    """This machine cannot lock a process in."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def limit(memory_megabytes: int, seconds: int, written_megabytes: int) -> None:
    """Bounds memory, time of the processor and what may be written, and ends the process with its parent's thread."""
    megabyte = 1024 * 1024
    bounds = {
        resource.RLIMIT_AS: memory_megabytes * megabyte,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: written_megabytes * megabyte,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for what, most in bounds.items():
        resource.setrlimit(what, (most, most))
    library = ctypes.CDLL(None)
    library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def lock() -> None:
    """Leaves this process only to compute, for good. Raises NoLock."""
    architecture = _CALLS.get(platform.machine())
    if architecture is None:
        raise NoLock
    library = ctypes.CDLL(None, use_errno=True)
    instructions = _instructions(*architecture, _CLONE[platform.machine()])
    program = _Program(len(instructions) // 8, instructions)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise NoLock
    if library.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0) != 0:
        raise NoLock
    # A lock that does not hold is none.
    try:
        os.close(os.open("/", os.O_RDONLY))
    except PermissionError:
        return
    raise NoLock


def _instructions(architecture: int, calls: dict[str, int], clone: int) -> bytes:
    """The filter: another architecture is killed, a call of the table allowed, a thread too, nothing else."""

    def one(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, value)

    last = [
        one(_JUMP_IF_EQUAL, _CLONE3, 5, 0),
        one(_JUMP_IF_EQUAL, clone, 1, 0),
        one(_RETURN, _NOT_PERMITTED),
        one(_LOAD, _FIRST_ARGUMENT),
        one(_JUMP_IF_SET, _A_THREAD, 2, 0),
        one(_RETURN, _NOT_PERMITTED),
        one(_RETURN, _UNKNOWN),
        one(_RETURN, _ALLOW),
    ]
    numbers = sorted(calls.values())
    # A jump counts the instructions that it passes over: here, all up to the very last.
    listed = [
        one(_JUMP_IF_EQUAL, number, len(numbers) - place + len(last) - 2, 0) for place, number in enumerate(numbers)
    ]
    first = [
        one(_LOAD, _ARCHITECTURE),
        one(_JUMP_IF_EQUAL, architecture, 1, 0),
        one(_RETURN, _KILL),
        one(_LOAD, _NUMBER),
    ]
    return b"".join([*first, *listed, *last])
