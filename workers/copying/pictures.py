"""Pictures drawn anew: the colours of each point and nothing else that the file said."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pi_heif
from PIL import AvifImagePlugin, Image, ImageOps

from config.files import CopyLimits
from workers.copying.part import JPEG, NOT_ALL, Part, Refused

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF")
_QUALITY = 85
# Formats whose further pictures are further pages, and not the same photo for other screens.
_PAGED = ("GIF", "TIFF", "WEBP", "PNG", "AVIF")


def prepare() -> None:
    """Loads all that reading pictures needs, while files can still be opened."""
    pi_heif.register_heif_opener(decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    # How large a picture claims to be is looked at here, against a limit of our own, before it is read.
    Image.MAX_IMAGE_PIXELS = None
    Image.init()
    jpeg(Image.new("RGB", (1, 1)), 1)


def pictures(data: bytes, limits: CopyLimits) -> Iterator[Part]:
    """Each picture of the file as a JPEG. Raises Refused: NOT_ALL after the last one where there are more."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            pages = getattr(image, "n_frames", 1) if image.format in _PAGED else 1
            for page in range(min(pages, limits.stills)):
                image.seek(page)
                yield Part(JPEG, _page(image, limits))
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError):
        raise Refused("broken") from None
    if pages > limits.stills:
        raise Refused(NOT_ALL)


def jpeg(image: Image.Image, side: int) -> bytes:
    """A picture as a new JPEG whose longest side is `side` points at most."""
    image.thumbnail((side, side))
    # A new picture has no comment, profile or other word of the file's; what is transparent becomes white.
    clean = Image.new("RGB", image.size, "white")
    clean.paste(image.convert("RGB"), mask=image.getchannel("A") if image.mode == "RGBA" else None)
    drawn = io.BytesIO()
    clean.save(drawn, "JPEG", quality=_QUALITY)
    return drawn.getvalue()


def _page(image: Image.Image, limits: CopyLimits) -> bytes:
    width, height = image.size
    if width * height > limits.megapixels * 1_000_000:
        raise Refused("too_large")
    # A JPEG is read at the size that is wanted, so that a large photo takes little memory.
    image.draft("RGB", (limits.side, limits.side))
    turned = ImageOps.exif_transpose(image)
    return jpeg(turned.convert("RGBA" if turned.has_transparency_data else "RGB"), limits.side)
