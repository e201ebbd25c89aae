"""Files as people send them and as people send them who mean harm. All invented, all made here."""

from __future__ import annotations

import io
import struct
import zlib
from fractions import Fraction

import av
from PIL import Image

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SCRIPT = b"<script>alert(document.cookie)</script>"
CANARY = b"canary-hidden-5e1f"
# Latitude and longitude tags of EXIF, and an invented place.
GPS_TAG, LATITUDE, LONGITUDE = 0x8825, 2, 4
MAKER_TAG, COMMENT_TAG = 0x010F, 0x9286


def photo(kind: str = "JPEG", size: tuple[int, int] = (640, 480)) -> bytes:
    """A photo with everything hidden that a telephone writes into one: place, maker, a comment, a small picture."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    exif = Image.Exif()
    exif[MAKER_TAG] = CANARY.decode()
    gps = exif.get_ifd(GPS_TAG)
    gps[LATITUDE], gps[LONGITUDE] = (24.0, 1.0, 2.5), (97.0, 51.0, 3.5)
    made = io.BytesIO()
    extra = {"comment": CANARY} if kind == "JPEG" else {}
    image.save(made, kind, exif=exif, icc_profile=CANARY * 20, **extra)
    return made.getvalue()


def iphone_photo(size: tuple[int, int] = (640, 480)) -> bytes:
    """A photo in HEIC (ISO/IEC 23008-12), put together from one frame of HEVC, with a place."""
    exif = Image.Exif()
    exif[MAKER_TAG] = CANARY.decode()
    exif.get_ifd(GPS_TAG)[LATITUDE] = (24.0, 1.0, 2.5)
    settings, frame = _one_frame(size)
    items = [(1, b"hvc1", frame), (2, b"Exif", struct.pack(">I", 0) + exif.tobytes())]
    kind = _box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    # How long the part is that says where everything lies does not depend on where that is.
    begins = len(kind) + len(_where(items, settings, size, 0)) + 8
    return kind + _where(items, settings, size, begins) + _box(b"mdat", *(data for _, _, data in items))


def _one_frame(size: tuple[int, int]) -> tuple[bytes, bytes]:
    made = io.BytesIO()
    # Where a frame might refer to a later one, the encoder tells its place from memory that nobody has written yet, and
    # now and then one that is refused. Alone it needs no such frames.
    calm = {"x265-params": "log-level=none:pools=none:frame-threads=1:bframes=0", "preset": "ultrafast"}
    with av.open(made, "w", format="mp4") as container:
        stream = container.add_stream("libx265", rate=1, options=calm)
        stream.width, stream.height, stream.pix_fmt = (*size, "yuv420p")
        picture = Image.linear_gradient("L").resize(size).convert("RGB")
        shot = av.VideoFrame.from_image(picture)
        shot.pts, shot.time_base = 0, Fraction(1)
        container.mux(stream.encode(shot))
        container.mux(stream.encode(None))
    with av.open(io.BytesIO(made.getvalue())) as container:
        shown = container.streams.video[0]
        return bytes(shown.codec_context.extradata or b""), next(bytes(p) for p in container.demux(shown) if p.size)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def _full(kind: bytes, *parts: bytes, version: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24), *parts)


def _where(items: list[tuple[int, bytes, bytes]], settings: bytes, size: tuple[int, int], begins: int) -> bytes:
    places, at = b"", begins
    for number, _, data in items:
        places += struct.pack(">HHHII", number, 0, 1, at, len(data))
        at += len(data)
    named = [_full(b"infe", struct.pack(">HH", number, 0), kind, b"\0", version=2) for number, kind, _ in items]
    traits = _box(b"ipco", _box(b"hvcC", settings), _full(b"ispe", struct.pack(">II", *size)))
    return _full(
        b"meta",
        _full(b"hdlr", bytes(4), b"pict", bytes(13)),
        _full(b"pitm", struct.pack(">H", 1)),
        _full(b"iloc", struct.pack(">BBH", 0x44, 0, len(items)), places),
        _full(b"iinf", struct.pack(">H", len(items)), *named),
        _full(b"iref", _box(b"cdsc", struct.pack(">HHH", 2, 1, 1))),
        _box(b"iprp", traits, _full(b"ipma", struct.pack(">IHBBB", 1, 1, 2, 0x81, 2))),
    )


def drawing(kind: str, size: tuple[int, int] = (320, 200), frames: int = 1) -> bytes:
    """A plain picture of a format, with further frames where there are to be some."""
    pictures = [Image.new("RGB", size, (n * 40 % 255, 99, 60)) for n in range(frames)]
    made = io.BytesIO()
    more = {"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}
    pictures[0].save(made, kind, **more)
    return made.getvalue()


def see_through() -> bytes:
    """A picture of which half is transparent."""
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (0, 0, 50, 100))
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()


def png_that_claims(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG of a size that it only says it has."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data or zlib.compress(b"")) + chunk(b"IEND", b"")
    )


def png_bomb(side: int = 9000) -> bytes:
    """A few kilobytes that become hundreds of megabytes: all black, within the size that is opened."""
    squeezer = zlib.compressobj(9)
    row = b"\0" * (side * 3 + 1)
    data = b"".join(squeezer.compress(row) for _ in range(side)) + squeezer.flush()
    return png_that_claims(side, side, data)


def png_with_text_bomb() -> bytes:
    """A small picture with a comment of a gigabyte, squeezed."""
    plain = drawing("PNG", (10, 10))
    squeezed = zlib.compress(b"\0" * 200_000_000, 9)
    body = b"Comment\0\0" + squeezed
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    return plain[:33] + chunk + plain[33:]


def jpeg_that_claims(width: int, height: int) -> bytes:
    """A JPEG whose header says that it is larger than it is."""
    plain = bytearray(drawing("JPEG", (64, 64)))
    place = plain.index(b"\xff\xc0") + 5
    plain[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(plain)


def gif_and_script() -> bytes:
    """A picture that is a script too."""
    plain = drawing("GIF", (20, 20))
    return plain[:6] + b"/*" + plain[8:] + b"*/=1;alert(1);//" + SCRIPT


def svg_with_script() -> bytes:
    """A drawing that runs when it is shown."""
    return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"


def paper(pages: int = 1, extra: bytes = b"", box: bytes = b"0 0 595 842", hidden: bytes = b"") -> bytes:
    """A PDF with a line of writing on each page, and whatever else is put into its catalogue."""
    kids = b" ".join(b"%d 0 R" % (10 + n) for n in range(pages))
    body = [
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R" + extra + b">>endobj\n",
        b"2 0 obj<</Type/Pages/Kids[" + kids + b"]/Count %d>>endobj\n" % pages,
        b"3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n",
        b"4 0 obj<</Author(" + hidden + b")>>endobj\n",
    ]
    written = b"BT /F 40 Tf 60 700 Td (Kiln No 3) Tj ET"
    for n in range(pages):
        body.append(
            b"%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[" % (10 + n) + box + b"]/Resources<</Font<</F 3 0 R>>>>"
            b"/Contents 5 0 R>>endobj\n"
        )
    body.append(b"5 0 obj<</Length %d>>stream\n" % len(written) + written + b"\nendstream endobj\n")
    return b"".join(body) + b"trailer<</Root 1 0 R/Info 4 0 R>>\n"


def paper_with_script() -> bytes:
    """A PDF that runs a script, opens an address and starts a program when it is opened, and is a page too."""
    start = b"<</S/URI/URI(http://127.0.0.1:9/)/Next<</S/Launch/F(/bin/sh)>>>>"
    act = b"/OpenAction<</S/JavaScript/JS(app.alert(1))/Next" + start + b">>"
    return paper(extra=act) + b"<html><body>" + SCRIPT


def recording(seconds: float = 1.0, kind: str = "wav", codec: str = "pcm_s16le") -> bytes:
    """A tone, with a title that says something."""
    made = io.BytesIO()
    with av.open(made, "w", format=kind) as container:
        container.metadata["title"] = CANARY.decode()
        stream = container.add_stream(codec, rate=16000)
        _sound(container, stream, seconds)
    return made.getvalue()


def video(seconds: float = 2.0, size: tuple[int, int] = (320, 240)) -> bytes:
    """Frames that turn from dark to light, with a tone, a title and a place."""
    made = io.BytesIO()
    with av.open(made, "w", format="mp4") as container:
        container.metadata["title"] = CANARY.decode()
        container.metadata["location"] = "+24.0174+097.8510/"
        shown = container.add_stream("mpeg4", rate=10)
        shown.width, shown.height, shown.pix_fmt, shown.gop_size = (*size, "yuv420p", 5)
        heard = container.add_stream("aac", rate=16000)
        for n in range(int(seconds * 10)):
            picture = Image.new("RGB", size, (int(n * 255 / (seconds * 10)),) * 3)
            shot = av.VideoFrame.from_image(picture)
            shot.pts, shot.time_base = n, Fraction(1, 10)
            container.mux(shown.encode(shot))
        container.mux(shown.encode(None))
        _sound(container, heard, seconds)
    return made.getvalue()


def _sound(container: av.container.OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    for n in range(int(seconds * 16)):
        frame = av.AudioFrame(format="s16", layout="mono", samples=1000)
        frame.sample_rate, frame.pts, frame.time_base = 16000, n * 1000, Fraction(1, 16000)
        frame.planes[0].update(struct.pack("<1000h", *(((n * 1000 + i) % 40 - 20) * 500 for i in range(1000))))
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
