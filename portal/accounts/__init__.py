"""Accounts: people, their log-in, their settings and the plugins they use."""

from __future__ import annotations

from flask import Flask

from portal.accounts import demanding, hooks, menu, objecttype, owner
from portal.accounts.actions import ACTIONS
from portal.accounts.authentication import install_login_policy
from portal.accounts.browsers import browser_of
from portal.accounts.exportsections import offer_sections
from portal.accounts.lists import SETTING_LIST
from portal.accounts.loading import install_loading
from portal.accounts.passwords import install_passwords
from portal.accounts.pictures import picture_of
from portal.accounts.sessions import install_sessions
from portal.accounts.views import bp
from portal.config import Settings
from portal.core.audit.actions import declare_actions
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
    """Let the app know its people: load them, sign them in, and show them their pages."""
    declare_actions(app, ACTIONS)
    install_loading(app)
    install_passwords(app)
    install_sessions(app)
    install_login_policy(app)
    demanding.init_app(app)
    offer_hooks(app, hooks.HOOKS)
    offer_owner(app, owner.USER_PAGES)
    offer_type(app, objecttype.USER)
    for form in objecttype.FORMS:
        offer_form(app, form)
    offer_choices(app, "user_plugin", owner.plugin_choices)
    offer_sections(app)
    answer_hook(app, "usermenu", menu.core_items)
    settings: Settings = app.extensions["portal.settings"]
    app.jinja_env.globals.update(
        browser_of=browser_of,
        user_tabs=menu.user_tabs,
        picture_of=picture_of,
        is_registration_open=settings.registration == "open",
    )
    offer_list(app, SETTING_LIST)
    app.register_blueprint(bp)
