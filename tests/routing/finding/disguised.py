"""Two hundred ways to write that somebody is in danger so that a filter does not see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

# What is written, in Chinese: a bare cry, and cries that say what is the matter.
CRIES = (
    "救命", "救救我", "快来救我", "求救", "我被绑架了", "我被拐卖了", "我被关起来了", "有人要杀我", "他们要打死我",
    "我被锁在屋里", "被人贩子卖了", "快报警",
)  # fmt: skip
SPELT = (
    "jiu ming",
    "jiuming",
    "JIU MING",
    "jiù mìng",
    "j i u m i n g",
    "ｊｉｕ ｍｉｎｇ",
    "jiu-ming",
    "jiu.ming",
    "jiu_ming",
)
ENGLISH = ("help me", "save me", "kidnapped", "they will kill me", "locked in")


def _between(sign: str) -> Callable[[str], str]:
    return lambda text: sign.join(text)


TRICKS: tuple[Callable[[str], str], ...] = (
    _between("\u200b"),
    _between("\u200d"),
    _between("\u2060"),
    _between("\u00ad"),
    _between("\ufeff"),
    _between("\u202e"),
    _between("😭"),
    _between("🆘"),
    _between("❤️"),
    _between("."),
    _between("·"),
    _between("-"),
    _between(" "),
    _between("　"),
    _between("*"),
    lambda text: f"球{text[1:]}" if text.startswith(("救", "求")) else f"🆘{text}🆘",
)


def variants() -> Iterator[str]:
    """Two hundred texts, each once."""
    yield from (trick(cry) for cry in CRIES for trick in TRICKS[:15])
    yield from (TRICKS[15](cry) for cry in CRIES[:4])
    yield from SPELT
    yield from (trick(cry) for cry in ENGLISH for trick in (str.upper, _between("\u200b")))
