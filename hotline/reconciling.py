"""Whose lists are compared with what is kept, on this machine, and the hallway for what is found there."""

from __future__ import annotations

import logging
import os
import threading
from datetime import datetime

from config.limits import Limits
from config.outgoing import read_twilio_account
from config.settings import Settings, SettingsError
from intake.limits import Limiter
from intake.receive import Hallway
from reports.errors import KeyMissing
from reports.keeping import Keeper
from reports.keys import DoorKeys
from routing.finding.danger import DangerWords
from routing.rulebook.tokens import CHINA_TIME
from workers.carriers.carrier import Listing
from workers.carriers.twilio_outgoing import TwilioOutgoing
from workers.context import Context
from workers.reconcile import run_reconciling
from workers.stop import Stop

log = logging.getLogger("hotline.sweep")


def start_reconciling(context: Context, settings: Settings, stop: Stop) -> None:
    """Starts a thread for each carrier that keeps a list. Nobody need wait for them at the end: a text that was not
    fetched is found the next time."""
    listings = _listings(settings)
    hallway = _hallway(context, settings) if listings else None
    if hallway is None:
        return
    for listing in listings:
        arguments = (context, listing, hallway.receive, stop)
        threading.Thread(target=run_reconciling, args=arguments, name="reconciling", daemon=True).start()


def _listings(settings: Settings) -> tuple[Listing, ...]:
    # Twilio calls nothing but https: with another address its account is one that `hotline up` invented.
    if not settings.public_url.startswith("https://") and not os.environ.get("HOTLINE_TWILIO_URL"):
        return ()
    try:
        return (TwilioOutgoing(read_twilio_account(os.environ, settings.state)),)
    except SettingsError:
        return ()


def _hallway(context: Context, settings: Settings) -> Hallway | None:
    """The hallway that the doors use; None where the door's keys may not be read here."""
    try:
        keys = DoorKeys.load(settings.state)
    except KeyMissing:
        log.warning("Lists of carriers are not compared: the sweep cannot read keys/intake.", extra={"code": "keys"})
        return None
    limits = Limits.load(settings.config)
    limiter = Limiter(limits, context.database, keys.deliveries, (), lambda: datetime.now(CHINA_TIME))
    keeper = Keeper(context.database, keys, limits.total)
    return Hallway(keeper, DangerWords.load(settings.config), context.bell, limiter)
