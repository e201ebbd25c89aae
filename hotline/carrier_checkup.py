"""What can be wrong with carriers of texts: settings, secrets that others may read, a mainland that none serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from config.carriers import CARRIERS_FILE, Aliyun, CarrierSettings, Tencent, check_carrier_settings, read_carriers
from config.replies import SENTENCES, Replies
from config.settings import Settings, SettingsError
from hotline.checkup import Check, Grade
from routing.rulebook.errors import RulebookError, ShelfError
from routing.rulebook.read_units import load_units
from routing.rulebook.shelf import Shelf
from workers.carriers.outgoing import ANY_NUMBER, outgoing_carriers

_NAME = "carriers"


def check_carriers(settings: Settings) -> Iterator[Check]:
    """Every check in turn. That Twilio's secrets are missing is said by another one."""
    try:
        carriers = read_carriers(settings.state)
        check_carrier_settings(settings.state)
        # Loads the libraries that are wanted.
        outgoing_carriers(settings, None)
    except SettingsError as fault:
        yield Check(name=_NAME, grade=Grade.WRONG, found=str(fault))
        return
    yield _found(settings, carriers)
    yield from _readable_by_others(settings)
    words = _words_sent_at_home(settings)
    yield from (_approved(carrier, words) for carrier in carriers if _is_cloud(carrier) and carrier.sends_to)


def _found(settings: Settings, carriers: tuple[CarrierSettings, ...]) -> Check:
    by_prefix = {prefix: carrier.name for carrier in carriers for prefix in carrier.sends_to}
    served = [f"to {prefix} by {name}" for prefix, name in by_prefix.items() if prefix != ANY_NUMBER]
    rest = f"to any {'other ' if served else ''}number by {by_prefix.get(ANY_NUMBER, 'Twilio')}"
    found = f"texts {', '.join([*served, rest])}"
    if any("+86".startswith(prefix) for prefix in by_prefix) or not settings.public_url.startswith("https://"):
        return Check(name=_NAME, grade=Grade.FINE, found=found)
    return Check(
        name=_NAME,
        grade=Grade.LOOK,
        found=f"{found}. Twilio offers no two-way texts in mainland China.",
        remedy=f"Set up a gateway there in {settings.state / CARRIERS_FILE}, as docs/carriers.md says.",
    )


def _is_cloud(carrier: CarrierSettings) -> TypeGuard[Aliyun | Tencent]:
    return isinstance(carrier, Aliyun | Tencent)


def _words_sent_at_home(settings: Settings) -> frozenset[str]:
    """The texts in Chinese that units and, where they are answered, reporters may be sent."""
    try:
        terms = load_units(Shelf(settings.state).serving(settings.config)).terms
        replies = Replies.load(settings.config)
    except (RulebookError, ShelfError, SettingsError, OSError):
        # Other checks say what is wrong there.
        return frozenset()
    answers = [replies.sentence(code, "zh") for code in SENTENCES] if settings.replies else []
    return frozenset([terms.notice["zh"], terms.deputy_notice["zh"], *answers])


def _approved(carrier: Aliyun | Tencent, words: frozenset[str]) -> Check:
    name, missing = f"{_NAME}: {carrier.name}", sorted(words - set(carrier.templates))
    if not missing:
        return Check(name=name, grade=Grade.FINE, found="every text in Chinese has its template")
    return Check(
        name=name,
        grade=Grade.LOOK,
        found=f"{len(missing)} of {len(words)} texts in Chinese have no template and are not sent: {missing[0]} …",
        remedy="Have each approved there, word for word, and put its code into carriers.toml.",
    )


def _readable_by_others(settings: Settings) -> Iterator[Check]:
    for path in sorted((settings.state / "carriers").glob("*/*")):
        if path.is_file() and path.stat().st_mode & 0o077:
            yield Check(
                name=_NAME,
                grade=Grade.WRONG,
                found=f"{path} can be read by other users of this machine.",
                remedy=f"chmod 600 {path}, and have the carrier change what stands in it.",
            )
            return
