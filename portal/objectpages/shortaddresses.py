"""Addresses of generic pages without ``t/``: ``/plugins/<handle>/<type>/`` leads on to where the pages live.

Design 9 keeps them under t/<type>/, so that no type is taken for a page of its plugin; whoever writes the
shorter form gets there all the same. Any page of the plugin's own at such an address comes first.
"""

from __future__ import annotations

from typing import Final

from flask import Flask, abort, current_app, redirect, request
from flask.typing import ResponseReturnValue

from portal.pluginengine.mounting import TYPES, prefix_of
from portal.pluginengine.objecttypes.pagetypes import page_types
from portal.pluginengine.routing import refuse_absent

_RULES: Final = (
    "/plugins/<handle>/<type_name>/",
    "/plugins/<handle>/<type_name>/<path:rest>",
    "/plugins/<handle>/g/<group>/<type_name>/",
    "/plugins/<handle>/g/<group>/<type_name>/<path:rest>",
)
_METHODS: Final = ("GET", "POST")


def init_app(app: Flask) -> None:
    """Give the app these addresses."""
    for rule in _RULES:
        app.add_url_rule(
            rule, "short_type_address", _lead_on, methods=_METHODS, strict_slashes=False
        )


def _lead_on(handle: str, type_name: str, group: str = "", rest: str = "") -> ResponseReturnValue:
    """Send the request on as it is; 404 for a type without pages. Who may see them is asked there."""
    refuse_absent(handle)
    if type_name not in page_types(current_app).get(handle, {}):
        abort(404)
    below = f"/g/{group}" if group else ""
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return redirect(f"{prefix_of(handle)}{below}/{TYPES}/{type_name}/{rest}{query}", 308)
