"""Drawing the pages: by a template of the plugin's where it brings one, by the host's otherwise."""

from __future__ import annotations

from typing import Any, Final

from flask import current_app, render_template
from jinja2 import TemplateNotFound

from portal.objectpages.places import Place
from portal.objectpages.plugincode import draw, drawable
from portal.pluginengine.containing import PieceFailed
from portal.pluginengine.engine import current_engine
from portal.web.current import current

#: Hook and handler that give each type of groups a tab, and each of the site an entry of its menus.
_TABS: Final = frozenset({("groupmenu", "type_tabs")})
_MENUS: Final = frozenset({("outermenu", "type_entries"), ("headermenu", "type_entries")})


def draw_page(place: Place, name: str, **variables: Any) -> str:
    """Return the page ``name`` (list, show, form, delete) as HTML.

    ``templates/<handle>/<type>/<name>.html`` of the plugin stands in for ``objectpages/<name>.html``, which it
    may extend; when it fails, that is an incident, and the page is drawn without it.
    """
    page = place.page
    has_tab = _is_in_menu(place)
    marked = (
        page.menu_key if has_tab else page.handle
    )  # by convention the key of a plugin's one tab
    given = {
        **variables,
        "place": place,
        "type": page,
        "plugin": current.plugin,
        "active_tab": marked if place.group is not None else "",
        "active_menu": marked if place.group is None else "",
        "has_tab": has_tab and place.group is not None,
    }
    own = f"{page.handle}:{page.name}/{name}.html"
    if _is_there(own):
        try:
            return draw(page.handle, own, lambda: drawable(render_template(own, **given)))
        except PieceFailed:
            pass
    return render_template(f"objectpages/{name}.html", **given)


def _is_there(template: str) -> bool:
    loader = current_app.jinja_env.loader
    try:
        return loader is not None and bool(loader.get_source(current_app.jinja_env, template))
    except TemplateNotFound:
        return False
    except (OSError, UnicodeError):  # told when it is drawn
        return True


def _is_in_menu(place: Place) -> bool:
    """Tell whether the plugin's event.yml gives its types tabs, or entries of the site's menu, of their own."""
    plugin = current_engine().plugins[place.page.handle]
    ways = _MENUS if place.group is None else _TABS
    return any(
        (each.declaration.event, each.declaration.handler) in ways for each in plugin.handlers
    )
