"""Ways to log in that plugins add to the log-in page, beside the portal's own form."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask_babel.speaklater import LazyString
from markupsafe import Markup

from portal.web.addresses import checked_title, checked_url

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z")


@dataclass(frozen=True, kw_only=True)
class LoginMethod:
    """A way to log in: ``html`` (a form of the plugin's own) or ``redirect_url`` (where to go).

    ``key`` tells the methods of a page apart, ``title`` is what people read. Raises ValueError for a
    value that cannot be drawn and unless exactly one of the two ways is given.
    """

    key: str
    title: str | LazyString
    html: Markup = Markup("")
    redirect_url: str = ""

    def __post_init__(self) -> None:
        owner = f"The log-in method {str(self.key)[:80]!r}"
        if not _KEY.match(str(self.key)):
            raise ValueError(f"{owner} needs a key of lower-case letters, digits, _ and -.")
        object.__setattr__(self, "title", checked_title(self.title, owner))
        if not isinstance(self.html, Markup):
            raise TypeError(f"{owner} needs Markup for html.")
        if bool(self.html) == bool(self.redirect_url):
            raise ValueError(f"{owner} needs either html or redirect_url, and not both.")
        if self.redirect_url:
            checked_url(self.redirect_url, owner)
