"""The Redis of `hotline up`: reached through this user's socket alone, keeping all it is told, gone with its parent."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis

from config.settings import SettingsError
from hotline.embedded_redis import server_command, socket_path
from tests.hotline.running import ROOT, left_of
from tests.waiting import redis_answers, wait_until

LONG = "/".join(["a-folder-with-a-long-name"] * 5)


@pytest.fixture
def short_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where this machine keeps its temporary files; an own folder with a short path."""
    with tempfile.TemporaryDirectory(prefix="t") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.mark.parametrize("name", ["state", LONG])
def test_the_server_keeps_everything_and_only_this_user_reaches_it(
    tmp_path: Path, short_temporary: Path, name: str
) -> None:
    state = tmp_path / name
    state.mkdir(mode=0o700, parents=True)
    server = subprocess.Popen(server_command(state), stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: redis_answers(state))
        connection = Redis.from_url(f"unix://{socket_path(state)}", decode_responses=True)
        kept = connection.config_get("*")
        connection.close()
        assert (kept["appendonly"], kept["maxmemory-policy"], kept["port"]) == ("yes", "noeviction", "0")
        assert stat.S_IMODE(socket_path(state).stat().st_mode) == 0o700
        assert len(str(socket_path(state)).encode()) <= 107
        assert psutil.Process(server.pid).net_connections(kind="tcp") == []
    finally:
        server.terminate()
        server.wait(10)


def test_a_long_path_has_its_socket_in_a_private_short_folder(tmp_path: Path, short_temporary: Path) -> None:
    state = tmp_path / LONG
    server_command(state)
    folder = socket_path(state).parent
    assert folder.parent == short_temporary
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert socket_path(tmp_path / LONG / "other") != socket_path(state)


@pytest.mark.parametrize("kind", ["open to all", "a link", "a file"])
def test_a_socket_folder_that_somebody_else_could_have_made_is_refused(
    tmp_path: Path, short_temporary: Path, kind: str
) -> None:
    folder = socket_path(tmp_path / LONG).parent
    if kind == "open to all":
        folder.mkdir()
        folder.chmod(0o777)
    elif kind == "a link":
        (tmp_path / "theirs").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "theirs")
    else:
        folder.touch()
    with pytest.raises((SettingsError, FileExistsError), match="only this user may enter|exists"):
        server_command(tmp_path / LONG)


PARENT = """
import os, sys, time
from pathlib import Path
from hotline.embedded_redis import server_command
from hotline.tether import start_child
children = [start_child(server_command(Path(sys.argv[1])), os.environ, Path(sys.argv[1]) / "redis.log"),
            start_child([sys.executable, "-c", "import time; time.sleep(60)"], os.environ, Path(sys.argv[1]) / "log")]
print(*(child.pid for child in children), flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_children_end_with_their_parent_however_it_ends(tmp_path: Path, number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    wait_until(lambda: redis_answers(tmp_path))
    os.kill(parent.pid, number)
    parent.wait()
    parent.stdout.close()
    assert left_of(children, 30) == []
