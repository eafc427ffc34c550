"""Groups: the projects people work in, their members and the plugins they use."""

from __future__ import annotations

from flask import Flask

from portal.access.permissions import EXTENSION, PermissionRegistry
from portal.core.audit.actions import declare_actions
from portal.groups import (
    actions,
    grantsexport,
    handlers,
    hooks,
    lists,
    menu,
    objecttype,
    owner,
    permissions,
    purging,
    views,
)
from portal.groups.approvers import may_approve, may_register
from portal.pluginengine.hosting import (
    answer_hook,
    offer_choices,
    offer_form,
    offer_hooks,
    offer_owner,
    offer_type,
)
from portal.web.lists.registry import offer_list


def init_app(app: Flask) -> None:
    """Give the app its group pages, their hooks and tabs, and groups as owners of plugin pages."""
    registry: PermissionRegistry = app.extensions[EXTENSION]
    registry.declare(permissions.PERMISSIONS)
    declare_actions(app, actions.ACTIONS)
    offer_hooks(app, hooks.HOOKS)
    offer_owner(app, owner.GROUP_PAGES)
    offer_type(app, objecttype.GROUP)
    for form in objecttype.FORMS:
        offer_form(app, form)
    offer_choices(app, "group_plugin", owner.plugin_choices)
    offer_choices(app, "grants", grantsexport.exported_grants)
    for view in lists.LISTS:
        offer_list(app, view)
    for name, handler in handlers.HANDLERS:
        answer_hook(app, name, handler)
    app.jinja_env.globals.update(
        group_tabs=menu.group_tabs,
        group_admin_items=menu.group_admin_items,
        plugin_admin_links=menu.plugin_admin_links,
        may_approve_groups=may_approve,
        may_register_group=may_register,
        public_area=menu.public_area,
    )
    purging.init_app(app)
    app.register_blueprint(views.bp)
