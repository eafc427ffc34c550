"""The ways out: an SMTP server, or a folder of .eml files for sites that have none."""

from __future__ import annotations

import os
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from portal.core.clock import now

TIMEOUT_SECONDS = 20.0
_OVERSIZE = 552  # answers MAIL FROM, yet it is about this one mail


class MailRefused(Exception):
    """The server will never take this mail; trying again is of no use."""


class MailPutOff(Exception):
    """The server does not take this mail now (greylisting, a full mailbox); others may pass."""


class TransportDown(Exception):
    """Nothing gets out: no connection, a refused log-in, a sender that the server does not know."""


class Transport(Protocol):
    """A way out. ``send`` returns when the mail is in other hands, else raises one of the above."""

    def send(self, message: EmailMessage) -> None:
        """Hand the message over."""


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """Where the mail server is and how to speak with it; ``user`` empty: no log-in."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    uses_tls: bool = False
    uses_starttls: bool = False

    @classmethod
    def parse(cls, url: str) -> SmtpServer:
        """Read ``smtp://user:password@host:port?starttls=1`` or ``smtps://...``; raises ValueError.

        User and password are percent-encoded. Ports when none is named: smtps 465, starttls 587, else 25.
        """
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        starttls = options.pop("starttls", "0")
        is_sound = parts.scheme in ("smtp", "smtps") and parts.hostname and not options
        if not is_sound or parts.path not in ("", "/") or starttls not in ("0", "1"):
            raise ValueError(
                "smtp://user:password@host:port?starttls=1 or smtps://user:password@host"
            )
        usual = 465 if parts.scheme == "smtps" else 587 if starttls == "1" else 25
        return cls(
            host=parts.hostname or "",
            port=parts.port or usual,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            uses_tls=parts.scheme == "smtps",
            uses_starttls=starttls == "1" and parts.scheme == "smtp",
        )


class SmtpTransport:
    """Sends each mail over a connection of its own; certificates are checked."""

    def __init__(self, server: SmtpServer, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._server = server
        self._timeout = timeout

    def send(self, message: EmailMessage) -> None:
        """Hand the message to the server; see ``Transport``."""
        try:
            smtp = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise TransportDown(_words_of(error)) from error
        try:
            smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _about_this_mail(code, text) from error
        except smtplib.SMTPDataError as error:
            raise _about_this_mail(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailRefused(_words_of(error)) from error
        except smtplib.SMTPSenderRefused as error:
            if error.smtp_code == _OVERSIZE:
                raise MailRefused(_words_of(error)) from error
            raise TransportDown(_words_of(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise TransportDown(_words_of(error)) from error
        finally:
            with suppress(OSError, smtplib.SMTPException):  # the mail is out; the rest is courtesy
                smtp.quit()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        smtp: smtplib.SMTP
        if server.uses_tls:
            smtp = smtplib.SMTP_SSL(
                server.host,
                server.port,
                timeout=self._timeout,
                context=ssl.create_default_context(),
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        try:
            if server.uses_starttls:
                smtp.starttls(context=ssl.create_default_context())
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


class FileTransport:
    """Writes each mail as an .eml file that mail programs open; the same mail again replaces it.

    The files carry one-time links, so folder and files are readable by their owner only.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write the file, whole or not at all."""
        key = str(message["Message-ID"]).strip("<>").partition("@")[0]
        moment = message["Date"].datetime or now()
        path = self._folder / f"{moment:%Y%m%d-%H%M%S}-{key}.eml"
        draft = path.with_suffix(".draft")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(handle, "wb") as file:
                file.write(bytes(message))
            draft.replace(path)
        except OSError as error:
            raise TransportDown(f"{path} cannot be written: {error.strerror}") from error


def _about_this_mail(code: int, text: bytes | str) -> MailRefused | MailPutOff:
    """Return the error for an answer about one mail: 5xx is for good, anything else for now."""
    words = f"{code} {_text_of(text)}"
    return MailRefused(words) if 500 <= code < 600 else MailPutOff(words)


def _words_of(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text_of(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _text_of(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
