"""Copies for the desk: what is seen and heard and nothing else, whatever a file does to whoever opens it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import av
import psutil
import pytest
from PIL import Image

from config.files import CopyLimits, Files
from config.settings import PACKAGED_CONFIG
from tests.waiting import wait_until
from tests.workers import hostile_files as made
from workers.copying import sandbox
from workers.copying.kinds import Kind, kind_of
from workers.copying.part import JPEG, MP3, Part, read_parts
from workers.copying.sandbox import Copy, make_copy

LIMITS = Files.load(PACKAGED_CONFIG).copies
ROOT = Path(__file__).resolve().parents[2]


def copied(data: bytes, **changes: int) -> Copy:
    return make_copy(data, replace(LIMITS, **changes))


def picture_of(copy: Copy) -> Image.Image:
    (part,) = copy.parts
    assert part.kind == JPEG
    return Image.open(io.BytesIO(part.data))


def test_a_photos_place_maker_and_comment_are_in_the_original_and_not_in_the_copy() -> None:
    photo = made.photo()
    hidden = Image.open(io.BytesIO(photo)).getexif()
    assert hidden.get_ifd(made.GPS_TAG)[made.LATITUDE] == (24.0, 1.0, 2.5)
    assert photo.count(made.CANARY) > 2
    copy = copied(photo)
    assert copy.failure == ""
    shown = picture_of(copy)
    assert shown.size == (640, 480)
    assert (dict(shown.getexif()), shown.info.get("comment"), shown.info.get("icc_profile")) == ({}, None, None)
    assert made.CANARY not in copy.parts[0].data
    assert b"Exif" not in copy.parts[0].data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_hidden_data_go_from_pictures_of_every_format(kind: str) -> None:
    original = made.photo(kind)
    assert made.CANARY in original
    copy = copied(original)
    assert picture_of(copy).size == (640, 480)
    assert made.CANARY not in copy.parts[0].data


@pytest.mark.parametrize("kind", ["GIF", "BMP", "PNG", "WEBP", "JPEG", "TIFF"])
def test_a_picture_is_known_by_its_bytes_and_comes_out_as_a_jpeg(kind: str) -> None:
    assert picture_of(copied(made.drawing(kind))).format == "JPEG"


def test_row_50_a_photo_of_an_iphone_is_copied_without_its_place() -> None:
    original = made.iphone_photo()
    assert made.CANARY in original
    copy = copied(original)
    assert picture_of(copy).size == (640, 480)
    assert made.CANARY not in copy.parts[0].data


def test_a_photo_that_was_taken_sideways_stands_upright_in_the_copy() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = io.BytesIO()
    Image.new("RGB", (200, 100)).save(turned, "JPEG", exif=exif)
    assert picture_of(copied(turned.getvalue())).size == (100, 200)


def test_what_is_transparent_becomes_white() -> None:
    shown = picture_of(copied(made.see_through()))
    red, white = shown.getpixel((20, 50)), shown.getpixel((80, 50))
    assert isinstance(red, tuple)
    assert isinstance(white, tuple)
    assert red[0] > 150 > red[1]
    assert min(white) > 240


def test_a_large_photo_is_bounded_in_the_copy() -> None:
    assert picture_of(copied(made.photo(size=(4000, 3000)))).size == (1600, 1200)


def test_several_pictures_in_one_file_become_several_and_the_rest_is_told() -> None:
    copy = copied(made.drawing("GIF", frames=20))
    assert (len(copy.parts), copy.failure) == (LIMITS.stills, "not_all")
    assert len(copied(made.drawing("TIFF", frames=3)).parts) == 3


def test_a_paper_becomes_pictures_of_its_pages() -> None:
    copy = copied(made.paper(pages=3, hidden=made.CANARY))
    assert (len(copy.parts), copy.failure) == (3, "")
    page = Image.open(io.BytesIO(copy.parts[0].data)).convert("L")
    assert page.size == (1131, 1600)
    darkest, lightest = page.getextrema()
    assert (int(str(darkest)) < 60, int(str(lightest)) > 240) == (True, True)
    assert made.CANARY not in b"".join(part.data for part in copy.parts)


def test_of_a_long_paper_the_first_pages_are_copied_and_the_rest_is_told() -> None:
    copy = copied(made.paper(pages=5), pages=2)
    assert (len(copy.parts), copy.failure) == (2, "not_all")


@pytest.mark.parametrize(
    ("kind", "codec"), [("wav", "pcm_s16le"), ("mp3", "libmp3lame"), ("ogg", "libopus"), ("mp4", "aac"),
                        ("adts", "aac"), ("flac", "flac"), ("matroska", "libopus")]
)  # fmt: skip
def test_a_recording_of_every_kind_is_written_down_anew_as_mp3(kind: str, codec: str) -> None:
    copy = copied(made.recording(1.5, kind, codec))
    assert copy.failure == ""
    (sound,) = copy.parts
    assert sound.kind == MP3
    assert made.CANARY not in sound.data
    with av.open(io.BytesIO(sound.data)) as container:
        assert container.format.name == "mp3"
        heard = sum(frame.samples for frame in container.decode(audio=0)) / 24000
    assert 1.3 < heard < 1.8


def test_a_recording_that_goes_on_for_hours_is_cut_in_the_copy_and_told() -> None:
    copy = copied(made.recording(70), sound_minutes=1)
    assert ([part.kind for part in copy.parts], copy.failure) == ([MP3], "not_all")


def test_a_video_becomes_stills_and_its_sound() -> None:
    original = made.video()
    assert made.CANARY in original
    copy = copied(original, stills=4)
    assert copy.failure == ""
    assert [part.kind for part in copy.parts] == [JPEG] * 4 + [MP3]
    light = [Image.open(io.BytesIO(part.data)).convert("L").resize((1, 1)).getpixel((0, 0)) for part in copy.parts[:4]]
    assert light == sorted(set(light), key=lambda shade: int(str(shade)))
    assert made.CANARY not in b"".join(part.data for part in copy.parts)


HOSTILE: list[tuple[str, Callable[[], bytes], str]] = [
    ("nothing", lambda: b"", "unknown_kind"),
    ("EICAR", lambda: made.EICAR, "unknown_kind"),
    ("a drawing with a script", made.svg_with_script, "unknown_kind"),
    ("a page", lambda: b"<!doctype html>" + made.SCRIPT, "unknown_kind"),
    ("a zip", lambda: b"PK\x03\x04" + bytes(1000), "unknown_kind"),
    ("a program", lambda: b"\x7fELF" + bytes(1000), "unknown_kind"),
    ("a JPEG broken off", lambda: made.photo()[:1500], "broken"),
    ("the first bytes of a JPEG", lambda: b"\xff\xd8\xff", "broken"),
    ("a PNG of 60,000 by 60,000", lambda: made.png_that_claims(60_000, 60_000), "too_large"),
    ("a JPEG of 60,000 by 60,000", lambda: made.jpeg_that_claims(60_000, 60_000), "too_large"),
    ("a PNG without an inside", lambda: made.png_that_claims(100, 100), "broken"),
    ("a comment of 200 MB", made.png_with_text_bomb, "broken"),
    ("a PDF without pages", lambda: made.paper(pages=0), "broken"),
    ("a PDF that is none", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 50, "broken"),
    ("a PDF with a page of no size", lambda: made.paper(box=b"0 0 0 0"), ""),
    ("a video that is none", lambda: b"\0\0\0\x18ftypmp42" + os.urandom(5000), "broken"),
    ("sound that is none", lambda: b"ID3" + os.urandom(5000), "broken"),
    ("a playlist", lambda: b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nfile:///etc/passwd\n", "unknown_kind"),
    ("a playlist behind a tag", lambda: b"ID3\x03\0\0\0\0\0\0#EXTM3U\nhttp://169.254.169.254/\n", "broken"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "failure"), [pytest.param(m, f, id=name) for name, m, f in HOSTILE])
def test_row_a8_what_cannot_be_copied_has_a_word_and_does_no_harm(make: Callable[[], bytes], failure: str) -> None:
    copy = copied(make())
    if failure:
        assert copy == Copy((), failure)
    else:
        assert all(part.kind == JPEG for part in copy.parts)


@pytest.mark.parametrize("make", [made.gif_and_script, made.paper_with_script])
def test_row_48_a_file_that_is_two_things_is_only_a_picture_in_the_copy(make: Callable[[], bytes]) -> None:
    copy = copied(make())
    for part in copy.parts:
        assert part.data.startswith(b"\xff\xd8\xff")
        assert b"alert" not in part.data
        assert b"script" not in part.data


def test_row_a8_a_bomb_takes_no_more_memory_than_it_may() -> None:
    bomb = made.png_bomb()
    assert len(bomb) < 400_000
    most, started = 0, time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", "from tests.workers.test_copies import bombed; bombed()"],
        stdin=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    process.stdin.write(bomb)
    process.stdin.close()
    while process.poll() is None and time.monotonic() - started < 40:
        for child in psutil.Process(process.pid).children(recursive=True):
            try:
                most = max(most, child.memory_info().rss)
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.01)
    assert process.wait() == 0
    assert most < LIMITS.memory_megabytes * 1024 * 1024


def bombed() -> None:
    """Run in a process of its own, whose children are counted."""
    copy = make_copy(sys.stdin.buffer.read(), LIMITS)
    assert copy.failure in ("", "too_large")


def test_what_needs_more_memory_than_it_may_is_too_large() -> None:
    assert copied(made.png_bomb(), memory_megabytes=450).failure in ("too_large", "broken")


def in_the_child(code: str, limits: CopyLimits = LIMITS, seconds: float = 20) -> str:
    """What a locked process says that tries this."""
    program = (
        "import os, socket, subprocess, sys, signal, threading, ctypes, json\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from workers.copying.lock import limit, lock\n"
        f"limit({limits.memory_megabytes}, {limits.seconds}, 64)\n"
        "lock()\n"
        "try:\n" + "".join(f"    {line}\n" for line in code.splitlines()) + "    said = 'done'\n"
        "except BaseException as fault:\n    said = type(fault).__name__\n"
        "os.write(1, said.encode())\n"
        "os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(ROOT)], capture_output=True, env={}, timeout=seconds, check=False
    )
    return done.stdout.decode()


FORBIDDEN = [
    "open('/etc/passwd')",
    "open('/tmp/new', 'w')",
    "os.listdir('/')",
    "os.stat('/etc/passwd')",
    "os.unlink('/tmp/x')",
    "os.mkdir('/tmp/x')",
    "socket.socket()",
    "socket.socket(socket.AF_UNIX)",
    "socket.socketpair()",
    "os.fork()",
    "os.execv('/bin/sh', ['sh'])",
    "subprocess.run(['/bin/true'])",
    "os.posix_spawn('/bin/true', ['true'], {})",
    "os.kill(os.getppid(), signal.SIGTERM)",
    "os.pipe()",
    "os.memfd_create('x')",
    "os.chdir('/tmp')",
    "os.setuid(0)",
    "import telnetlib",
    "os.open('/proc/self/environ', 0)",
]


@pytest.mark.parametrize("code", FORBIDDEN)
def test_the_locked_process_can_reach_nothing(code: str) -> None:
    assert in_the_child(code) in ("PermissionError", "RuntimeError", "OSError", "ModuleNotFoundError")


def test_the_locked_process_can_still_compute() -> None:
    assert in_the_child("sum(len(bytes(1000000)) for _ in range(100))") == "done"


def test_a_thread_of_the_locked_process_is_locked_too() -> None:
    code = (
        "found = []\n"
        "thread = threading.Thread(target=lambda: found.append(socket.socket()))\n"
        "thread.start(); thread.join()\n"
        "assert found == []"
    )
    assert in_the_child(code) == "done"


def test_the_locked_process_knows_nothing_of_its_surroundings() -> None:
    assert in_the_child("assert dict(os.environ).keys() <= {'LC_CTYPE'}, os.environ") == "done"


def test_a_file_that_takes_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_PROGRAM", "while True: pass")
    monkeypatch.setattr(sandbox, "_START_SECONDS", 0.2)
    started = time.monotonic()
    assert copied(made.photo(), seconds=1) == Copy((), "too_long")
    assert time.monotonic() - started < 30


def test_a_process_that_sleeps_is_ended_too_and_leaves_nobody_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    nap = f"time.sleep({os.getpid()})"
    asleep = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; {nap}'])"
    monkeypatch.setattr(sandbox, "_PROGRAM", f"{asleep}; time.sleep(60)")
    monkeypatch.setattr(sandbox, "_START_SECONDS", 1)
    assert copied(made.photo(), seconds=1).failure == "too_long"
    wait_until(lambda: not any(nap in " ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])))


@pytest.mark.parametrize(
    "program", ["import os; os.abort()", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"]
)
def test_a_process_that_crashes_is_told(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(sandbox, "_PROGRAM", program)
    assert copied(made.photo()) == Copy((), "ended")


def test_a_process_that_was_taken_over_can_hand_out_pictures_and_sound_only() -> None:
    page = b"<script>"
    head = json.dumps({"kind": "text/html", "size": len(page)}).encode()
    assert read_parts(head + b"\n" + page) == ((), None)
    assert read_parts(b'{"kind": "image/jpeg", "size": 99999999999}\nx') == ((), None)
    assert read_parts(b"\xff\xfe not json") == ((), None)
    good = json.dumps({"kind": JPEG, "size": 2}).encode() + b"\nok"
    assert read_parts(good + b"\x00") == ((Part(JPEG, b"ok"),), None)


def test_it_is_locked_before_the_inside_of_a_file_is_looked_at() -> None:
    """Without the lock nothing is opened: there is no copy, and it is told."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import platform; platform.machine = lambda: 'abacus'; "
        "from workers.copying.child import main; main(sys.argv[2])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(ROOT), json.dumps(asdict(LIMITS))],
        input=made.photo(), capture_output=True, env={}, check=False,
    )  # fmt: skip
    assert read_parts(done.stdout) == ((), "no_lock")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\0\0\0\x1cftypheic", Kind.PICTURE), (b"\0\0\0\x1cftypqt  ", Kind.RECORDING),
        (b"RIFF\0\0\0\0WEBP", Kind.PICTURE),
        (b"RIFF\0\0\0\0WAVE", Kind.RECORDING), (b"RIFF\0\0\0\0ACON", None), (b"#!AMR\n", Kind.RECORDING),
        (b"\xff\xfb\x90", Kind.RECORDING), (b"\xff", None), (b" %PDF-1.7", None), (b"GIF89a", Kind.PICTURE),
    ],
)  # fmt: skip
def test_a_kind_is_told_by_the_first_bytes(data: bytes, kind: Kind | None) -> None:
    assert kind_of(data) is kind
