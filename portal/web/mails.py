"""Composing mails: a template under ``templates/mail/`` becomes a row of the outbox.

``compose("accounts/confirm", to="ann@example.org", link=...)`` renders ``mail/accounts/confirm.txt``
with its blocks ``subject`` and ``body``, and ``.html`` beside it or else HTML made of the body. Texts
are in the reader's language, links begin with the site's public address, whatever Host a request named.
"""

from __future__ import annotations

import textwrap
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import get_locale
from jinja2 import Template, TemplateNotFound

from portal.config import current_settings
from portal.core.mail.addresses import sender_address
from portal.core.mail.messages import Mail
from portal.core.mail.models import OutboxMail
from portal.core.mail.outbox import queue_mail
from portal.web.i18n import Reader, written_for

LINE_LENGTH = 76


class Addressee(Protocol):
    """Who can be written to: an account has all of this."""

    @property
    def email(self) -> str:
        """The address."""

    @property
    def language(self) -> str | None:
        """The language they chose."""

    @property
    def timezone(self) -> str | None:
        """The time zone they chose."""


def compose_for(person: Addressee, template: str, **context: Any) -> OutboxMail:
    """Compose a mail to a person, in their language and time zone; see ``compose``."""
    return compose(
        template, person.email, language=person.language, timezone=person.timezone, **context
    )


def compose(
    template: str,
    to: str,
    *,
    language: str | None = None,
    timezone: str | None = None,
    **context: Any,
) -> OutboxMail:
    """Write a mail into the running, writing unit of work; the worker sends it after the commit.

    ``template`` is a name below ``templates/mail/`` without its ending; ``context`` are its variables,
    beside ``url_for`` (always a full address), ``site_url`` and the globals of every template. Raises
    ``Invalid`` for an address that is none, LookupError for a template without a subject or body.
    """
    with written_for(Reader(language=language, timezone=timezone)):
        spoken = get_locale()
        variables = {
            **context,
            "url_for": public_url_for,
            "site_url": current_settings().public_url + "/",
            "language": spoken.language,
            "direction": spoken.text_direction,
        }
        text = current_app.jinja_env.get_template(f"mail/{template}.txt")
        variables["subject"] = " ".join(_block(text, "subject", variables).split())
        variables["paragraphs"] = _paragraphs(_block(text, "body", variables))
        mail = Mail(
            recipient=to,
            subject=variables["subject"],
            text=wrapped(text.render(variables)),
            html=_html_template(template).render(variables),
            kind=template,
            language=str(spoken).replace("_", "-"),
        )
    settings = current_settings()
    return queue_mail(mail, domain=sender_address(settings.mail_from).domain)


def public_url_for(endpoint: str, **values: Any) -> str:
    """Return the full address of a page below the site's public address (setting ``PORTAL_URL``).

    Works without a request. Raises BuildError for an endpoint that is not there; one that begins with
    a dot is not, for a mail belongs to no blueprint.
    """
    base = urlsplit(current_settings().public_url)
    anchor = values.pop("_anchor", "")
    values.pop("_external", None)
    adapter = current_app.url_map.bind(
        base.netloc, script_name=base.path or "/", url_scheme=base.scheme
    )
    address = adapter.build(endpoint, values, method="GET", force_external=True)
    return f"{address}#{anchor}" if anchor else address


def wrapped(text: str) -> str:
    """Return the text as it is sent: no indentation, one empty line between paragraphs, no long lines.

    Lines are broken between words, never inside an address; those of a list ("- ") hang.
    """
    lines: list[str] = []
    for line in (each.lstrip() for each in text.strip().splitlines()):
        if len(line) > LINE_LENGTH:
            lines += textwrap.wrap(
                line,
                LINE_LENGTH,
                subsequent_indent="  " if line.startswith("- ") else "",
                break_long_words=False,
                break_on_hyphens=False,
            )
        elif line or lines[-1:] != [""]:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _block(template: Template, name: str, variables: dict[str, Any]) -> str:
    """Render one block of a mail's own template."""
    block = template.blocks.get(name)
    if block is None:
        raise LookupError(f"The mail template {template.name} has no block {name!r}.")
    return "".join(block(template.new_context(variables)))


def _paragraphs(body: str) -> list[str]:
    """Return what stands between empty lines."""
    lines = "\n".join(line.strip() for line in body.strip().splitlines())
    return [part.strip("\n") for part in lines.split("\n\n") if part.strip()]


def _html_template(name: str) -> Template:
    """Return the mail's own HTML template, or the one that shows the paragraphs of its text."""
    try:
        return current_app.jinja_env.get_template(f"mail/{name}.html")
    except TemplateNotFound as error:
        if error.name != f"mail/{name}.html":
            raise
        return current_app.jinja_env.get_template("mail/paragraphs.html")
