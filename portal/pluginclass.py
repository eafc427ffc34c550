"""The class that plugins extend, ``portal.pluginapi.Plugin``: what the engine calls, and what the host adds.

A plugin without code of its own is a plain object of it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlencode

from flask import current_app

from portal.accounts.models import User
from portal.groups.models import Group
from portal.objectpages.handlers import entries_of, links_of, tabs_of
from portal.objectpages.places import Place
from portal.pluginengine.errors import PluginError, SettingError
from portal.pluginengine.manifest import PageName
from portal.pluginengine.manifest.pages import PAGE_NAMES
from portal.pluginengine.objecttypes.pagetypes import PageType, page_types
from portal.pluginengine.plugin import Plugin as EnginePlugin
from portal.pluginengine.settings.declared import declared_settings
from portal.pluginengine.settings.reading import read_setting
from portal.pluginengine.typeaccess import model_of
from portal.web.assets import Asset
from portal.web.current import current
from portal.web.navigation import Link, MenuItem

RowClass = type[Any]

_KINDS: dict[str, Literal["css", "js", "module"]] = {"css": "css", "js": "js", "mjs": "module"}


class Plugin(EnginePlugin):
    """What a plugin's class extends: ``class HelloWorld(Plugin)`` in plugin.py.

    Handlers named in event.yml are its methods; ``install``, ``enable``, ``update``, ``disable`` and
    ``uninstall`` are called as ``method(config, app)`` when the site changes its state.

    GForge's way works, too: plugin.py ends in ``register_plugin(HelloWorld())``, ``get_hooks()`` (or
    ``GetHooks``) gives the names of hooks, and each is answered by a method of that name or else by
    ``call_hook(name, params)`` (or ``CallHook``), whose ``params`` is a dict with the seed's entries.
    """

    def asset(self, filename: str, *, media: str = "all") -> Asset:
        """Return a file of static/ for the hook ``cssfile``; ValueError for other endings."""
        kind = _KINDS.get(filename.rpartition(".")[2])
        if kind is None:
            raise ValueError(
                f"{filename!r} is no asset; expected a name ending in {', '.join(_KINDS)}."
            )
        return Asset(kind=kind, url=self.static_url(filename), media=media)

    def type(self, name: str) -> RowClass:
        """Return the mapped class of a type of this plugin, or of the core's: ``self.type("foo")``.

        ``select(self.type("foo"))`` finds rows, ``self.type("foo")(title="x")`` is a new one. PluginError
        for a name that is neither.
        """
        return model_of(self.handle, name)

    def setting(
        self, name: str, *, group: Group | None = None, user: User | None = None
    ) -> str | int | bool | Decimal | None:
        """Return a setting that config.yml declares: the person's value, the group's, the site's, the default.

        What the operator has fixed comes before all. None where nothing is set and there is no default.
        SettingError for a name that config.yml does not declare.
        """
        declared = declared_settings(self.handle)
        if declared is None:
            raise SettingError(f"The site does not know the plugin {self.handle!r} any more.")
        owners = [each for each in (user, group) if each is not None]
        return read_setting(declared, name, owners)

    def static_url(self, filename: str) -> str:
        """Return the address of a file of the plugin's static/ folder; it changes with the plugin's code."""
        return f"/plugins/{self.handle}/static/{filename}?v={self.digest[:12]}"

    def type_url(
        self,
        name: str,
        view: PageName = "list",
        *,
        group: Group | None = None,
        key: int | None = None,
        **query: Any,
    ) -> str:
        """Return the address of a page that the portal makes for a type of this plugin.

        ``self.type_url("foo")`` is its list, ``self.type_url("foo", "show", key=7)`` a row; ``view`` is
        list, show, new, edit or delete. ``group`` is meant for rows of groups; default: that of the page.
        What else is given goes behind the "?". PluginError for a type without pages; ValueError for a page
        that it does not have, and where a group or a key is missing.
        """
        types = page_types(current_app).get(self.handle, {})
        if name not in types:
            names = ", ".join(types) or "none"
            raise PluginError(
                f"{self.handle} has no type {name!r} with pages; those of its types are {names}."
            )
        owner = (group or current.group) if types[name].group_column is not None else None
        address = _place(types[name], view, owner, key).url(view, key)
        return f"{address}?{urlencode(query)}" if query else address

    def type_tabs(self, group: Group) -> list[MenuItem]:
        """Answer groupmenu: a tab for each type whose rows belong to groups, for who may see them."""
        return tabs_of(self.handle, group)

    def type_entries(self) -> list[MenuItem]:
        """Answer outermenu or headermenu: an entry for each type of the site, for who may see its rows."""
        return entries_of(self.handle)

    def type_links(self) -> list[Link]:
        """Answer site_admin_option_hook: a link to the list of each type of the site."""
        return links_of(self.handle, self.manifest["name"])


def _place(page: PageType, view: PageName, group: Group | None, key: int | None) -> Place:
    """Return where a page is; ValueError where there is no such page, or something is missing."""
    if view not in page.offers:
        offered = ", ".join(each for each in PAGE_NAMES if each in page.offers)
        raise ValueError(f"The type {page.name} has no page {view!r}; it has {offered}.")
    if page.group_column is not None and group is None:
        raise ValueError(f"Rows of {page.name} belong to groups: give group=.")
    if (key is None) != (view in ("list", "new")):
        raise ValueError(f"{view!r}: key= belongs to pages of one row: show, edit and delete.")
    return Place(page=page, group=group)
