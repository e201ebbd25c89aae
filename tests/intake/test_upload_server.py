"""Files through a real server: large ones, lines that break, and many at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from reports.database import Database
from reports.tables import attachments, reports
from tests.intake.files import UPLOAD_TYPE, field_part, file_part, form_body
from tests.intake.server import PublicServer, request_of

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, key_folder: Path, sqlite_file: Path) -> Iterator[PublicServer]:
    server = PublicServer(tmp_path_factory.mktemp("uploads"), key_folder, sqlite_file)
    server.wait_until_ready()
    yield server
    server.stop()


def form_token(server: PublicServer) -> str:
    page = server.send(request_of("/", b"", method="GET")).decode()
    return page.split('name="token" value="')[1].split('"')[0]


def kept(server: PublicServer) -> tuple[int, int, list[str]]:
    """How many reports and files there are, and the flags of the newest report."""
    database = Database(server.database_url, pool_size=1)
    with database.read() as connection:
        numbers = [connection.execute(select(func.count()).select_from(t)).scalar_one() for t in (reports, attachments)]
        flags = connection.execute(select(reports.c.flags).order_by(reports.c.received_at.desc())).scalars().first()
    database.dispose()
    return numbers[0], numbers[1], (flags or "").split()


def test_a_large_video_is_kept_with_its_words(server: PublicServer) -> None:
    before = kept(server)
    body = form_body({"token": form_token(server), "text": "看视频"}, [("v.mp4", "video/mp4", b"v" * 9 * MEGABYTE)])
    answer = server.send(request_of("/?lang=en", body, content_type=UPLOAD_TYPE))
    assert b" 200 OK" in answer.split(b"\r\n")[0]
    assert b"Files received: 1" in answer
    assert kept(server) == (before[0] + 1, before[1] + 1, ["media"])


def test_a_line_that_breaks_inside_a_file_does_not_cost_the_words(server: PublicServer) -> None:
    before = kept(server)
    words = field_part("token", form_token(server)) + field_part("text", "line broke")
    whole = request_of("/", words + file_part("v.mp4", "video/mp4", b"v" * 500_000), content_type=UPLOAD_TYPE)
    server.send(whole[:-300_000], then_end=True)
    assert kept(server) == (before[0] + 1, before[1], ["file_cut"])


def test_a_line_that_breaks_inside_the_words_keeps_nothing(server: PublicServer) -> None:
    before = kept(server)
    words = field_part("token", form_token(server)) + field_part("text", "x" * 1000)
    whole = request_of("/", words + file_part("v.mp4", "video/mp4", b"v"), content_type=UPLOAD_TYPE)
    assert server.statuses(whole[: whole.index(b"xxxx") + 500], then_end=True) == [415]
    assert kept(server)[:2] == before[:2]


def test_when_many_send_files_at_once_nobodys_words_are_lost(server: PublicServer) -> None:
    before = kept(server)
    bodies = [
        form_body({"token": form_token(server), "text": f"many {n}"}, [("v", "video/mp4", b"v" * 3 * MEGABYTE)])
        for n in range(12)
    ]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda body: server.send(request_of("/", body, content_type=UPLOAD_TYPE), seconds=30), bodies))
    assert kept(server)[0] == before[0] + 12
