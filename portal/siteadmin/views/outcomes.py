"""What the pages make of an operation's outcome: messages, warnings as warnings, the new generation."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, request, url_for

from portal.pluginengine.lifecycle import Outcome
from portal.pluginengine.overview import plugin_status
from portal.web.generation import announce


def is_rehearsal() -> bool:
    """Tell whether the button "Try it" was pressed: a dry run, since it runs the plugin's code."""
    return request.form.get("do") == "try"


def told(outcome: Outcome, address: str) -> Response:
    """Flash what was done and go to ``address``; the browser asks for the new generation from now on."""
    flash(outcome.message, "success" if outcome.changed else "info")
    for warning in outcome.warnings:
        flash(warning, "warning")
    return announce(make_response(redirect(address, 303)), outcome.generation)


def after(code: str) -> str:
    """Return the plugin's page where the button stood there and it still exists, else the list's."""
    if request.form.get("from") == "plugin" and plugin_status(code) is not None:
        return url_for("siteadmin.show_plugin", code=code)
    return url_for("siteadmin.list_plugins")
