"""The ways to tell a unit and to fetch files, as they are set up on this machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from config.files import Files
from config.outgoing import read_mail_server, read_twilio_account
from config.settings import Settings, SettingsError
from routing.rulebook.ways import INBOX, MAIL, SMS, WEBHOOK
from workers.carriers.outgoing import outgoing_carriers
from workers.context import Context
from workers.deputies import DEPUTY_SENDERS
from workers.fetching import Account, Fetcher
from workers.files import run_copying, run_fetching
from workers.senders.inbox import InboxSender
from workers.senders.mail import MailSender
from workers.senders.sender import Sender
from workers.senders.sms import SMSSender
from workers.senders.webhook import WebhookSender
from workers.stop import Stop

log = logging.getLogger("hotline.sweep")
_Read = TypeVar("_Read")


def with_senders(context: Context, settings: Settings) -> Context:
    """The context with every way to tell a unit that is set up here; what is not is left out and said once.

    Raises SettingsError for carriers that are set up wrongly.
    """
    terms = context.rulebook.units.terms
    twilio = _if_set_up("sms", lambda: read_twilio_account(os.environ, settings.state, settings.public_url))
    carriers = outgoing_carriers(settings, twilio)
    server = _if_set_up("mail", lambda: read_mail_server(os.environ, settings.state))
    senders: Mapping[str, Sender] = {
        INBOX: InboxSender(),
        WEBHOOK: WebhookSender(settings.state, settings.public_url),
        MAIL: MailSender(server, terms.notice),
        SMS: SMSSender(carriers, terms.notice),
        DEPUTY_SENDERS[MAIL]: MailSender(server, terms.deputy_notice),
        DEPUTY_SENDERS[SMS]: SMSSender(carriers, terms.deputy_notice),
    }
    return replace(context, senders=senders, carrier=carriers if context.answers else None)


def file_work(context: Context, settings: Settings, stop: Stop) -> Mapping[str, Callable[[], None]]:
    """What is done with files beside the sweep, by name. Without the provider's account nothing is fetched.

    Raises SettingsError.
    """
    files = Files.load(settings.config)
    work: dict[str, Callable[[], None]] = {"copier": partial(run_copying, context, files.copies, stop)}
    account = _if_set_up("sms", lambda: read_twilio_account(os.environ, settings.state))
    if account is not None:
        fetcher = Fetcher(
            Account(origin=account.base_url, user=account.account_sid, password=account.auth_token),
            files.fetching.origins,
            most_bytes=files.limits.file_bytes,
            seconds=files.fetching.seconds,
            redirects=files.fetching.redirects,
        )
        work["fetcher"] = partial(run_fetching, context, fetcher, stop)
    return work


def _if_set_up(name: str, read: Callable[[], _Read]) -> _Read | None:
    """What was set up, None where it cannot be used: the sweep goes on, and `hotline doctor` says what is wrong."""
    try:
        return read()
    except SettingsError:
        log.warning("A way to tell units is not set up; units that have it are told in their next way.",
                    extra={"code": name})  # fmt: skip
        return None
