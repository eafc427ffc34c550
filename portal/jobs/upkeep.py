"""The core's own background work: send the outbox's mail, clear away old mail, tokens and runs of jobs."""

from __future__ import annotations

from flask import Flask

from portal.config import Settings, current_settings
from portal.core.audit.actions import declare_actions
from portal.core.mail import outbox
from portal.core.mail.actions import ACTIONS
from portal.core.mail.addresses import sender_address
from portal.core.mail.delivery import drain
from portal.core.mail.transports import FileTransport, SmtpServer, SmtpTransport, Transport
from portal.core.tokens import purge_tokens
from portal.jobs.periodic import DAY, HOUR, add_periodic
from portal.jobs.registry import CORE, current_jobs
from portal.jobs.runs import purge_runs

SEND_MAIL = "send_mail"
#: How long at most a mail waits whose turn has come: after a crash, or when its back-off is over.
SWEEP_SECONDS = 20


def init_app(app: Flask) -> None:
    """Offer the jobs, and have mail sent right after the commit that wrote it."""
    add_periodic(app, SEND_MAIL, SWEEP_SECONDS, send_mail)
    add_periodic(app, "purge_mail", DAY, outbox.purge_mail)
    add_periodic(app, "purge_tokens", HOUR, purge_tokens)
    add_periodic(app, "purge_runs", DAY, purge_runs)
    outbox.when_queued(app, call_worker)
    declare_actions(app, ACTIONS)


def send_mail() -> None:
    """Send what is due; what a full round left over is another job, so that others get their turn."""
    settings = current_settings()
    sender = sender_address(settings.mail_from, settings.site_name)
    if drain(transport_for(settings), sender).is_full:
        call_worker()


def call_worker() -> None:
    """Ask the worker to send mail now; called after the commit."""
    current_jobs().queue.enqueue(CORE, SEND_MAIL, "{}")


def transport_for(settings: Settings) -> Transport:
    """Return the way out that the settings name: a mail server, or else files under var/mail/."""
    if settings.smtp_url:
        return SmtpTransport(SmtpServer.parse(settings.smtp_url))
    return FileTransport(settings.var / "mail")
