"""Where a page of a type is: the type, the group whose rows it shows, who may see and change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import abort, current_app, has_request_context, redirect, request
from flask_babel import gettext as _

from portal.access.decisions import can
from portal.access.guards import require
from portal.core.errors import NotFound
from portal.pluginengine.manifest import PageName
from portal.pluginengine.objecttypes.pagetypes import PageType, page_types
from portal.web.current import current


@dataclass(frozen=True, kw_only=True)
class Place:
    """A type of a plugin in a group, or on the site where its rows belong to no group."""

    page: PageType
    group: Any = None

    def url(self, offer: PageName, key: int | None = None) -> str:
        """Return the address of a page: "list" and "new" of the type, the others of the row with that key."""
        group = self.group.name if self.group is not None else ""
        root = request.script_root if has_request_context() else ""
        return root + self.page.path(offer, group=group, key=key or 0)

    def has(self, offer: PageName) -> bool:
        """Tell whether the type has such a page at all."""
        return offer in self.page.offers

    @property
    def may_view(self) -> bool:
        """Whether the viewer may see rows here (engineering 2 (aa))."""
        word, viewer = self.page.view, current.viewer
        is_open = word == "everybody" or (word == "people" and viewer is not None)
        return is_open or can(viewer, self.page.view_permission, self.group)

    @property
    def may_edit(self) -> bool:
        """Whether the viewer may add, change and delete rows here."""
        return self.may_view and can(current.viewer, self.page.edit_permission, self.group)

    def may_offer(self, offer: PageName) -> bool:
        """Tell whether there is such a page and the viewer may open it."""
        return self.has(offer) and (self.may_view if offer in ("list", "show") else self.may_edit)

    def require(self, offer: PageName) -> None:
        """Raise LoginRequired or Forbidden unless the viewer may open such a page."""
        if not self.may_view:
            require(self.page.view_permission)
        if offer not in ("list", "show"):
            require(self.page.edit_permission)


def find_place(handle: str, type_name: str, offer: PageName) -> Place:
    """Return the place that the request's address names, for a viewer who may open such a page of it.

    Raises NotFound for a type that the plugin does not have, for a page that it does not offer, and for rows
    of groups without a group or the other way round; LoginRequired and Forbidden. An address with
    ``?group_id=``, as links of groups carry it, is sent on to the group's own, or to the site's.
    """
    page = page_types(current_app).get(handle, {}).get(type_name)
    group = current.group
    if page is None or offer not in page.offers or not _fits(page, group):
        raise NotFound(_("There is no such page of this plugin."))
    place = Place(page=page, group=None if page.group_column is None else group)
    place.require(offer)
    if group is not None and not _names_group():
        abort(redirect(_own_address(place, offer)))
    return place


def _fits(page: PageType, group: Any) -> bool:
    """Tell whether rows of groups are asked for in a group, and rows of the site not below one."""
    return not _names_group() if page.group_column is None else group is not None


def _names_group() -> bool:
    return request.url_rule is not None and "group" in request.url_rule.arguments


def _own_address(place: Place, offer: PageName) -> str:
    """Return the address of the page with the rest of the query; 404 for what was sent to another one."""
    if request.method not in ("GET", "HEAD"):
        abort(404)
    rest = [pair for pair in request.args.items(multi=True) if pair[0] != "group_id"]
    key = (request.view_args or {}).get("key")
    address = place.url(offer, key)
    return f"{address}?{urlencode(rest)}" if rest else address
