"""A mail that says that a packet waits in the unit's inbox, and nothing about it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from config.outgoing import MailServer
from routing.rulebook.units import Unit
from workers.senders.deadline import ends_within
from workers.senders.packet import Packet
from workers.senders.sender import DeliveryFailed

_STEP_SECONDS = 4.0
_WHOLE_SECONDS = 8.0


class MailSender:
    """Sends notices through one mail server, the office's own."""

    def __init__(self, server: MailServer | None, notice: Mapping[str, str], tls: ssl.SSLContext | None = None) -> None:
        """server is None where nobody set one up. notice are the words, in "zh" and "en"."""
        self._server, self._notice = server, notice
        self._tls = tls or ssl.create_default_context()

    def send(self, packet: Packet, unit: Unit) -> str:
        """Returns an empty string: a mail server's word is no receipt of the unit. Raises DeliveryFailed."""
        if self._server is None:
            raise DeliveryFailed("not_set_up", is_final=True)
        if not unit.mail:
            raise DeliveryFailed("no_address", is_final=True)
        message = self._message(packet, unit, self._server)
        try:
            with self._line(self._server) as line:
                line.send_message(message, self._server.sender, [unit.mail])
        except smtplib.SMTPRecipientsRefused as fault:
            code = next(iter(fault.recipients.values()))[0]
            raise DeliveryFailed("mail_refused", is_final=code >= 500) from None
        except ssl.SSLCertVerificationError:
            raise DeliveryFailed("bad_certificate") from None
        except (OSError, smtplib.SMTPException):
            raise DeliveryFailed("mail_unreachable") from None
        return ""

    def _message(self, packet: Packet, unit: Unit, server: MailServer) -> EmailMessage:
        message = EmailMessage(SMTP)
        message["From"], message["To"] = server.sender, unit.mail
        message["Subject"] = self._notice["zh"]
        message["Date"] = formatdate()
        # The same at every try: a mailbox shows what comes twice once.
        message["Message-ID"] = f"<{packet.delivery_id}@{server.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(f"{self._notice['zh']}\n\n{self._notice['en']}\n")
        return message

    @contextmanager
    def _line(self, server: MailServer) -> Iterator[smtplib.SMTP]:
        """A line to the server: encrypted unless it stands on this machine, and cut when it takes too long."""
        line = smtplib.SMTP_SSL(context=self._tls) if server.scheme == "smtps" else smtplib.SMTP()
        line.timeout = _STEP_SECONDS
        with _closing(line), ends_within(_WHOLE_SECONDS, lambda: line.sock):
            line.connect(server.host, server.port)
            if server.scheme == "smtp" and not server.is_this_machine:
                line.starttls(context=self._tls)
            if server.user:
                line.login(server.user, server.password)
            yield line


@contextmanager
def _closing(line: smtplib.SMTP) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(OSError, smtplib.SMTPException):
            line.quit()
        line.close()
