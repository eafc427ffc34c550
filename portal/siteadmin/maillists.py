"""The list of the outbox in site admin, newest first."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, or_

from portal.core.mail.models import DISCARDED, FAILED, QUEUED, SENT, OutboxMail
from portal.web.lists.columns import Column, Part, Sort
from portal.web.lists.filters import Filter
from portal.web.lists.registry import ListView

MAILS = "mails"
ROWS = 50

MAIL_STATES: tuple[tuple[str, LazyString], ...] = (
    (QUEUED, _l("Waiting")),
    (FAILED, _l("Failed")),
    (SENT, _l("Sent")),
    (DISCARDED, _l("Discarded")),
)


def _matches(word: str) -> ColumnElement[bool]:
    return or_(
        OutboxMail.subject.icontains(word, autoescape=True),
        OutboxMail.recipient.icontains(word, autoescape=True),
    )


MAIL_LIST = ListView(
    name=MAILS,
    key=OutboxMail.mail_id,
    rows=ROWS,
    default_sort="created_at",
    default_descending=True,
    search=_matches,
    search_label=_l("Subject or address"),
    columns=(
        Column(
            key="subject",
            title=_l("Subject"),
            link=lambda mail: url_for("siteadmin.show_mail", mail_id=mail.mail_id),
        ),
        Column(key="recipient", title=_l("To"), filter=Filter(by=OutboxMail.recipient)),
        Column(key="kind", title=_l("Occasion"), is_shown=False, filter=Filter(by=OutboxMail.kind)),
        Column(
            key="state",
            title=_l("State"),
            kind="choice",
            choices=lambda: MAIL_STATES,
            filter=Filter(by=OutboxMail.state),
        ),
        Column(key="last_error", title=_l("Last error"), is_shown=False),
        Column(
            key="created_at",
            title=_l("Composed"),
            kind="date",
            sort=Sort(parts=(Part(by=None),)),  # keys grow as mails are composed
            filter=Filter(by=OutboxMail.created_at),
            align="end",
        ),
    ),
)
