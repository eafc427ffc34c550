"""ADMIN_ROUTE moves site admin; it must not move it onto the addresses of something else."""

from __future__ import annotations

from flask import Flask

from portal.config import SettingsError

#: The names of site admin's own blueprints.
_OWN = ("siteadmin", "approvals")


def judge_admin_route(app: Flask, word: str) -> None:
    """Raise SettingsError when anything but site admin answers below ``/<word>``; the app tells, no list."""
    for rule in app.url_map.iter_rules():
        if rule.rule.split("/")[1] == word and not _is_own(rule.endpoint):
            raise SettingsError(
                f"ADMIN_ROUTE cannot be {word!r}: {rule.rule} is an address of the portal's own.",
                "Choose another word, or leave the setting out: it is admin then.",
            )


def _is_own(endpoint: str) -> bool:
    """Tell whether a page is site admin's; the settings pages of plugins are, under the names of E-49."""
    is_settings_page = endpoint.startswith("plugin_") and endpoint.endswith("_config")
    return endpoint.partition(".")[0] in _OWN or is_settings_page
