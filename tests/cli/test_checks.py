"""What `portal doctor` says of mail."""

from dataclasses import replace
from datetime import timedelta

from flask import Flask

from portal.cli.checks import check_mail
from portal.config import Settings
from portal.core.clock import now
from portal.core.mail.models import FAILED, QUEUED, SENT
from portal.core.unit_of_work import unit_of_work
from portal.web.mails import compose


def put_mail(app: Flask, state: str, age: timedelta) -> None:
    """Put a mail into the outbox."""
    with app.app_context(), unit_of_work("write"):
        mail = compose("siteadmin/test", "ann@portal.example", moment=now())
        mail.state, mail.created_at = state, now() - age


def test_an_empty_outbox_is_well(settings: Settings) -> None:
    check = check_mail(settings)
    assert check.status == "ok"
    assert check.text == f"goes to {settings.var / 'mail'}, 0 wait"


def test_mail_that_just_waits_or_is_out_is_well(settings: Settings, app: Flask) -> None:
    put_mail(app, QUEUED, timedelta(minutes=1))
    put_mail(app, SENT, timedelta(days=1))
    check = check_mail(settings)
    assert (check.status, check.text.rpartition(", ")[2]) == ("ok", "1 wait")


def test_mail_that_failed_or_waits_too_long_is_a_warning(settings: Settings, app: Flask) -> None:
    put_mail(app, QUEUED, timedelta(minutes=20))
    put_mail(app, FAILED, timedelta(days=3))
    check = check_mail(settings)
    assert check.status == "warning"
    assert check.text.endswith("1 wait; 1 wait since 15 minutes; 1 failed")
    assert check.remedy == "See why at /admin/mail/."


def test_a_mail_server_wants_a_sender_of_the_site_s_own(settings: Settings) -> None:
    served = replace(settings, smtp_url="smtp://ann:hidden@mail.example")
    assert "PORTAL_MAIL_FROM" in check_mail(served).remedy
    assert "hidden" not in check_mail(served).text
    named = replace(served, sources={**served.sources, "PORTAL_MAIL_FROM": "environment"})
    assert check_mail(named).status == "ok"
