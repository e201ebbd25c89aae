"""`hotline sweep`: the process that finds what was left behind, with the courier beside it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

import click

from config.logs import start_logging
from config.outgoing import read_mail_server, read_twilio_account
from config.settings import Settings, SettingsError
from hotline.options import settings_now
from hotline.process_commands import process_context
from routing.rulebook.ways import INBOX, MAIL, SMS, WEBHOOK
from workers.context import Context
from workers.courier import run_courier
from workers.senders.inbox import InboxSender
from workers.senders.mail import MailSender
from workers.senders.sender import Sender
from workers.senders.sms import SMSSender
from workers.senders.twilio_gateway import TwilioGateway
from workers.senders.webhook import WebhookSender
from workers.stop import Stop
from workers.sweep import run_sweep

log = logging.getLogger("hotline.sweep")
_Read = TypeVar("_Read")


@click.command()
def sweep() -> None:
    """Run the sweep and the courier, until they are told to stop. Two of them do no harm.

    Example: hotline sweep
    """
    start_logging()
    settings = settings_now()
    stop = Stop()
    stop.listen()
    context = process_context(settings, "sweep")
    courier = threading.Thread(target=run_courier, args=(_with_senders(context, settings), stop), name="courier")
    courier.start()
    run_sweep(context, settings.state, stop)
    courier.join()


def _with_senders(context: Context, settings: Settings) -> Context:
    notice = context.rulebook.units.terms.notice
    account = _if_set_up("sms", lambda: read_twilio_account(os.environ, settings.state))
    senders: Mapping[str, Sender] = {
        INBOX: InboxSender(),
        WEBHOOK: WebhookSender(settings.state, settings.public_url),
        MAIL: MailSender(_if_set_up("mail", lambda: read_mail_server(os.environ, settings.state)), notice),
        SMS: SMSSender(TwilioGateway(account) if account else None, notice),
    }
    return replace(context, senders=senders)


def _if_set_up(name: str, read: Callable[[], _Read]) -> _Read | None:
    """What was set up, None where it cannot be used: the sweep goes on, and `hotline doctor` says what is wrong."""
    try:
        return read()
    except SettingsError:
        log.warning("A way to tell units is not set up; units that have it are told in their next way.",
                    extra={"code": name})  # fmt: skip
        return None
