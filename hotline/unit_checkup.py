"""What can keep units from being told: keys, mail and text messages that are not set up, and packets that are stuck."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from config.outgoing import read_mail_server, read_twilio_account
from config.settings import Settings, SettingsError
from hotline.checkup import Check, Grade
from hotline.existing_database import existing_database, last_alive
from reports.database import Database
from reports.errors import ReportError
from reports.schema import current_revision, newest_revision
from reports.stuck import StuckUnit, by_unit, stuck_count, stuck_packets
from routing.rulebook.errors import RulebookError, ShelfError
from routing.rulebook.read_units import load_units
from routing.rulebook.shelf import Shelf
from routing.rulebook.units import Unit
from routing.rulebook.ways import BY_HAND, INBOX, MAIL, SMS, WEBHOOK
from workers.deputies import has_deputy
from workers.senders.unit_keys import read_keys

_STALE_COURIER_SECONDS = 30.0
_MOST_NAMED = 3
_INSIDE = frozenset([INBOX, BY_HAND])


def check_units(settings: Settings, environment: Mapping[str, str]) -> Iterator[Check]:
    """Every check in turn. What the doctor's other checks say already, such as a database that is away, is left out."""
    try:
        units = load_units(Shelf(settings.state).serving(settings.config)).written_out()
    except (RulebookError, ShelfError, OSError):
        return
    outside = [unit for unit in units if unit.live and (has_deputy(unit) or not _INSIDE.issuperset(unit.delivery))]
    yield _ways(settings, environment, outside)
    with existing_database(settings) as database:
        if database is not None and _has_shape(database):
            if outside:
                yield _courier(database)
            yield _stuck(database)


def _has_shape(database: Database) -> bool:
    try:
        return current_revision(database) == newest_revision()
    except ReportError:
        return False


def _ways(settings: Settings, environment: Mapping[str, str], outside: Sequence[Unit]) -> Check:
    needed: dict[str, Callable[[], object]] = {}
    for unit in outside:
        if WEBHOOK in unit.delivery:
            needed[f"{unit.id}, webhook"] = lambda unit=unit: read_keys(settings.state, unit.id)  # type: ignore[misc]
        if MAIL in unit.delivery or unit.deputy_mail:
            needed[MAIL] = lambda: _mail(environment, settings)
        if SMS in unit.delivery or unit.deputy_sms:
            needed[SMS] = lambda: read_twilio_account(environment, settings.state)
    wrong = [f"{name}: {fault}" for name, use in needed.items() if (fault := _fault(use))]
    if wrong:
        more = f" And {len(wrong) - 1} more." if len(wrong) > 1 else ""
        return Check(name="ways to tell", grade=Grade.WRONG, found=wrong[0] + more)
    return Check(name="ways to tell", grade=Grade.FINE, found=f"{len(outside)} unit(s) are told from outside")


def _mail(environment: Mapping[str, str], settings: Settings) -> None:
    if read_mail_server(environment, settings.state) is None:
        raise SettingsError("HOTLINE_MAIL_SERVER and HOTLINE_MAIL_FROM should be set, since units are told by mail.")


def _fault(use: Callable[[], object]) -> str:
    try:
        use()
    except SettingsError as fault:
        return str(fault)
    return ""


def _digest(one: StuckUnit) -> str:
    """A unit and why its packets are stuck: public_security-530924 3 (webhook:no_answer 2, late 1)."""
    reasons = ", ".join(f"{reason} {number}" for reason, number in one.by_reason.items())
    return f"{one.unit} {len(one.packets)} ({reasons})"


def _courier(database: Database) -> Check:
    age = last_alive(database, "courier")
    if age is None or age > _STALE_COURIER_SECONDS * 1000:
        since = "never" if age is None else f"{age // 1000} s ago"
        return Check(
            name="courier",
            grade=Grade.WRONG,
            found=f"The courier was last alive {since}, and units are told from outside.",
            remedy="It runs beside the sweep: start that with `hotline sweep` (`hotline up` does).",
        )
    return Check(name="courier", grade=Grade.FINE, found=f"alive {age / 1000:.0f} s ago")


def _stuck(database: Database) -> Check:
    with database.read() as connection:
        number, units = stuck_count(connection), by_unit(stuck_packets(connection))
    if number:
        more = f"; and {len(units) - _MOST_NAMED} more" if len(units) > _MOST_NAMED else ""
        return Check(
            name="stuck packets",
            grade=Grade.LOOK,
            found=f"{number} packet(s) have not reached their units: "
            + "; ".join(_digest(one) for one in units[:_MOST_NAMED])
            + f"{more}.",
            remedy="`hotline report stuck` says which and why; the desk reads them out under /by-hand.",
        )
    return Check(name="stuck packets", grade=Grade.FINE, found="every packet reached its unit or is on its way")
