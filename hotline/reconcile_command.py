"""`hotline reconcile`: the process that fetches what a carrier could not bring."""

from __future__ import annotations

import os
from datetime import datetime
from functools import partial

import click

from config.limits import Limits
from config.logs import start_logging
from config.machine import Machine
from config.outcomes import Outcomes
from config.outgoing import read_twilio_account, twilio_is_there
from config.settings import Settings, SettingsError
from hotline.options import settings_now
from intake.limits import Limiter
from intake.receipt_counter import ReceiptCounter
from intake.receipts_in_texts import ReceiptsInTexts
from intake.receive import Hallway
from intake.wording import LANGUAGES
from reports.content import NewReport, Receipt
from reports.database import Database
from reports.keeping import Keeper
from reports.keys import DoorKeys
from reports.states import ReportState
from routing.finding.danger import DangerWords
from routing.finding.venues import Venues
from routing.rulebook.tokens import CHINA_TIME
from workers.carriers.twilio_calls import TwilioCalls
from workers.carriers.twilio_outgoing import TwilioOutgoing
from workers.reconcile import reconcile as reconcile_texts
from workers.reconcile import run_reconciling
from workers.reconcile_calls import CallReconciler
from workers.ring import Bell, QuietBell, RedisBell
from workers.stop import Stop


@click.command()
def reconcile() -> None:
    """Fetch the texts, calls and recordings that Twilio took and could not bring, until told to stop.

    Runs as the public app does, and holds no more than that.

    Example: HOTLINE_PUBLIC_URL=https://hotline.example hotline reconcile
    """
    start_logging()
    settings = settings_now()
    if not twilio_is_there(os.environ, settings.public_url):
        raise SettingsError(
            "HOTLINE_PUBLIC_URL should be the https address that Twilio calls, or HOTLINE_TWILIO_URL that of a "
            f"stand-in, but the first is {settings.public_url} and the second is not set."
        )
    stop = Stop()
    stop.listen()
    account = read_twilio_account(os.environ, settings.state)
    machine, database = Machine.load(settings.config), Database(settings.database_url, pool_size=2)
    bell: Bell = RedisBell(settings.redis_url, machine) if settings.redis_url else QuietBell()
    arrivals = Arrivals(settings, bell, database)
    texts = partial(reconcile_texts, database, TwilioOutgoing(account), arrivals.take_text)
    calls = CallReconciler(database, TwilioCalls(account), arrivals.take_call, bell)
    run_reconciling([texts, calls.reconcile], machine, stop)


class Arrivals:
    """Keeps what was fetched as the doors keep what is brought."""

    def __init__(self, settings: Settings, bell: Bell, database: Database) -> None:
        """Reads the doors' keys and rules. Raises KeyMissing."""
        keys, limits = DoorKeys.load(settings.state), Limits.load(settings.config)
        limiter = Limiter(limits, database, keys.deliveries, (), lambda: datetime.now(CHINA_TIME))
        danger, venues = DangerWords.load(settings.config), Venues.load(settings.config)
        keeper = Keeper(database, keys, limits.total)
        outcomes = Outcomes.load(settings.config, [state.value for state in ReportState], LANGUAGES)
        self._hallway = Hallway(keeper, danger, venues, bell, limiter)
        self._receipts = ReceiptsInTexts(ReceiptCounter(database, keys, keeper, outcomes), keys.deliveries)

    def take_text(self, new: NewReport) -> Receipt:
        """Keeps a text, with the report that its receipt belongs to. Raises StoreUnavailable."""
        return self._hallway.receive(self._receipts.placed(new))

    def take_call(self, new: NewReport) -> Receipt:
        """Keeps a call, which has its receipts from the keypad. Raises StoreUnavailable."""
        return self._hallway.receive(new)
