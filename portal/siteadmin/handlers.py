"""What site admin hangs on its own hook: the links to its pages."""

from __future__ import annotations

from collections.abc import Callable

from flask import url_for
from flask_babel import gettext as _

from portal.web.navigation import Link


def utilities() -> list[Link]:
    """Give the links to the plugin list, the hook explorer and the outbox."""
    return [
        Link(
            title=_("Plugins"),
            url=url_for("siteadmin.list_plugins"),
            description=_("Install, enable and disable plugins, and see why one does not run."),
        ),
        Link(
            title=_("Hooks"),
            url=url_for("siteadmin.list_hooks"),
            description=_("Every place where plugins can join in, and who answers there."),
        ),
        Link(
            title=_("Mail"),
            url=url_for("siteadmin.list_mails"),
            description=_("Mails that wait or failed, with the cause; a test mail."),
        ),
    ]


HANDLERS: tuple[tuple[str, Callable[..., object]], ...] = (("site_admin_option_hook", utilities),)
