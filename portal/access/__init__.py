"""Access: permissions, roles and grants, and the one question ``can()``."""

from __future__ import annotations

from flask import Flask

from portal.access.actions import ACTIONS
from portal.access.decisions import is_site_admin
from portal.access.declarations import read_declarations
from portal.access.editor import permission_labels, role_title
from portal.access.exportsections import site_grants
from portal.access.grants import SYSTEM_GRANTS
from portal.access.holdings import GRANTS
from portal.access.hooks import HOOKS
from portal.access.joining import forget_requests
from portal.access.lastadmins import keep_site_admin
from portal.access.lists import MEMBER_LIST
from portal.access.permissions import install_registry
from portal.accounts.departures import on_departure
from portal.accounts.exporting import on_export
from portal.accounts.loading import bring_along
from portal.accounts.safeguards import guard_status
from portal.core.audit.actions import declare_actions
from portal.pluginengine.holdings import offer_holding
from portal.pluginengine.hosting import offer_hooks
from portal.web.lists.registry import offer_list


def init_app(app: Flask) -> None:
    """Give the app its permission registry, plugins' included, and let a person's site grants come with
    their row.

    Templates may ask ``is_site_admin(viewer)``, ``role_title(role)`` and ``permission_labels(ids)``.
    """
    declare_actions(app, ACTIONS)
    offer_hooks(app, HOOKS)
    offer_list(app, MEMBER_LIST)
    offer_holding(app, GRANTS)
    read_declarations(app, install_registry(app))
    bring_along(app, SYSTEM_GRANTS)
    guard_status(app, keep_site_admin)
    on_departure(app, forget_requests)
    on_export(app, "site_grants", site_grants)
    app.jinja_env.globals.update(
        is_site_admin=is_site_admin, permission_labels=permission_labels, role_title=role_title
    )
