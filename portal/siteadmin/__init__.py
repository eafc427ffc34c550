"""Site admin: pages that know every other package and are known by none."""

from __future__ import annotations

from flask import Flask

from portal.config import Settings
from portal.pluginengine.hosting import answer_hook, offer_form, offer_hooks
from portal.pluginengine.lifecycle.quarantining import when_quarantined
from portal.pluginengine.masking import PluginHidden
from portal.siteadmin import (
    handlers,
    hazards,
    hooks,
    lists,
    menu,
    notices,
    ownview,
    pluginhealth,
    plugintabs,
    quarantinemails,
    userforms,
    views,
)
from portal.web.lists.registry import offer_list


def init_app(app: Flask) -> None:
    """Give the app its site admin under the address that the settings name, and the notices."""
    settings: Settings = app.extensions["portal.settings"]
    offer_hooks(app, hooks.HOOKS)
    offer_form(app, userforms.ADMINISTRATION)
    for name, handler in handlers.HANDLERS:
        answer_hook(app, name, handler)
    app.jinja_env.globals.update(
        admin_sections=menu.admin_sections,
        plugin_config_url=plugintabs.config_url,
        plugin_notices=notices.plugin_notices,
        plugin_remedy=pluginhealth.remedy_of,
    )
    hazards.init_app(app)
    when_quarantined(app, quarantinemails.mail_quarantined)
    ownview.init_app(app)
    app.register_error_handler(PluginHidden, views.ownview.tell_hidden)
    for view in lists.LISTS:
        offer_list(app, view)
    app.register_blueprint(views.bp, url_prefix=f"/{settings.admin_route}")
    queue = f"/{settings.admin_route}/groups/pending"
    app.register_blueprint(views.approvals.bp, url_prefix=queue)
