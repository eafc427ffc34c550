"""What site admin hangs on its own hook: the links to its pages."""

from __future__ import annotations

from collections.abc import Callable

from flask import url_for
from flask_babel import gettext as _

from portal.web.navigation import Link


def utilities() -> list[Link]:
    """Give the links to the pages of site admin."""
    return [
        Link(
            title=_("All people"),
            url=url_for("siteadmin.list_users"),
            description=_("Every account, with its state."),
            section="users",
        ),
        Link(
            title=_("Register a person"),
            url=url_for("siteadmin.new_user"),
            description=_("An account for somebody else, active at once if you like."),
            section="users",
        ),
        Link(
            title=_("Sessions"),
            url=url_for("siteadmin.list_sessions"),
            description=_("Who is logged in, and from where; end what should not be."),
            section="users",
        ),
        Link(
            title=_("Global roles"),
            url=url_for("siteadmin.list_roles"),
            description=_("Who may do what on the whole site."),
            section="users",
        ),
        Link(
            title=_("All groups"),
            url=url_for("siteadmin.list_groups"),
            description=_("Every group of the site, private and unapproved ones included."),
            section="groups",
        ),
        Link(
            title=_("Approval queue"),
            url=url_for("approvals.list_pending"),
            description=_("Groups that await approval; approve or reject them."),
            section="groups",
        ),
        Link(
            title=_("Register a group"),
            url=url_for("groups.new_group"),
            description=_("For somebody who needs one; a site admin's is open at once."),
            section="groups",
        ),
        Link(
            title=_("Plugins"),
            url=url_for("siteadmin.list_plugins"),
            description=_("Install, enable and disable plugins, and see why one does not run."),
        ),
        Link(
            title=_("Find a bad plugin"),
            url=url_for("siteadmin.show_bisection"),
            description=_("Which plugin breaks, spoils or slows a page, found step by step."),
        ),
        Link(
            title=_("Safe mode"),
            url=url_for("siteadmin.show_safe_mode"),
            description=_("See the site without plugins, in this browser alone."),
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
        Link(
            title=_("Configuration"),
            url=url_for("siteadmin.show_configuration"),
            description=_("Every setting as it is in force, and where it comes from."),
        ),
        Link(
            title=_("Audit log"),
            url=url_for("siteadmin.list_audit"),
            description=_("Who changed what, when and from where, with old and new values."),
        ),
    ]


HANDLERS: tuple[tuple[str, Callable[..., object]], ...] = (("site_admin_option_hook", utilities),)
