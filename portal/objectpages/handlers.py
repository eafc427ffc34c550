"""What every plugin can hang on hooks without code of its own: the ways to the pages of its types.

``portal.pluginapi.Plugin`` has them as methods, so that event.yml may name them.
"""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _

from portal.groups.models import Group
from portal.objectpages.places import Place
from portal.pluginengine.objecttypes.pagetypes import page_types
from portal.web.navigation import Link, MenuItem


def tabs_of(handle: str, group: Group) -> list[MenuItem]:
    """Return a tab of the group for each type of groups whose list the viewer may see."""
    return [_item(place) for place in _seen(handle, group)]


def entries_of(handle: str) -> list[MenuItem]:
    """Return an entry of the site's menu for each type of the site whose list the viewer may see."""
    return [_item(place) for place in _seen(handle, None)]


def links_of(handle: str, plugin_name: str) -> list[Link]:
    """Return a link for each type of the site whose list the viewer may see."""
    return [
        Link(
            title=place.page.plural,
            url=place.url("list"),
            description=_("Entries of the plugin %(plugin)s.", plugin=plugin_name),
        )
        for place in _seen(handle, None)
    ]


def _item(place: Place) -> MenuItem:
    page = place.page
    return MenuItem(key=page.menu_key, title=page.plural, url=place.url("list"), icon="list-ul")


def _seen(handle: str, group: Group | None) -> list[Place]:
    places = [
        Place(page=page, group=group)
        for page in page_types(current_app).get(handle, {}).values()
        if (page.group_column is None) == (group is None)
    ]
    return [place for place in places if place.may_offer("list")]
