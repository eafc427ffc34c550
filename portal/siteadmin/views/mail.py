"""The outbox in site admin: what waits, what failed and why; send again, withdraw, try the way out."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import defer
from werkzeug.wrappers import Response

from portal.config import current_settings
from portal.core.clock import now
from portal.core.mail import outbox
from portal.core.mail.models import FAILED, QUEUED, OutboxMail
from portal.core.mail.queries import count_by_state, find_mail
from portal.core.mail.transports import SmtpServer
from portal.core.tokens import mask_tokens
from portal.siteadmin.maillists import MAIL_LIST
from portal.siteadmin.menu import MAIL
from portal.siteadmin.views.blueprint import bp
from portal.web.current import current
from portal.web.lists.export import answer_list, wants_csv
from portal.web.mails import compose_for


@bp.get("/mail/")
def list_mails() -> ResponseReturnValue:
    """The mails, newest first."""
    return answer_list(
        MAIL_LIST.name,
        select(OutboxMail).options(defer(OutboxMail.text), defer(OutboxMail.html)),
        "siteadmin/mails.html",
        counts={} if wants_csv() else count_by_state(),
        way_out=_way_out(),
        active_section=MAIL,
    )


@bp.get("/mail/<key:mail_id>/")
def show_mail(mail_id: int) -> str:
    """One mail: its fate and its text, with the one-time tokens masked: they are the reader's alone."""
    mail = find_mail(mail_id)
    return render_template(
        "siteadmin/mail.html",
        mail=mail,
        facts=_facts(mail),
        text=mask_tokens(mail.text),
        is_open=mail.state in (QUEUED, FAILED) and not mail.is_claimed,
        active_section=MAIL,
    )


@bp.post("/mail/<key:mail_id>/retry")
def retry_mail(mail_id: int) -> Response:
    """Try a waiting or failed mail at once."""
    outbox.retry_mail(mail_id)
    flash(_("The mail is tried again now."), "success")
    return redirect(url_for("siteadmin.show_mail", mail_id=mail_id), 303)


@bp.post("/mail/<key:mail_id>/discard")
def discard_mail(mail_id: int) -> Response:
    """Withdraw a waiting or failed mail."""
    outbox.discard_mail(mail_id)
    flash(_("The mail is discarded; it will not be sent."), "success")
    return redirect(url_for("siteadmin.show_mail", mail_id=mail_id), 303)


@bp.post("/mail/retry-failed")
def retry_failed_mail() -> Response:
    """Try every failed mail at once."""
    count = outbox.retry_failed()
    flash(_("Failed mails that are tried again now: %(count)d", count=count), "success")
    return redirect(url_for("siteadmin.list_mails"), 303)


@bp.post("/mail/test")
def send_test_mail() -> Response:
    """Send a mail to the site admin who asks, to see whether it arrives."""
    mail = compose_for(current.viewer, "siteadmin/test", moment=now())
    flash(_("A test mail to %(address)s is on its way.", address=mail.recipient), "success")
    return redirect(url_for("siteadmin.show_mail", mail_id=mail.mail_id), 303)


def _way_out() -> str:
    settings = current_settings()
    if not settings.smtp_url:
        return _("No mail server is set: mails are written to %(folder)s.", folder="var/mail/")
    server = SmtpServer.parse(settings.smtp_url)
    return _("Mails go through %(host)s:%(port)d.", host=server.host, port=server.port)


def _facts(mail: OutboxMail) -> list[tuple[str, str]]:
    """Return the headers and the fate of a mail; what does not apply is left out by the page."""
    is_waiting = mail.state == QUEUED
    return [
        (_("To"), mail.recipient),
        (_("Occasion"), mail.kind),
        (_("Language"), mail.language),
        (_("Message-ID"), mail.message_id),
        (_("Composed"), format_datetime(mail.created_at, "medium")),
        (_("Attempts"), str(mail.attempts)),
        (_("Next attempt"), format_datetime(mail.next_attempt_at, "medium") if is_waiting else ""),
        (_("Sent"), format_datetime(mail.sent_at, "medium") if mail.sent_at else ""),
        (_("Last error"), mail.last_error),
    ]
