"""Drawing the pages: by a template of the plugin's where it brings one, by the host's otherwise."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template
from jinja2 import TemplateNotFound

from portal.objectpages.places import Place
from portal.objectpages.plugincode import CodeFailed, draw
from portal.pluginengine.engine import current_engine
from portal.web.current import current


def draw_page(place: Place, name: str, **variables: Any) -> str:
    """Return the page ``name`` (list, show, form, delete) as HTML.

    ``templates/<handle>/<type>/<name>.html`` of the plugin stands in for ``objectpages/<name>.html``, which it
    may extend; when it fails, that is an incident, and the page is drawn without it.
    """
    page = place.page
    given = {
        **variables,
        "place": place,
        "type": page,
        "plugin": current.plugin,
        "active_tab": page.menu_key,
        "active_menu": page.menu_key if place.group is None else "",
    }
    given["has_tab"] = _has_tab(place)
    own = f"{page.handle}:{page.name}/{name}.html"
    if _is_there(own):
        try:
            return draw(page.handle, own, lambda: render_template(own, **given))
        except CodeFailed:
            pass
    return render_template(f"objectpages/{name}.html", **given)


def _is_there(template: str) -> bool:
    loader = current_app.jinja_env.loader
    try:
        return loader is not None and bool(loader.get_source(current_app.jinja_env, template))
    except TemplateNotFound:
        return False


def _has_tab(place: Place) -> bool:
    """Tell whether the plugin's event.yml gives its types tabs of their own."""
    plugin = current_engine().plugins[place.page.handle]
    return place.group is not None and any(
        each.declaration.event == "groupmenu" and each.declaration.handler == "type_tabs"
        for each in plugin.handlers
    )
