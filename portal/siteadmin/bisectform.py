"""The form that begins a search: an address of this site, and what is wrong there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from wtforms import RadioField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from portal.accounts.destinations import is_own_address
from portal.siteadmin.bisecting import FAULTS, Fault
from portal.web.forms import Form

#: So much of an address is kept in a cookie.
LONGEST_ADDRESS = 500


class BisectForm(Form):
    """Where, and what."""

    path = StringField(
        _l("Address of the page"),
        [InputRequired(), Length(max=LONGEST_ADDRESS)],
        description=_l("As the browser shows it, for example /groups/apollo/."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    fault = RadioField(_l("What is wrong"), [InputRequired()], default="breaks")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.fault.choices = [
            ("breaks", _("It breaks: an error, or something is missing")),
            ("looks", _("It looks or behaves wrong")),
            ("slow", _("It is slow")),
        ]

    def validate_path(self, field: StringField) -> None:
        """Keep the path of an address of this site that shows a page."""
        path = _own_path((field.data or "").strip())
        if path is None:
            raise ValidationError(_("This is not an address of this site."))
        found = page_at(path)
        if found is None:
            raise ValidationError(_("There is no page at this address."))
        field.data = found[0]

    def chosen(self) -> Fault:
        """Return what is wrong."""
        return next(each for each in FAULTS if each == self.fault.data)


def _own_path(text: str) -> str | None:
    """Return path and query of an address of this site, with or without scheme and host."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme in ("http", "https") and parts.netloc == request.host:
        text = parts._replace(scheme="", netloc="", path=parts.path or "/").geturl()
    text = text.partition("#")[0]
    return text if is_own_address(text) else None


def page_at(path: str) -> tuple[str, str] | None:
    """Return the address as the portal writes it, and its endpoint, when a GET is answered there."""
    parts = urlsplit(path)
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        endpoint, _values = adapter.match(parts.path, method="GET", query_args=parts.query)
    except RequestRedirect as redirect:
        moved = urlsplit(redirect.new_url)
        return page_at(moved._replace(scheme="", netloc="").geturl())
    except HTTPException:
        return None
    return path, str(endpoint)
